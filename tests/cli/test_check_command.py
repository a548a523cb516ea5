"""`martlet check`: what keeps an application from starting, and with --deploy what is unsafe where strangers come."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from jinja2 import DictLoader as JinjaDictLoader
from jinja2 import Environment

from martlet import (
    CORS,
    App,
    HTTPSRedirect,
    Limits,
    ProxyHeaders,
    RateLimit,
    SecurityHeaders,
    Session,
    Sessions,
    TemplateEngine,
    TrustedHosts,
)
from martlet.cli.checking import find_unsafe
from martlet.cli.commands import cli
from martlet.cli.findings import Deployed, Finding
from martlet.integrations.jinja2 import JinjaTemplates
from martlet.signing import make_secret
from martlet.stores import MemoryStore
from martlet.templates import DictLoader
from tests.rows import each

POLICY = "base-uri 'self'; object-src 'none'; frame-ancestors 'self'; script-src 'nonce-{nonce}'"
PAGES = DictLoader({"page.html": "<p>{{ name }}</p>"})
HOST_SESSION = Sessions(name="__Host-session")
SECRET = make_secret()


def finish(app: App) -> App:
    """Add what a safe application has, and a route that takes the session and one that does not."""
    app.use(TrustedHosts(["example.org"]))
    app.use(HTTPSRedirect())

    @app.get("/")
    async def home() -> str:
        return "home"

    return app


def with_session(app: App, *, csrf: bool = True) -> App:
    @app.post("/cart", csrf=csrf)
    async def put(session: Session) -> None: ...

    return finish(app)


def safe(**options: object) -> App:
    """An application with nothing to tell, but for these options."""
    return App(**{"security_headers": SecurityHeaders(content_security_policy=POLICY), **options})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def found(app: App, app_dir: Path | str = "/nowhere") -> list[Finding]:
    return find_unsafe(Deployed.of(app, str(app_dir)))


def limited(*, limit: bool, at: str = "/login") -> App:
    app = safe()

    @app.post(at, guards=[RateLimit(5, seconds=60)] if limit else [])
    async def enter() -> None: ...

    return finish(app)


def with_middleware(*middlewares: object, **options: object) -> App:
    app = safe(**options)
    for middleware in middlewares:
        app.use(middleware)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]

    @app.get("/")
    async def home() -> str:
        return "home"

    return app


def large_route() -> App:
    app = safe()

    @app.post("/films", limits=Limits(body_bytes=1 << 40))
    async def store() -> None: ...

    return finish(app)


HOSTS, HTTPS = TrustedHosts(["example.org"]), HTTPSRedirect()
UNSAFE: dict[str, tuple[Callable[[], App], str, str]] = {
    "debug": (lambda: finish(safe(debug=True)), "error", "debug=True"),
    "an example of a secret": (
        lambda: with_session(safe(secret_keys=["please-change-me-please-change-me"], sessions=HOST_SESSION)),
        "error",
        "looks like an example",
    ),
    "a cookie over http": (
        lambda: with_session(safe(secret_keys=[SECRET], sessions=Sessions(secure=False))),
        "error",
        "goes over http",
    ),
    "a cookie of any host": (lambda: with_session(safe(secret_keys=[SECRET])), "warning", "other hosts of the domain"),
    "a cookie for other sites": (
        lambda: with_session(safe(secret_keys=[SECRET], sessions=Sessions(name="__Host-a", same_site="none"))),
        "warning",
        "same_site='none'",
    ),
    "sessions in memory": (
        lambda: with_session(safe(sessions=Sessions(name="__Host-a", store=MemoryStore()))),
        "hint",
        "kept in memory",
    ),
    "no CSRF": (lambda: with_session(safe(secret_keys=[SECRET], sessions=HOST_SESSION, csrf=None)), "error", "csrf=None"),
    "a route without CSRF": (
        lambda: with_session(safe(secret_keys=[SECRET], sessions=HOST_SESSION), csrf=False),
        "error",
        "put has csrf=False",
    ),
    "hosts unseen": (
        lambda: with_middleware(HTTPSRedirect(host="example.org"), checks_host=False),
        "warning",
        "checks_host=False",
    ),
    "redirects to any host": (lambda: with_middleware(HTTPS), "warning", "the host that a client asks for"),
    "any host": (lambda: with_middleware(HTTPSRedirect(host="example.org")), "hint", "Every host is answered for"),
    "broad networks": (
        lambda: with_middleware(ProxyHeaders(["128.0.0.0/1"]), HOSTS, HTTPS),
        "warning",
        "ProxyHeaders believes 128.0.0.0/1",
    ),
    "any origin with cookies": (
        lambda: with_middleware(CORS([re.compile(r"https://.*")], allow_credentials=True), HOSTS, HTTPS),
        "error",
        "with their visitors' cookies",
    ),
    "any origin": (lambda: with_middleware(CORS("*"), HOSTS, HTTPS), "hint", "all answers that need no cookie"),
    "no https": (lambda: with_middleware(HOSTS), "hint", "Nobody who comes by http"),
    "no transport security": (
        lambda: finish(safe(security_headers=SecurityHeaders(content_security_policy=POLICY, strict_transport_security=None))),
        "warning",
        "strict_transport_security=None",
    ),
    "no security fields": (lambda: finish(safe(security_headers=None)), "warning", "security_headers=None"),
    "pages without a policy of scripts": (
        lambda: finish(App(templates=TemplateEngine(PAGES))),
        "warning",
        "says nothing of scripts",
    ),
    "no policy of scripts": (lambda: finish(App()), "hint", "says nothing of scripts"),
    "inline scripts": (
        lambda: finish(safe(security_headers=SecurityHeaders(content_security_policy="script-src 'self' 'unsafe-inline'"))),
        "hint",
        "'unsafe-inline'",
    ),
    "frames": (
        lambda: finish(safe(security_headers=SecurityHeaders(content_security_policy="script-src 'self'"))),
        "hint",
        "frame-ancestors",
    ),
    "nothing is escaped": (lambda: finish(safe(templates=TemplateEngine(PAGES, escaping="off"))), "error", "escape nothing"),
    "all is escaped alike": (lambda: finish(safe(templates=TemplateEngine(PAGES, escaping="html"))), "warning", "alike"),
    "a function escapes nothing": (
        lambda: finish(safe(templates=TemplateEngine(PAGES, escaping=lambda _: False))),
        "error",
        "escape nothing",
    ),
    "Jinja2 escapes nothing": (
        lambda: finish(safe(templates=JinjaTemplates(Environment(loader=JinjaDictLoader({}), autoescape=lambda _: False)))),  # noqa: S701  which is found
        "error",
        "escape nothing",
    ),
    "reloading": (lambda: finish(safe(templates=TemplateEngine(PAGES, auto_reload=True))), "hint", "auto_reload"),
    "limits of the app": (
        lambda: finish(safe(limits=Limits(nesting_depth=100_000))),
        "warning",
        "raises nesting_depth to 100,000",
    ),
    "limits of a route": (large_route, "warning", "/films raises body_bytes"),
    "logins": (lambda: limited(limit=False), "hint", "POST /login has no rate limit"),
    "sign-ups": (
        lambda: limited(limit=False, at="/sign-up"),
        "hint",
        "POST /sign-up has no rate limit, so that accounts",
    ),
    "a limit behind a proxy": (lambda: limited(limit=True), "hint", "behind a proxy all have its one"),
    "a limit for each worker": (lambda: limited(limit=True), "hint", "counts in memory"),
}


@each(("make", "severity", "words"), UNSAFE.values(), ids=UNSAFE)
def test_what_is_unsafe_is_found_with_its_place_and_its_cure(make: Callable[[], App], severity: str, words: str) -> None:
    findings = [finding for finding in found(make()) if words in finding.what]

    assert [finding.severity for finding in findings] == [severity]
    assert re.fullmatch(r".*test_check_command\.py:[0-9]+", findings[0].where)
    assert findings[0].cure


def test_a_safe_application_has_nothing_to_tell() -> None:
    assert found(with_session(safe(secret_keys=[SECRET], sessions=HOST_SESSION))) == []


def test_a_limit_behind_a_proxy_that_is_named_counts_clients() -> None:
    app = limited(limit=True)
    app.use(ProxyHeaders(["10.0.0.0/8"]))

    assert not [finding for finding in found(app) if "behind a proxy" in finding.what]


def test_who_is_not_concerned_is_told_nothing() -> None:
    whats = [
        finding.what
        for finding in found(with_middleware(HOSTS, HTTPS, ProxyHeaders(["10.0.0.0/8"]), secret_keys=[SECRET], csrf=None))
    ]

    assert whats == []  # no route takes a session


def test_a_secret_in_the_source_is_found_by_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "settings.py").write_text(f"KEY = {SECRET!r}\n")
    module = ModuleType("settings_for_check")
    module.__file__ = str(tmp_path / "settings.py")
    monkeypatch.setitem(sys.modules, "settings_for_check", module)

    (finding,) = found(with_session(safe(secret_keys=[SECRET], sessions=HOST_SESSION)), tmp_path)

    assert (finding.severity, finding.where) == ("error", "settings.py")
    assert SECRET not in str(finding)


SHOP = """
import os
from martlet import App, Session
app = App(secret_keys=["please-change-me-please-change-me"])
broken = App()
plain = App()

@app.post("/hook", csrf=False)
async def hook() -> None: ...

@app.post("/cart")
async def cart(session: Session) -> None: ...

@broken.get("/{name}")
async def show(name: str, session: Session) -> None: ...
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A directory with a module; what is imported from it is forgotten again."""
    (tmp_path / "shop_for_check.py").write_text(SHOP)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "shop_for_check", raising=False)
    return str(tmp_path)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, arguments)
    return result.exit_code, result.output


def test_the_command_fails_for_what_is_unsafe(shop: str) -> None:
    code, output = run("check", "shop_for_check:app", "--deploy", "--app-dir", shop)

    assert code == 1
    assert (
        "error: A secret key stands in the source, where whoever reads it can sign.\n  shop_for_check.py\n  Make another"
        in output
    )
    assert output.index("error:") < output.index("warning:") < output.index("hint:")
    assert re.search(r"shop_for_check:app: 2 errors, 1 warning, [0-9] hints\n\Z", output)


def test_hints_alone_do_not_fail(shop: str) -> None:
    code, output = run("check", "shop_for_check:plain", "--deploy", "--app-dir", shop)

    assert code == 0
    assert re.search(r"shop_for_check:plain: [0-9] hints\n\Z", output)


def test_without_deploy_only_mistakes_are_told(shop: str) -> None:
    assert run("check", "shop_for_check:app", "--app-dir", shop) == (0, "shop_for_check:app: nothing wrong\n")

    code, output = run("check", "shop_for_check:broken", "--app-dir", shop)
    assert code == 1
    assert "asks for the session, and this app keeps none" in output


def test_routes_tells_what_pages_of_other_sites_may_send_to(shop: str) -> None:
    code, output = run("routes", "shop_for_check:app", "--app-dir", shop)

    assert code == 0
    assert output.count("csrf=False: pages of other sites may send to it") == 1
    assert output.index("/hook") < output.index("csrf=False") < output.index("/cart")
