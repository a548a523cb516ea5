"""Signing up, logging in and out, a key for one's programs, and what editors may do with accounts."""

from typing import Annotated

from msgspec import Meta, Struct

from martlet import (
    APIKeys,
    FieldError,
    ForbiddenError,
    Group,
    NotFoundError,
    Page,
    RateLimit,
    Response,
    Session,
    URLs,
    ValidationError,
    login,
    logout,
    redirect_to,
    require_auth,
    require_role,
)

from .model import Role, User
from .settings import STORE
from .users import NameTakenError, Users

KEYS = APIKeys("noticeboard")

accounts = Group()
members = Group("/members", guards=[require_role("editor")])


class Credentials(Struct):
    """How somebody proves who they are, and where to go then. Any name and password may be tried."""

    name: str
    password: str
    next: str = "/"


class NewAccount(Struct):
    """What somebody signs up with."""

    name: Annotated[str, Meta(min_length=2, max_length=30, pattern=r"^[A-Za-z0-9-]+$")]
    password: Annotated[str, Meta(min_length=12, max_length=200)]
    next: str = "/"


@accounts.get("/sign-up", template="sign_up.html")
def show_sign_up(next: str = "/") -> dict[str, str]:  # noqa: A002  the name that the address has
    return {"next": next}


@accounts.post("/sign-up", form="sign_up.html", guards=[RateLimit(10, seconds=3600, store=STORE)])
def sign_up(new: NewAccount, session: Session, users: Users) -> Response:
    try:
        user = users.sign_up(new.name, new.password)
    except NameTakenError:
        raise ValidationError(errors=[FieldError("/name", "Somebody else has this name")]) from None
    login(session, user)
    session.flash(f"Welcome to the board, {user.name}.")
    return redirect_to(new.next)


@accounts.get("/login", template="login.html")
def show_login(next: str = "/") -> dict[str, str]:  # noqa: A002  as above
    return {"next": next}


@accounts.post("/login", form="login.html", guards=[RateLimit(10, seconds=600, store=STORE)])
def log_in(given: Credentials, session: Session, users: Users) -> Response:
    user = users.proven(given.name, given.password)
    if user is None:  # which of the two is wrong is nobody's business
        raise ValidationError(errors=[FieldError("/password", "No account has this name and this password")])
    login(session, user)
    session.flash(f"Welcome back, {user.name}.")
    return redirect_to(given.next)


@accounts.post("/logout")
def log_out(session: Session) -> Response:
    logout(session)
    session.flash("You are logged out.")
    return redirect_to("/")


@accounts.get("/key", template="key.html", guards=[require_auth])
def show_key() -> dict[str, str]:
    return {}


@accounts.post("/key", template="key.html")
def make_key(user: User, users: Users) -> dict[str, str]:
    new = KEYS.make()
    users.give_key(user, new)
    return {"key": new.key}


# For editors alone: the group's guard ----------------------------------------------------------------


class RoleChange(Struct):
    """What somebody is to be."""

    role: Role


@members.get("", template="members.html")
def list_members(users: Users) -> Page[list[User]]:
    return Page(users.all())


@members.post("/{member_id}/role")
def change_role(member_id: int, change: RoleChange, user: User, users: Users, session: Session, urls: URLs) -> Response:
    member = users.get(member_id)
    if member is None:
        raise NotFoundError("There is no such member.")
    if member.id == user.id:  # so that there is always an editor
        raise ForbiddenError("Nobody changes their own role.")
    users.give_role(member, change.role)
    session.flash(f"{member.name} is {change.role.label} now.")
    return redirect_to(urls.to(list_members))
