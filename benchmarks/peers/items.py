"""The text and the item that every application answers with, and what a new item must be."""

GREETING = "Hello, world!"
NAME = "House martin"
PRICE = 9.5
TAGS = ["bird", "blue", "swift"]
NEW_ID = 43


def is_new_item(data: object) -> bool:
    """Whether a decoded body has the three fields with their types; for frameworks that bring no validation."""
    if type(data) is not dict or type(data.get("name")) is not str or type(data.get("price")) not in (float, int):
        return False
    tags = data.get("tags")
    if type(tags) is not list:
        return False
    for tag in tags:  # noqa: SIM110  all() over a generator takes three times as long
        if type(tag) is not str:
            return False
    return True
