"""The Forwarded field (RFC 7239): a table with its sections, Falcon's malformed values, and laws."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http import BadRequestError, Forwarded, Node, parse_forwarded, parse_node
from martlet.http.authorities import shortest_ipv6
from tests.rows import each
from tests.shared_cases import conformance

MALFORMED = conformance("http/http_input/falcon_forwarded_malformed.json")


@each(
    ("text", "elements"),
    [
        pytest.param('for="_gazonk"', [Forwarded(Node("_gazonk"))], id="section 4: an identifier"),
        pytest.param(
            'For="[2001:db8:cafe::17]:4711"', [Forwarded(Node("2001:db8:cafe::17", 4711))], id="section 4: names in any case"
        ),
        pytest.param(
            "for=192.0.2.60;proto=http;by=203.0.113.43",
            [Forwarded(Node("192.0.2.60"), Node("203.0.113.43"), None, "http")],
            id="section 4: several parameters",
        ),
        pytest.param(
            "for=192.0.2.60; proto=http ; by=203.0.113.43",
            [Forwarded(Node("192.0.2.60"), Node("203.0.113.43"), None, "http")],
            id="section 4: blanks beside semicolons, as its example has them",
        ),
        pytest.param(
            "for=192.0.2.43, for=198.51.100.17",
            [Forwarded(Node("192.0.2.43")), Forwarded(Node("198.51.100.17"))],
            id="section 4: a list",
        ),
        pytest.param(",for=192.0.2.43,,", [Forwarded(Node("192.0.2.43"))], id="RFC 9110 5.6.1: empty members do not count"),
        pytest.param("for=192.0.2.43;;", [Forwarded(Node("192.0.2.43"))], id="section 4: empty pairs do not count"),
        pytest.param("", [], id="nothing"),
        pytest.param('for="\\1\\92.0.2.43"', [Forwarded(Node("192.0.2.43"))], id="RFC 9110 5.6.4: escapes in a quoted string"),
        pytest.param("secret=dog;for=192.0.2.1", [Forwarded(Node("192.0.2.1"))], id="section 5.5: extensions are left out"),
        pytest.param('ext=",;=\\"";for=192.0.2.1', [Forwarded(Node("192.0.2.1"))], id="separators inside quotes do not separate"),
        pytest.param("for=unknown", [Forwarded(Node("unknown"))], id="section 6.2: unknown"),
        pytest.param("for=UNKNOWN", [Forwarded(Node("unknown"))], id="section 6.2: in any case"),
        pytest.param("for=_SEVKISEK", [Forwarded(Node("_SEVKISEK"))], id="section 6.3: an identifier without quotes"),
        pytest.param('for="_hidden:_port"', [Forwarded(Node("_hidden"))], id="section 6.3: a hidden port"),
        pytest.param('for="192.0.2.43:47011"', [Forwarded(Node("192.0.2.43", 47011))], id="section 6: a port"),
        pytest.param("host=Example.org", [Forwarded(host="example.org")], id="section 5.3: the host"),
        pytest.param('host="[::1]:8080"', [Forwarded(host="[::1]:8080")], id="section 5.3: the host with a port"),
        pytest.param("proto=HTTPS", [Forwarded(scheme="https")], id="section 5.4: the scheme in lower case"),
        pytest.param(
            'for=192.0.2.43, for="[2001:db8:cafe::17]";proto=https',
            [Forwarded(Node("192.0.2.43")), Forwarded(Node("2001:db8:cafe::17"), scheme="https")],
            id="section 7.1: as X-Forwarded-For becomes it",
        ),
    ],
)
def test_a_field_is_read_proxy_by_proxy(text: str, elements: list[Forwarded]) -> None:
    assert parse_forwarded(text) == elements


@each(
    "text",
    [
        pytest.param("192.0.2.43", id="no pair"),
        pytest.param("for", id="no value"),
        pytest.param("for=", id="an empty value"),
        pytest.param("=192.0.2.43", id="no name"),
        pytest.param("for = 192.0.2.43", id="blanks beside the equals sign"),
        pytest.param("for=192.0.2.43 proto=https", id="a blank for a semicolon"),
        pytest.param("for=192.0.2.43;for=192.0.2.44", id="section 4: a parameter twice"),
        pytest.param("proto=http;Proto=https", id="section 4: twice in two cases"),
        pytest.param('for="192.0.2.43', id="an open quote"),
        pytest.param('for="192.0.2.43, for=198.51.100.17', id="an open quote that would swallow a trusted proxy's element"),
        pytest.param("for=[::1]", id="section 6: IPv6 without quotes"),
        pytest.param('for="::1"', id="section 6: IPv6 without brackets"),
        pytest.param('for="[::1%eth0]"', id="a zone"),
        pytest.param("for=192.0.2.256", id="no address"),
        pytest.param('for="192.0.2.43:65536"', id="no port"),
        pytest.param('for="192.0.2.43:123456"', id="a port of six digits"),
        pytest.param('for="192.0.2.43:"', id="section 6: an empty port"),
        pytest.param("for=example.org", id="a name is no node"),
        pytest.param("for=_", id="section 6.3: an identifier of nothing"),
        pytest.param("for=_a!b", id="section 6.3: an identifier with other characters"),
        pytest.param('for=""', id="an empty node"),
        pytest.param("host=a@b", id="no host"),
        pytest.param('host="a, b"', id="two hosts"),
        pytest.param('host=""', id="an empty host"),
        pytest.param("proto=1http", id="no scheme"),
        pytest.param('proto="ht tp"', id="a blank in a scheme"),
        pytest.param("for=192.0.2.43é", id="not ASCII"),
        pytest.param("for=\x00", id="a null character"),
        pytest.param('for="\r\n"', id="a line break"),
    ],
)
def test_what_breaks_the_grammar_is_400(text: str) -> None:
    with pytest.raises(BadRequestError, match=r"Forwarded|is no host"):
        parse_forwarded(text)


def test_falcons_malformed_values_are_refused_where_falcon_reads_on() -> None:
    # Falcon gives what it can make of the rest. Whoever can unbalance a quote could so hide what the proxy behind him added:
    # a field that is no list of pairs is refused whole, all 5 rows.
    assert MALFORMED["n"] == len(MALFORMED["cases"]) == 5

    for case in MALFORMED["cases"]:
        with pytest.raises(BadRequestError):
            parse_forwarded(case["forwarded"])


def test_more_proxies_than_the_limit_are_400() -> None:
    assert len(parse_forwarded("for=192.0.2.1," * 5, limit=5)) == 5

    with pytest.raises(BadRequestError, match="more than 5 elements"):
        parse_forwarded("for=192.0.2.1," * 6, limit=5)


pieces = st.sampled_from(
    ["for", "by", "host", "proto", "=", ";", ",", '"', "\\", " ", "\t", "192.0.2.1", "[::1]", ":80", "_x", "unknown", "é", "\x00"]
)


@given(st.text() | st.lists(pieces, max_size=30).map("".join))
def test_nothing_but_the_400_is_ever_raised(text: str) -> None:
    try:
        elements = parse_forwarded(text)
    except BadRequestError:
        return

    assert len(elements) <= text.count(",") + 1


names = st.from_regex(r"_[A-Za-z0-9._-]{1,9}", fullmatch=True) | st.just("unknown")
nodes = st.builds(
    Node,
    st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(str).map(shortest_ipv6) | names,
    st.none() | st.integers(min_value=0, max_value=65_535),
)


def written(node: Node) -> str:
    name = f"[{node.name}]" if ":" in node.name else node.name
    return name if node.port is None else f"{name}:{node.port}"


@given(st.lists(st.tuples(nodes, nodes)))
def test_what_is_written_by_the_grammar_is_read_back(hops: list[tuple[Node, Node]]) -> None:
    text = ", ".join(f'for="{written(client)}";by="{written(by)}"' for client, by in hops)

    assert parse_forwarded(text) == [Forwarded(client, by) for client, by in hops]


@given(nodes)
def test_a_node_is_read_back(node: Node) -> None:
    assert parse_node(written(node)) == node


@each("piece", ['"', "\\", ",", ";", "for=", 'for="', 'a="\\', "a=b;", 'for="x",', "[", ":"])
def test_hostile_values_cost_linear_time(piece: str) -> None:
    text = (piece * 65_536)[:65_536]

    began = time.perf_counter()
    with pytest.raises(BadRequestError):
        parse_forwarded(text + "!")

    assert time.perf_counter() - began < 0.5
