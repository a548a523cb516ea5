"""The application: what it needs for a request, its routes from top to bottom, and the pages for what goes wrong."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from martlet import HTML, App, Created, HTTPError, NotFoundError, Page, Query, Request, Response, URLs, ValidationError
from martlet.http import best_match, parse_urlencoded

from . import pages
from .model import Category, Listing, NewNotice, Notice, NoticeChanges, NoticeId
from .store import Database, Notices

BESIDE_THIS_FILE = Path(__file__).with_name("noticeboard.sqlite3")

app = App()


# What a handler may ask for, by type -----------------------------------------------------------------


@app.provider(scope="app")
def database() -> Database:
    """Open the store once, before the first request."""
    return Database(os.environ.get("NOTICEBOARD_DATABASE", BESIDE_THIS_FILE))


@app.provider
def notices(database: Database, request: Request) -> Iterator[Notices]:
    """Give each request that asks a transaction: committed before the answer is sent, rolled back on any error."""
    with database.transaction(writes=request.method not in {"GET", "HEAD"}) as connection:
        yield Notices(connection)


@app.provider
def asked_notice(notice_id: NoticeId, notices: Notices) -> Notice:
    """Give the notice that the path names; a provider is bound as a handler is, so it can take part of the path."""
    notice = notices.get(notice_id)
    if notice is None:
        raise NotFoundError("There is no such notice on the board. It may have been taken down.")
    return notice


# The same addresses for people and programs: the Accept field decides --------------------------------


@app.get("/", inline=True)
def home(urls: URLs) -> Response:
    return Response.redirect(urls.to(list_notices))


@app.get("/notices", page=pages.board)
def list_notices(
    notices: Notices,
    category: Category | None = None,
    words: Annotated[str, Query("q"), Meta(max_length=100)] = "",
    page: Annotated[int, Meta(ge=1, le=10_000)] = 1,
) -> Page[Listing]:
    listing = notices.search(category=category, words=words, page=page)
    if page > listing.pages:
        raise NotFoundError(f"The last page of this is page {listing.pages}.")
    return Page(listing, counts=notices.counts(words), category=category, words=words)


@app.post("/notices", page=pages.notice)
def pin_up(new: NewNotice, notices: Notices, urls: URLs) -> Created[Notice]:
    notice = notices.add(new, datetime.now(UTC))
    return Created(notice, location=urls.to(show_notice, notice_id=notice.id))


@app.get("/notices/{notice_id}", page=pages.notice)
def show_notice(notice: Notice) -> Notice:
    return notice


@app.put("/notices/{notice_id}")
def replace_notice(new: NewNotice, notice: Notice, notices: Notices) -> Notice:
    return notices.change(notice, new, datetime.now(UTC))


@app.patch("/notices/{notice_id}")
def change_notice(changes: NoticeChanges, notice: Notice, notices: Notices) -> Notice:
    return notices.change(notice, changes, datetime.now(UTC))


@app.delete("/notices/{notice_id}")
def take_down(notice: Notice, notices: Notices) -> None:
    notices.remove(notice)


# For browsers alone, whose forms know no other methods than GET and POST -----------------------------


@app.get("/notices/new", inline=True)
def write_notice() -> HTML:
    return pages.new_notice()


@app.get("/notices/{notice_id}/edit")
def edit_notice(notice: Notice) -> HTML:
    return pages.edit_notice(notice)


@app.post("/notices/{notice_id}/edit")
def save_notice(new: NewNotice, notice: Notice, notices: Notices, urls: URLs) -> Response:
    replace_notice(new, notice, notices)
    return Response.redirect(urls.to(show_notice, notice_id=notice.id))


@app.post("/notices/{notice_id}/delete")
def delete_notice(notice: Notice, notices: Notices, urls: URLs) -> Response:
    take_down(notice, notices)
    return Response.redirect(urls.to(list_notices))


@app.get("/noticeboard.css", inline=True)
def stylesheet() -> Response:
    # The pages name it with its fingerprint, so what a browser keeps is never out of date.
    return Response(
        pages.STYLESHEET, media_type="text/css; charset=utf-8", headers={"cache-control": "public, max-age=31536000, immutable"}
    )


@app.get("/favicon.svg", inline=True)
def favicon() -> Response:
    return Response(pages.FAVICON, media_type="image/svg+xml", headers={"cache-control": "public, max-age=86400"})


# What goes wrong ---------------------------------------------------------------------------------------

ERROR_TYPES = ["application/problem+json", "application/json", "text/html"]


@app.on_error(HTTPError)
def error_page(error: HTTPError, request: Request) -> HTTPError | Response:
    """Answer browsers with a page of our own; programs get the framework's problem document."""
    if best_match(request.headers.get("accept"), ERROR_TYPES) != "text/html":
        return error
    return page_for(error, pages.problem(error))


@app.on_error(ValidationError)
def form_again(error: ValidationError, request: Request) -> HTTPError | Response:
    """Show a browser its form again, as it was filled in, with what must be mended."""
    answer = error_page(error, request)
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    refused = {field.pointer.removeprefix("/") for field in error.errors}
    if answer is error or not is_form or not refused <= pages.FIELDS.keys():
        return answer
    return page_for(error, pages.form_again(dict(parse_urlencoded(request.body)), refused, action=request.path))


def page_for(error: HTTPError, page: HTML) -> Response:
    headers = {**error.headers, "vary": "accept"}
    return Response(page, status=error.status_code, headers=headers, media_type="text/html; charset=utf-8")
