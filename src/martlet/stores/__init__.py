"""Key-value stores as a library of its own: bytes by key, with expiry, compare-and-set and rates.

In memory, in a file of SQLite, or in Redis or Valkey; the package for the last is looked for when its store is first used.
"""

from martlet.stores.contract import Entry, KeyValueStore, Rate, StoreFullError, StoreLimitError, StoreUnavailableError, Taken
from martlet.stores.memory import MemoryStore
from martlet.stores.opening import open_store
from martlet.stores.redis import RedisStore
from martlet.stores.sqlite import SQLiteStore

__all__ = [
    "Entry",
    "KeyValueStore",
    "MemoryStore",
    "Rate",
    "RedisStore",
    "SQLiteStore",
    "StoreFullError",
    "StoreLimitError",
    "StoreUnavailableError",
    "Taken",
    "open_store",
]
