"""Where notices and accounts are kept: one SQLite file, and a connection of its own for each request."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct, convert, json, to_builtins

from .model import Category, Change, Listing, NewNotice, Notice, NoticeChanges, What

SCHEMA_VERSION = 3
USER_TABLE = """
    CREATE TABLE user (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        role TEXT NOT NULL DEFAULT 'member',
        password_hash TEXT,  -- without one nobody can log in
        key_id TEXT UNIQUE,
        key_hash TEXT
    ) STRICT
"""
NOTICE_TABLE = """
    CREATE TABLE notice (
        id INTEGER PRIMARY KEY AUTOINCREMENT,  -- so that the address of a notice that is gone is never another's
        owner_id INTEGER NOT NULL REFERENCES user,
        title TEXT NOT NULL,
        category TEXT NOT NULL,
        text TEXT NOT NULL,
        name TEXT NOT NULL,
        contact TEXT NOT NULL,
        takes_place TEXT,  -- dates and times are ISO 8601, so their order is that of the text
        posted_at TEXT NOT NULL,
        edited_at TEXT
    ) STRICT
"""
# New in schema 3; a file of schema 2 is given it.
MESSAGE_TABLE = """
    CREATE TABLE message (
        id INTEGER PRIMARY KEY AUTOINCREMENT,  -- so that whoever names the last one they have seen misses none
        notice_id INTEGER NOT NULL REFERENCES notice,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        said_at TEXT NOT NULL,
        key TEXT NOT NULL,
        UNIQUE (notice_id, key)
    ) STRICT
"""
FIRST_USER = "harbourmaster"
FIRST_NOTICES = Path(__file__).with_name("first_notices.json")
FOUND = r"""
    FROM notice WHERE (:category IS NULL OR category = :category)
    AND title || char(10) || text || char(10) || name LIKE :pattern ESCAPE '\'
"""
PAGE_SIZE = 12


class Database:
    """The file; it is made, given its schema and filled with the first notices where that has not happened yet."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        # With a write-ahead log, readers and the writer do not wait for each other. Of several workers that start at once,
        # one sets it (for good, in the file), and the others find the file locked for that moment.
        with closing(self._connect()) as connection, suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")
        with self.transaction(writes=True) as connection:
            [version] = connection.execute("PRAGMA user_version").fetchone()
            if version not in {0, 2, SCHEMA_VERSION}:
                raise RuntimeError(f"{self.path} has schema {version}, this program knows {SCHEMA_VERSION}: move the file away.")
            if version == 0:
                connection.execute(USER_TABLE)
                connection.execute(NOTICE_TABLE)
                [first] = connection.execute("INSERT INTO user (name, role) VALUES (?, 'editor') RETURNING id", [FIRST_USER])
                Notices(connection).add_first_ones(first["id"], datetime.now(UTC))
            if version < SCHEMA_VERSION:
                connection.execute(MESSAGE_TABLE)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)  # None: we say BEGIN ourselves
        connection.row_factory = sqlite3.Row
        return connection

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[sqlite3.Connection]:
        """Open a connection, and commit at the end or roll back on an error; one that `writes` waits for its turn first."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


class FirstNotice(Struct):
    """A notice that a new board begins with; its moments are counted from when the board is put up."""

    notice: NewNotice
    hours_ago: int
    days_ahead: int | None = None


class Notices:
    """The notices as one transaction sees them; `changes` is what it has written so far."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.changes: list[Change] = []

    def _rows(self, statement: str, **values: Any) -> list[sqlite3.Row]:
        return self._connection.execute(statement, values).fetchall()

    def get(self, notice_id: int) -> Notice | None:
        """Give one notice, None if there is none with this id."""
        rows = self._rows("SELECT * FROM notice WHERE id = :id", id=notice_id)
        return convert(dict(rows[0]), Notice) if rows else None

    def search(self, *, category: Category | None, words: str, page: int) -> Listing:
        """Give a page of the notices of a category, or of all, in which these words stand."""
        asked = {"category": category, "pattern": containing(words), "limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE}
        [[total]] = self._rows(f"SELECT count(*) {FOUND}", **asked)
        rows = self._rows(f"SELECT * {FOUND} ORDER BY posted_at DESC, id DESC LIMIT :limit OFFSET :offset", **asked)
        notices = [convert(dict(row), Notice) for row in rows]
        return Listing(notices=notices, page=page, pages=max(1, -(-total // PAGE_SIZE)), total=total)

    def counts(self, words: str) -> dict[Category, int]:
        """Tell in how many notices of each category these words stand."""
        rows = self._rows(f"SELECT category, count(*) {FOUND} GROUP BY category", category=None, pattern=containing(words))
        return dict.fromkeys(Category, 0) | {Category(category): count for category, count in rows}

    def add(self, new: NewNotice, owner_id: int, posted_at: datetime) -> Notice:
        """Pin up a new notice."""
        values = to_builtins(new) | {"owner_id": owner_id, "posted_at": to_builtins(posted_at)}
        names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
        [row] = self._rows(f"INSERT INTO notice ({names}) VALUES ({marks}) RETURNING *", **values)  # noqa: S608  names of our own fields
        self.changes.append(Change(row["id"], What.POSTED))
        return convert(dict(row), Notice)

    def change(self, notice: Notice, changes: NewNotice | NoticeChanges, edited_at: datetime) -> Notice:
        """Write what changes over a notice that is there."""
        values = to_builtins(changes) | {"edited_at": to_builtins(edited_at)}
        columns = ", ".join(f"{name} = :{name}" for name in values)
        [row] = self._rows(f"UPDATE notice SET {columns} WHERE id = :id RETURNING *", id=notice.id, **values)  # noqa: S608  as above
        self.changes.append(Change(notice.id, What.EDITED))
        return convert(dict(row), Notice)

    def remove(self, notice: Notice) -> None:
        """Take a notice down, and what was said below it."""
        self._rows("DELETE FROM message WHERE notice_id = :id", id=notice.id)
        self._rows("DELETE FROM notice WHERE id = :id", id=notice.id)
        self.changes.append(Change(notice.id, What.REMOVED))

    def add_first_ones(self, owner_id: int, now: datetime) -> None:
        """Pin up what a new board begins with, the oldest first."""
        for first in reversed(json.decode(FIRST_NOTICES.read_bytes(), type=list[FirstNotice])):
            if first.days_ahead is not None:
                first.notice.takes_place = (now + timedelta(days=first.days_ahead)).date()
            self.add(first.notice, owner_id, now - timedelta(hours=first.hours_ago))


def containing(words: str) -> str:
    """Give the LIKE pattern of the texts in which these words stand as they are."""
    escaped = re.sub(r"([%_\\])", r"\\\1", words)
    return f"%{escaped}%"
