"""What every application of the benchmark answers with, and what it must refuse."""

GREETING = "Hello, world!"
NAME = "House martin"
PRICE = 9.5
TAGS = ["bird", "blue", "swift"]
NEW_ID = 43


def is_new_item(data: object) -> bool:
    """Whether a decoded body has the three fields with their types; for frameworks that bring no validation."""
    return (
        isinstance(data, dict)
        and isinstance(data.get("name"), str)
        and isinstance(data.get("price"), (int, float))
        and isinstance(data.get("tags"), list)
    )
