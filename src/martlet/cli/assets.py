"""`martlet assets build`: static files made ready to be kept for ever, and to be sent small."""

from __future__ import annotations

from collections.abc import Iterator

import click

from martlet.codings import Coding, find_coding
from martlet.files import (
    MANIFEST_NAME,
    Build,
    build_assets,
    content_type_for,
    old_generations,
    remove_old_generations,
)
from martlet.middleware import is_compressible
from martlet.optional_packages import MissingExtraError


@click.group()
def assets() -> None:
    """Prepare static files."""


@assets.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False))
@click.option("--out", type=click.Path(file_okay=False), help="Write there, copies of the plain files too; else beside them.")
@click.option("--clean", is_flag=True, help="Delete what earlier builds made of files that have changed since or are gone.")
def build(directory: str, out: str | None, *, clean: bool) -> None:
    """Give files names that tell their content, list them in manifest.json, and put compressed copies beside them.

    A second build of the same files changes nothing. Scripts and source maps keep their references. What earlier builds made is
    named and stays, since pages that are open still may ask for it, unless --clean deletes it.
    """
    target = out or directory
    try:
        done = build_assets(directory, target, _compressors(), lambda path: is_compressible(content_type_for(path)))
        old = old_generations(target, done.files.values())
        if clean:
            remove_old_generations(target, old)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    for line in _report(done, target, old, cleaned=clean):
        click.echo(line)


def _compressors() -> Iterator[Coding]:
    for name in ("gzip", "br", "zstd"):
        try:
            yield find_coding(name)
        except MissingExtraError as missing:
            click.echo(f"No copies in the coding {name}. {missing}", err=True)


def _report(done: Build, target: str, old: list[str], *, cleaned: bool) -> Iterator[str]:
    """What was written, what was left as it is, what earlier builds left, and a sum."""
    yield from (f"wrote {path}" for path in sorted(done.written))
    yield from sorted(done.remarks)
    yield from (f"deleted {path}" if cleaned else f"{path}: of an earlier build; --clean deletes it" for path in old)
    count = "1 file" if len(done.files) == 1 else f"{len(done.files)} files"
    yield f"{target}: {count} in {MANIFEST_NAME}, {len(done.written)} written"
