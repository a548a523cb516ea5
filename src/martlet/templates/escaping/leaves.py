"""Where the pass on nodes stands: one leaf for each way that the branches before lead, each with a place and what is written.

A fork is an `if` whose branches ended in different places. What follows it is written into every branch, until all of them have
come to one place again; what they then have in common at their ends is taken out of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from martlet.templates.escaping.joining import join_freely
from martlet.templates.escaping.places import Place
from martlet.templates.syntax import nodes

__all__ = ["Fork", "Leaf", "Written", "freeze", "merge"]


@dataclass(slots=True, eq=False)
class Fork:
    """An `if` that is not written to its end yet.

    branches: for each, its test (None for `else`) and what is written in it. out, parent: where the `if` itself stands.
    """

    at: nodes.Span
    branches: list[tuple[nodes.Expression | None, list[Written]]]
    out: list[Written]
    parent: Fork | None
    # How long the branches were when they ended.
    lengths: list[int] = field(default_factory=list[int])
    is_whole: bool = False


@dataclass(slots=True)
class Leaf:
    """One way through the branches. line: where the branch ended that leads here."""

    out: list[Written]
    place: Place
    parent: Fork | None = None
    line: int = 0


Written = nodes.Statement | Fork


Join = Callable[[Place, Place], Place | None]


def merge(leaves: list[Leaf], join: Join = join_freely) -> list[Leaf]:
    """The leaves, after every fork all of whose branches have come to one place was closed."""
    while True:
        for fork in _innermost(leaves):
            own = [leaf for leaf in leaves if leaf.parent is fork]
            place = _one_place(own, join)
            if place is None:
                continue
            _take_out(fork)
            at = leaves.index(own[0])
            merged = Leaf(fork.out, place, fork.parent, own[0].line)
            kept = [leaf for leaf in leaves if leaf.parent is not fork]
            leaves = [*kept[:at], merged, *kept[at:]]
            break
        else:
            return leaves


def _innermost(leaves: list[Leaf]) -> list[Fork]:
    """The forks that no other fork with a leaf stands in."""
    found: list[Fork] = []
    parents = {id(ancestor) for leaf in leaves for ancestor in _above(leaf.parent)}
    for leaf in leaves:
        fork = leaf.parent
        if fork is not None and fork.is_whole and id(fork) not in parents and not any(fork is known for known in found):
            found.append(fork)
    return found


def _above(fork: Fork | None) -> list[Fork]:
    found: list[Fork] = []
    while fork is not None and fork.parent is not None:
        fork = fork.parent
        found.append(fork)
    return found


def _one_place(leaves: list[Leaf], join: Join) -> Place | None:
    place = leaves[0].place
    for leaf in leaves[1:]:
        joined = join(place, leaf.place)
        if joined is None:
            return None
        place = joined
    return place


def _take_out(fork: Fork) -> None:
    """Moves what all branches end in alike, and was written after they ended, behind the `if`."""
    bodies = [body for _, body in fork.branches]
    common = 0
    longest = min(len(body) - length for body, length in zip(bodies, fork.lengths, strict=True))
    while common < longest and all(body[-1 - common] == bodies[0][-1 - common] for body in bodies[1:]):
        common += 1
    if common:
        fork.out.extend(bodies[0][-common:])
        for body in bodies:
            del body[-common:]


def freeze(written: list[Written]) -> nodes.Body:
    """What was written, as nodes; texts that follow one another become one."""
    found: list[nodes.Statement] = []
    for item in written:
        node = _frozen(item) if isinstance(item, Fork) else item
        last = found[-1] if found else None
        if isinstance(node, nodes.Text):
            if not node.text:
                continue
            if isinstance(last, nodes.Text):
                found[-1] = nodes.Text(last.at.to(node.at), last.text + node.text)
                continue
        found.append(node)
    return tuple(found)


def _frozen(fork: Fork) -> nodes.Statement:
    tested = tuple((test, freeze(body)) for test, body in fork.branches if test is not None)
    otherwise = next((freeze(body) for test, body in fork.branches if test is None), ())
    return nodes.If(fork.at, tested, otherwise)
