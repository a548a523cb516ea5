"""Who may pass: guards, and what they ask for."""

from martlet.security.checks import require_auth, require_methods, validate_json_body
from martlet.security.guards import DECLARED_ATTRIBUTE, Guard, as_guard, recorded_guards

__all__ = [
    "DECLARED_ATTRIBUTE",
    "Guard",
    "as_guard",
    "recorded_guards",
    "require_auth",
    "require_methods",
    "validate_json_body",
]
