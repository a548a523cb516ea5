"""Expressions are read as Jinja2 documents them, operator by operator."""

import pytest

from tests.rows import each
from tests.templates.syntax.written import expression


@each(
    ("source", "understood"),
    [
        pytest.param("a + b * c", "(a + (b * c))", id="a product before a sum"),
        pytest.param("a - b - c", "((a - b) - c)", id="sums from the left"),
        pytest.param("a ** b ** c", "((a ** b) ** c)", id="powers from the left too"),
        pytest.param("-a ** b", "((- a) ** b)", id="a sign before a power"),
        pytest.param("a ** -b", "(a ** (- b))", id="a sign in the exponent"),
        pytest.param("- + -a", "(- (+ (- a)))", id="signs in a row"),
        pytest.param("a // b % c / d", "(((a // b) % c) / d)", id="products from the left"),
        pytest.param("a ~ b ~ c", "(a ~ b ~ c)", id="concatenation of three"),
        pytest.param("a + b ~ c * d + e", "((a + (b ~ (c * d))) + e)", id="concatenation between sum and product"),
        pytest.param("a < b + c <= d", "(a < (b + c) <= d)", id="a chain of comparisons"),
        pytest.param("a in b not in c == d != e > f >= g", "(a in b not in c == d != e > f >= g)", id="all comparisons"),
        pytest.param("not a in b", "(not (a in b))", id="not after in"),
        pytest.param("not not a", "(not (not a))", id="not twice"),
        pytest.param("not a and b or not c", "(((not a) and b) or (not c))", id="not, and, or"),
        pytest.param("a or b and c or d", "((a or (b and c)) or d)", id="and before or"),
        pytest.param("a if b else c if d else e", "(a if b else (c if d else e))", id="conditions from the right"),
        pytest.param("a if b if c", "((a if b else ) if c else )", id="conditions without else"),
        pytest.param("(a if b)", "(a if b else )", id="a condition in brackets"),
        pytest.param("a if b or c else d", "(a if (b or c) else d)", id="or within a condition"),
    ],
)
def test_operators_bind_as_documented(source: str, understood: str) -> None:
    assert expression(source) == understood


@each(
    ("source", "understood"),
    [
        pytest.param("a.b['c'](d).e[0]", "a.b['c'](d).e[0]", id="in any order"),
        pytest.param("a.0.1", "a[0][1]", id="numbers behind dots are items"),
        pytest.param("a . b", "a.b", id="white space around the dot"),
        pytest.param("a[1:2]", "a[1:2:]", id="slice"),
        pytest.param("a[::-1]", "a[::(- 1)]", id="slice backwards"),
        pytest.param("a[:b|c]", "a[:b|c():]", id="slice up to a filtered value"),
        pytest.param("a[b|c:d]", "a[b|c():d:]", id="in brackets a colon behind a filter is a slice"),
        pytest.param("a[1, 2:3]", "a[(1,2:3:,)]", id="several keys are a tuple"),
        pytest.param("a[]", "a[()]", id="no key is an empty tuple"),
        pytest.param("-a.b", "(- a.b)", id="a sign before an attribute"),
        pytest.param("-a|abs", "(- a)|abs()", id="a filter behind a sign"),
        pytest.param("a|b + c|d(e)", "(a|b() + c|d(e))", id="filters before operators"),
        pytest.param("a|b|c.d(e)|f", "a|b()|c.d(e)|f()", id="a chain of filters, names with dots"),
        pytest.param("a|b()()", "a|b()()", id="a filter's result is called"),
        pytest.param("f(a, *b, c=d, **e)", "f(a, c=d, *b, **e)", id="all kinds of arguments"),
        pytest.param("f(a, b,)", "f(a, b)", id="a comma at the end"),
        pytest.param("f(*a, b=c)", "f(b=c, *a)", id="names behind a star"),
        pytest.param("f(a == b)", "f((a == b))", id="a comparison is no named argument"),
    ],
)
def test_attributes_calls_and_filters_apply_from_the_left(source: str, understood: str) -> None:
    assert expression(source) == understood


@each(
    ("source", "understood"),
    [
        pytest.param("a is b", "(a is b())", id="plain"),
        pytest.param("a is not b", "(not (a is b()))", id="negated"),
        pytest.param("a is b 3", "(a is b(3))", id="a bare number"),
        pytest.param("a is b 'c' ~ d", "((a is b('c')) ~ d)", id="a bare text"),
        pytest.param("a is b c.d[0]|e", "(a is b(c.d[0]))|e()", id="a bare argument ends before a filter"),
        pytest.param("a is b [1]", "(a is b([1]))", id="a bare list"),
        pytest.param("a is b {}", "(a is b({}))", id="a bare dict"),
        pytest.param("a is b(1, 2)", "(a is b(1, 2))", id="brackets"),
        pytest.param("a is b or c is d and e", "((a is b()) or ((c is d()) and e))", id="or and and are no arguments"),
        pytest.param("1 if a is b else c", "(1 if (a is b()) else c)", id="else is no argument"),
        pytest.param("a + b is c", "(a + (b is c()))", id="before operators"),
        pytest.param("a is b.c", "(a is b.c())", id="a name with dots"),
    ],
)
def test_tests_take_a_bare_argument(source: str, understood: str) -> None:
    assert expression(source) == understood


@each(
    ("source", "understood"),
    [
        pytest.param("true, True, false, False, none, None", "(True,True,False,False,None,None,)", id="constants"),
        pytest.param("TRUE", "TRUE", id="other cases are names"),
        pytest.param("'a' \"b\" 'c'", "'abc'", id="texts side by side"),
        pytest.param(r"'\'' ~ '\x41\u2668\101\N{HOT SPRINGS}'", "(\"'\" ~ 'A♨A♨')", id="escapes"),
        pytest.param(r"'\d\é\\n'", r"'\\d\\é\\n'", id="unknown escapes stay"),
        pytest.param("'a\\\nb'", "'ab'", id="an escaped line end is dropped"),
        pytest.param("'%}{{'", "'%}{{'", id="marks in a text"),
        pytest.param("12_34", "1234", id="underscores"),
        pytest.param("0x_1F + 0o17 + 0b1_1 + 0_0", "(((31 + 15) + 3) + 0)", id="other bases"),
        pytest.param("1.5 + 1e3 + 2.5E-1 + 1_2.3_4e0_1", "(((1.5 + 1000.0) + 0.25) + 123.4)", id="floats"),
        pytest.param("[]", "[]", id="empty list"),
        pytest.param("[a, b,]", "[a, b]", id="list with a comma at the end"),
        pytest.param("{}", "{}", id="empty dict"),
        pytest.param("{'a': b, c|d: {}}", "{'a': b, c|d(): {}}", id="dict"),
        pytest.param("()", "()", id="empty tuple"),
        pytest.param("(a)", "a", id="brackets alone make no tuple"),
        pytest.param("(a,)", "(a,)", id="a comma does"),
        pytest.param("a, b", "(a,b,)", id="a tuple without brackets"),
        pytest.param("{'foo': 'bar'}.foo", "{'foo': 'bar'}.foo", id="attribute of a dict"),
        pytest.param("föö + き + _ + a\xb7 + \u2118", "((((föö + き) + _) + a\xb7) + \u2118)", id="names in all scripts"),
        pytest.param("if + is.in", "(if + is.in)", id="words where no operator can stand are names"),
    ],
)
def test_literals(source: str, understood: str) -> None:
    assert expression(source) == understood


@each(
    ("source", "understood"),
    [
        pytest.param("a|b:'c'", "a|b('c')", id="text"),
        pytest.param("a | b : 3", "a|b(3)", id="number, spaces"),
        pytest.param("a|b:-1.5|c", "a|b((- 1.5))|c()", id="number with a sign"),
        pytest.param("a|b:unknown", "a|b(?unknown)", id="a bare word"),
        pytest.param("a|b:none", "a|b(None)", id="a constant"),
        pytest.param("a|b:c.d", "a|b(c.d)", id="an attribute is no bare word"),
        pytest.param("a|b:c(1)", "a|b(c(1))", id="nor is a call"),
        pytest.param("a|b:[1]|c", "a|b([1])|c()", id="a list"),
        pytest.param("a|b:(c)", "a|b(c)", id="a word in brackets is a variable"),
        pytest.param("a|b:c ~ d", "(a|b(?c) ~ d)", id="before operators"),
        pytest.param("a|b:c if d else e|f:g", "(a|b(?c) if d else e|f(?g))", id="in a condition"),
        pytest.param("a|b:'c' 'd'", "a|b('cd')", id="texts side by side"),
    ],
)
def test_a_filter_takes_an_argument_behind_a_colon(source: str, understood: str) -> None:
    assert expression(source) == understood
