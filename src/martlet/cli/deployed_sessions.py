"""What is unsafe about secrets, sessions, and who may send what changes something."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from martlet.cli.findings import Deployed, Finding
from martlet.middleware import ProxyHeaders
from martlet.security import RateLimit, recorded_guards
from martlet.sessions import Sessions
from martlet.stores import MemoryStore

# What people write in the place of a secret, as bytes in lower case.
EXAMPLES: Final = (
    b"secret",
    b"change",
    b"example",
    b"password",
    b"insecure",
    b"default",
    b"correct horse",
    b"testing",
    b"1234567",
)
LARGEST_SOURCE: Final = 1024 * 1024  # bytes of a module that is looked through
LOGINS: Final = (
    "login",
    "log-in",
    "signin",
    "sign-in",
    "password",
    "reset",
    "token",
    "otp",
    "2fa",
)
SIGN_UPS: Final = ("register", "signup", "sign-up")


def check_secrets(deployed: Deployed) -> Iterator[Finding]:
    """Find secrets that others may know: those that stand in the source, and those that look like an example."""
    keys = deployed.gathered.keys
    if keys is None:
        return
    cure = "Make another with `martlet secret`, keep it in the environment, and read it there: os.environ[…]."
    for module, source in _sources(deployed.app_dir):
        if keys.any_is(source.__contains__):
            yield Finding("error", "A secret key stands in the source, where whoever reads it can sign.", module, cure)
    if keys.any_is(lambda secret: any(word in secret.lower() for word in EXAMPLES)):
        yield Finding("error", "A secret key looks like an example, which others may guess.", deployed.where, cure)


def check_sessions(deployed: Deployed) -> Iterator[Finding]:
    """Find sessions whose cookie others can set or read on its way."""
    if not deployed.uses_sessions:
        return
    policy, where = deployed.gathered.sessions or Sessions(), deployed.where
    if policy.secure is False:
        yield Finding("error", "The session's cookie goes over http, where anybody on the way can read it.", where, _SECURE)
    elif not policy.secure and not policy.name.lower().startswith("__host-"):
        yield Finding("warning", "The session's cookie can be set by other hosts of the domain, and over http.", where, _SECURE)
    if policy.same_site in {"none", None}:
        what = f"The session's cookie has same_site={policy.same_site!r}: browsers send it with requests of other sites."
        yield Finding("warning", what, where, 'Leave same_site out, for "lax", unless pages of other sites embed this one.')
    if isinstance(policy.store, MemoryStore):
        what = "Sessions are kept in memory: each worker has its own, all go when it stops, and nobody gets in once it is full."
        yield Finding("hint", what, where, "With several workers take a SQLiteStore or a RedisStore.")


_SECURE: Final = 'Name the cookie so that it must come by https, Sessions(name="__Host-session"), or write secure=True.'


def check_strangers(deployed: Deployed) -> Iterator[Finding]:
    """Find where pages of other sites may change something in a visitor's session."""
    if not deployed.uses_sessions:
        return
    if deployed.gathered.csrf is None:
        what = "csrf=None: a page of any site can have its visitors change something here, with their sessions."
        yield Finding("error", what, deployed.where, "Leave it out; name sites that may in CSRF(trusted_origins=[…]).")
        return
    for plan in {id(route.target): route.target.plan for route in deployed.frozen.router.routes}.values():
        if plan.takes_strangers and plan.sessions is not None:
            what = f"{plan.name} has csrf=False and takes the session, so that a page of any site can use its visitors' sessions."
            cure = "Leave csrf=False out, or do without the session there, as for a webhook that proves itself by a signature."
            yield Finding("error", what, plan.where, cure)


def check_rates(deployed: Deployed) -> Iterator[Finding]:
    """Find where passwords can be tried as often as one likes, and limits that count others than it seems."""
    for declaration in deployed.declarations:
        guards = (*declaration.guards, *recorded_guards(declaration.handler)[0])
        limits = [guard for guard in guards if isinstance(guard, RateLimit)]
        abuse = _abuse_of(declaration.pattern.lower())
        if "POST" in declaration.methods and not limits and abuse:
            what = f"POST {declaration.pattern} has no rate limit, so that {abuse} one after the other."
            yield Finding("hint", what, declaration.where, "Give it one: guards=[RateLimit(10, seconds=60)].")
        if any(limit.counts_clients for limit in limits) and not deployed.middlewares(ProxyHeaders):
            what = f"The rate limit of {declaration.pattern} counts clients by their address: behind a proxy all have its one."
            yield Finding("hint", what, declaration.where, 'If there is a proxy, name it: app.use(ProxyHeaders(["10.0.0.0/8"])).')
        if any(limit.store is None for limit in limits):
            what = f"The rate limit of {declaration.pattern} counts in memory, in each worker for itself."
            yield Finding(
                "hint", what, declaration.where, "With several workers count in a store: RateLimit(…, store=RedisStore(…))."
            )


def _abuse_of(pattern: str) -> str:
    """Tell what can be done at such an address again and again; empty for most."""
    if any(word in pattern for word in SIGN_UPS):
        return "accounts can be made"
    return "passwords can be tried" if any(word in pattern for word in LOGINS) else ""


def _sources(app_dir: str) -> Iterator[tuple[str, bytes]]:
    """Read the modules that are loaded from the application's directory, but not what is installed there."""
    root = Path(app_dir).resolve()
    for module in list(sys.modules.values()):
        path = Path(getattr(module, "__file__", None) or "/")
        if path.suffix != ".py" or not path.is_relative_to(root) or "site-packages" in path.parts:
            continue
        try:
            if path.stat().st_size <= LARGEST_SOURCE:
                yield str(path.relative_to(root)), path.read_bytes()
        except OSError:
            continue
