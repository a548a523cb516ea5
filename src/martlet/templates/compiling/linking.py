"""Linking: a template, those that it extends, and those that it includes become the functions of one page.

A child's `extends`, the choice of a block's newest definition, `super()` and every include whose name is written out are settled
here, before anything is rendered. Each function is placed where it is used: the same block in two places of a page may be two
functions, for what is safe in a text is not in a script. Names that are known only while rendering stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Final, TypeAlias

from martlet.templates.compiling.layouts import (
    extends_late,
    first_there,
    static_parent,
    still_absent,
    without_output,
    written_name,
)
from martlet.templates.compiling.scopes import names_in
from martlet.templates.compiling.unit import Source
from martlet.templates.errors import EscapingError, TemplateNotFoundError, TemplateSyntaxError, UnknownNameError
from martlet.templates.escaping import EscapingRules
from martlet.templates.escaping.joining import join_freely
from martlet.templates.escaping.places import Place, describe, value_place
from martlet.templates.escaping.placing import check_end, place_body
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Body

__all__ = ["Linked", "LinkedUnit", "Loaded", "link"]


@dataclass
class Loaded:
    """A template that was found; it is read when its nodes are asked for. version, is_current: of its source, see the loaders."""

    source: Source
    version: str
    is_current: Callable[[], bool]
    read: Callable[[], nodes.Template]

    @cached_property
    def template(self) -> nodes.Template:
        """The nodes; raises TemplateSyntaxError."""
        return self.read()


@dataclass(slots=True)
class LinkedUnit:
    """One function of a page. kind: "root", "block" or "include". block: for a block, its name and which definition it is."""

    name: str
    kind: str
    source: Source
    body: Body
    block: tuple[str, int] | None = None
    above: tuple[str, ...] = ()  # for a block that uses `super` as a value: the functions of the definitions above
    missing: bool = False  # a required block that nobody defines
    may_extend: bool = False


@dataclass(slots=True)
class Linked:
    """A page: its functions, and the versions of all that it was made of."""

    units: dict[str, LinkedUnit] = field(default_factory=dict[str, LinkedUnit])
    blocks: dict[str, str] = field(default_factory=dict[str, str])  # a block's name to its function, for fragments and `self`
    versions: dict[str, str] = field(default_factory=dict[str, str])
    checks: list[Callable[[], bool]] = field(default_factory=list[Callable[[], bool]])  # whether each source is what it was
    absent: list[str] = field(default_factory=list[str])  # names of choices that come before one that is there


Load: TypeAlias = Callable[[str], Loaded]
MAX_DEPTH: Final = 40  # of blocks and included templates: what recursion needs, and a page never


@dataclass(slots=True)
class _Linking:
    """What all parts of a page share while it is linked."""

    load: Load
    page: Linked
    rules: EscapingRules | None
    includes: dict[tuple[str, Place], str] = field(default_factory=dict[tuple[str, Place], str])
    ends: dict[str, Place] = field(default_factory=dict[str, Place])
    begins: dict[str, Place] = field(default_factory=dict[str, Place])  # of the functions that are being placed
    assumed: set[str] = field(
        default_factory=set[str]
    )  # of those, the ones that run themselves: they are to end where they begin

    def end(self, unit: str) -> Place:
        """Where a function ends; of one that runs itself, what is checked when it is known."""
        found = self.ends.get(unit)
        if found is None:
            self.assumed.add(unit)
            return self.begins[unit]
        return found

    @contextmanager
    def placing(self, unit: str, place: Place, source: Source, node: nodes.Node) -> Generator[list[Place], None, None]:
        """While a function is placed; takes the place where it ends. Raises EscapingError if that is not what was assumed."""
        if len(self.begins) >= MAX_DEPTH:
            message = f"blocks and included templates stand more than {MAX_DEPTH} deep within one another"
            raise TemplateSyntaxError.placed(message, node.at, source)
        self.begins[unit] = place
        ends: list[Place] = []
        yield ends
        del self.begins[unit]
        self.ends[unit] = ends[0]
        if unit in self.assumed and join_freely(place, ends[0]) is None:
            begins, stops = describe(place), describe(ends[0])
            message = f"this runs itself, and so must end where it begins: it begins in {begins}, and ends in {stops}"
            raise EscapingError.placed(message, node.at, source)

    def name(self, stem: str) -> str:
        """A new name for a function, from words of a template's name that Python can read."""
        plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in stem)[:40]
        candidate, number = plain, 1
        while candidate in self.page.units:
            number += 1
            candidate = f"{plain}_{number}"
        return candidate


def link(entry: Loaded, start: Place, load: Load, rules: EscapingRules | None = None, late: Sequence[Loaded] = ()) -> Linked:
    """Link a page.

    start: where its text begins. load: reads a template; raises TemplateNotFoundError. rules: for the escaping.
    late: what the entry extends, if that is known only now, and what this extends, if that is, and so on; the page then begins
    with the layout of the last.
    """
    linking = _Linking(load, Linked(), rules)
    chain = _Chain(linking, [entry])
    chain.follow(late)
    end = chain.link_root("root", start, 0)
    check_end(start, end, entry.template.at, entry.source)
    chain.link_blocks(start)
    return linking.page


class _Chain:
    """A template and all that it extends, from the child to the base; what `Units` asks for while bodies are placed."""

    def __init__(self, linking: _Linking, templates: list[Loaded]) -> None:
        self._linking = linking
        self._templates = templates
        self._definitions: dict[str, list[tuple[int, nodes.Block]]] = {}
        self._placed: dict[tuple[str, int, Place], str] = {}
        self._inside: list[tuple[str, int]] = []  # the blocks that are being placed
        self._here = 0  # the template that is being placed
        self._late = 0  # the parent that is known only while rendering

    def follow(self, late: Sequence[Loaded] = ()) -> None:
        """Find all parents whose name is written out, and every definition of every block."""
        linking, late = self._linking, list(late)
        names = {self._templates[0].template.name}
        self._define(0)
        while True:
            loaded = self._templates[-1]
            if loaded.source.name is not None:
                linking.page.versions[loaded.source.name] = loaded.version
            linking.page.checks.append(loaded.is_current)
            node = static_parent(loaded.template, loaded.source)
            name = None if node is None else written_name(node.template)
            if name is None and late:
                self._late = len(self._templates)
                self._add(late.pop(0))
                continue
            if node is None or name is None:
                return
            if name in names:
                raise TemplateSyntaxError.placed(f"the template extends itself, by way of {name!r}", node.at, loaded.source)
            try:
                self._add(linking.load(name))
            except TemplateNotFoundError as error:
                raise UnknownNameError.placed(str(error), node.template.at, loaded.source) from error
            names.add(name)

    def _add(self, loaded: Loaded) -> None:
        self._templates.append(loaded)
        self._define(len(self._templates) - 1)

    def _define(self, index: int) -> None:
        loaded = self._templates[index]
        for node in nodes.walk(loaded.template.body):
            if isinstance(node, nodes.Block):
                self._definitions.setdefault(node.name, []).append((index, node))

    def link_root(self, name: str, place: Place, index: int) -> Place:
        """Make the function of a template's own text, and those of the layouts above it; gives the place where they end."""
        loaded, page = self._templates[index], self._linking.page
        body = loaded.template.body
        unit = LinkedUnit(name, "root", loaded.source, ())
        page.units[name] = unit
        above: str | None = None
        if index + 1 < len(self._templates):
            above = "parent_layout" if index + 1 == self._late else self._linking.name(name + "_layout")
            body = (*without_output(body, keeps=True),)
        elif any(isinstance(node, nodes.Extends) for node in nodes.walk(body)):
            unit.may_extend = True
        before, self._here = self._here, index
        unit.body, place = place_body(body, place, self, self._linking.rules, loaded.source)
        self._here = before
        if above is not None:
            page.units[above] = unit  # keeps the name
            place = self.link_root(above, place, index + 1)
            unit.body = (*unit.body, nodes.RunUnit(loaded.template.at, above, sees_locals=False))
        return place

    def link_blocks(self, start: Place) -> None:
        """The function of each block, as the page has it first; what the page never reaches is placed where the page begins."""
        for block in self._definitions:
            placed = [unit for (name, level, _), unit in self._placed.items() if (name, level) == (block, 0)]
            self._linking.page.blocks[block] = placed[0] if placed else self._block_unit(block, 0, start)

    def block(self, node: nodes.Block, place: Place) -> tuple[nodes.Statement, Place]:
        """The call of a block's newest definition."""
        unit = self._block_unit(node.name, 0, place)
        return nodes.RunUnit(node.at, unit, sees_locals=node.scoped, is_block=True), self._linking.end(unit)

    def printed_call(self, node: nodes.Print, place: Place) -> tuple[nodes.Statement, Place] | None:
        """`super()` and `self.name()` as calls of a function, which write where they stand."""
        value = node.value
        if not isinstance(value, nodes.Call) or value.arguments != nodes.Arguments():
            return None
        match value.target:
            case nodes.Name(name="super") if self._inside:
                name, level = self._inside[-1]
                if level + 1 >= len(self._definitions[name]):
                    return None
                unit = self._block_unit(name, level + 1, place)
            case nodes.Attribute(target=nodes.Name(name="self"), name=name) if name in self._definitions:
                unit = self._block_unit(name, 0, place)
            case _:
                return None
        return nodes.RunUnit(node.at, unit, sees_locals=False), self._linking.end(unit)

    def _block_unit(self, block: str, level: int, place: Place) -> str:
        """The function of one definition of a block in one place."""
        key = (block, level, place)
        found = self._placed.get(key)
        if found is not None:
            return found
        index, node = self._definitions[block][level]
        linking, loaded = self._linking, self._templates[index]
        name = self._placed[key] = linking.name(f"block_{block}_{level}" if level else f"block_{block}")
        unit = linking.page.units[name] = LinkedUnit(
            name, "block", loaded.source, (), block=(block, level), missing=node.required
        )
        self._inside.append((block, level))
        here, self._here = self._here, index
        with linking.placing(name, place, loaded.source, node) as ends:
            unit.body, end = place_body(node.body, place, self, linking.rules, loaded.source)
            ends.append(end)
        if "super" in set(names_in(unit.body)):
            above = range(level + 1, len(self._definitions[block]))
            unit.above = tuple(self._block_unit(block, number, value_place(place)) for number in above)
        self._here = here
        self._inside.pop()
        return name

    def include(self, node: nodes.Include, place: Place) -> tuple[nodes.Statement, Place]:
        """The call of an included template, if its name is written out and it is there; else the include as it is."""
        linking, here = self._linking, self._templates[self._here].source
        found, absent = first_there(linking.load, node)
        if found is None:
            return node, place
        linking.page.absent += absent
        linking.page.checks += [partial(still_absent, linking.load, name) for name in absent]
        if extends_late(found.template, lambda name: linking.load(name).template):  # its blocks are a page of their own
            if place == value_place(place):
                return node, place
            message = f"{found.source.name!r} extends a template that is known only while rendering, and cannot be included"
            raise EscapingError.placed(f"{message} in {describe(place)}: include it in the text of the page", node.at, here)
        key = (found.source.name or "", place)
        unit = linking.includes.get(key)
        if unit is None:
            unit = linking.includes[key] = linking.name("include_" + (found.source.name or ""))
            linking.page.units[unit] = LinkedUnit(unit, "include", found.source, ())  # keeps the name
            with linking.placing(unit, place, here, node) as ends:
                chain = _Chain(linking, [found])
                chain.follow()
                ends.append(chain.link_root(unit, place, 0))
            linking.page.units[unit].kind = "include"
        return nodes.RunUnit(node.at, unit, node.with_context, node.with_context), linking.end(unit)
