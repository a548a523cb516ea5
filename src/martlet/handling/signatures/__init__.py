"""What a signature says: a function is read once, and the one rule tells where each of its parameters comes from.

Not here: what a value becomes (answering/), and anything that runs while a request does.
"""

from martlet.handling.signatures.functions import caller_place
from martlet.handling.signatures.markers import Body, Cookie, Header, LastEventID, Query
from martlet.handling.signatures.sources import Scope, describe_source

__all__ = [
    "Body",
    "Cookie",
    "Header",
    "LastEventID",
    "Query",
    "Scope",
    "caller_place",
    "describe_source",
]
