"""Write the function `lookup(method, path)`: the method, plain paths as a whole, then the number of segments."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from martlet.routing.decisions import Decision, Members, count_routes
from martlet.routing.emitter import Emitter, Table
from martlet.routing.families import Family
from martlet.routing.patterns import Segment, Signature
from martlet.routing.precedence import spans_at_end
from martlet.routing.routes import ANY_METHOD, WEBSOCKET, Route

NO_PARAMS: Mapping[str, Any] = MappingProxyType({})  # one for all, so nobody may write to it


def write_lookup(methods: Mapping[str, Mapping[Signature, Family]]) -> Emitter:
    """The source for all families of each method; GET first, then those with most routes, then what fits any method."""
    emitter = Emitter()
    known: dict[str, Members] = {}
    for method, families in methods.items():
        known[method] = members_of(beside(families, {} if method in {ANY_METHOD, WEBSOCKET} else methods.get(ANY_METHOD, {})))
    anything = known.pop(ANY_METHOD, None)
    with emitter.block("def lookup(method, path)"):
        for method in sorted(known, key=lambda method: (method != "GET", -count_routes(known[method]), method)):
            with emitter.block(f"if method == {method!r}"):
                write_method(emitter, known[method])
        # Methods are told apart by case (RFC 9110, Section 9.1). Not even a route for any method takes `post`: an application
        # behind it may read it as POST, which a check of the method before it was not asked about.
        with emitter.block("if method != method.upper()"):
            emitter.line("return None")
        write_method(emitter, anything or [])
    return emitter


def members_of(families: Mapping[Signature, Family]) -> Members:
    """Families with their routes, the empty ones left out."""
    return [(family, list(family.members.values())) for family in families.values() if family.members]


def beside(families: Mapping[Signature, Family], others: Mapping[Signature, Family]) -> Mapping[Signature, Family]:
    """Two methods' families as those of one; of two routes with the same pattern that of the first."""
    joined = dict(others)
    for signature, family in families.items():
        other = others.get(signature)
        joined[signature] = family if other is None else Family(family.parts, other.members | family.members)
    return joined


def write_method(emitter: Emitter, members: Members) -> None:
    """The decision for one method, from the path to its answer or None."""
    plain: dict[str, Route[Any]] = {}
    holed: Members = []
    for family, routes in members:
        if any(isinstance(part, Segment) for part in family.parts):
            holed.append((family, routes))
        else:
            plain |= {"/" + "/".join(texts): route for texts, route in family.members.items()}
    if plain:
        with emitter.block(f"if (hit := {emitter.constant('plain', Table(plain, whole_answer))}(path)) is not None"):
            emitter.line("return hit")
    if holed:
        emitter.line("parts = path.split('/')")
        emitter.line("count = len(parts)")
        write_counts(emitter, holed)
    emitter.line("return None")


def whole_answer(value: Any, _route: Route[Any]) -> tuple[Any, Mapping[str, Any]]:
    """The entry of the table of plain paths: what the function returns, with the same mapping each time."""
    return value, NO_PARAMS


def write_counts(emitter: Emitter, members: Members) -> None:
    """One branch for each number of segments, the most popular first; and one for all beyond, where something spans them."""
    spanning = [member for member in members if spans_at_end(member[0].parts)]
    lengths = {len(family.parts) for family, _ in members}
    if spanning:
        lengths |= set(range(min(len(family.parts) for family, _ in spanning), max(lengths) + 1))
    fitting: dict[int, Members] = {}
    for count in lengths:
        shorter = [member for member in spanning if len(member[0].parts) < count]
        fitting[count] = [member for member in members if len(member[0].parts) == count] + shorter
    popular = sorted(fitting, key=lambda count: -count_routes(fitting[count]))
    for number, count in enumerate(popular):
        # Before the first slash there is one more part, which is empty.
        with emitter.block(f"{'elif' if number else 'if'} count == {count + 1}"):
            write_unpacking(emitter, count, "parts")
            Decision(emitter, count).write(fitting[count])
    if spanning:
        count = max(len(family.parts) for family, _ in spanning)
        with emitter.block(f"elif count > {max(lengths) + 1}"):
            write_unpacking(emitter, count, f"parts[:{count + 1}]")
            Decision(emitter, count, longer=True).write(spanning)


def write_unpacking(emitter: Emitter, count: int, parts: str) -> None:
    """A name for each segment; a path that does not start with a slash fits nothing."""
    emitter.line(f"root, {', '.join(f'p{place}' for place in range(1, count + 1))} = {parts}")
    with emitter.block("if root"):
        emitter.line("return None")
