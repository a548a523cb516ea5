"""The 155 requests of Http11Probe, most of them malformed, on a socket: what is our duty is done on every server.

The rest is the server's own. Where one fails, a table says so, and docs/servers.md tells which of it matters.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.servers.probing import Outcome, probe, verdict
from tests.servers.running import COMMANDS, start_all
from tests.shared_cases import conformance

CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in conformance("http/http11probe/cases.json")["cases"]}


def field(outcome: Outcome, name: str) -> str | None:
    lines = (line.partition(":") for line in outcome.head.split("\r\n")[1:])
    return next((value.strip() for key, _, value in lines if key.strip().lower() == name), None)


# Where the status alone does not tell, which is all that the table records.
CHECKS: dict[str, Callable[[Outcome], bool]] = {
    "COMP-405-ALLOW": lambda outcome: outcome.status == 405 and field(outcome, "allow") == "GET, HEAD, OPTIONS, POST",
    "COMP-OPTIONS-ALLOW": lambda outcome: outcome.status == 204 and field(outcome, "allow") == "GET, HEAD, OPTIONS, POST",
    "COMP-NO-CL-IN-204": lambda outcome: outcome.status == 204 and field(outcome, "content-length") is None,
    "COMP-HEAD-NO-BODY": lambda outcome: outcome.status == 200 and outcome.body == b"",
    "COMP-CONTENT-TYPE": lambda outcome: outcome.status == 200 and field(outcome, "content-type") is not None,
    "COMP-DATE-HEADER": lambda outcome: outcome.status == 200 and field(outcome, "date") is not None,
    "COMP-CONNECTION-CLOSE": lambda outcome: outcome.status == 200 and outcome.closed,
    "COMP-HTTP10-DEFAULT-CLOSE": lambda outcome: outcome.status == 200 and outcome.closed,
    "COMP-CHUNKED-EXTENSION": lambda outcome: outcome.status == 200 and outcome.body.endswith(b"hello"),
    "COOK-ECHO": lambda outcome: outcome.status == 200 and b"cookie: foo=bar" in outcome.body,
}

# By case: the outcomes that are right all the same, and why.
EXCEPTIONS: dict[str, tuple[set[str], str]] = {
    "MAL-POST-CL-HUGE-NO-BODY": ({"413"}, "a body beyond the limit is 413 (RFC 9110 section 15.5.14); the table knows 400 only"),
    "MAL-LONG-METHOD": ({"414", "431", "501"}, "a method that nobody has is 501 (RFC 9112 section 3), whatever its length"),
    "SMUG-CHUNK-UNDERSCORE": ({"200"}, "its recorded bytes say 10, without the underscore, and are well-formed"),
    "SMUG-CL-UNDERSCORE": ({"200"}, "the same"),
    "RFC9112-3.2-FRAGMENT-IN-TARGET": (
        {"404"},
        "may be refused or cut off (RFC 9112 section 3.2); nothing lies there",
    ),
    "COMP-HTTP12-VERSION": ({"400"}, "a server may refuse a version (RFC 9110 section 15.6.6); not scored there"),
}

# What the application decides wherever the server lets the request through.
OURS = {
    "COMP-BASELINE",
    "RFC9112-7.1-MISSING-HOST",
    "RFC9110-5.4-DUPLICATE-HOST",
    "COMP-DUPLICATE-HOST-SAME",
    "COMP-HOST-EMPTY-VALUE",
    "COMP-HOST-WITH-USERINFO",
    "COMP-HOST-WITH-PATH",
    "SMUG-MULTIPLE-HOST-COMMA",
    "COMP-ASTERISK-WITH-GET",
    "COMP-OPTIONS-STAR",
    "COMP-METHOD-CONNECT",
    "COMP-METHOD-TRACE",
    "COMP-TRACE-SENSITIVE",
    "COMP-TRACE-WITH-BODY",
    "COMP-UNKNOWN-METHOD",
    "COMP-405-ALLOW",
    "COMP-OPTIONS-ALLOW",
    "COMP-NO-CL-IN-204",
    "COMP-HEAD-NO-BODY",
    "COMP-CONTENT-TYPE",
    "COMP-RANGE-POST",
    "COMP-RANGE-INVALID",
    "COMP-ACCEPT-NONSENSE",
    "COMP-POST-CL-ZERO",
    "COMP-POST-NO-CL-NO-TE",
    "COMP-CHUNKED-EMPTY",
    "MAL-POST-CL-HUGE-NO-BODY",
    *(case for case in CASES if case.startswith("COOK-")),
}

GRANIAN = ("granian-asgi", "granian-wsgi", "granian-rsgi")
# The server's duty, and who does not do it.
FAILING: dict[str, tuple[str, ...]] = {
    "RFC9112-5.1-OBS-FOLD": ("hypercorn",),
    "RFC9112-2.3-INVALID-VERSION": ("hypercorn",),
    "COMP-HTTP10-DEFAULT-CLOSE": ("h2corn",),
    "COMP-LONG-URL-OK": ("gunicorn",),
    "MAL-LONG-HEADER-VALUE": (*GRANIAN, "uvicorn"),
    "MAL-LONG-HEADER-NAME": ("uvicorn",),
    "MAL-CHUNK-SIZE-OVERFLOW": ("granian-wsgi", "hypercorn", "gunicorn"),
    "SMUG-TE-TRAILING-SPACE": ("granian-wsgi", "hypercorn"),
    "SMUG-TE-DOUBLE-CHUNKED": ("hypercorn",),
    "SMUG-TE-CASE-MISMATCH": ("hypercorn",),
    "SMUG-TE-NOT-FINAL-CHUNKED": ("hypercorn",),
    "SMUG-TE-HTTP10": ("hypercorn",),
    "SMUG-CHUNK-BARE-SEMICOLON": (*GRANIAN, "hypercorn"),
    "SMUG-CHUNK-EXT-INVALID-TOKEN": (*GRANIAN, "hypercorn"),
    "SMUG-TE-EMPTY-VALUE": ("hypercorn", "gunicorn"),
    "SMUG-TE-LEADING-COMMA": ("hypercorn", "gunicorn"),
    "SMUG-TE-DUPLICATE-HEADERS": ("hypercorn",),
    "SMUG-CHUNK-HEX-PREFIX": ("granian-wsgi",),
    "SMUG-CHUNK-SIZE-PLUS": ("granian-wsgi",),
    "SMUG-CHUNK-SIZE-TRAILING-OWS": (*GRANIAN, "hypercorn"),
    "SMUG-CHUNK-LEADING-SP": ("granian-wsgi",),
    "SMUG-CHUNK-MISSING-TRAILING-CRLF": ("granian-wsgi",),
    "SMUG-CHUNK-SPILL": ("granian-wsgi",),
    "SMUG-CHUNK-LF-TRAILER": (*GRANIAN, "h2corn"),
    "SMUG-CHUNK-NEGATIVE": ("granian-wsgi",),
    "SMUG-CHUNKED-WITH-PARAMS": ("hypercorn", "gunicorn"),
    "SMUG-TE-OBS-FOLD": ("hypercorn",),
    "SMUG-TE-TRAILING-COMMA": ("hypercorn", "gunicorn"),
    "SMUG-TE-TAB-BEFORE-VALUE": ("hypercorn",),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Outcome]]:
    """What each server answers to each case; all are asked at once, for most of the time is waiting."""
    folder = tmp_path_factory.mktemp("probed")
    started = start_all(COMMANDS, folder, "probed:app")
    try:
        with ThreadPoolExecutor() as threads:
            outcomes = threads.map(lambda server: probe(server.port, CASES.values()), started.values())
            return dict(zip(started, outcomes, strict=True))
    finally:
        for server in started.values():
            server.kill()


@pytest.fixture(params=list(COMMANDS))
def probed(request: pytest.FixtureRequest, answers: dict[str, dict[str, Outcome]]) -> tuple[str, dict[str, Outcome]]:
    """What one server answers to each case."""
    return request.param, answers[request.param]


def judged(outcome: Outcome) -> str:
    case = outcome.case
    if outcome.word in EXCEPTIONS.get(case, (set(), ""))[0]:
        return "Pass"
    if case in CHECKS:
        return "Pass" if CHECKS[case](outcome) else "Fail"
    return verdict(CASES[case], outcome)


def test_the_table_is_whole_and_every_exception_is_in_it() -> None:
    assert len(CASES) == 155
    assert CHECKS.keys() | EXCEPTIONS.keys() | OURS | FAILING.keys() <= CASES.keys()


def test_what_is_ours_is_right_on_every_server(probed: tuple[str, dict[str, Outcome]]) -> None:
    _, outcomes = probed

    assert {case: outcomes[case] for case in OURS if judged(outcomes[case]) == "Fail"} == {}


def test_nothing_is_answered_by_a_server_error(probed: tuple[str, dict[str, Outcome]]) -> None:
    _, outcomes = probed

    assert {
        case: outcome for case, outcome in outcomes.items() if outcome.status >= 500 and outcome.status not in {501, 505}
    } == {}


def test_no_server_fails_at_more_than_is_known(probed: tuple[str, dict[str, Outcome]]) -> None:
    name, outcomes = probed

    assert {
        case: outcome for case, outcome in outcomes.items() if judged(outcome) == "Fail" and name not in FAILING.get(case, ())
    } == {}
