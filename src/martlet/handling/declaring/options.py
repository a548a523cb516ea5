"""The options a route or a group may carry; written once, so that a misspelt one is refused by every type checker."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from os import PathLike
from typing import Any, Final, Literal, TypeAlias, TypedDict, get_type_hints

from martlet.adapters import MountKind
from martlet.channels import Broker
from martlet.files import FileOptions
from martlet.handling.answering.page_templates import Templates
from martlet.handling.declaring.option_kinds import described, fits
from martlet.http import BadMediaTypeError, HTTPError, Limits, MediaType, SecurityHeaders
from martlet.messages import Form
from martlet.rendering import Renderer
from martlet.routing import Converter
from martlet.security import CSRF
from martlet.sessions import Sessions

TrailingSlash: TypeAlias = Literal["redirect", "strict"]


class GroupOptions(TypedDict, total=False):
    """Options that a group may carry for all its routes; a route's own take their place, except that guards add up.

    guards: may you pass; run outermost first, before anything else is looked at.
    limits: bounds in place of the app's; those that are not given are inherited.
    overlaps: a pattern may tie with another one; the leftmost literal then wins.
    inline: a promise that a handler (and its validator) neither blocks nor waits, so it is called right where the request is.
    validator: tells the state of what is asked for, before the body is read and the handler called: an ETag, a str (a tag's
        value), a datetime (of the last change), Validators of both, or None where there is nothing. Bound like a handler.
    requires_precondition: a method that changes something must say which state it means; 428 where it does not.
    csrf: False lets pages of other sites send what the route takes, as for a webhook.
    finishes: True lets a handler go on whose client has left; False cancels it where it waits, the default of methods that change
        nothing (RFC 9110 section 9.2.1). Of the others half of a change may be worse than one that nobody waits for.
    compress: False keeps the middleware `Compression` away, where a secret stands beside text that a stranger chooses.
    """

    guards: Sequence[Callable[..., Any]]
    limits: Limits
    overlaps: bool
    inline: bool
    validator: Callable[..., Any]
    requires_precondition: bool
    csrf: bool
    finishes: bool
    compress: bool


class RouteOptions(GroupOptions, total=False):
    """Options of `app.get`, `app.post` and their like.

    name: for reverse URLs; the function's name by default.
    page: a function from the handler's value to HTML; with it the route answers browsers with a page.
    template: the same by a template of the app, which sees the value's fields, and all of it as `value`; `"books.html#list"` is
        one block of it.
    form: a function from the errors by field and the input (a Form) to HTML, or a template that sees them as `errors` and `sent`:
        the page with the form whose input this route takes. A browser whose form was not valid gets it with the 422; one whose
        form made something (Created) is led there (303).
    """

    name: str
    page: Callable[..., Any]
    template: str
    form: Callable[[dict[str, list[str]], Form], object] | str


class SocketOptions(TypedDict, total=False):
    """Options of `app.websocket`; the first four mean what they mean at a route.

    csrf: False lets pages of other sites open it.
    subprotocols: that the handler speaks, the best first; the first of them that the client names is agreed on.
    binary: messages with a type are sent as MessagePack, in binary messages; JSON in text messages else. Either is understood.
    """

    name: str
    guards: Sequence[Callable[..., Any]]
    limits: Limits
    overlaps: bool
    csrf: bool
    subprotocols: Sequence[str]
    binary: bool


class StaticOptions(FileOptions, total=False):
    """Options of `app.static`: those of FileOptions, and these, which mean what they mean at a route.

    name: for `urls.to(name, path="css/app.css")`; the pattern by default. guards: may you see the files; no shared cache keeps
        them then. limits: bounds in place of the app's.
    """

    name: str
    guards: Sequence[Callable[..., Any]]
    limits: Limits


class AppOptions(TypedDict, total=False):
    """Options of an App.

    debug: show unexpected errors to the client; for a developer's own machine.
    templates: where `template=` and TemplateResponse find theirs: a TemplateEngine.
    error_page: makes a browser's page of an HTTPError, in place of the built-in one; every error comes by here. A function, or a
        template, which sees the problem document's members, `errors` by field, and the HTTPError as `value`.
    renderers, decoders: by media type, beside JSON and MessagePack (and urlencoded, in); a later one wins over an earlier.
    converters: for patterns, beside the built-in ones.
    limits: the bounds on what clients may send.
    guards: of every route.
    threads: how many blocking handlers may run at once in a process that has an event loop, 32 by default; beside them, as many
        may wait for a large body behind guards that may block.
    checks_host: 400 for a request without one well-formed Host field, the default; False leaves it to a proxy in front.
    security_headers: what every answer tells browsers unless it says otherwise itself; on by default, None sends nothing.
    trailing_slash: `redirect` (the default) answers 308 where nothing but the last slash keeps a path from being found,
        to methods that change nothing; `strict` answers 404.
    root_path: where the app lies, as `/shop`, if the server cannot be told: a proxy takes it away from paths, or leaves it there.
    secret_keys: what sessions and tokens are signed with, the newest first: it signs, and all verify. `martlet secret` makes one.
    sessions: how sessions are kept; with secret_keys alone, in a signed cookie.
    csrf: who may send what changes something, where there are sessions; on by default, None lets everyone.
    broker: what carries the messages of `app.channel(…)` between processes, such as a RedisBroker; by default they stay in one.
    shutdown_seconds: from the signal to the deadline of a stop, when what still runs is cancelled; 10 by default, as supervisors
        kill after 30 as a rule.
    """

    debug: bool
    templates: Templates | None
    error_page: Callable[[HTTPError], object] | str | None
    renderers: Mapping[str, Renderer] | None
    decoders: Mapping[str, Callable[[bytes], Any]] | None
    converters: Mapping[str, Converter[Any]] | None
    limits: Limits | None
    guards: Sequence[Callable[..., Any]]
    threads: int
    checks_host: bool
    security_headers: SecurityHeaders | None
    trailing_slash: TrailingSlash
    root_path: str
    secret_keys: Sequence[str | bytes]
    sessions: Sessions | None
    csrf: CSRF | None
    broker: Broker | None
    shutdown_seconds: float


class MountOptions(TypedDict, total=False):
    """Options of `app.mount`; all but the first two mean what they mean at a route.

    kind: `asgi`, `wsgi` or `martlet`, for an application whose kind cannot be seen.
    name: for `urls.to(name, path="a/b")`; the pattern by default.
    """

    kind: MountKind
    name: str
    guards: Sequence[Callable[..., Any]]
    limits: Limits
    compress: bool


LEAST: Final = {"threads": 1, "shutdown_seconds": 0}


def check_options(options: Mapping[str, Any], known: type[Any], where: str) -> None:
    """Raise TypeError for an option nobody knows, and for one whose value it cannot take, by the option's annotation.

    Raises ValueError for a number that is too small.

    A misspelt `guards` must not leave a route unguarded, nor a number in the place of Limits be found out by a request.
    """
    kinds = kinds_of(known)  # type: ignore[arg-type]  # a class is hashable
    for name, value in options.items():
        if name not in kinds:
            near = get_close_matches(name, kinds, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(kinds))}."
            raise TypeError(f"{where}: there is no option {name!r}; {hint}")
        if not fits(value, kinds[name]):
            raise TypeError(f"{where}: {name}={value!r:.80} cannot be taken: it is to be {described(kinds[name])}.")
        if name in {"renderers", "decoders"}:
            _check_media_types(name, value or {}, where)
        if name in LEAST and not LEAST[name] <= value < math.inf:
            raise ValueError(f"{where}: {name}={value!r} cannot be taken: write a number from {LEAST[name]} on.")


def checked_prefix(prefix: object, where: str) -> str:
    """Give the prefix of files or of a mount without its last slash; raises TypeError or ValueError where no path begins so."""
    if not isinstance(prefix, str):
        raise TypeError(f"{where}: the prefix {prefix!r} is no text: write one that begins with a slash, such as '/assets'.")
    if prefix and not prefix.startswith("/"):
        raise ValueError(f"{where}: the prefix {prefix!r} does not begin with a slash: write {'/' + prefix!r}.")
    return prefix.rstrip("/")


def check_directory(directory: object, where: str) -> None:
    """Raise TypeError for what is no path; whether there is such a directory is told when the app freezes."""
    if not isinstance(directory, str | PathLike):
        raise TypeError(f"{where}: the directory {directory!r} is no path: write a text or a Path, such as 'assets'.")


def _check_media_types(option: str, by_media_type: Mapping[str, Any], where: str) -> None:
    for media_type in by_media_type:
        try:
            essence = MediaType.parse(media_type).essence
        except BadMediaTypeError as error:
            raise TypeError(f"{where}: in {option}, {error}") from error
        if option == "decoders" and media_type != essence:  # a body's type is looked up by it
            raise TypeError(f"{where}: in decoders, write {essence!r} for {media_type!r}: no parameters, lower case.")


@cache
def kinds_of(known: Any) -> dict[str, Any]:
    """Give the options that a class of options has, each with its type."""
    return get_type_hints(known)
