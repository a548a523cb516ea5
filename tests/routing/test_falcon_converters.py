"""The converter tables of Falcon: what the plain converters accept; bounds and formats are converters of one's own here."""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from martlet.routing import BUILT_IN, Converter, Router
from martlet.routing.converters import IntConverter
from tests.rows import each
from tests.shared_cases import conformance


def rows(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = conformance(f"http/router/falcon_{name}_converter.json")["cases"]
    return cases


@dataclass(frozen=True)
class Bounded:
    """What Falcon says by arguments, as `int(3, min=1, max=9)`, is a converter of its own here."""

    inner: Converter[Any]
    digits: int | None = None
    least: float | None = None
    most: float | None = None

    @property
    def regex(self) -> str:
        return self.inner.regex if self.digits is None else f"[0-9]{{{self.digits}}}"

    def parse(self, text: str) -> Any:
        value = self.inner.parse(text)
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise ValueError(text)
        return value

    def format(self, value: Any) -> str:
        return self.inner.format(value)


@dataclass(frozen=True)
class Formatted:
    """A moment in a format of `strptime`."""

    format_string: str
    regex = "[^/]+"

    def parse(self, text: str) -> datetime:
        if text != text.strip() and self.format_string == self.format_string.strip():
            raise ValueError(text)
        return datetime.strptime(text, self.format_string)  # noqa: DTZ007  the table's formats have no zone

    def format(self, value: datetime) -> str:
        return value.strftime(self.format_string)


def value_of(converter: Converter[Any], text: str) -> Any:
    router = Router[str](converters={"tried": converter})
    router.register("GET", "/{value:tried}", "target")
    return router.match("GET", f"/{text}")[1].get("value")


@each("row", [row for row in rows("int") if "value" in row], count=21)
def test_int(row: dict[str, Any]) -> None:
    converter = Bounded(IntConverter(), row["num_digits"], row["min"], row["max"])

    assert value_of(converter, row["value"]) == row["expected"]


@each("row", [row for row in rows("float") if "value" in row], count=22)
def test_float(row: dict[str, Any]) -> None:
    found = value_of(Bounded(BUILT_IN["float"], None, row["min"], row["max"]), row["value"])

    assert (found is None) == (row["expected"] is None)
    assert found is None or math.isclose(found, row["expected"])


@each("row", [row for row in rows("float") if "id_value" in row], count=12)
def test_float_in_a_pattern(row: dict[str, Any]) -> None:
    least = {"/{id:float(min=1.9)}": 1.9, "/{id:float(min=1.8, max=3)}": 1.8}.get(row["uri_template"])
    most = 3 if "max=3" in row["uri_template"] else None

    assert value_of(Bounded(BUILT_IN["float"], None, least, most), str(row["id_value"])) == row["id_value"]


@each("row", [row for row in rows("datetime") if "format_string" in row], count=9)
def test_datetime_in_a_format(row: dict[str, Any]) -> None:
    found = value_of(Formatted(row["format_string"]), row["value"])

    assert (repr(found) if found else None) == (row["expected"] or {}).get("repr")


OTHER_UUIDS = {
    "7fe8277b7216-4867-9e9d-2048bc787c4c": "one form only in a path, that of RFC 9562 section 4: a page has one URL",
    "7fe8277b721648679e9d2048bc787c4c": "the same",
    "urn:uuid:7fe8277b-7216-4867-9e9d-2048bc787c4c": "the same",
    "urn:uuid:7fe8277b721648679e9d2048bc787c4c": "the same",
    "/widgets/0c86789aa9c24dedabd8928697bab612/orders": "the same",
}


@each("row", [row for row in rows("uuid") if "value" in row], count=12)
def test_uuid(row: dict[str, Any]) -> None:
    found = value_of(BUILT_IN["uuid"], row["value"])

    assert (repr(found) if found else None) == (None if row["value"] in OTHER_UUIDS else (row["expected"] or {}).get("repr"))


@each("row", [row for row in rows("uuid") if "uri_template" in row], count=6)
def test_uuid_in_a_pattern(row: dict[str, Any]) -> None:
    router = Router[str]()
    router.register("GET", row["uri_template"].replace("uuid()", "uuid"), "target")
    expected = {} if row["path"] in OTHER_UUIDS else (row["expected"] or {})

    params = router.match("GET", row["path"])[1]

    assert {name: repr(value) for name, value in params.items()} == {name: value["repr"] for name, value in expected.items()}
    assert all(isinstance(value, UUID) for value in params.values())


MOMENTS: dict[str, tuple[str, datetime | date | None]] = {
    # In place of Falcon's formats stand our converters, whose texts are RFC 3339's.
    "/1961-to-1969-07-21T02:56:00Z": ("/{start_year:int}-to-{timestamp:datetime}", datetime(1969, 7, 21, 2, 56, tzinfo=UTC)),
    "/1961-to-1969-07-21": ("/{start_year:int}-to-{timestamp:date}", date(1969, 7, 21)),
    "/1961/1969-07-21 14:30": ("/{start_year:int}/{timestamp:datetime}", None),  # a `T` stands between day and time
}


@pytest.mark.parametrize("row", [row for row in rows("datetime") if row.get("dt_expected")])
def test_a_moment_in_a_pattern(row: dict[str, Any]) -> None:
    pattern, moment = MOMENTS[row["path"]]
    router = Router[str]()
    router.register("GET", pattern, "target")

    assert router.match("GET", row["path"])[1] == ({} if moment is None else {"start_year": 1961, "timestamp": moment})
