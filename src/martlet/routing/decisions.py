"""Write the code that tells apart the patterns which can fit paths of one number of segments.

From left to right: where few texts are possible they are compared by `==`, where many are, a table tells to which group of
patterns each leads. Texts that were not compared on the way are compared at the end, all at once: they are the key of a table.
So many routes make large tables, not much code.

At each segment plain texts go first, then parameters from narrow to wide (precedence.py); what fits here and fails further on
falls through to the next. So a pattern that fits is always found.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, NamedTuple

from martlet.routing.emitter import Emitter, Table, Value
from martlet.routing.families import Family
from martlet.routing.patterns import Part, Segment
from martlet.routing.precedence import precedence, segment_measure
from martlet.routing.routes import Route
from martlet.routing.shapes import ShapeCode, shape_code

FEW_TEXTS = 3  # are compared one by one; beyond that a table is as fast
FEW_GROUPS = 8  # are told apart one by one; beyond that by halves
POPULAR = 8  # routes; a text that leads to so many is not mixed with others
COPIES = 8  # of the code for each family, on the average; beyond that texts are left to the tables

Members = list[tuple[Family, list[Route[Any]]]]
"""Families, with those of their routes that can still fit."""


class Case(NamedTuple):
    """Texts of one segment, and the routes that have one of them there."""

    texts: list[str]
    members: Members


@dataclass(frozen=True, slots=True)
class Stage:
    """What is known of the path where the next line is written."""

    place: int
    """The segment that is looked at, from 1 on."""
    copies: int
    """How often the code for each family may still be written, on the average."""
    conditions: tuple[str, ...] = ()
    """Found necessary, and not yet written."""
    compared: frozenset[int] = frozenset()
    """The segments whose text (or head and tail) is certain."""
    tested: frozenset[int] = frozenset()
    """The segments whose parameters passed their cheap tests."""

    def then(self, *conditions: str, compared: bool = False, tested: bool = False) -> "Stage":
        """The stage after this segment."""
        here = frozenset((self.place,))
        return Stage(
            self.place + 1,
            self.copies,
            self.conditions + conditions,
            self.compared | here if compared else self.compared,
            self.tested | here if tested else self.tested,
        )

    def part(self, family: Family) -> Part:
        """The segment that a family has here."""
        return family.parts[self.place - 1]

    def text(self, route: Route[Any]) -> str:
        """The plain text that a route has here."""
        return str(route.parts[self.place - 1])


class Decision:
    """The code for paths of `count` segments; or of more, where `longer` says so and all patterns span the rest."""

    def __init__(self, emitter: Emitter, count: int, *, longer: bool = False) -> None:
        self.emitter, self.count, self.longer = emitter, count, longer

    def write(self, members: Members) -> None:
        """All of it, from the first segment on."""
        self._write(members, Stage(1, COPIES))

    def _write(self, members: Members, stage: Stage) -> None:
        if stage.place > self.count:
            self._answers(members, stage)
            return
        plain = [member for member in members if isinstance(stage.part(member[0]), str)]
        kinds = by_measure([member for member in members if isinstance(stage.part(member[0]), Segment)], stage)
        if bool(plain) + len(kinds) == 1:
            self._ways(plain, kinds, stage)
        else:
            with self.emitter.conditional(stage.conditions):
                self._ways(plain, kinds, replace(stage, conditions=()))

    def _ways(self, plain: Members, kinds: Sequence[Members], stage: Stage) -> None:
        if plain:
            self._texts(plain, stage)
        for members in kinds:
            self._parameters(members, stage)

    def _texts(self, members: Members, stage: Stage) -> None:
        name = f"p{stage.place}"
        texts = {stage.text(route) for _, routes in members for route in routes}
        if len(texts) == 1:
            self._write(members, stage.then(f"{name} == {texts.pop()!r}", compared=True))
            return
        few = len(texts) <= (FEW_TEXTS if len(members) > 1 else FEW_TEXTS - 1)
        cases = by_text(members, stage) if few else by_group(members, stage) if len(members) > 2 else []
        cost = sum(len(case.members) for case in cases)
        if not 0 < cost <= stage.copies * len(members):
            self._write(members, stage.then())
            return
        with self.emitter.conditional(stage.conditions):
            stage = replace(stage, conditions=(), copies=stage.copies * len(members) // cost)
            if few:
                self._chain([f"{name} == {case.texts[0]!r}" for case in cases], cases, stage)
            else:
                numbers = {text: number for number, case in enumerate(cases) for text in case.texts}
                self.emitter.line(f"group = {self.emitter.constant('group', numbers.get)}({name}, -1)")
                self._halves(cases, 0, stage)

    def _halves(self, cases: Sequence[Case], first: int, stage: Stage) -> None:
        if len(cases) <= FEW_GROUPS:
            self._chain([f"group == {number}" for number in range(first, first + len(cases))], cases, stage)
            return
        half = len(cases) // 2
        with self.emitter.block(f"if group < {first + half}"):
            self._halves(cases[:half], first, stage)
        with self.emitter.block("else"):
            self._halves(cases[half:], first + half, stage)

    def _chain(self, conditions: Sequence[str], cases: Sequence[Case], stage: Stage) -> None:
        for number, (condition, case) in enumerate(zip(conditions, cases, strict=True)):
            with self.emitter.block(f"{'elif' if number else 'if'} {condition}"):
                self._write(case.members, stage.then(compared=len(case.texts) == 1))

    def _parameters(self, members: Members, stage: Stage) -> None:
        parts = [route.parts[stage.place - 1] for _, routes in members for route in routes]
        segments = [part for part in parts if isinstance(part, Segment)]
        segment = segments[0]
        after = stage.then()
        # Shapes of one measure are tested with the answers, since what follows decides between them first.
        if len({segment.shape for segment in segments}) == 1:
            certain = len({(segment.head, segment.tail) for segment in segments}) == 1
            ends = segment_ends(segment, stage.place) if certain else ()
            after = stage.then(*ends, *self._code(segment, stage.place).tests, compared=certain, tested=True)
        if segment.spans:
            self._answers(members, after)
        else:
            self._write(members, after)

    def _code(self, segment: Segment, place: int) -> ShapeCode:
        return shape_code(segment, place, self.emitter, more=segment.spans and (self.longer or place < self.count))

    def _answers(self, members: Members, stage: Stage) -> None:
        if len(members) == 1:
            self._answer(*members[0], stage)
            return
        with self.emitter.conditional(stage.conditions):
            for family, routes in sorted(members, key=lambda member: precedence(member[0].parts)):
                self._answer(family, routes, replace(stage, conditions=()))

    def _answer(self, family: Family, routes: Sequence[Route[Any]], stage: Stage) -> None:
        codes = {place: self._code(part, place) for place, part in enumerate(family.parts, 1) if isinstance(part, Segment)}
        conditions = list(stage.conditions)
        conditions += [test for place, code in codes.items() if place not in stage.tested for test in code.tests]
        more = f" and {len(routes) - 1} more" if len(routes) > 1 else ""
        self.emitter.note(routes[0].pattern + more)
        target, names = self._target(routes, stage.compared, conditions)
        conditions += [take for code in codes.values() for take in code.takes]
        values = [value for code in codes.values() for value in code.values]
        with self.emitter.conditional(conditions):
            pairs = ", ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
            self.emitter.line(f"return {target}, {{{pairs}}}")

    def _target(self, routes: Sequence[Route[Any]], compared: frozenset[int], conditions: list[str]) -> tuple[str, list[str]]:
        """The code for the target and for each parameter's name; a look-up, where one is needed, joins the conditions."""
        names = [repr(name) for name in routes[0].parameters]
        keys = [code for code, _ in texts_left(routes[0], compared)]
        if not keys:
            return self.emitter.constant("target", Value(routes[0])), names
        table = {table_key([text for _, text in texts_left(route, compared)]): route for route in routes}
        alike = all(route.target is not None and tuple(route.parameters) == tuple(routes[0].parameters) for route in routes)
        name = self.emitter.constant("table", Table(table, value_alone if alike else value_and_names))
        key = keys[0] if len(keys) == 1 else f"({', '.join(keys)})"
        conditions.append(f"(hit := {name}({key})) is not None")
        return ("hit", names) if alike else ("hit[0]", [f"hit[{index}]" for index in range(1, len(names) + 1)])


def value_alone(value: Any, _route: Route[Any]) -> Any:
    """The entry of a table whose routes call their parameters by the same names."""
    return value


def value_and_names(value: Any, route: Route[Any]) -> tuple[Any, ...]:
    """The entry of a table whose routes call their parameters by different names, or lead to None."""
    return (value, *route.parameters)


def texts_left(route: Route[Any], compared: frozenset[int]) -> Iterator[tuple[str, str]]:
    """For each segment with texts that were not compared: the code for them, and what they are."""
    for place, part in enumerate(route.parts, 1):
        if place in compared:
            continue
        if isinstance(part, str):
            yield f"p{place}", part
        elif part.head or part.tail:
            slices = [f"p{place}[:{len(part.head)}]"] if part.head else []
            slices += [f"p{place}[-{len(part.tail)}:]"] if part.tail else []
            yield " + ".join(slices), part.head + part.tail


def table_key(texts: Sequence[str]) -> str | tuple[str, ...]:
    """One text as it is, several as a tuple."""
    return texts[0] if len(texts) == 1 else tuple(texts)


def segment_ends(segment: Segment, place: int) -> tuple[str, ...]:
    """The conditions that a segment of the path begins and ends with these texts."""
    head = (f"p{place}.startswith({segment.head!r})",) if segment.head else ()
    return (*head, f"p{place}.endswith({segment.tail!r})") if segment.tail else head


def count_routes(members: Members) -> int:
    """How many routes there are in these families."""
    return sum(len(routes) for _, routes in members)


def by_measure(members: Members, stage: Stage) -> list[Members]:
    """The families that have equally narrow parameters here, from narrow to wide."""

    def measure(member: tuple[Family, list[Route[Any]]]) -> tuple[int, bool]:
        return segment_measure(stage.part(member[0]))

    if len({part.shape for family, _ in members if isinstance(part := stage.part(family), Segment)}) <= 1:
        return [members] if members else []  # nothing to measure, which takes some milliseconds for long expressions
    return [list(alike) for _, alike in groupby(sorted(members, key=measure), key=measure)]


def by_text(members: Members, stage: Stage) -> list[Case]:
    """A case for each text of this segment; the text with most routes first."""
    chosen: dict[str, dict[Family, list[Route[Any]]]] = {}
    for family, routes in members:
        for route in routes:
            chosen.setdefault(stage.text(route), {}).setdefault(family, []).append(route)
    cases = [Case([text], list(families.items())) for text, families in chosen.items()]
    return sorted(cases, key=lambda case: -count_routes(case.members))


def by_group(members: Members, stage: Stage) -> list[Case]:
    """A case for all texts of this segment that lead to the same families; popular texts stay alone."""
    groups: dict[object, list[Case]] = {}
    for case in by_text(members, stage):
        alone = count_routes(case.members) >= POPULAR
        groups.setdefault(case.texts[0] if alone else tuple([id(family) for family, _ in case.members]), []).append(case)
    return [merged(cases) for cases in groups.values()]


def merged(cases: Iterable[Case]) -> Case:
    """One case for the texts and routes of all."""
    texts: list[str] = []
    families: dict[Family, list[Route[Any]]] = {}
    for case in cases:
        texts += case.texts
        for family, routes in case.members:
            families.setdefault(family, []).extend(routes)
    return Case(texts, list(families.items()))
