"""Key-value stores as a library of its own: bytes by key, with expiry, compare-and-set and rates."""

from martlet.stores.contract import Entry, KeyValueStore, Rate, StoreLimitError, StoreUnavailableError, Taken

__all__ = ["Entry", "KeyValueStore", "Rate", "StoreLimitError", "StoreUnavailableError", "Taken"]
