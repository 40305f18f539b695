"""Editing, taking back, hiding, reacting, answering; and counts that stay exact through it all."""

import asyncio
import contextlib
import random
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.messaging import actions, queries
from loom_app.domains.messaging.errors import Blocked, Early
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError, Forbidden, Invalid, NotFound
from loom_app.kit.realtime import signals
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair

HUB = Actor.system_job("messaging.test")


async def say(me: Actor, chat: int, body: str = "Hello", **more):
    async with transaction(me) as tx:
        draft = actions.Draft(str(uuid.uuid4()), body, **more)
        return await actions.send(tx, me, chat, draft)


async def do(me: Actor, action, *arguments):
    async with transaction(me) as tx:
        return await action(tx, me, *arguments)


async def seen(me: Actor, chat: int) -> list[queries.MessageView]:
    async with transaction(me) as tx:
        eyes = (await queries.thread(tx, me, chat)).eyes
        return queries.views(await queries.newest(tx, chat, 1000), eyes)


async def missed(chat: int, after: int) -> queries.Changes:
    async with transaction(HUB) as tx:
        return await queries.changes_after(tx, chat, after)


async def unread(me: Actor) -> int:
    async with transaction(me) as tx:
        return await queries.unread(tx, me)


async def former(message_id: int) -> list[str]:
    async with transaction(HUB) as tx:
        found = await tx.db.scalars(
            text("SELECT body FROM message_edits WHERE message_id = :id ORDER BY id"),
            {"id": message_id},
        )
        return list(found)


async def test_an_edit_is_seen_by_both_and_the_former_words_are_kept(db):
    ada, ben, chat = await make_pair()
    row = await say(ben, chat, "Helo")
    await do(ben, actions.edit, row.id, "Hello")
    await do(ben, actions.edit, row.id, "Hello")
    for me in (ada, ben):
        (view,) = await seen(me, chat)
        assert (view.blocks[0].spans[0].text, view.edited) == ("Hello", True)
    assert await former(row.id) == ["Helo"]
    assert [one.id for one in (await missed(chat, row.change)).messages] == [row.id]


async def test_only_ones_own_words_and_only_for_five_minutes(db, at):
    at("2026-11-21T12:00:00+00:00")
    ada, ben, chat = await make_pair()
    row = await say(ben, chat)
    with pytest.raises(Forbidden):
        await do(ada, actions.edit, row.id, "Changed")
    at("2026-11-21T12:05:01+00:00")
    with pytest.raises(Forbidden, match="five minutes"):
        await do(ben, actions.edit, row.id, "Changed")
    assert [view.source for view in await seen(ben, chat)] == [""]
    assert [view.edited for view in await seen(ada, chat)] == [False]


async def test_a_message_taken_back_leaves_a_tombstone_and_no_quote(db):
    ada, ben, chat = await make_pair()
    row = await say(ben, chat, "A secret")
    answer = await say(ada, chat, "Which?", reply_to=row.id)
    assert [view.reply.text for view in await seen(ben, chat)] == ["", "A secret"]
    before = (await missed(chat, 0)).change
    await do(ben, actions.delete, row.id)
    await do(ben, actions.delete, row.id)
    gone, left = await seen(ada, chat)
    assert (gone.kind, gone.blocks, gone.source) == ("deleted", [], "")
    assert (left.reply.text, left.blocks[0].spans[0].text) == ("Message deleted", "Which?")
    assert {one.id for one in (await missed(chat, before)).messages} == {row.id, answer.id}
    assert await former(row.id) == ["A secret"]
    for action in (actions.edit, actions.react):
        with pytest.raises(Forbidden):
            await do(ben, action, row.id, "👍")


async def test_nobody_takes_back_what_another_wrote(db):
    ada, ben, chat = await make_pair()
    row = await say(ben, chat)
    with pytest.raises(Forbidden):
        await do(ada, actions.delete, row.id)
    assert [view.kind for view in await seen(ben, chat)] == ["text"]


async def test_what_one_hides_the_other_keeps(db):
    ada, ben, chat = await make_pair()
    row = await say(ben, chat)
    await do(ada, actions.hide, row.id)
    assert await seen(ada, chat) == []
    assert len(await seen(ben, chat)) == 1
    with pytest.raises(NotFound):
        await do(ada, actions.hide, row.id)
    (told,) = (await missed(chat, row.change)).messages
    async with transaction(ada) as tx:
        assert not queries.visible(told, (await queries.thread(tx, ada, chat)).eyes)


async def test_reactions_are_grouped_named_and_turned_off_again(db):
    ada, ben, chat = await make_pair()
    row = await say(ben, chat)
    for me, emoji in ((ada, "👍"), (ben, "👍"), (ben, "🎉")):
        await do(me, actions.react, row.id, emoji)
    thumbs, party = (await seen(ben, chat))[0].reactions
    assert (thumbs.emoji, thumbs.count, thumbs.mine, thumbs.names) == (
        "👍",
        2,
        True,
        "Ada Lind, You",
    )
    assert (party.count, party.mine) == (1, True)
    await do(ben, actions.react, row.id, "👍")
    await do(ben, actions.react, row.id, "🎉")
    (thumbs,) = (await seen(ben, chat))[0].reactions
    assert (thumbs.count, thumbs.mine) == (1, False)


@pytest.mark.parametrize("emoji", ["", "a", "👍👍", "<b>", "1", "x" * 500])
async def test_only_one_emoji_is_a_reaction(db, emoji):
    _, ben, chat = await make_pair()
    row = await say(ben, chat)
    with pytest.raises(Invalid):
        await do(ben, actions.react, row.id, emoji)
    assert (await seen(ben, chat))[0].reactions == []


async def test_a_message_holds_twenty_kinds_of_reactions(db):
    _, ben, chat = await make_pair()
    row = await say(ben, chat)
    for one in "😀😄😂🙂😉😊😍🤔😅😢😮🙏👍👎👏🙌💪👋🤝👀":
        await do(ben, actions.react, row.id, one)
    with pytest.raises(Invalid, match="20"):
        await do(ben, actions.react, row.id, "🔥")
    assert len((await seen(ben, chat))[0].reactions) == 20


async def test_forty_reactions_at_once_are_all_counted(db):
    ada, ben, chat = await make_pair()
    row = await say(ben, chat)
    kinds = "😀😄😂🙂😉😊😍🤔😅😢😮🙏👍👎👏🙌💪👋🤝👀"
    await asyncio.gather(
        *(do(me, actions.react, row.id, one) for one in kinds for me in (ada, ben))
    )
    (view,) = await seen(ben, chat)
    assert [(one.count, one.mine) for one in view.reactions] == [(2, True)] * 20


async def test_an_answer_counts_at_its_question_and_stays_inside_the_conversation(db):
    ada, ben, chat = await make_pair()
    question = await say(ben, chat, "When?")
    await say(ada, chat, "Monday", reply_to=question.id)
    assert [view.replies for view in await seen(ben, chat)] == [1, 0]
    _, otto, elsewhere = await make_pair()
    theirs = await say(otto, elsewhere, "Private words")
    foreign = await say(ada, chat, "And this?", reply_to=theirs.id)
    assert foreign.reply_to is None
    assert [view.replies for view in await seen(otto, elsewhere)] == [0]


async def test_cleo_can_do_nothing_to_a_message_of_others(db):
    _, ben, chat = await make_pair()
    row = await say(ben, chat)
    cleo = await make_user(name="Cleo Marsh")
    for action, *more in (
        (actions.edit, "Mine now"),
        (actions.delete,),
        (actions.hide,),
        (actions.react, "👍"),
    ):
        with pytest.raises(NotFound):
            await do(cleo, action, row.id, *more)
    with pytest.raises(NotFound):
        await do(cleo, actions.keep_draft, chat, "words")
    assert (await missed(chat, row.change)).messages == []


async def test_a_blocked_person_cannot_write_edit_or_react(db):
    ada, ben, chat = await make_pair()
    row = await say(ben, chat)
    async with transaction(ada) as tx:
        await tx.db.execute(
            text("INSERT INTO blocks VALUES (:a, :b, now())"),
            {"a": ada.person_id, "b": ben.person_id},
        )
    for attempt in (
        say(ben, chat, "Again"),
        say(ada, chat, "Nor I"),
        do(ben, actions.edit, row.id, "Again"),
        do(ben, actions.react, row.id, "👍"),
    ):
        with pytest.raises(Blocked):
            await attempt
    assert len(await seen(ada, chat)) == 1


async def test_a_message_waits_for_the_one_written_before_it(db):
    _, ben, chat = await make_pair()
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    with pytest.raises(Early):
        await actions.send_at_once(ben, chat, actions.Draft(second, "2", after=first))
    await actions.send_at_once(ben, chat, actions.Draft(first, "1"))
    await actions.send_at_once(ben, chat, actions.Draft(second, "2", after=first))
    assert [view.blocks[0].spans[0].text for view in await seen(ben, chat)] == ["1", "2"]


async def test_a_draft_follows_its_writer_and_nobody_else(db):
    ada, ben, chat = await make_pair()
    heard: list[str] = []
    stop = signals.listen(lambda signal: heard.append(signal.topic))
    await do(ben, actions.keep_draft, chat, "Dear Ada")
    stop()
    assert heard == [actions.drafts_topic(ben.require_person())]
    assert (await do(ben, actions.draft, chat))[0] == "Dear Ada"
    assert (await do(ada, actions.draft, chat))[0] == ""
    await do(ben, actions.keep_draft, chat, "")
    assert (await do(ben, actions.draft, chat))[0] == ""


async def counted(me: Actor, chat: int) -> int:
    """Unread, counted from the rows."""
    async with transaction(HUB) as tx:
        return int(
            await tx.db.scalar(
                text(
                    "SELECT count(*) FROM messages x JOIN conversation_members m"
                    " ON m.conversation_id = x.conversation_id AND m.user_id = :me"
                    " WHERE x.conversation_id = :c AND x.number > m.read_number"
                    " AND x.number >= m.first_number AND x.sender_id IS DISTINCT FROM :me"
                    " AND x.deleted_at IS NULL AND NOT :me = ANY(x.hidden_for)"
                ),
                {"c": chat, "me": me.person_id},
            )
            or 0
        )


async def any_deed(pick: random.Random, people: tuple[Actor, Actor], chat: int) -> None:
    """Write, read, take back or hide: whatever is refused changes nothing."""
    me, number = pick.choice(people), pick.randint(1, 40)
    async with transaction(HUB) as tx:
        some = await tx.db.scalar(
            text("SELECT id FROM messages WHERE conversation_id = :c AND number = :n"),
            {"c": chat, "n": number},
        )
    with contextlib.suppress(DomainError):
        match pick.randint(0, 5):
            case 0 | 1 | 2:
                await say(me, chat, f"{number}")
            case 3:
                await actions.mark([actions.Mark(me.require_person(), chat, read=number)])
            case 4:
                await do(me, actions.delete, some or 0)
            case 5:
                await do(me, actions.hide, some or 0)


@pytest.mark.parametrize("seed", range(4))
async def test_unread_counts_are_exact_whatever_happens_at_once(db, seed):
    ada, ben, chat = await make_pair()
    pick = random.Random(seed)

    for _ in range(6):
        await asyncio.gather(*(any_deed(pick, (ada, ben), chat) for _ in range(12)))
    for me in (ada, ben):
        assert await unread(me) == await counted(me, chat)
    numbers = [view.number for view in await seen(ada, chat)]
    assert numbers == sorted(numbers)


async def test_marks_never_go_back_and_reading_says_delivered(db):
    ada, ben, chat = await make_pair()
    for _ in range(3):
        await say(ben, chat)
    person = ada.require_person()
    for delivered, read in ((2, 0), (0, 3), (1, 1), (99, 99)):
        await actions.mark([actions.Mark(person, chat, delivered=delivered, read=read)])
    async with transaction(ben) as tx:
        marks = (await queries.thread(tx, ben, chat)).marks
    (ada_mark,) = [mark for mark in marks if mark.user_id == person]
    assert (ada_mark.delivered_number, ada_mark.read_number) == (3, 3)


async def test_who_hides_receipts_sees_none_either(db):
    ada, ben, chat = await make_pair()
    row = await say(ben, chat)
    await actions.mark([actions.Mark(ada.require_person(), chat, read=row.number)])
    async with transaction(HUB) as tx:
        await tx.db.execute(
            text("UPDATE conversation_members SET receipts = false WHERE user_id = :u"),
            {"u": ada.person_id},
        )
    async with transaction(ben) as tx:
        marks = (await queries.thread(tx, ben, chat)).marks
    assert queries.progress(marks, ben.require_person()) == (1, 0, {})
    assert queries.progress(marks, ada.require_person())[1:] == (0, {})


async def test_sending_marks_nothing_read_that_was_not(db):
    ada, ben, chat = await make_pair()
    await say(ada, chat, "Did you see this?")
    await say(ben, chat, "By the way")
    assert await unread(ben) == 1
    await actions.mark([actions.Mark(ben.require_person(), chat, read=2)])
    assert await unread(ben) == 0


async def test_the_first_of_a_day_is_found_in_the_callers_zone(db, at):
    ada, ben, chat = await make_pair()
    for moment in ("2026-11-19T20:00:00+00:00", "2026-11-21T03:30:00+00:00"):
        at(moment)
        await say(ada, chat)
    day = clock.now().date()
    async with transaction(ben) as tx:  # in New York it is still the 20th
        assert await queries.first_on(tx, ben, chat, day) == 0
        assert await queries.first_on(tx, ben, chat, day - timedelta(days=1)) == 2
    async with transaction(ada) as tx:
        assert await queries.first_on(tx, ada, chat, day) == 2
