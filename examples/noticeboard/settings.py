"""What differs from one place to another: the folder of everything that is kept, the first password, and the broker."""

import os
import secrets
from pathlib import Path

from martlet.channels import MemoryBroker, RedisBroker
from martlet.stores import SQLiteStore

FOLDER = Path(os.environ.get("NOTICEBOARD_FOLDER", Path(__file__).with_name("data")))
FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)

# Set where the board is reached by https: no other host of the domain can set a cookie of this name, and none is sent by http.
COOKIE = "__Host-session" if os.environ.get("NOTICEBOARD_HTTPS") else "session"

# Sessions, and how often somebody tried to log in: kept for all workers, over restarts, and opened by the application.
STORE = SQLiteStore(FOLDER / "sessions.sqlite3")

# What carries changes of the board to open pages. Several workers need a Redis: in memory, each would tell only its own visitors.
REDIS_URL = os.environ.get("REDIS_URL")
BROKER = RedisBroker(REDIS_URL) if REDIS_URL else MemoryBroker()


def first_password(folder: Path) -> str:
    """Give the password of a new board's editor: from the environment, or one that is made and left in a file for its owner."""
    given = os.environ.get("NOTICEBOARD_PASSWORD")
    if given:
        return given
    path = folder / "harbourmaster-password.txt"
    if not path.exists():
        path.touch(mode=0o600)  # before there is anything in it
        path.write_text(secrets.token_urlsafe(16) + "\n", encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()
