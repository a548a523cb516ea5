"""From what an app was told to the app that answers: everything is opened, bound, planned, and every mistake told together."""

from martlet.handling.freezing.freezable import Freezable
from martlet.handling.freezing.frozen import Frozen

__all__ = ["Freezable", "Frozen"]
