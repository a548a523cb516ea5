"""Who may pass: guards, and what they ask for; who asks: passwords, tokens and keys."""

from martlet.security.api_keys import APIKey, APIKeys, NewAPIKey, make_api_key
from martlet.security.basic import BasicCredentials, basic_challenge, basic_credentials, require_basic
from martlet.security.bearer import bearer_token
from martlet.security.challenges import Challenges
from martlet.security.checks import require_auth, require_methods, validate_json_body
from martlet.security.csrf import CSRF, csrf_token, is_csrf_token, prove_origin
from martlet.security.guards import DECLARED_ATTRIBUTE, Guard, as_guard, recorded_guards
from martlet.security.login import Identified, login, logout
from martlet.security.passwords import OlderHash, PasswordHasher, Verified
from martlet.security.rate_limits import RateLimit
from martlet.security.redirects import redirect_back, redirect_to
from martlet.security.roles import HasRole, HasRoles, HasScopes, require_role, require_scope

__all__ = [
    "CSRF",
    "DECLARED_ATTRIBUTE",
    "APIKey",
    "APIKeys",
    "BasicCredentials",
    "Challenges",
    "Guard",
    "HasRole",
    "HasRoles",
    "HasScopes",
    "Identified",
    "NewAPIKey",
    "OlderHash",
    "PasswordHasher",
    "RateLimit",
    "Verified",
    "as_guard",
    "basic_challenge",
    "basic_credentials",
    "bearer_token",
    "csrf_token",
    "is_csrf_token",
    "login",
    "logout",
    "make_api_key",
    "prove_origin",
    "recorded_guards",
    "redirect_back",
    "redirect_to",
    "require_auth",
    "require_basic",
    "require_methods",
    "require_role",
    "require_scope",
    "validate_json_body",
]
