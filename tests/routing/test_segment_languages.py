"""Languages of segments: compared and counted exactly, as enumeration shows."""

import re
from itertools import pairwise, product

from hypothesis import given
from hypothesis import strategies as st

from martlet.routing import BUILT_IN
from martlet.routing.automata import Hole, Text, complement
from martlet.routing.languages import Language, compare, expression, measure
from tests.rows import each

SHORT_TEXTS = ["".join(chars) for length in range(7) for chars in product("ab", repeat=length)]

small_regexes = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "ab", ".", "[^a]", r"\w", r"[^\W\d]"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{1,2}", "{,2}", "{2,}", "*?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=5,
)


def hole(regex: str) -> Language:
    return (Hole(regex),)


@given(small_regexes, small_regexes)
def test_a_comparison_agrees_with_enumeration(one: str, other: str) -> None:
    first = {text for text in SHORT_TEXTS if re.fullmatch(one, text, re.ASCII)}
    second = {text for text in SHORT_TEXTS if re.fullmatch(other, text, re.ASCII)}

    compared = compare(hole(one), hole(other))

    assert not (compared.included and first - second)
    assert not (compared.including and second - first)
    assert not (compared.disjoint and first & second)
    assert compared.disjoint == (compared.example is None)
    if compared.example is not None:
        assert re.fullmatch(one, compared.example, re.ASCII)
        assert re.fullmatch(other, compared.example, re.ASCII)
    if compared.included:
        assert measure(hole(one), 6) <= measure(hole(other), 6)


@given(small_regexes)
def test_a_measure_counts_each_text_once(regex: str) -> None:
    counted = sum(1 for text in SHORT_TEXTS if re.fullmatch(f"(?=[ab]*$)(?:{regex})", text, re.ASCII))

    assert measure((Hole(f"(?:{regex})"),), 6) >= counted
    assert measure(hole("[ab]*"), 6) == len(SHORT_TEXTS)


@each("regex", ["(?=a)a", r"(a)\1", "(?<!b)a", "^a$", r"\ba", "(?>a*)a", "a*+a", "(?i:a)", "(?:a{999}){999}"])
def test_what_is_no_regular_language_is_taken_for_all_its_place_holds(regex: str) -> None:
    whole, number = hole("[^/]+"), hole("[0-9]+")

    assert compare(hole(regex), whole).included
    assert not compare(hole(regex), whole).including
    assert not compare(hole(regex), number).disjoint
    assert not compare(hole(regex), number).included
    assert measure(hole(regex), 2) == measure(whole, 2)
    assert compare((Text("x"), Hole(regex)), (Text("y"), Hole(regex))).disjoint


def test_flags_within_an_expression_that_change_the_dot_are_read() -> None:
    assert not compare(hole("(?s:.)"), hole(r"\n")).disjoint
    assert compare(hole("."), hole(r"\n")).disjoint
    assert compare(hole("(?s:a).x"), hole(r"a\nx")).disjoint


def test_a_slash_is_in_a_hole_only_where_it_spans_segments() -> None:
    slash = (Text("/"),)

    assert compare(hole("(?s:.)+"), slash).disjoint
    assert compare((Hole("(?s:.)+", spans=True),), slash).including


def test_a_walk_of_too_many_states_ends_as_an_overlap_of_which_nothing_is_known() -> None:
    wide = hole("(?:a|b)*a(?:a|b){14}")

    compared = compare(wide, hole("(?:a|b)*b(?:a|b){14}"))

    assert (compared.disjoint, compared.included, compared.including) == (False, False, False)
    assert measure(wide, 2) == measure(hole("[^/]+"), 2)


def test_an_expression_that_accepts_nothing_is_apart_from_all() -> None:
    assert compare(hole(r"[^\s\S]"), hole(".*")).disjoint
    assert measure(hole(r"[^\s\S]")) == 0


def test_the_built_in_converters_lie_as_the_documentation_says() -> None:
    languages = {name: (Hole(converter.regex, name == "path"),) for name, converter in BUILT_IN.items()}
    chains = ["int decimal float str path", "int slug str", "date slug", "uuid str", "datetime str"]

    for chain in chains:
        names = chain.split()
        for narrow, wide in pairwise(names):
            compared = compare(languages[narrow], languages[wide])
            assert (compared.included, compared.including) == (True, False), (narrow, wide)


def test_a_complement_holds_all_other_characters() -> None:
    assert complement([]) == ((0, 0x10FFFF),)
    assert complement([(0, 0x10FFFF)]) == ()
    assert complement([(5, 9), (7, 12), (0, 1)]) == ((2, 4), (13, 0x10FFFF))


def test_a_language_as_one_expression_takes_its_texts_by_the_letter() -> None:
    language = (Text("a.b"), Hole("x|y"), Text("*"))

    assert expression(language).fullmatch("a.by*")
    assert not expression(language).fullmatch("aXby*")
