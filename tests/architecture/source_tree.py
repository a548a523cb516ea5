"""The source as the architecture tests see it: files, syntax trees, and the definitions inside."""

import ast
import gc
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "src" / "martlet"

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Place:
    """A definition and where it stands, printed as `http/cookies.py::Cookies.get`."""

    file: str
    name: str
    node: Definition

    def __str__(self) -> str:
        return f"{self.file}::{self.name}"

    @property
    def is_public(self) -> bool:
        """Whether no part of the way to it begins with an underscore."""
        rooms = [part for part in Path(self.file).with_suffix("").parts if part != "__init__"]
        return not any(part.startswith("_") for part in (*rooms, *self.name.split(".")))


@cache
def modules() -> dict[str, ast.Module]:
    """Every source file by its path below the package."""
    gc.disable()
    parsed = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_bytes()) for path in sorted(PACKAGE.rglob("*.py"))}
    gc.freeze()  # half a million nodes, which live as long as the process
    gc.enable()
    return parsed


def rooms() -> list[str]:
    """The package and each room in it, as dotted names of what they are imported by."""
    return ["martlet", *(f"martlet.{path.parent.name}" for path in sorted(PACKAGE.glob("*/__init__.py")))]


@cache
def definitions() -> tuple[Place, ...]:
    """Every class and function of the package, nested ones too."""
    return tuple(place for file, tree in modules().items() for place in _definitions_in(file, tree, ()))


def _definitions_in(file: str, node: ast.AST, outer: tuple[str, ...]) -> Iterator[Place]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            names = (*outer, child.name)
            yield Place(file, ".".join(names), child)
            yield from _definitions_in(file, child, names)
        else:
            yield from _definitions_in(file, child, outer)


def tracked_files() -> list[Path]:
    """Every file under version control; outside a checkout, every file of the folders that would be."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=False)  # noqa: S607  git is where the PATH says
    if listing.returncode == 0:
        paths = [REPOSITORY / name for name in listing.stdout.decode().split("\0") if name]
    else:
        folders = ("src", "tests", "docs", "examples", "benchmarks", "scripts", "typing_tests")
        paths = [path for folder in folders for path in (REPOSITORY / folder).rglob("*")]
    return [path for path in paths if path.is_file() and "__pycache__" not in path.parts]
