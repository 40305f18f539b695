import asyncio
import random
import uuid

import pytest
from sqlalchemy import text

from loom_app.domains.messaging import actions, queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.realtime import signals
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair


async def send(me: Actor, conversation_id: int, body: str, client_id: str = ""):
    async with transaction(me) as tx:
        draft = actions.Draft(client_id or str(uuid.uuid4()), body)
        return await actions.send(tx, me, conversation_id, draft)


async def rows(me: Actor, conversation_id: int):
    async with transaction(me) as tx:
        return await queries.newest(tx, conversation_id, 1000)


async def test_ben_writes_and_ada_reads(db):
    ada, ben, chat = await make_pair()
    await send(ben, chat, "Hello Ada")
    async with transaction(ada) as tx:
        (card,) = await queries.conversations(tx, ada)
        assert (card.name, card.preview, card.unread) == ("Ben Okafor", "Hello Ada", 1)
        assert await queries.unread(tx, ada) == 1
        await actions.mark_read(tx, ada, chat, 1)
        assert await queries.unread(tx, ada) == 0
    async with transaction(ben) as tx:
        opened = await queries.thread(tx, ben, chat)
        assert queries.progress(opened.marks, ben.require_person())[:2] == (1, 1)
        assert await queries.unread(tx, ben) == 0


async def test_the_same_client_id_again_is_the_same_message(db):
    _, ben, chat = await make_pair()
    cid = str(uuid.uuid4())
    sent = await asyncio.gather(*(send(ben, chat, "once", cid) for _ in range(20)))
    assert {row.id for row in sent} == {sent[0].id}
    assert [row.number for row in await rows(ben, chat)] == [1]


async def test_numbers_have_no_gaps_under_contention(db):
    ada, ben, chat = await make_pair()
    await asyncio.gather(
        *(send(random.choice((ada, ben)), chat, f"message {i}") for i in range(60))
    )
    found = await rows(ada, chat)
    assert [row.number for row in found] == list(range(1, 61))
    assert len({row.change for row in found}) == 60


async def test_cleo_can_neither_read_write_nor_mark(db):
    ada, ben, chat = await make_pair()
    await send(ben, chat, "private")
    cleo = await make_user(name="Cleo Marsh")
    with pytest.raises(NotFound):
        await send(cleo, chat, "let me in")
    for attempt in (
        lambda tx: actions.mark_read(tx, cleo, chat, 1),
        lambda tx: queries.thread(tx, cleo, chat),
    ):
        with pytest.raises(NotFound):
            async with transaction(cleo) as tx:
                await attempt(tx)
    assert await rows(cleo, chat) == []
    assert len(await rows(ada, chat)) == 1


async def test_nobody_writes_in_the_name_of_another(db):
    ada, ben, chat = await make_pair()
    with pytest.raises(Exception, match="row-level security"):
        async with transaction(ben) as tx:
            await tx.db.execute(
                text(
                    "INSERT INTO messages (conversation_id, number, change, sender_id, body,"
                    " sent_at) VALUES (:c, 9, 9, :ada, 'forged', now())"
                ),
                {"c": chat, "ada": ada.person_id},
            )


@pytest.mark.parametrize("body", ["", "x" * 4001])
async def test_a_refused_message_leaves_nothing(db, body):
    _, ben, chat = await make_pair()
    with pytest.raises(Invalid):
        await send(ben, chat, body)
    assert await rows(ben, chat) == []


async def test_a_reader_who_was_away_gets_exactly_what_changed(db):
    ada, ben, chat = await make_pair()
    for i in range(3):
        await send(ben, chat, f"{i}")
    async with transaction(ada) as tx:
        seen = (await queries.thread(tx, ada, chat)).change
    await send(ben, chat, "while away")
    async with transaction(ada) as tx:
        await actions.mark_read(tx, ada, chat, 4)
    async with transaction(ada) as tx:
        missed = await queries.changes_after(tx, chat, seen)
    assert [row.body for row in missed.messages] == ["while away"]
    assert {mark.user_id: mark.read_number for mark in missed.marks} == {
        ben.person_id: 4,
        ada.person_id: 4,
    }
    async with transaction(ada) as tx:
        nothing = await queries.changes_after(tx, chat, missed.change)
    assert (nothing.messages, nothing.marks) == ([], [])


async def test_signals_go_to_the_thread_and_to_both_lists(db):
    ada, ben, chat = await make_pair()
    heard: list[str] = []
    stop = signals.listen(lambda signal: heard.append(signal.topic))
    await send(ben, chat, "hi")
    stop()
    assert set(heard) == {
        f"conversation:{chat}",
        f"person:{ada.person_id}:inbox",
        f"person:{ben.person_id}:inbox",
    }


async def test_starting_twice_finds_the_first_and_strangers_cannot_start(db):
    ada, ben, chat = await make_pair()
    cleo = await make_user(name="Cleo Marsh")
    async with transaction(ben) as tx:
        assert await actions.start(tx, ben, ada.require_person()) == chat
    async with transaction(ada) as tx:
        assert await actions.start(tx, ada, ben.require_person()) == chat
    for stranger in (ben, cleo):
        with pytest.raises(NotFound):
            async with transaction(cleo) as tx:
                await actions.start(tx, cleo, stranger.require_person())


async def test_a_system_message_is_posted_once_per_key_and_read_in_ones_own_zone(db):
    ada, ben, chat = await make_pair()
    facts = {"event": "session.booked", "title": "Focus", "starts_at": "2026-11-24T13:00:00+00:00"}
    for _ in range(2):
        async with transaction(Actor.system_job("scheduling.confirm")) as tx:
            await actions.post_system(tx, chat, key="booked:1", body="booked", facts=facts)
    for me, hour in ((ada, "14:00"), (ben, "08:00")):
        async with transaction(me) as tx:
            eyes = (await queries.thread(tx, me, chat)).eyes
        found = queries.views(await rows(me, chat), eyes)
        assert [hour in view.blocks[0].spans[0].text for view in found] == [True]
