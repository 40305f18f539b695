"""Pushes and mails of unread messages: a day on a fake clock, against a written table."""

import asyncio
import uuid

import pytest

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.notifications import pushed, unread
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.realtime import presence
from tests.domains.notifications.gateway import gateway
from tests.factories.messaging import make_pair

__all__ = ["gateway"]

FIRST, SECOND = "2 new messages from Ada Lind", "1 new message from Ada Lind"
# at, what happens; the push to Ben's phone and the mail that this minute brings him. Ada writes,
# Ben reads.
DAY = [
    ("09:00", "Ben is here", "", ""),
    ("09:00", "Ada: Good morning", "", ""),  # he has a tab in use: the bell says it
    ("09:05", "Ben leaves", "1 new message from Ada Lind / Good morning", ""),
    ("09:06", "", "", ""),
    ("09:10", "Ada: Did you try it?", f"{FIRST} / Good morning / Did you try it?", ""),
    ("09:29", "", "", ""),
    ("09:30", "", "", FIRST),
    ("09:31", "", "", ""),  # once, whatever the clock does
    (
        "10:00",
        "Ada: No hurry",
        "3 new messages from Ada Lind / Good morning / Did you try it? / No hurry",
        "",
    ),
    ("11:00", "", "", ""),  # the same stretch: no mail again before tomorrow
    ("12:00", "Ben reads", "", ""),
    ("12:05", "Ada: Great", f"{SECOND} / Great", ""),
    ("12:20", "Ben reads", "", ""),  # he was quicker than the half hour
    ("12:50", "", "", ""),
    ("13:00", "Ben: Thanks", "", ""),
    ("14:00", "", "", ""),  # one's own message waits for nobody
    ("15:00", "Ada: See you on Monday", f"{SECOND} / See you on Monday", ""),
    ("15:29", "", "", ""),
    ("15:30", "", "", SECOND),
    ("16:00", "Ben mutes", "", ""),
    ("16:01", "Ben reads", "", ""),
    ("16:10", "Ada: One more thing", "", ""),
    ("17:00", "", "", ""),
]


async def sweep() -> int:
    """What the worker does each minute; how many mails are owed."""
    async with transaction(unread.WATCHER) as tx:
        await pushed.tell(tx)
        made = await unread.tell(tx)
    await outbox.drain()
    return made


async def mails_to_ben() -> list[str]:
    found = [one.subject for one in reversed(await mailbox.newest())]
    return [one for one in found if one.endswith("Ada Lind")]


@pytest.fixture
async def pair(db, at) -> tuple[Actor, Actor, int]:
    at("2026-11-21T08:00Z")
    return await make_pair()


async def say(me: Actor, conversation_id: int, words: str) -> int:
    async with transaction(me) as tx:
        draft = messaging.Draft(client_id=uuid.uuid4().hex, body=words)
        return (await messaging.send(tx, me, conversation_id, draft)).id


async def read(ben: Actor, conversation_id: int) -> None:
    async with transaction(ben) as tx:
        await messaging.mark_read(tx, ben, conversation_id, 10_000)


async def happens(what: str, ada: Actor, ben: Actor, conversation_id: int) -> None:
    who, _, words = what.partition(": ")
    if words:
        await say({"Ada": ada, "Ben": ben}[who], conversation_id, words)
    elif what == "Ben reads":
        await read(ben, conversation_id)
    elif what == "Ben is here":
        presence.arrived(ben.require_person(), "a tab")
    elif what == "Ben leaves":
        presence.left(ben.require_person(), "a tab")
    elif what == "Ben mutes":
        async with transaction(ben) as tx:
            await messaging.mute(tx, ben, conversation_id, "always")


async def test_a_day_of_conversation(pair, at, gateway):
    ada, ben, conversation_id = pair
    phone = await gateway.phone_of(ben)
    told, mailed = [], 0
    for clock, what, *_ in DAY:
        at(f"2026-11-21T{clock}Z")
        await happens(what, ada, ben, conversation_id)
        await sweep()
        pushes = [f"{one['title']} / {one['body']}".replace("\n", " / ") for one in phone.take()]
        mails = (await mails_to_ben())[mailed:]
        mailed += len(mails)
        told.append((clock, what, ", ".join(pushes), ", ".join(mails)))
    assert told == DAY


async def test_the_mail_holds_the_last_lines_and_leads_there(pair, at):
    ada, _, conversation_id = pair
    at("2026-11-21T09:00Z")
    for number in range(5):
        await say(ada, conversation_id, f"Line {number}")
    at("2026-11-21T09:30Z")
    await sweep()
    body = (await mailbox.newest())[0].message.get_body(("plain",)).get_content()
    assert "5 messages wait for you" in body
    assert [f"Line {n}" in body for n in range(5)] == [False, False, True, True, True]
    assert f"/messages/{conversation_id}" in body


async def test_who_does_not_read_hears_again_the_next_day_and_only_of_what_is_new(pair, at):
    ada, _, conversation_id = pair
    at("2026-11-21T09:00Z")
    await say(ada, conversation_id, "First")
    at("2026-11-21T09:30Z")
    assert await sweep() == 1
    at("2026-11-22T12:00Z")
    assert await sweep() == 0  # nothing was said since
    await say(ada, conversation_id, "Second")
    at("2026-11-22T12:29Z")
    assert await sweep() == 0
    at("2026-11-22T12:30Z")
    assert await sweep() == 1
    assert (await mails_to_ben())[-1] == "2 new messages from Ada Lind"


async def test_what_is_read_before_the_mail_leaves_is_not_mailed(pair, at):
    ada, ben, conversation_id = pair
    at("2026-11-21T09:00Z")
    await say(ada, conversation_id, "Hello")
    at("2026-11-21T09:30Z")
    async with transaction(unread.WATCHER) as tx:
        assert await unread.tell(tx) == 1
    await read(ben, conversation_id)
    await outbox.drain()
    assert await mails_to_ben() == []


async def test_what_was_deleted_waits_for_nobody(pair, at):
    ada, _, conversation_id = pair
    at("2026-11-21T09:00Z")
    sent = await say(ada, conversation_id, "Oops")
    async with transaction(ada) as tx:
        await messaging.delete(tx, ada, sent)
    at("2026-11-21T10:00Z")
    assert await sweep() == 0


async def test_many_processes_look_at_once_and_one_mail_leaves(pair, at):
    ada, _, conversation_id = pair
    at("2026-11-21T09:00Z")
    await say(ada, conversation_id, "Hello")
    at("2026-11-21T09:30Z")
    assert sum(await asyncio.gather(*(sweep() for _ in range(8)))) == 1
    await outbox.drain()
    assert await mails_to_ben() == ["1 new message from Ada Lind"]
