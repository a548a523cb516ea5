"""Files are named for what they do, import what is declared, and know no particular machine."""

import ast
import re
import sys
import tomllib
from pathlib import Path

from tests.architecture.source_tree import REPOSITORY, modules, tracked_files

# Names that say where code was put, not what it does.
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc"}

# Rooms whose modules may import the optional libraries of the extras.
OPTIONAL_ROOMS = ("cli/", "integrations/")

# The brackets keep the expression from finding itself.
HOME_FOLDERS = re.compile(r"(?<![\w.*])/(?:home|Users)/\w+/|(?<![\w./*])/roo[t]/")


def imported_packages(tree: ast.Module) -> set[str]:
    packages: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            packages.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            packages.add(node.module.partition(".")[0])
    return packages


def declared_packages() -> set[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {re.split(r"[<>=!~;\[ ]", requirement)[0] for requirement in project["dependencies"]}


def test_no_file_or_folder_hides_behind_an_empty_word() -> None:
    named = [path.relative_to(REPOSITORY) for path in tracked_files()]
    hidden = [str(path) for path in named if EMPTY_WORDS & {Path(part).stem for part in path.parts}]

    assert hidden == []


def test_the_core_imports_only_what_the_project_requires() -> None:
    for_checkers = {"typing_extensions"}  # they bring it themselves, and nothing else reads what stands behind TYPE_CHECKING
    known = {"martlet", *for_checkers, *sys.stdlib_module_names, *declared_packages()}
    core = {file: tree for file, tree in modules().items() if not file.startswith(OPTIONAL_ROOMS)}

    undeclared = {file: sorted(imported_packages(tree) - known) for file, tree in core.items()}

    assert {file: packages for file, packages in undeclared.items() if packages} == {}


def test_what_only_checkers_have_is_never_imported_by_a_running_program() -> None:
    at_once = {
        file: [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)] for file, tree in modules().items()
    }

    found = [file for file, nodes in at_once.items() if any("typing_extensions" in ast.unparse(node) for node in nodes)]
    assert found == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    here = str(REPOSITORY)
    found: list[str] = []
    for path in tracked_files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        lines = enumerate(text.splitlines(), start=1)
        places = [
            f"{path.relative_to(REPOSITORY)}:{number}" for number, line in lines if here in line or HOME_FOLDERS.search(line)
        ]
        found.extend(places)

    assert found == []
