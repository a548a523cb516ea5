"""A session as handlers see it: a mapping that knows whether it changed, typed data, messages for the next page, whose it is."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from martlet.sessions.errors import ClosedSessionError, SessionValueError
from martlet.sessions.records import Flash, Record, UserID, decode_record, encode_record, shown_id, values_after_json
from martlet.sessions.typed_data import TypedData

__all__ = ["ERRORS", "Session", "SessionState", "make_session_id"]

if TYPE_CHECKING:  # checkers know it by themselves; Python itself knows defaults from 3.13 on (PEP 696)
    from typing_extensions import TypeVar as TypeVarWithDefault

    T = TypeVarWithDefault("T", default=Any)
else:
    T = TypeVar("T")
ID_BYTES: Final = 16
ERRORS: Final = 400  # and above, of status codes
FAILURES_OF_OURS: Final = 500
PLAIN: Final = frozenset({str, int, bool, type(None)})  # nobody changes them from inside, and JSON gives them back


def make_session_id() -> str:
    """Make an id that nobody can guess, of 128 bits."""
    return secrets.token_urlsafe(ID_BYTES)


class SessionState:
    """What all views on one request's session share.

    before: the record as it was found, encoded; None for a new session.
    token: what the client showed for it, None for a new session.
    version: of the store's entry.
    is_kept: whether it is to be kept though there is nothing in it.
    is_rotated: whether the client is to show something new from now on.
    is_cleared: whether what others put in meanwhile is not to stay either.
    may_differ: whether the record may be another than the one before.
    may_misfit: whether values may be in it that JSON would give back as others.
    """

    __slots__ = (
        "before",
        "is_cleared",
        "is_closed",
        "is_kept",
        "is_rotated",
        "may_differ",
        "may_misfit",
        "record",
        "token",
        "typed",
        "version",
    )

    def __init__(self, record: Record, *, before: bytes | None = None, token: str | None = None, version: bytes = b"") -> None:
        """Begin with a record that is this request's own."""
        self.record = record
        self.before = before
        self.token = token
        self.version = version
        self.is_kept = False
        self.is_rotated = False
        self.is_cleared = False
        self.is_closed = False
        self.may_differ = False
        self.may_misfit = False
        self.typed: dict[type[Any], TypedData] = {}

    def open(self) -> None:
        """Get ready for a change; raises ClosedSessionError."""
        if self.is_closed:
            raise ClosedSessionError
        self.may_differ = True

    def open_to_any(self) -> None:
        """Get ready for a change to anything, which may be none that JSON can hold."""
        self.open()
        self.may_misfit = True

    def secret(self) -> str:
        """Give the record's id, which is shown to nobody but the client itself; it gets one now if it has none."""
        if not self.record.id:
            self.record.id = make_session_id()
            self.may_differ = True
        return self.record.id

    def is_kept_after(self, status: int) -> bool:
        """Tell whether what happened is kept with an answer that is an error: a logout always, a login never.

        Rights that a handler gave before it failed are not given; what it took away before it failed is gone.
        """
        before = None if self.before is None else decode_record(self.before)
        user, found = self.record.user, None if before is None else before.user
        if user != found:
            return user is None
        return status < FAILURES_OF_OURS

    def settle(self) -> bytes:
        """Put typed data back among the values, and give the record as JSON; raises SessionValueError for what JSON cannot."""
        self.is_closed = True
        # PERF: a session that was only read is not written to be compared: 1.2 µs for 300 bytes.
        if self.before is not None and not self.may_differ:
            return self.before
        record = self.record
        try:
            for view in self.typed.values():
                view.settle(record.values)
            encoded = encode_record(record)
        except SessionValueError:
            raise
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise _misfit(record, error) from error
        # PERF: where only plain values were put in, and none was handed out that can be changed, all come back: 2.7 µs less.
        if self.may_misfit and encoded != self.before and record.values:
            back = decode_record(encoded)
            if back is None or back.values != record.values:
                raise _misfit(record, None)
        return encoded


class Session(MutableMapping[str, Any], Generic[T]):
    """The session of a request: values by names, kept for the client's next requests.

    Values are what JSON can hold, and changes inside of them count, too. `Session[Cart]` has its values as a Cart, in `data`;
    every field of it must have a default. Nothing is kept of a session that nothing was put into.

    state: what keeps the session; no business of handlers.

    >>> session = Session.new()
    >>> session["cart"] = ["Walden"]
    >>> session.flash("It is in the cart.")
    >>> dict(session), session.take_flashes()
    ({'cart': ['Walden']}, [Flash(message='It is in the cart.', category='info')])
    """

    __slots__ = ("_kind", "state")

    def __init__(self, state: SessionState, kind: type[T] | None = None) -> None:
        """See a state, with a type for its data or without."""
        self.state = state
        self._kind = kind

    @classmethod
    def new(cls, values: Mapping[str, Any] | None = None, kind: type[T] | None = None) -> Session[T]:
        """Make a session of no request, with values in it and a type for its data; for tests of functions that take one."""
        state = SessionState(Record(values=dict(values or {})))
        state.open_to_any()
        return Session(state, kind)

    def typed(self, kind: type[Any]) -> Session[Any]:
        """See the same session with its data as this type."""
        return Session(self.state, kind)

    @property
    def data(self) -> T:
        """The values as the type asked for, to read and to change; those that no longer fit it are dropped, and it begins anew.

        Raises TypeError for a session that was asked for without a type.
        """
        kind, state = self._kind, self.state
        if kind is None:
            raise TypeError("This session has no type for its data: ask for it as `session: Session[Cart]`.")
        if kind not in state.typed:
            state.open_to_any()
            try:
                state.typed[kind] = TypedData(kind, state.record.values)
            except (TypeError, ValueError, OverflowError, RecursionError) as error:
                raise _misfit(state.record, error) from error
        return cast("T", state.typed[kind].data)

    @property
    def id(self) -> str:
        """A random id, another one after each login; it lets nobody in and proves nothing, so it may be logged or shown."""
        return shown_id(self.state.secret())

    @property
    def is_new(self) -> bool:
        """Whether the client showed no session that is valid."""
        return self.state.before is None

    @property
    def user_id(self) -> UserID | None:
        """Whose session it is, as `login` was told."""
        return self.state.record.user

    def keep(self) -> None:
        """Keep the session even if there is nothing in it, so that the client comes back with it."""
        self.state.open()
        self.state.is_kept = True

    def rotate(self) -> None:
        """Let the client show something new from now on, and let what it showed so far be worth nothing.

        Against session fixation, wherever its rights change; `login` and `logout` do it. The new session's life begins now.
        """
        self.state.open()
        self.state.is_rotated = True
        self.state.record.id = ""
        self.state.record.born = 0

    def assign(self, user: UserID | None) -> None:
        """Say whose session it is from now on, and rotate it; `login` and `logout` do it."""
        self.rotate()
        self.state.open_to_any()
        self.state.record.user = user

    def clear(self) -> None:
        """Take all values out, and the messages; whose session it is stays."""
        self.state.open()
        record = self.state.record
        record.values, record.flashes = {}, []
        self.state.is_cleared = True
        self.state.typed.clear()

    def flash(self, message: str, category: str = "info") -> None:
        """Leave a message for the next page that shows messages."""
        self.state.open_to_any()
        self.state.record.flashes = [*self.state.record.flashes, Flash(message, category)]

    def take_flashes(self) -> list[Flash]:
        """Take out the messages that were left, the oldest first."""
        found = self.state.record.flashes
        if not found:
            return []
        self.state.open()
        self.state.record.flashes = []
        return found

    def __getitem__(self, name: str) -> Any:
        """Give a value; raises KeyError."""
        value = self.state.record.values[name]
        if type(value) not in PLAIN:  # a list, say: who has it may change what is in it
            self.state.may_differ = self.state.may_misfit = True
        return value

    def __setitem__(self, name: str, value: Any) -> None:
        """Put a value in."""
        self.state.open()
        if type(name) is not str:
            raise SessionValueError(f"The name of a value in a session is text, not {name!r:.80}: JSON knows no other names.")
        if type(value) not in PLAIN:
            self.state.may_misfit = True
        self.state.record.values[name] = value

    def __delitem__(self, name: str) -> None:
        """Take a value out; raises KeyError."""
        self.state.open()
        del self.state.record.values[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self.state.record.values)

    def __len__(self) -> int:
        """Count the values."""
        return len(self.state.record.values)

    def __bool__(self) -> bool:
        """Whether there is anything in it: a value, a message, or a user."""
        return not self.state.record.is_empty

    def __repr__(self) -> str:
        """Show the names, not the values."""
        return f"<Session of {self.user_id!r} with {', '.join(self) or 'nothing'}>"


def _misfit(record: Record, cause: Exception | None) -> SessionValueError:
    for name, value in record.values.items():
        told = _told(value)
        if told:
            return SessionValueError(
                f"The {type(value).__name__} of {name!r} in the session {told}. Put in text, numbers, booleans, lists and dicts "
                "with text as keys, or type the data, as in Session[Cart]."
            )
    return SessionValueError(f"The session cannot be kept: {cause}")


def _told(value: Any) -> str:
    try:
        back = values_after_json(value)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        return f"cannot be kept: {error}"
    kind = type(back).__name__
    return "" if back == value else f"would come back as {'another' if type(back) is type(value) else 'a'} {kind}"
