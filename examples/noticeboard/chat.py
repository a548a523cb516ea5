"""The chat below a notice: a WebSocket for each open page, and a form for browsers without scripts.

What was said is in the store, and a page names the last message that it has. The channel only tells the pages of all processes
that there is something to look for: so nothing is missed and nothing is seen twice, whatever breaks.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from typing import Annotated

from msgspec import Meta

from martlet import AfterResponse, Group, NotFoundError, RateLimit, Response, URLs, WebSocket
from martlet.channels import Channel, Presence
from martlet.stores import Rate

from .messages import Messages
from .model import Here, Letter, NoticeId, Person, Said, Say, Stir, User, Writes, Writing
from .settings import STORE

LISTED = 20  # names of who is here
PACE = Rate(20, seconds=20)  # of one address: whoever is faster waits, and so does what they send

chat = Group("/notices/{notice_id}")


def name_of(user: User | None, guest_name: str) -> str:
    """Give the name that others read; no account has a blank in its name, so a guest is never taken for one."""
    if user is not None:
        return user.name
    plain = " ".join(guest_name.split())
    return f"{plain} (guest)" if plain else ""


@chat.websocket("/chat")
async def talk(
    notice_id: NoticeId,
    socket: WebSocket[Say | Writing, Said | Writes | Here],
    person: Person,
    messages: Messages,
    channel: Channel[Stir],
    presence: Presence[Person],
    after: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0,
) -> None:
    if not await asyncio.to_thread(messages.has_notice, notice_id):
        raise NotFoundError("There is no such notice.")
    stirs, people = channel.part(str(notice_id)), presence.part(str(notice_id))
    heard = hear(stirs, messages, notice_id, after, person)
    async with people.here(person.id, person), socket.sending(heard), socket.sending(who_is_here(people)):
        async for message in socket:
            await keep_pace(socket)
            if isinstance(message, Writing):
                await stirs.publish(Stir(person.id, writes=person.name or "A guest"))
                continue
            if not await asyncio.to_thread(messages.add, notice_id, person.name or "A guest", message):
                raise NotFoundError("There is no such notice.")
            await stirs.publish(Stir(person.id))


async def hear(
    stirs: Channel[Stir], messages: Messages, notice_id: int, after: int, person: Person
) -> AsyncGenerator[Said | Writes, None]:
    """Give what was said since, and then what is said, and who else writes."""
    async with stirs.subscribe(opening=True) as events:
        async for event in events:
            match event.data:
                case Stir(by, writes) if writes:
                    if by != person.id:
                        yield Writes(writes)
                case _:  # something was said; or this is the opening, or a Reset, which tells that some events are missing
                    for said in await asyncio.to_thread(messages.since, notice_id, after):
                        yield said
                        after = said.id


async def who_is_here(people: Presence[Person]) -> AsyncGenerator[Here, None]:
    """Give who is here, whenever that changes."""
    async for _ in people.changes():
        everybody = [member.data.name for member in await people.now()]
        names = [name for name in everybody if name]
        yield Here(names[:LISTED], guests=len(everybody) - len(names), more=max(0, len(names) - LISTED))


async def keep_pace(socket: WebSocket[Say | Writing, Said | Writes | Here]) -> None:
    """Let who says too much wait; meanwhile nothing is taken from the socket, so the client waits as well."""
    client = socket.request.client
    while not (taken := await STORE.take(f"chat {client and client[0]}", PACE)).allowed:  # noqa: ASYNC110  no store tells
        await asyncio.sleep(taken.retry_after)


@chat.get("/messages")
def list_messages(notice_id: NoticeId, messages: Messages, after: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0) -> list[Said]:
    return messages.since(notice_id, after)


@chat.post("/messages", guards=[RateLimit(PACE.limit, seconds=PACE.seconds, store=STORE)])
def say(
    notice_id: NoticeId,
    letter: Letter,
    user: User | None,
    messages: Messages,
    channel: Channel[Stir],
    tasks: AfterResponse,
    urls: URLs,
) -> Response:
    name = name_of(user, letter.name) or "A guest"
    if not messages.add(notice_id, name, Say(secrets.token_urlsafe(16), letter.text)):
        raise NotFoundError("There is no such notice.")
    tasks.add(channel.part(str(notice_id)).publish, Stir(""))
    return Response.redirect(urls.to("show_notice", notice_id=notice_id) + "#chat")
