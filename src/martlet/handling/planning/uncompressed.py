"""The route option `compress`: a guard that lets every request through, and keeps compression away from its answer."""

from __future__ import annotations

from martlet.messages import Request
from martlet.security import Guard


def _leave_uncompressed(request: Request) -> None:
    request.extras.uncompressed = True


leave_uncompressed = Guard(_leave_uncompressed, inline=True)
"""Let every request through, and have its answer sent uncompressed, whatever comes of it; the route option `compress`."""
