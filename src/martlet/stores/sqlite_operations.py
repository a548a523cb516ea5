"""What a store asks of SQLite, each inside a transaction that is already open. Times are milliseconds since 1970."""

from __future__ import annotations

import sqlite3
from typing import Final

from martlet.stores.contract import Entry, Taken
from martlet.stores.rates import Level, Meter

NEVER: Final = 2**63 - 1
PURGED_AT_ONCE: Final = 200  # rows of each table; less than a millisecond

GET: Final = "SELECT value, version FROM martlet_entries_1 WHERE key = ? AND expires > ?"
SET: Final = """
INSERT INTO martlet_entries_1 (key, value, version, expires) VALUES (?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version, expires = excluded.expires
"""
ADD: Final = f"{SET} WHERE martlet_entries_1.expires <= ?"
REPLACE: Final = "UPDATE martlet_entries_1 SET value = ?, version = ?, expires = ? WHERE key = ? AND version = ? AND expires > ?"
TOUCH: Final = "UPDATE martlet_entries_1 SET expires = ? WHERE key = ? AND expires > ?"
DELETE: Final = "DELETE FROM martlet_entries_1 WHERE key = ? AND expires > ?"
DELETE_VERSION: Final = f"{DELETE} AND version = ?"

LEVEL: Final = "SELECT filled, tick FROM martlet_rates_1 WHERE key = ?"
SET_LEVEL: Final = "INSERT OR REPLACE INTO martlet_rates_1 (key, filled, tick, expires) VALUES (?, ?, ?, ?)"

PURGES: Final = tuple(
    f"DELETE FROM {table} WHERE {row} IN (SELECT {row} FROM {table} WHERE expires <= ? LIMIT {PURGED_AT_ONCE})"  # noqa: S608  constants
    for table, row in (("martlet_entries_1", "rowid"), ("martlet_rates_1", "key"))
)


def nothing(_: sqlite3.Connection) -> None:
    """Do nothing but open the database."""


def get(connection: sqlite3.Connection, key: bytes, now: int) -> Entry | None:
    """Read an entry."""
    row = connection.execute(GET, (key, now)).fetchone()
    return None if row is None else Entry(*row)


def put(connection: sqlite3.Connection, key: bytes, entry: Entry, end: int) -> None:
    """Write an entry, whatever is there."""
    connection.execute(SET, (key, entry.value, entry.version, end))


def add(connection: sqlite3.Connection, key: bytes, entry: Entry, end: int, now: int) -> bool:
    """Write an entry where there is none."""
    return connection.execute(ADD, (key, entry.value, entry.version, end, now)).rowcount == 1


def replace(connection: sqlite3.Connection, key: bytes, entry: Entry, end: int, version: bytes, now: int) -> bool:
    """Write an entry in place of one version."""
    return connection.execute(REPLACE, (entry.value, entry.version, end, key, version, now)).rowcount == 1


def touch(connection: sqlite3.Connection, key: bytes, end: int, now: int) -> bool:
    """Give an entry another end."""
    return connection.execute(TOUCH, (end, key, now)).rowcount == 1


def delete(connection: sqlite3.Connection, key: bytes, version: bytes | None, now: int) -> bool:
    """Take an entry away."""
    if version is None:
        return connection.execute(DELETE, (key, now)).rowcount == 1
    return connection.execute(DELETE_VERSION, (key, now, version)).rowcount == 1


def take(connection: sqlite3.Connection, key: bytes, meter: Meter, cost: int, seconds: float) -> Taken:
    """Count against a rate."""
    row = connection.execute(LEVEL, (key,)).fetchone()
    taken, level = meter.take(None if row is None else Level(*row), meter.ticks(seconds), cost)
    if level is not None:
        end = int((seconds + taken.reset_after) * 1_000) + 1
        connection.execute(SET_LEVEL, (key, level.filled, level.tick, end))
    return taken


def purge(connection: sqlite3.Connection, now: int) -> bool:
    """Remove some of what has expired; True if more may be left."""
    return max(connection.execute(statement, (now,)).rowcount for statement in PURGES) == PURGED_AT_ONCE
