"""What is public is listed, sorted, documented, and named for what it is."""

import ast
import importlib
import inspect
import pkgutil
import re
from types import ModuleType

import martlet
from tests.architecture.source_tree import PACKAGE, REPOSITORY, Function, definitions, rooms
from tests.rows import each

ERRORS_PAGE = REPOSITORY / "docs" / "errors.md"


def imported_names(room: str) -> set[str]:
    """Every public name that the room's own file brings in or defines."""
    tree = ast.parse((PACKAGE.parent / room.replace(".", "/") / "__init__.py").read_bytes())
    names: set[str] = set()
    for node in tree.body:
        match node:
            case ast.ImportFrom(module=module, names=aliases) if module != "__future__":
                names.update(alias.asname or alias.name for alias in aliases)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case _:
                pass
    return {name for name in names if not name.startswith("_")}


def reading_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, each by name: the order ruff's RUF022 writes."""
    if name.isupper():
        return 0, name
    return (1 if name[0].isupper() else 2), name


def all_modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(martlet.__path__, "martlet.")
    return [importlib.import_module(module.name) for module in found if not module.name.endswith("__main__")]


def error_classes() -> dict[str, type[BaseException]]:
    """Every exception that the package defines, by name; warnings are not errors."""
    return {
        name: value
        for module in all_modules()
        for name, value in vars(module).items()
        if inspect.isclass(value)
        and issubclass(value, BaseException)
        and not issubclass(value, Warning)
        and value.__module__.startswith("martlet.")
    }


def public_errors() -> list[str]:
    """The errors that a room offers; those it keeps to itself never reach anybody."""
    offered = {name for room in rooms() for name in getattr(importlib.import_module(room), "__all__", ())}
    return sorted(offered & set(error_classes()))


def documented_errors() -> dict[str, str]:
    """The entries of the page of errors: heading to text."""
    page = ERRORS_PAGE.read_text(encoding="utf-8") if ERRORS_PAGE.exists() else ""
    parts = re.split(r"^### `?(\w+)`?$", page, flags=re.MULTILINE)
    return {name: re.split(r"^#{1,2} ", text, flags=re.MULTILINE)[0] for name, text in zip(parts[1::2], parts[2::2], strict=True)}


@each("room", rooms())
def test_a_room_lists_every_public_name(room: str) -> None:
    listed = getattr(importlib.import_module(room), "__all__", ())

    assert set(listed) == imported_names(room)


@each("room", rooms())
def test_a_room_lists_its_names_in_order(room: str) -> None:
    listed = list(getattr(importlib.import_module(room), "__all__", ()))

    assert listed == sorted(set(listed), key=reading_order)


@each("room", rooms())
def test_what_a_room_offers_is_documented(room: str) -> None:
    module = importlib.import_module(room)
    offered = {name: getattr(module, name) for name in getattr(module, "__all__", ())}
    callables = {name: value for name, value in offered.items() if inspect.isclass(value) or inspect.isfunction(value)}

    # A dataclass without a docstring gets its own signature as one, which tells nobody anything.
    silent = [name for name, value in callables.items() if (value.__doc__ or f"{name}(").startswith(f"{name}(")]

    assert silent == []


def test_public_functions_and_methods_have_docstrings() -> None:
    # A name between double underscores means what the language says, an overload shares the docstring of its body,
    # and what stands inside a function is seen by nobody else.
    functions = [place for place in definitions() if isinstance(place.node, Function) and place.is_public]
    insides = tuple(f"{place}." for place in definitions() if isinstance(place.node, Function))
    silent = [
        str(place)
        for place in functions
        if not ast.get_docstring(place.node)
        and not str(place).startswith(insides)
        and not any(
            ast.unparse(decorator).endswith(("overload", "override", ".setter")) for decorator in place.node.decorator_list
        )
    ]

    assert silent == []


def test_every_exception_ends_in_error() -> None:
    misnamed = [name for name in error_classes() if not name.endswith("Error")]

    assert misnamed == []


def test_every_public_error_has_an_entry_on_the_page_of_errors() -> None:
    assert sorted(set(public_errors()) - set(documented_errors())) == []


def test_the_page_of_errors_has_no_entry_for_what_is_gone() -> None:
    assert sorted(set(documented_errors()) - set(public_errors())) == []


def test_an_entry_shows_an_example_a_cause_and_a_cure() -> None:
    parts = ("**Example.**", "**Cause.**", "**Mend.**")
    incomplete = [name for name, text in documented_errors().items() if not all(part in text for part in parts)]

    assert incomplete == []
