import uuid

import pytest
from sqlalchemy import text

from loom_app.domains.messaging import actions, queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.realtime import signals
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair, make_talk

HUB = Actor.system_job("messaging.hub")


async def send(me: Actor, chat: int, body: str):
    async with transaction(me) as tx:
        return await actions.send(tx, me, chat, actions.Draft(str(uuid.uuid4()), body))


async def cards(me: Actor, **options):
    async with transaction(me) as tx:
        return await queries.conversations(tx, me, **options)


async def do(action, me: Actor, *values, **named):
    async with transaction(me) as tx:
        return await action(tx, me, *values, **named)


async def make_three():
    """Ada with Ben, Cleo and Dora, who each wrote once, in this order."""
    ada, ben, chat = await make_pair()
    chats = [chat]
    for name in ("Cleo Marsh", "Dora Diaz"):
        other = await make_user(name=name)
        chats.append(await make_talk(ada, other))
        await send(other, chats[-1], "Hello")
    await send(ben, chat, "Hello")
    return ada, chats


async def test_the_newest_is_on_top_and_pinned_ones_are_above_it(db):
    ada, (ben, cleo, dora) = await make_three()
    assert [card.id for card in await cards(ada)] == [ben, dora, cleo]
    await do(actions.pin, ada, cleo, pinned=True)
    found = await cards(ada)
    assert [(card.id, card.pinned) for card in found] == [(cleo, True), (ben, False), (dora, False)]


async def test_pages_continue_after_a_row_without_gap_or_double(db):
    ada, (ben, cleo, dora) = await make_three()
    await do(actions.pin, ada, cleo, pinned=True)
    seen, last = [], None
    while page := await cards(ada, after=last, limit=1):
        seen.append(page[0].id)
        last = page[0]
    assert seen == [cleo, ben, dora]


async def test_filters_show_what_they_say(db):
    ada, (ben, cleo, dora) = await make_three()
    async with transaction(ada) as tx:
        await actions.mark_read(tx, ada, ben, 1)
        await actions.mark_read(tx, ada, cleo, 1)
    await do(actions.mark_unread, ada, cleo, unread=True)
    await do(actions.archive, ada, ben, archived=True)
    assert [card.id for card in await cards(ada)] == [dora, cleo]
    assert [card.id for card in await cards(ada, show="unread")] == [dora, cleo]
    assert [card.id for card in await cards(ada, show="archived")] == [ben]
    assert await cards(ada, show="files") == []
    async with transaction(ada) as tx:
        assert await queries.unread(tx, ada) == 2  # Dora's message, and the mark at Cleo's


async def test_conversations_with_files_that_one_may_see(db):
    ada, ben, chat = await make_pair()
    message = await send(ben, chat, "with a file")
    async with transaction(Actor.system_job("messaging.test")) as tx:
        await tx.db.execute(
            text(
                "INSERT INTO message_files (conversation_id, uploader_id, message_id, key, name,"
                " mime, bytes, kind, created_at) VALUES (:c, :u, :m, 'k', 'plan.pdf',"
                " 'application/pdf', 1, 'pdf', now())"
            ),
            {"c": chat, "u": ben.person_id, "m": message.id},
        )
    assert [card.id for card in await cards(ada, show="files")] == [chat]
    await do(actions.delete, ben, message.id)
    assert await cards(ada, show="files") == []


async def test_the_preview_is_the_newest_message_that_this_viewer_sees(db):
    ada, ben, chat = await make_pair()
    first = await send(ben, chat, "one")
    second = await send(ben, chat, "two")
    await do(actions.hide, ada, second.id)
    assert ((await cards(ada))[0].preview, (await cards(ben))[0].preview) == ("one", "You: two")
    await do(actions.delete, ben, first.id)
    assert (await cards(ada))[0].preview == "Message deleted"


@pytest.mark.parametrize(
    ("how_long", "until"),
    [
        ("hour", "2026-11-21T23:30:00+00:00"),
        ("tomorrow", "2026-11-22T07:00:00+00:00"),  # 8 o'clock in Berlin, where Ada is
        ("always", "9999-01-01T00:00:00+00:00"),
    ],
)
async def test_a_mute_ends_when_it_says(db, at, how_long, until):
    at("2026-11-21T22:30:00+00:00")
    ada, ben, chat = await make_pair()
    await send(ben, chat, "Hello")
    await do(actions.mute, ada, chat, how_long)
    assert (await cards(ada))[0].muted
    assert not (await cards(ben))[0].muted
    if how_long != "always":
        at(until)
        assert not (await cards(ada))[0].muted
    await do(actions.mute, ada, chat, "off")
    assert not (await cards(ada))[0].muted


async def test_a_new_message_brings_an_archived_conversation_back_unless_muted(db):
    ada, ben, chat = await make_pair()
    await send(ben, chat, "Hello")
    await do(actions.archive, ada, chat, archived=True)
    await send(ben, chat, "Are you there?")
    assert [card.id for card in await cards(ada)] == [chat]
    await do(actions.archive, ada, chat, archived=True)
    await do(actions.mute, ada, chat, "always")
    await send(ben, chat, "Still there?")
    assert await cards(ada) == []
    assert [card.id for card in await cards(ben)] == [chat]


async def test_settings_are_ones_own_and_of_ones_own_conversations(db):
    ada, ben, chat = await make_pair()
    await send(ben, chat, "Hello")
    cleo = await make_user(name="Cleo Marsh")
    for action, named in (
        (actions.pin, {"pinned": True}),
        (actions.archive, {"archived": True}),
        (actions.mark_unread, {"unread": True}),
        (actions.show_receipts, {"shown": False}),
    ):
        with pytest.raises(NotFound):
            await do(action, cleo, chat, **named)
        await do(action, ada, chat, **named)
    (card,) = await cards(ben)
    assert (card.pinned, card.archived, card.marked) == (False, False, False)
    async with transaction(ben) as tx:
        assert (await tx.db.execute(text("SELECT * FROM conversation_settings"))).all() == []


async def test_all_tabs_of_the_person_hear_of_a_setting(db):
    ada, _, chat = await make_pair()
    heard: list[signals.Signal] = []
    stop = signals.listen(heard.append)
    await do(actions.pin, ada, chat, pinned=True)
    stop()
    assert heard == [signals.Signal(f"person:{ada.person_id}:inbox", chat)]


async def test_the_hub_reads_a_row_as_its_viewer_would(db):
    ada, (ben, cleo, dora) = await make_three()
    stranger = await make_user(name="Otto Olsen")
    asked = {ada.require_person(): {ben, cleo, dora}, stranger.require_person(): {ben}}
    async with transaction(HUB) as tx:
        moved = await queries.moved_conversations(tx, asked)
    assert stranger.person_id not in moved
    told = {row.id: queries.card(row, ada) for row in moved[ada.require_person()]}
    assert told == {card.id: card for card in await cards(ada)}
