"""The application: where its pages and files are, what it needs for a request, and its routes from top to bottom."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from martlet import App, Created, NotFoundError, Page, Query, Request, Response, TemplateEngine, TemplateResponse, URLs

from .model import Category, Listing, NewNotice, Notice, NoticeChanges, NoticeId
from .store import Database, Notices

HERE = Path(__file__).parent

app = App(
    templates=TemplateEngine(HERE / "templates", globals={"categories": list(Category)}),
    error_page="error.html",
)
app.static("/static", HERE / "static")


# What a handler may ask for, by type -----------------------------------------------------------------


@app.provider(scope="app")
def database() -> Database:
    """Open the store once, before the first request."""
    return Database(os.environ.get("NOTICEBOARD_DATABASE", HERE / "noticeboard.sqlite3"))


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


@app.get("/notices", template="board.html")
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


@app.post("/notices", form="form.html")
def pin_up(new: NewNotice, notices: Notices, urls: URLs) -> Created[Notice]:
    notice = notices.add(new, datetime.now(UTC))
    return Created(notice, location=urls.to(show_notice, notice_id=notice.id))


@app.get("/notices/{notice_id}", template="notice.html")
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


@app.get("/notices/new")
def write_notice() -> TemplateResponse:
    return TemplateResponse("form.html")


@app.get("/notices/{notice_id}/edit", template="form.html")
def edit_notice(notice: Notice) -> Notice:
    return notice


@app.post("/notices/{notice_id}/edit", form="form.html")
def save_notice(new: NewNotice, notice: Notice, notices: Notices, urls: URLs) -> Response:
    replace_notice(new, notice, notices)
    return Response.redirect(urls.to(show_notice, notice_id=notice.id))


@app.post("/notices/{notice_id}/delete")
def delete_notice(notice: Notice, notices: Notices, urls: URLs) -> Response:
    take_down(notice, notices)
    return Response.redirect(urls.to(list_notices))
