"""Names and attributes against a declaration of the context."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import SimpleNamespace
from typing import Any, NamedTuple, TypedDict

import attrs
from msgspec import Struct

from tests.rows import each
from tests.templates.checking.findings import found, found_in


class Colour(Enum):
    RED = 1


@dataclass
class Address:
    street: str
    colour: Colour = Colour.RED

    @property
    def city(self) -> str:
        return "Berlin"

    @cached_property
    def owner(self) -> User:
        raise NotImplementedError

    def line(self) -> str:
        self.seen = True
        return ""


class User(Struct):
    name: str
    address: Address
    home: Address | None = None
    friends: Sequence[User] = ()
    tags: dict[str, Address] = {}


class Row(TypedDict):
    title: str
    user: User


class Point(NamedTuple):
    x: int


@attrs.define
class Defined:
    name: str
    size: int = attrs.field(default=1)


class Written:
    name: str

    def __init__(self) -> None:
        self.size = 1


class Silent:
    pass


class Open:
    name: str

    def __getattr__(self, name: str) -> Any:
        return name


class Keyed:
    name: str

    def __getitem__(self, name: str) -> Any:
        return name


class Abstract(ABC):
    name: str


TYPES = {
    kind.__name__: kind
    for kind in (User, Address, Row, Point, Defined, Written, Silent, Open, Keyed, Abstract, SimpleNamespace, Mapping, Iterable)
}
CONTEXT = "{% context user: User, rows: list[Row] = [], x = none %}"


def test_names_that_nobody_declares_are_found() -> None:
    source = "{{ usr }}{{ user }}{{ range(3) }}{% for row in rows %}{{ row }}{{ loop.index }}{% endfor %}{{ rowz }}"

    assert found_in(CONTEXT + source) == [
        "'usr' is not declared by {% context %}, not set and no global; did you mean 'user'?",
        "'rowz' is not declared by {% context %}, not set and no global; did you mean 'rows'?",
    ]


def test_without_a_declaration_every_name_may_be_given() -> None:
    assert found_in("{{ anything.at.all }}") == []


def test_an_empty_declaration_declares_that_there_is_nothing() -> None:
    assert found_in("{% context %}{{ user }}") == ["'user' is not declared by {% context %}, not set and no global"]


@each(
    "source",
    [
        "{% if x %}{% set y = 1 %}{% endif %}{{ y }}",
        "{% macro m() %}{{ later }}{% endmacro %}{% set later = 1 %}{{ m() }}",
        "{% block b %}{{ self.b() }}{{ super() }}{% endblock %}",
        "{{ x | default:unknown }}",
    ],
)
def test_names_that_are_set_need_no_declaration(source: str) -> None:
    told = [message for message in found_in("{% context x %}" + source) if "declared" in message]

    assert told == []


def test_what_parents_set_and_declare_is_there_too() -> None:
    templates = {
        "base.html": "{% context site %}{% set theme = 1 %}{% for i in [1] %}{% block b scoped %}{% endblock %}{% endfor %}",
        "page.html": "{% extends 'base.html' %}{% context user %}{% block b %}"
        "{{ site }}{{ theme }}{{ user }}{{ i }}{{ no }}{{ _('yes') }}{% endblock %}",
    }

    assert found(templates) == ["page.html:1 'no' is not declared by {% context %}, not set and no global"]


@each(
    ("source", "message"),
    [
        ("{{ user.nme }}", "User has no attribute 'nme'; did you mean 'name'?"),
        ("{{ user.address.stret }}", "Address has no attribute 'stret'; did you mean 'street'?"),
        ("{{ user.home.stret }}", "Address has no attribute 'stret'; did you mean 'street'?"),
        ("{{ user.address.city.nope }}", "str has no attribute 'nope'"),
        ("{{ user.address.owner.nme }}", "User has no attribute 'nme'; did you mean 'name'?"),
        ("{{ user.tags.first.stret }}", "Address has no attribute 'stret'; did you mean 'street'?"),
        ("{{ user.friends[0].nme }}", "User has no attribute 'nme'; did you mean 'name'?"),
        ("{% for friend in user.friends %}{{ friend.nme }}{% endfor %}", "User has no attribute 'nme'; did you mean 'name'?"),
        ("{% for row in rows %}{{ row.titel }}{% endfor %}", "Row has no attribute 'titel'; did you mean 'title'?"),
        ("{% for row in rows %}{{ row.user.nme }}{% endfor %}", "User has no attribute 'nme'; did you mean 'name'?"),
        ("{% set u = user %}{{ u.nme }}", "User has no attribute 'nme'; did you mean 'name'?"),
        ("{% with u = user %}{{ u.nme }}{% endwith %}", "User has no attribute 'nme'; did you mean 'name'?"),
        ("{% if user.nme %}{% endif %}", "User has no attribute 'nme'; did you mean 'name'?"),
        ("{{ user.nme | upper }}", "User has no attribute 'nme'; did you mean 'name'?"),
        ("{% block b %}{{ user.nme }}{% endblock %}", "User has no attribute 'nme'; did you mean 'name'?"),
        ("{{ user.addres.street is defined }}", "User has no attribute 'addres'; did you mean 'address'?"),
    ],
)
def test_an_attribute_that_a_type_does_not_have_is_found(source: str, message: str) -> None:
    assert found_in(CONTEXT + source, types=TYPES) == [message]


@each(
    "source",
    [
        "{{ user.name.upper() }}{{ user.friends }}{{ user.address.line() }}{{ user.address.line().anything }}",
        "{{ user.address.colour.name }}{{ user.address.seen }}",
        "{{ user.nick is defined }}{{ user.nick | default('') }}",
        "{% for user in x %}{{ user.anything }}{% endfor %}",
        "{% set user = x %}{{ user.anything }}",
        "{% if x %}{% set user = x %}{% endif %}{{ user.anything }}",
        "{% macro m(user) %}{{ user.anything }}{% endmacro %}",
        "{{ (user | first).anything }}{{ (user or x).anything }}",
        "{{ user.tags.items() }}{{ rows.append(1) }}",
        "{% for key, tag in user.tags.items() %}{{ tag.anything }}{% endfor %}",
        "{% for row in rows %}{{ row.keys() }}{{ loop.anything }}{% endfor %}",
    ],
)
def test_what_is_there_or_not_known_is_not_told(source: str) -> None:
    assert found_in(CONTEXT + source, types=TYPES) == []


@each(
    ("written", "is_found"),
    [
        ("User", True),
        ("Optional[User]", True),
        ("User | None", True),
        ("Annotated[User, 1]", True),
        ("'User'", True),
        ("Point", True),
        ("Defined", True),
        ("Written", True),
        ("Abstract", True),
        ("str", True),
        ("int", True),
        ("User | Address", True),
        ("msgspec.structs:StructConfig", True),
        ("msgspec.structs.StructConfig", True),
        ("User | Open", False),
        ("Any", False),
        ("object", False),
        ("Open", False),
        ("Keyed", False),
        ("Silent", False),
        ("SimpleNamespace", False),
        ("dict[str, int]", False),
        ("Mapping", False),
        ("NoSuchType", False),
        ("no.such.module:Type", False),
    ],
)
def test_a_type_is_judged_only_if_it_is_known_whole(written: str, is_found: bool) -> None:
    told = found_in("{% context thing: " + written + " %}{{ thing.missing_here }}", types=TYPES)

    assert bool(told) is is_found


def test_what_methods_set_is_an_attribute() -> None:
    assert found_in("{% context w: Written, d: Defined %}{{ w.size }}{{ d.size }}", types=TYPES) == []


def test_nothing_is_imported_for_templates_that_are_not_trusted() -> None:
    source = "{% context config: msgspec.structs.StructConfig %}{{ config.missing }}"

    assert len(found_in(source)) == 1
    assert found_in(source, sandbox=True) == []
