"""What hangs on the board, who pins it up, and the rules: JSON, MessagePack and forms are checked against these types."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

# The largest id that SQLite can hold. A larger one in a path is no notice: 404.
NoticeId = Annotated[int, Meta(le=2**63 - 1)]

Title = Annotated[str, Meta(min_length=3, max_length=80, pattern=r"\S")]
Text = Annotated[str, Meta(min_length=10, max_length=2000, pattern=r"\S")]
Name = Annotated[str, Meta(min_length=2, max_length=60, pattern=r"\S")]
Contact = Annotated[str, Meta(min_length=3, max_length=120, pattern=r"\S")]


class Category(StrEnum):
    """What a notice is about."""

    LOST_AND_FOUND = "lost-and-found"
    EVENTS = "events"
    FOR_SALE = "for-sale"
    HELP_WANTED = "help-wanted"

    @property
    def label(self) -> str:
        """As people read it."""
        return self.value.replace("-", " ").capitalize()


class Role(StrEnum):
    """What somebody may do: members what they like with their own notices, editors take down any."""

    MEMBER = "member"
    EDITOR = "editor"

    @property
    def label(self) -> str:
        """As it stands in a sentence."""
        return "an editor" if self is Role.EDITOR else "a member"


class User(Struct, kw_only=True, frozen=True):
    """Somebody with an account."""

    id: int
    name: str
    role: Role


class NewNotice(Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody writes to pin up a notice."""

    title: Title
    category: Category
    text: Text
    name: Name
    contact: Contact
    takes_place: date | None = None


class Notice(NewNotice, kw_only=True):
    """A notice on the board."""

    id: int
    owner_id: int
    posted_at: datetime
    edited_at: datetime | None = None


class NoticeChanges(Struct, kw_only=True, forbid_unknown_fields=True):
    """Some fields of a notice; those that are absent stay as they are."""

    title: Title | UnsetType = UNSET
    category: Category | UnsetType = UNSET
    text: Text | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    contact: Contact | UnsetType = UNSET
    takes_place: date | UnsetType | None = UNSET


class What(StrEnum):
    """What happened to a notice."""

    POSTED = "posted"
    EDITED = "edited"
    REMOVED = "removed"


class Change(Struct, frozen=True):
    """What open pages are told. It has nothing of the notice itself, so anybody may know it."""

    notice_id: int
    what: What


class Listing(Struct, kw_only=True):
    """One page of the notices that were asked for, newest first."""

    notices: list[Notice]
    page: int
    pages: int
    total: int


# The chat below a notice: what comes from a page, and what goes to it, each known by its `type` ---------

Line = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]
# A guest may have any; whoever reads it is told that it is a guest's.
GuestName = Annotated[str, Meta(max_length=30)]
Key = Annotated[str, Meta(min_length=8, max_length=40, pattern=r"^[\w-]+$")]


class Say(Struct, tag="say", forbid_unknown_fields=True):
    """Somebody says something. key: the page's own, so that what it sends again, after a broken connection, is said once."""

    key: Key
    text: Line


class Writing(Struct, tag="writing"):
    """Somebody writes, and has not sent it yet."""


class Said(Struct, tag="said"):
    """Something was said; ids rise."""

    id: int
    name: str
    text: str
    said_at: datetime
    key: str


class Writes(Struct, tag="writes"):
    """Somebody writes just now."""

    name: str


class Here(Struct, tag="here"):
    """Who has the page open: names, guests who gave none, and how many are not listed."""

    names: list[str]
    guests: int
    more: int


class Person(Struct, frozen=True):
    """Somebody who has a notice open. id: the same for all windows of one browser. name: empty for a guest who gave none."""

    id: str
    name: str


class Stir(Struct, frozen=True):
    """Something happened in a chat: its pages look what was said. writes: who writes; nothing was said then."""

    by: str
    writes: str = ""


class Letter(Struct):
    """What a browser without scripts sends."""

    text: Line
    name: GuestName = ""
