"""Open a database file of SQLite: made for its owner alone, with our tables, and every failure said in words."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from martlet.stores.contract import StoreUnavailableError

BUSY_SECONDS: Final = 0.1  # one wait for a lock inside SQLite; whoever asked waits several times, and may give up between them
WAL_BYTES: Final = 64 * 1024 * 1024  # what the log may keep on the disk after a burst

# The names end in a number: a later layout takes other names, and the tables of an application are never touched.
# Values stand apart from their keys, in a table with rowids: inside the index of keys those of 1.5 KB take 2.6 times as long to
# read and to write, and twice the room. Rates have no such values.
TABLES: Final = """
CREATE TABLE IF NOT EXISTS martlet_entries_1 (
    key BLOB PRIMARY KEY, value BLOB NOT NULL, version BLOB NOT NULL, expires INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS martlet_entries_1_expires ON martlet_entries_1 (expires);
CREATE TABLE IF NOT EXISTS martlet_rates_1 (
    key BLOB PRIMARY KEY, filled INTEGER NOT NULL, tick INTEGER NOT NULL, expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS martlet_rates_1_expires ON martlet_rates_1 (expires);
"""

MENDING: Final = {
    sqlite3.SQLITE_BUSY: "another process holds its lock",
    sqlite3.SQLITE_LOCKED: "another process holds its lock",
    sqlite3.SQLITE_READONLY: "it may not be written to: check the owner and mode of the file and of its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check the owner and mode of the file and of its folder",
    sqlite3.SQLITE_PERM: "it may not be read: check the owner and mode of the file and of its folder",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_NOTADB: "it is no database of SQLite: move it away, or name another file",
    sqlite3.SQLITE_CORRUPT: "it is damaged: stop everything that uses it, and restore it or move it away",
    sqlite3.SQLITE_IOERR: "the disk fails",
}


def open_database(path: Path, *, survives_power_cuts: bool) -> sqlite3.Connection:
    """Open a file, and make it if it is not there; raises StoreUnavailableError, or SQLite's own error where a lock is held."""
    try:
        # By its exclusive making alone: to open and close a file drops every lock that this process has on it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        pass
    except FileNotFoundError:
        raise StoreUnavailableError(f"{path} cannot be made, since its folder {path.parent} does not exist: make it.") from None
    except OSError as error:
        raise StoreUnavailableError(f"{path} cannot be made: {error.strerror}.") from error
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw", uri=True, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
    )
    try:
        _prepare(connection, path, survives_power_cuts)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, survives_power_cuts: bool) -> None:  # noqa: FBT001  a setting
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        raise StoreUnavailableError(
            f"{path} cannot be kept with a write-ahead log, as on a disk of a network: name another file."
        )
    connection.execute(f"PRAGMA synchronous={'FULL' if survives_power_cuts else 'NORMAL'}")
    connection.execute(f"PRAGMA journal_size_limit={WAL_BYTES}")
    found = connection.execute("SELECT count(*) FROM sqlite_master WHERE name GLOB 'martlet_*_1*' AND sql IS NOT NULL").fetchone()
    if found[0] != TABLES.count("CREATE"):
        connection.executescript(f"BEGIN IMMEDIATE;{TABLES}COMMIT;")


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else holds the lock, and another try may succeed."""
    return _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def explain(path: Path, error: sqlite3.Error) -> StoreUnavailableError:
    """Say what an error of SQLite means.

    >>> explain(Path("sessions.db"), sqlite3.OperationalError("no more"))
    StoreUnavailableError('The store sessions.db is not available: no more.')
    """
    return StoreUnavailableError(f"The store {path} is not available: {MENDING.get(_code(error), str(error))}.")


def inode(path: Path) -> tuple[int, int] | None:
    """Tell which file a path leads to, None if it leads to none."""
    with suppress(OSError):
        status = path.stat()
        return status.st_dev, status.st_ino
    return None


def _code(error: sqlite3.Error) -> int:
    extended = getattr(error, "sqlite_errorcode", None)  # absent in errors that Python itself raises
    return -1 if extended is None else int(extended) & 0xFF
