"""The application: where its pages and files are, what it needs for a request, and its routes from top to bottom."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from martlet import (
    AfterResponse,
    App,
    Created,
    Event,
    ForbiddenError,
    Guard,
    HTTPError,
    LastEventID,
    NotFoundError,
    Page,
    PasswordHasher,
    Query,
    Request,
    Response,
    SecurityHeaders,
    Session,
    Sessions,
    TemplateEngine,
    UnauthorizedError,
    URLs,
    prefers_page,
    require_auth,
)
from martlet.channels import Channel, Window

from .accounts import KEYS, accounts, members, show_login
from .chat import chat, name_of
from .messages import Messages
from .model import (
    Category,
    Change,
    GuestName,
    Key,
    Listing,
    NewNotice,
    Notice,
    NoticeChanges,
    NoticeId,
    Person,
    Role,
    Stir,
    User,
)
from .settings import BROKER, COOKIE, FOLDER, STORE
from .store import Database, Notices
from .users import Users

HERE = Path(__file__).parent
# Everything comes from here, and goes here: streams and WebSockets too. Scripts are files: what stands in a page is never run.
POLICY = (
    "default-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)

app = App(
    templates=TemplateEngine(HERE / "templates", globals={"categories": list(Category)}),
    error_page="error.html",
    broker=BROKER,
    sessions=Sessions(store=STORE, name=COOKIE),
    security_headers=SecurityHeaders(content_security_policy=POLICY),
)
app.channel("changes", Change)
app.channel("chat", Stir, window=Window(count=100, seconds=60))
app.presence("people", Person)
app.static("/static", HERE / "static")
app.include(accounts)
app.include(members)
app.include(chat)


# What a handler may ask for, by type -----------------------------------------------------------------


@app.provider(scope="app")
def database() -> Database:
    """Open the store once, before the first request."""
    return Database(FOLDER / "noticeboard.sqlite3")


@app.provider(scope="app")
def hasher() -> PasswordHasher:
    """Hash passwords as it is recommended; tests put a quick one in its place."""
    return PasswordHasher()


@app.provider(scope="app")
def users(database: Database, hasher: PasswordHasher) -> Users:
    """Know the accounts; the first one gets its password here."""
    users = Users(database, hasher)
    users.give_first_password()
    return users


@app.provider(scope="app")
def messages(database: Database) -> Messages:
    """Know what is said below notices."""
    return Messages(database)


@app.provider
def notices(database: Database, request: Request, channel: Channel[Change], tasks: AfterResponse) -> Iterator[Notices]:
    """Give each request that asks a transaction: committed before the answer is sent, rolled back on any error."""
    with database.transaction(writes=request.method not in {"GET", "HEAD"}) as connection:
        notices = Notices(connection)
        yield notices
    # Only what is committed gets here, so whoever is told finds it; and a broker that is slow or gone holds up no answer.
    for change in notices.changes:
        tasks.add(channel.publish, change)


@app.provider
def asked_notice(notice_id: NoticeId, notices: Notices) -> Notice:
    """Give the notice that the path names; a provider is bound as a handler is, so it can take part of the path."""
    notice = notices.get(notice_id)
    if notice is None:
        raise NotFoundError("There is no such notice on the board. It may have been taken down.")
    return notice


@app.provider
def person(user: User | None, window: Key, name: GuestName = "") -> Person:
    """Tell who opens a chat; `window` is a number that a guest's browser has made up."""
    return Person(f"user {user.id}" if user else f"guest {window}", name_of(user, name))


# Who asks, and what they may -------------------------------------------------------------------------


@app.authenticator(challenge='Bearer realm="noticeboard"')
def by_key(request: Request, users: Users) -> User | None:
    """Find whose program this is; before the session, since who shows a key means it."""
    shown = KEYS.shown(request)
    return users.of_key(shown) if shown else None


@app.authenticator
def by_session(session: Session, users: Users) -> User | None:
    """Find who logged in with this browser; somebody whose account is gone is nobody."""
    return users.get(session.user_id) if isinstance(session.user_id, int) else None


@Guard
def only_owner(notice: Notice, user: User) -> None:
    if notice.owner_id != user.id:
        raise ForbiddenError("This notice is somebody else's. Only who pinned it up may edit it.")


@Guard
def only_owner_or_editor(notice: Notice, user: User) -> None:
    if notice.owner_id != user.id and user.role is not Role.EDITOR:
        raise ForbiddenError("This notice is somebody else's. Only who pinned it up, or an editor, may take it down.")


@app.on_error(UnauthorizedError)
def ask_to_log_in(error: UnauthorizedError, request: Request, urls: URLs) -> Response | HTTPError:
    """Lead a browser to the login, and from there to where it wanted to go; programs are told that it is a 401."""
    if request.method == "GET" and prefers_page(request.headers.get("accept")):
        return Response.redirect(urls.to(show_login, query={"next": request.target}))
    return error


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
def pin_up(new: NewNotice, user: User, notices: Notices, urls: URLs) -> Created[Notice]:
    notice = notices.add(new, user.id, datetime.now(UTC))
    return Created(notice, location=urls.to(show_notice, notice_id=notice.id))


@app.get("/notices/{notice_id}", template="notice.html")
def show_notice(notice: Notice, messages: Messages) -> Page[Notice]:
    return Page(notice, messages=messages.since(notice.id))


@app.put("/notices/{notice_id}", guards=[only_owner])
def replace_notice(new: NewNotice, notice: Notice, notices: Notices) -> Notice:
    return notices.change(notice, new, datetime.now(UTC))


@app.patch("/notices/{notice_id}", guards=[only_owner])
def change_notice(changes: NoticeChanges, notice: Notice, notices: Notices) -> Notice:
    return notices.change(notice, changes, datetime.now(UTC))


@app.delete("/notices/{notice_id}", guards=[only_owner_or_editor])
def take_down(notice: Notice, notices: Notices) -> None:
    notices.remove(notice)


# For pages that are open -----------------------------------------------------------------------------


# The parts of the board that change, for the same query; each visitor is shown what they may see, without a message of theirs.
app.get("/notices/parts", template="board_parts.html", name="list_parts")(list_notices)


# So does a notice on its own page.
@app.get("/notices/{notice_id}/part", template="notice.html#notice")
def show_notice_part(notice: Notice) -> Notice:
    return notice


@app.get("/changes")
async def changes(channel: Channel[Change], after: LastEventID) -> AsyncIterator[Event[Change]]:
    return channel.subscribe(after=after, opening=True)


# For browsers alone, whose forms know no other methods than GET and POST -----------------------------


@app.get("/notices/new", template="form.html", guards=[require_auth])
def write_notice() -> dict[str, str]:
    return {}


@app.get("/notices/{notice_id}/edit", template="form.html", guards=[only_owner])
def edit_notice(notice: Notice) -> Notice:
    return notice


@app.post("/notices/{notice_id}/edit", form="form.html", guards=[only_owner])
def save_notice(new: NewNotice, notice: Notice, notices: Notices, urls: URLs, session: Session) -> Response:
    replace_notice(new, notice, notices)
    session.flash("Your changes are on the board.")
    return Response.redirect(urls.to(show_notice, notice_id=notice.id))


@app.post("/notices/{notice_id}/delete", guards=[only_owner_or_editor])
def delete_notice(notice: Notice, notices: Notices, urls: URLs, session: Session) -> Response:
    take_down(notice, notices)
    session.flash(f"“{notice.title}” is taken down.")
    return Response.redirect(urls.to(list_notices))
