"""The code on every page of the documentation runs, and its sessions print what they show.

A fence marked `python` is run as a file, one marked `pycon` as a doctest; all fences of a page share their names, as a
reader who types along would. A fence preceded by `<!-- not run: reason -->` is left out.
"""

import doctest
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]

FENCE = re.compile(r"(?P<skip><!-- not run: .+ -->\n+)?^```(?P<kind>python|pycon)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fence of code and the line of the page on which the code begins, counted from 0."""

    kind: str
    code: str
    line: int


def blocks(text: str) -> Iterator[Block]:
    for found in FENCE.finditer(text):
        if not found["skip"]:
            yield Block(found["kind"], found["code"], text.count("\n", 0, found.start("code")))


def run_file(block: Block, page: Path, names: dict[str, Any]) -> None:
    # The empty lines make tracebacks point into the page.
    exec(compile("\n" * block.line + block.code, str(page), "exec"), names)  # noqa: S102  the pages are ours


def run_session(block: Block, page: Path, names: dict[str, Any]) -> None:
    test = doctest.DocTestParser().get_doctest(block.code, {}, page.name, str(page), block.line)
    test.globs = names
    report: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False).run(test, out=report.append, clear_globs=False)

    assert result.failed == 0, "".join(report)


def run(text: str, page: Path) -> None:
    names: dict[str, Any] = {"__name__": page.stem}
    for block in blocks(text):
        (run_file if block.kind == "python" else run_session)(block, page, names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    run(page.read_text(encoding="utf-8"), page)


def test_fences_share_their_names() -> None:
    run("```python\nx = 1\n```\ntext\n```pycon\n>>> x + 1\n2\n```\n", Path("page.md"))


def test_a_session_that_prints_something_else_fails() -> None:
    with pytest.raises(AssertionError, match="Got:"):
        run("```pycon\n>>> 1 + 1\n3\n```\n", Path("page.md"))


def test_a_fence_may_be_left_out_with_a_reason() -> None:
    run("<!-- not run: needs a server -->\n```python\nraise SystemExit\n```\n", Path("page.md"))


def test_a_failure_points_into_the_page() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run("# Title\n\n```python\nx = 1\nx / 0\n```\n", Path("page.md"))

    assert caught.traceback[-1].lineno == 4
