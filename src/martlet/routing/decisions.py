"""Write the function that decides which route of one method fits a path.

Plain paths are looked up whole. For the others the path is split, and for each number of segments the patterns of that length are told
apart from left to right: by `==` where few texts are possible, by a table of groups where many are. Texts that were not compared on the
way are compared at the end, all at once: they are the key of a table. So many routes make large tables, not much code.

Where several patterns could fit, they are tried in the order of precedence.py: at each segment plain texts go first, then parameters
from narrow to wide; what fits in one segment and fails further on falls through to the next. So a pattern that fits is always found.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from martlet.routing.conflicts import Family
from martlet.routing.emitter import Emitter, Table, Value
from martlet.routing.patterns import Part, Segment
from martlet.routing.precedence import precedence, segment_measure, spans_at_end
from martlet.routing.routes import Route
from martlet.routing.shapes import ShapeCode, shape_code

FEW = 3  # texts that are compared one by one; beyond that a table is as fast
MAX_GROUPS = 16  # ways out of one table of groups
MAX_BRANCHES = 256  # of the code for one method and number of segments: more routes than that share code

Members = list[tuple[Family, list[Route[Any]]]]
"""Families, with those of their routes that can still fit."""


@dataclass(frozen=True, slots=True)
class Stage:
    """How far the decision has come: what is known of the path where the next line is written."""

    place: int = 1
    """Which segment is looked at, from 1 on."""
    conditions: tuple[str, ...] = ()
    """Found necessary, and not yet written."""
    compared: frozenset[int] = frozenset()
    """Segments whose text (or head and tail) is certain."""
    tested: frozenset[int] = frozenset()
    """Segments whose parameters passed their cheap tests."""
    budget: int = MAX_BRANCHES
    """How many more branches may be written below this one."""

    def further(self, *conditions: str, compared: bool = False, tested: bool = False, ways: int = 1) -> "Stage":
        """The stage after this segment."""
        return Stage(
            self.place + 1,
            self.conditions + conditions,
            self.compared | {self.place} if compared else self.compared,
            self.tested | {self.place} if tested else self.tested,
            max(self.budget // ways, 1),
        )


class Decision:
    """Writes the code for paths of one number of segments, or of more than that."""

    def __init__(self, emitter: Emitter, count: int, *, longer: bool) -> None:
        self.emitter, self.count, self.longer = emitter, count, longer

    def write(self, members: Members, stage: Stage) -> None:
        """The code that tells these routes apart from this stage on."""
        if stage.place > self.count:
            self._answers(members, stage)
            return
        plain = [member for member in members if isinstance(part_at(member, stage), str)]
        ranked = sorted(((segment_measure(part_at(member, stage)), member) for member in members if member not in plain), key=lambda pair: pair[0])
        kinds = [[member for _, member in group] for _, group in groupby(ranked, key=lambda pair: pair[0])]
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
        texts = {text_at(route, stage) for _, routes in members for route in routes}
        if len(texts) == 1:
            self.write(members, stage.further(f"{name} == {texts.pop()!r}", compared=True))
        elif len(texts) <= min(FEW if len(members) > 1 else 2, stage.budget):
            cases = {f"{name} == {text!r}": chosen for text, chosen in by_text(members, stage).items()}
            self._switch(cases, stage)
        elif len(members) > 2 and len(groups := by_group(members, stage)) <= min(MAX_GROUPS, stage.budget):
            numbers = {text: number for number, (texts, _) in enumerate(groups) for text in texts}
            with self.emitter.conditional(stage.conditions):
                self.emitter.line(f"group = {self.emitter.constant('group', numbers)}.get({name})")
                cases = {f"group == {number}": chosen for number, (_, chosen) in enumerate(groups)}
                self._switch(cases, replace(stage, conditions=()))
        else:
            self.write(members, stage.further())

    def _switch(self, cases: dict[str, Members], stage: Stage) -> None:
        popular = sorted(cases.items(), key=lambda case: -sum(len(routes) for _, routes in case[1]))
        with self.emitter.conditional(stage.conditions):
            for number, (condition, members) in enumerate(popular):
                certain = len({text_at(route, stage) for _, routes in members for route in routes}) == 1
                with self.emitter.block(f"{'elif' if number else 'if'} {condition}"):
                    self.write(members, replace(stage, conditions=()).further(compared=certain, ways=len(cases)))

    def _parameters(self, members: Members, stage: Stage) -> None:
        segments = [segment for _, routes in members for route in routes if isinstance(segment := route.parts[stage.place - 1], Segment)]
        segment = segments[0]
        after = stage.further()
        if len({segment.shape for segment in segments}) == 1:
            certain = len({(segment.head, segment.tail) for segment in segments}) == 1
            conditions = ends(segment, stage) if certain else ()
            tests = self._code(segment, stage.place).tests
            after = stage.further(*conditions, *tests, compared=certain, tested=True)
        if segment.spans:
            self._answers(members, after)
        else:
            self.write(members, after)

    def _code(self, segment: Segment, place: int) -> ShapeCode:
        return shape_code(segment, place, segment.spans and (self.longer or place < self.count), self.emitter)

    def _answers(self, members: Members, stage: Stage) -> None:
        if len(members) == 1:
            self._answer(*members[0], stage)
            return
        with self.emitter.conditional(stage.conditions):
            for family, routes in sorted(members, key=lambda member: precedence(member[0].parts)):
                self._answer(family, routes, replace(stage, conditions=()))

    def _answer(self, family: Family, routes: Sequence[Route[Any]], stage: Stage) -> None:
        conditions = list(stage.conditions)
        keys: list[str] = []
        takes: list[str] = []
        values: list[str] = []
        for place, part in enumerate(family.parts, 1):
            if place not in stage.compared and (key := key_code(part, place)):
                keys.append(key)
            if isinstance(part, Segment):
                code = self._code(part, place)
                conditions += () if place in stage.tested else code.tests
                takes += code.takes
                values += code.values
        self.emitter.note(f"{routes[0].pattern}" + (f" and {len(routes) - 1} more" if len(routes) > 1 else ""))
        target, names = self._table(routes, keys, stage, conditions)
        pairs = ", ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
        with self.emitter.conditional((*conditions, *takes)):
            self.emitter.line(f"return {target}, {{{pairs}}}")

    def _table(self, routes: Sequence[Route[Any]], keys: Sequence[str], stage: Stage, conditions: list[str]) -> tuple[str, list[str]]:
        """The code for the target and for the names of the parameters; a look-up, where one is needed, joins the conditions."""
        names = {tuple(route.parameters) for route in routes}
        if not keys:
            return self.emitter.constant("target", Value(routes[0])), [repr(name) for name in routes[0].parameters]
        table = {key_of(route, stage.compared): route for route in routes}
        entry = with_names if len(names) > 1 else alone
        key = keys[0] if len(keys) == 1 else f"({', '.join(keys)})"
        conditions.append(f"(hit := {self.emitter.constant('table', Table(table, entry))}({key})) is not None")
        shared = names.pop()
        return "hit[0]", [f"hit[{index}]" for index in range(1, len(shared) + 1)] if names else [repr(name) for name in shared]


def alone(value: Any, route: Route[Any]) -> tuple[Any, ...]:
    """The entry of a table whose routes call their parameters by the same names."""
    return (value,)


def with_names(value: Any, route: Route[Any]) -> tuple[Any, ...]:
    """The entry of a table whose routes call their parameters by different names."""
    return (value, *route.parameters)


def answer(value: Any, route: Route[Any]) -> tuple[Any, dict[str, Any]]:
    """The entry of the table of plain paths: what the function returns."""
    return value, {}


def part_at(member: tuple[Family, list[Route[Any]]], stage: Stage) -> Part:
    """The segment of a family at a stage."""
    return member[0].parts[stage.place - 1]


def text_at(route: Route[Any], stage: Stage) -> str:
    """The plain text of a route at a stage."""
    return str(route.parts[stage.place - 1])


def by_text(members: Members, stage: Stage) -> dict[str, Members]:
    """The routes for each text of this segment."""
    chosen: dict[str, Members] = {}
    for family, routes in members:
        parted: dict[str, list[Route[Any]]] = {}
        for route in routes:
            parted.setdefault(text_at(route, stage), []).append(route)
        for text, some in parted.items():
            chosen.setdefault(text, []).append((family, some))
    return chosen


def by_group(members: Members, stage: Stage) -> list[tuple[list[str], Members]]:
    """The texts of this segment that lead to the same families, and the routes of each such group."""
    families: dict[str, list[int]] = {}
    for number, (_, routes) in enumerate(members):
        for text in {text_at(route, stage) for route in routes}:
            families.setdefault(text, []).append(number)
    texts: dict[tuple[int, ...], list[str]] = {}
    for text, numbers in families.items():
        texts.setdefault(tuple(numbers), []).append(text)
    groups: list[tuple[list[str], Members]] = []
    for numbers, some in texts.items():
        wanted = set(some)
        groups.append((some, [(family, [route for route in routes if text_at(route, stage) in wanted]) for family, routes in (members[number] for number in numbers)]))
    return groups


def ends(segment: Segment, stage: Stage) -> tuple[str, ...]:
    """The conditions that a segment begins and ends with its texts."""
    head = (f"p{stage.place}.startswith({segment.head!r})",) if segment.head else ()
    return (*head, f"p{stage.place}.endswith({segment.tail!r})") if segment.tail else head


def key_code(part: Part, place: int) -> str:
    """The expression for what a table must know of a segment; empty where a parameter is all there is."""
    if isinstance(part, str):
        return f"p{place}"
    slices = [f"p{place}[:{len(part.head)}]"] if part.head else []
    slices += [f"p{place}[-{len(part.tail)}:]"] if part.tail else []
    return " + ".join(slices)


def key_of(route: Route[Any], compared: frozenset[int]) -> Any:
    """The key of a route in such a table: its texts where they were not compared, alone or as a tuple."""
    texts = [part if isinstance(part, str) else part.head + part.tail for place, part in enumerate(route.parts, 1) if place not in compared and key_code(part, place)]
    return texts[0] if len(texts) == 1 else tuple(texts)


def write_lookup(methods: dict[str, Iterable[Family]]) -> Emitter:
    """The source of `lookup(method, path)` for all families of each method."""
    emitter = Emitter()
    families = {method: [(family, list(family.members.values())) for family in some if family.members] for method, some in methods.items()}
    popular = sorted(families, key=lambda method: (method != "GET", -sum(len(routes) for _, routes in families[method]), method))
    for number, method in enumerate(popular):
        write_method(emitter, f"match_{number}", families[method])
    with emitter.block("def lookup(method, path)"):
        for number, method in enumerate(popular):
            with emitter.block(f"if method == {method!r}"):
                emitter.line(f"return match_{number}(path)")
        emitter.line("capitals = method.upper()")
        with emitter.block("if capitals != method and method.isascii()"):
            emitter.line("return lookup(capitals, path)")
        emitter.line("return None")
    return emitter


def write_method(emitter: Emitter, name: str, members: Members) -> None:
    """One function from a path to its answer or None."""
    plain = {"/" + "/".join(texts): route for family, _ in members if not any(isinstance(part, Segment) for part in family.parts) for texts, route in family.members.items()}
    open_members = [member for member in members if any(isinstance(part, Segment) for part in member[0].parts)]
    with emitter.block(f"def {name}(path)"):
        if plain:
            with emitter.block(f"if (hit := {emitter.constant('plain', Table(plain, answer))}(path)) is not None"):
                emitter.line("return hit")
        if open_members:
            emitter.line("parts = path.split('/')")
            emitter.line("count = len(parts) - 1")
            write_counts(emitter, open_members)
        emitter.line("return None")
    emitter.line("")


def write_counts(emitter: Emitter, members: Members) -> None:
    """One branch for each number of segments, the most popular first; and one for all beyond, where something spans them."""
    spanning = [member for member in members if spans_at_end(member[0].parts)]
    exact = {len(family.parts) for family, _ in members}
    if spanning:
        exact |= set(range(min(len(family.parts) for family, _ in spanning), max(exact) + 1))
    chosen = {
        count: [member for member in members if len(member[0].parts) == count or (member in spanning and len(member[0].parts) <= count)]
        for count in exact
    }
    popular = sorted(chosen, key=lambda count: -sum(len(routes) for _, routes in chosen[count]))
    for number, count in enumerate(popular):
        with emitter.block(f"{'elif' if number else 'if'} count == {count}"):
            write_count(emitter, chosen[count], count, "parts", longer=False)
    if spanning:
        count = max(len(family.parts) for family, _ in spanning)
        with emitter.block(f"elif count > {max(exact)}"):
            write_count(emitter, spanning, count, f"parts[:{count + 1}]", longer=True)


def write_count(emitter: Emitter, members: Members, count: int, parts: str, *, longer: bool) -> None:
    """The code for one number of segments: what stands before the first slash must be empty, then the decision."""
    emitter.line(f"root, {''.join(f'p{place}, ' for place in range(1, count + 1))}= {parts}")
    with emitter.block("if root"):
        emitter.line("return None")
    Decision(emitter, count, longer=longer).write(members, Stage())
