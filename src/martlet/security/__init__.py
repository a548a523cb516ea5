"""Who may pass: guards, and what they ask for."""

from martlet.security.checks import require_auth, require_methods, validate_json_body
from martlet.security.csrf import CSRF, csrf_token, is_csrf_token, prove_origin
from martlet.security.guards import DECLARED_ATTRIBUTE, Guard, as_guard, recorded_guards
from martlet.security.login import Identified, login, logout
from martlet.security.rate_limits import RateLimit
from martlet.security.redirects import redirect_back, redirect_to

__all__ = [
    "CSRF",
    "DECLARED_ATTRIBUTE",
    "Guard",
    "Identified",
    "RateLimit",
    "as_guard",
    "csrf_token",
    "is_csrf_token",
    "login",
    "logout",
    "prove_origin",
    "recorded_guards",
    "redirect_back",
    "redirect_to",
    "require_auth",
    "require_methods",
    "validate_json_body",
]
