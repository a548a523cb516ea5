"""Parameters of a header field as Falcon tests them: read alike, or left out where they are malformed."""

from typing import Any

from martlet.http import MediaType
from tests.rows import each
from tests.shared_cases import conformance

# Rows whose parameters are not taken, and why.
MALFORMED = {
    'falcon/peregrine; quote="': "a quoted string has two quotes (RFC 9110 section 5.6.4)",
    'application/falcon; P1 = "key; value"; P2="\\""': "no blanks around the equals sign (RFC 9110 section 5.6.6)",
}


@each("case", conformance("http/header_params/falcon_parse_header.json")["cases"], ids=str, count=17)
def test_parameters(case: dict[str, Any]) -> None:
    essence, parameters = case["expected"]

    found = MediaType.parse_or_none(case["value"])

    if found is None:  # Falcon gives back what stood there, media type or not
        assert "/" not in essence or '"' in essence or "*" in essence
    elif case["value"] in MALFORMED:
        assert found.essence == essence
        assert dict(found.parameters).items() < parameters.items()
    else:
        assert (found.essence, dict(found.parameters)) == (essence, parameters)
