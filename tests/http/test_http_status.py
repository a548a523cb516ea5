"""The registered status codes, and what may be asked of any code."""

import http
import pickle

import pytest

from martlet.http.status import HTTPStatus
from tests.rows import each

# Where the registry, which we follow, and the standard library have different words (RFC 9110 renamed some).
RENAMED = {413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable", 418: "(Unused)"}


@each("theirs", http.HTTPStatus, ids=lambda status: str(int(status)))
def test_the_standard_library_knows_no_other_codes_or_phrases(theirs: http.HTTPStatus) -> None:
    ours = HTTPStatus(theirs)

    assert int(ours) == int(theirs)
    assert ours.phrase == RENAMED.get(ours, "Unprocessable Entity" if ours == 422 else theirs.phrase)


def test_every_code_of_the_registry_is_there() -> None:
    registered = [*range(100, 105), *range(200, 209), 226, *range(300, 309), *range(400, 419), *range(421, 427)]
    registered += [428, 429, 431, 451, *range(500, 509), 510, 511]

    assert sorted(HTTPStatus) == registered


@each("status", HTTPStatus, ids=lambda status: str(int(status)))
def test_a_status_says_where_it_is_defined(status: HTTPStatus) -> None:
    assert status.source.startswith(("RFC ", "draft-"))


def test_a_code_without_an_entry_reads_unknown() -> None:
    assert HTTPStatus.reason(299) == "Unknown"
    assert HTTPStatus.line(299) == "299 Unknown"
    assert HTTPStatus.line(-1) == "-1 Unknown"


@each(
    ("code", "classes"),
    [
        pytest.param(99, "", id="below 100"),
        pytest.param(100, "informational", id="100"),
        pytest.param(199, "informational", id="199, not registered"),
        pytest.param(200, "success", id="200"),
        pytest.param(304, "redirect", id="304"),
        pytest.param(http.HTTPStatus.NOT_FOUND, "client_error", id="the standard library's 404"),
        pytest.param(499, "client_error", id="499, not registered"),
        pytest.param(HTTPStatus.BAD_GATEWAY, "server_error", id="502"),
        pytest.param(600, "", id="beyond 599"),
    ],
)
def test_a_code_is_of_one_class(code: int, classes: str) -> None:
    asked = ("informational", "success", "redirect", "client_error", "server_error")

    assert " ".join(name for name in asked if getattr(HTTPStatus, f"is_{name}")(code)) == classes


@each(("code", "allowed"), [(100, False), (199, False), (200, True), (204, False), (205, True), (304, False), (404, True)])
def test_an_answer_has_content_unless_its_status_forbids_it(code: int, allowed: bool) -> None:
    assert HTTPStatus.allows_content(code) is allowed


def test_the_standard_librarys_codes_find_their_line() -> None:
    assert HTTPStatus.line(http.HTTPStatus.NOT_FOUND) == "404 Not Found"
    assert HTTPStatus.reason(http.HTTPStatus.UNPROCESSABLE_ENTITY) == "Unprocessable Entity"


def test_a_status_is_a_number_and_prints_as_one() -> None:
    assert f"{HTTPStatus.OK}" == str(HTTPStatus.OK) == "200"
    assert pickle.loads(pickle.dumps(HTTPStatus.OK)) is HTTPStatus.OK  # noqa: S301  our own bytes
