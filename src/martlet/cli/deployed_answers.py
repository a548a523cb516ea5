"""What is unsafe about whom an application believes and what it answers: hosts, proxies, https, policies, pages, limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Final

from martlet.cli.findings import Deployed, Finding, Severity
from martlet.http import Limits
from martlet.middleware import CORS, HTTPSRedirect, ProxyHeaders, TrustedHosts
from martlet.templates import TemplateEngine

EXTREME: Final = 100  # times a default bound
SMALLEST_NETWORKS: Final = {4: 16, 6: 32}  # bits of a public network that a site may have for its proxies
NOBODY: Final = "https://nobody.invalid"  # an origin that no author means (RFC 6761, Section 6.4)


def check_debug(deployed: Deployed) -> Iterator[Finding]:
    """Find an application that shows its inside."""
    if deployed.gathered.debug:
        what = "debug=True: whoever causes an error is shown the source around it."
        yield Finding("error", what, deployed.where, "Leave it out, or take it from the environment.")


def check_hosts(deployed: Deployed) -> Iterator[Finding]:
    """Find who may say which host is meant."""
    trusted, where = deployed.middlewares(TrustedHosts), deployed.where
    if trusted:
        return
    cure = 'Name the hosts: app.use(TrustedHosts(["example.org"])).'
    if not deployed.gathered.checks_host:
        yield Finding("warning", "checks_host=False: nobody looks at the Host field, unless a proxy in front does.", where, cure)
    if any(redirect.host is None for redirect in deployed.middlewares(HTTPSRedirect)):
        what = "HTTPSRedirect leads to the host that a client asks for, and every host is answered for."
        yield Finding("warning", what, where, f'{cure[:-1]} before it, or write HTTPSRedirect(host="example.org").')
    elif deployed.gathered.checks_host:
        what = "Every host is answered for: links in mails and caches may be made of a name that a client made up."
        yield Finding("hint", what, where, cure)


def check_proxies(deployed: Deployed) -> Iterator[Finding]:
    """Find proxies that are believed too easily."""
    for proxies in deployed.middlewares(ProxyHeaders):
        for network in proxies.trusted.networks:
            if _is_broad(network):
                what = f"ProxyHeaders believes {network}, in which others than your proxies are."
                yield Finding("warning", what, deployed.where, "Name the networks of the proxies alone.")


def _is_broad(network: IPv4Network | IPv6Network) -> bool:
    return not network.is_private and network.prefixlen < SMALLEST_NETWORKS[network.version]


def check_origins(deployed: Deployed) -> Iterator[Finding]:
    """Find other sites that may read answers; everybody with credentials is refused when a CORS is made."""
    for cors in deployed.middlewares(CORS):
        if NOBODY not in cors.origins:
            continue
        if cors.allows_credentials:
            what = "CORS lets pages of every site read answers with their visitors' cookies: an expression fits any origin."
            yield Finding("error", what, deployed.where, "List the origins, or leave allow_credentials out.")
        else:
            what = "CORS lets pages of every site read all answers that need no cookie."
            yield Finding("hint", what, deployed.where, "Right for a public API; else list the origins.")


def check_https(deployed: Deployed) -> Iterator[Finding]:
    """Find what lets clients stay with http."""
    headers = deployed.gathered.security_headers
    if headers is not None and headers.strict_transport_security is None:
        what = "strict_transport_security=None: a browser may be led back to http."
        yield Finding("warning", what, deployed.where, "Leave it out, for a year of https.")
    if not deployed.middlewares(HTTPSRedirect):
        what = "Nobody who comes by http is led to https, unless a proxy in front does it."
        yield Finding("hint", what, deployed.where, "app.use(HTTPSRedirect()), behind ProxyHeaders if a proxy ends TLS.")


def check_policy(deployed: Deployed) -> Iterator[Finding]:
    """Find what browsers are not told."""
    headers, where = deployed.gathered.security_headers, deployed.where
    if headers is None:
        what = "security_headers=None: browsers guess types, show pages in frames of others, and run any script."
        yield Finding("warning", what, where, "Leave it out, or write SecurityHeaders(…) without what disturbs.")
        return
    policy = headers.content_security_policy or ""
    directives = {words[0]: words[1:] for words in (part.split() for part in policy.split(";")) if words}
    scripts = directives.get("script-src", directives.get("default-src"))
    cure = 'SecurityHeaders(content_security_policy="script-src \'nonce-{nonce}\'; …"), and nonce="{{ nonce }}" at scripts.'
    severity: Severity = "warning" if _has_pages(deployed) else "hint"
    if scripts is None:
        yield Finding(severity, "The Content-Security-Policy says nothing of scripts: an injected one would run.", where, cure)
    elif "'unsafe-inline'" in scripts and not any(word.startswith(("'nonce-", "'sha")) for word in scripts):
        yield Finding(severity, "The Content-Security-Policy has 'unsafe-inline' for scripts.", where, cure)
    if "frame-ancestors" not in directives:
        what = "The Content-Security-Policy says nothing of frame-ancestors: any site may show these pages in a frame."
        yield Finding(severity, what, where, "Add frame-ancestors 'self', or 'none'.")


def _has_pages(deployed: Deployed) -> bool:
    options = (declaration.options for declaration in deployed.declarations)
    return deployed.gathered.templates is not None or any("page" in each or "form" in each for each in options)


def check_templates(deployed: Deployed) -> Iterator[Finding]:
    """Find templates that do not escape, and those that are looked for again and again."""
    templates: Any = deployed.gathered.templates
    if templates is None:
        return
    where = deployed.where
    escaping = _escaping(templates)
    if escaping == "off":
        what = "Templates escape nothing: whatever a visitor writes becomes a part of the page."
        yield Finding("error", what, where, "Leave escaping out, for escaping by place.")
    elif escaping == "html":
        what = "Templates escape every value alike, which is not enough in scripts, styles and URLs."
        yield Finding("warning", what, where, "Leave escaping out, for escaping by place.")
    if getattr(templates, "auto_reload", False):
        what = "Templates have auto_reload, so that each page looks at files."
        yield Finding("hint", what, where, "Write auto_reload=False.")


def _escaping(templates: Any) -> str | None:
    """How an engine escapes an HTML page: ours, or one behind `environment`; None for engines that are not known."""
    if isinstance(templates, TemplateEngine):
        return _word(templates.options.get("escaping", "contextual"))
    environment = getattr(templates, "environment", None)
    return None if environment is None else _word(getattr(environment, "autoescape", None))


def _word(chosen: Any) -> str | None:
    """Put a choice, or what a function chooses for a page, as an engine of ours does."""
    said: Any = chosen("page.html") if callable(chosen) else chosen
    if said is True:
        return "html"
    return "off" if said is False else said


def check_limits(deployed: Deployed) -> Iterator[Finding]:
    """Find bounds on clients that hold nobody back."""
    found = {(deployed.gathered.limits, "App(limits=…)", deployed.where)}
    found |= {(limits, each.pattern, each.where) for each in deployed.declarations if (limits := each.options.get("limits"))}
    usual = Limits()
    for limits, what, where in sorted(found, key=lambda each: each[2]):
        for bound in fields(Limits):
            least, given = getattr(usual, bound.name), getattr(limits, bound.name)
            if bound.init and least is not None and given is not None and given > EXTREME * least:
                told = f"{what} raises {bound.name} to {given:,}, more than {EXTREME} times the default of {least:,}."
                yield Finding("warning", told, where, "Raise it at the one route that needs it, to what that needs.")
