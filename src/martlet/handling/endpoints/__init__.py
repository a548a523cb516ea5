"""From a plan to an endpoint, whose code is written for it, and the way of a request that leads there."""

from martlet.handling.endpoints.endpoint import Endpoint
from martlet.handling.endpoints.pipeline import check_middleware

__all__ = ["Endpoint", "check_middleware"]
