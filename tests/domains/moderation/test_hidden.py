"""What moderators hide is gone for everybody, wherever its author is by then (COM-12)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries as messages
from loom_app.domains.messaging.actions import files
from loom_app.domains.moderation import queries, working
from loom_app.domains.moderation.working import Case
from loom_app.domains.notifications import mails
from loom_app.kit import clock, retention
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Conflict
from loom_app.kit.jobs import outbox
from loom_app.kit.realtime import signals
from tests.domains.moderation.test_work import RUDE, decide, staff
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair, make_talk

SAID = "I know where you live."
MODERATION = Actor.system_job("moderation.test")


async def hides(ben: Actor, _chat: int, number: int) -> None:
    await decide(ben, messaging.hide, number)


async def leaves(ben: Actor, chat: int, _number: int) -> None:
    await decide(ben, messaging.leave_group, chat)


async def goes(ben: Actor, _chat: int, _number: int) -> None:
    async with transaction(Actor.system_job("messaging.test")) as tx:
        await tx.db.execute(
            text("UPDATE messages SET sender_id = NULL WHERE sender_id = :id"),
            {"id": ben.person_id},
        )


@pytest.mark.parametrize("away", [hides, leaves, goes])
async def test_a_hidden_message_is_gone_though_its_author_is_away(db, away):
    ada, ben, _ = await make_pair()
    cleo = await make_user(name="Cleo Marsh")
    await make_talk(ada, cleo)
    people = [ben.require_person(), cleo.require_person()]
    async with transaction(ada) as tx:
        chat = await messaging.create_group(tx, ada, "Thursdays", people)
    async with transaction(ben) as tx:
        draft = messaging.Draft("client-1", "I know where you live.")
        sent = await messaging.send(tx, ben, chat, draft)
    async with transaction(cleo) as tx:
        await messaging.report_message(tx, cleo, sent.id, reason="harassment", words="Please.")
    await away(ben, chat, sent.id)
    async with transaction(Actor.system_job("moderation.test")) as tx:
        case = Case("report", await tx.db.scalar(text("SELECT max(id) FROM reports")))
    await decide(await staff(), working.hide, case, RUDE)
    await outbox.drain()
    async with transaction(cleo) as tx:
        found = text("SELECT body, deleted_at IS NOT NULL FROM messages WHERE id = :id")
        assert tuple((await tx.db.execute(found, {"id": sent.id})).one()) == ("", True)


async def hidden(talk: tuple[Actor, Actor, int, int], by: Actor) -> Case:
    """Ada reports Ben's message and it is hidden."""
    ada, _, _, number = talk
    async with transaction(ada) as tx:
        await messaging.report_message(tx, ada, number, reason="harassment", words="Please.")
    async with transaction(MODERATION) as tx:
        case = Case("report", await tx.db.scalar(text("SELECT max(id) FROM reports")))
    await decide(by, working.hide, case, RUDE)
    return case


@pytest.fixture
async def talk(db) -> tuple[Actor, Actor, int, int]:
    """Ada, Ben, their conversation, and what Ben wrote there, with a reaction of Ada's."""
    ada, ben, chat = await make_pair()
    async with transaction(ben) as tx:
        await messaging.send(tx, ben, chat, messaging.Draft("client-0", "Hello"))
        sent = await messaging.send(tx, ben, chat, messaging.Draft("client-1", SAID))
    async with transaction(ada) as tx:
        await messaging.react(tx, ada, sent.id, "👍")
    return ada, ben, chat, sent.id


async def reads(person: Actor, chat: int) -> tuple[list[str], int]:
    """What stands in the conversation, and how much of it counts as unread."""
    async with transaction(person) as tx:
        bodies = await tx.db.scalars(
            text("SELECT body FROM messages WHERE conversation_id = :c ORDER BY number"),
            {"c": chat},
        )
        unread = await tx.db.scalar(
            text(
                "SELECT unread FROM conversation_members"
                " WHERE conversation_id = :c AND user_id = :p"
            ),
            {"c": chat, "p": person.person_id},
        )
        return list(bodies), unread or 0


async def mailed(person: Actor) -> list[str]:
    async with transaction(Actor.system_job("notifications.test")) as tx:
        found = await tx.db.scalars(
            text(
                "SELECT event FROM deliveries WHERE user_id = :p AND channel = 'mail'"
                " AND event LIKE 'moderation%' ORDER BY id"
            ),
            {"p": person.person_id},
        )
        return list(found)


async def kept() -> int:
    async with transaction(Actor.system_job("messaging.test")) as tx:
        return await tx.db.scalar(text("SELECT count(*) FROM hidden_messages")) or 0


async def test_what_a_moderator_takes_back_is_read_again_by_both(talk):
    ada, ben, chat, number = talk
    olga = await staff()
    before = await reads(ada, chat)
    case = await hidden(talk, olga)
    await outbox.drain()
    assert await reads(ada, chat) == (["Hello", ""], before[1] - 1)
    heard: list[str] = []
    stop = signals.listen(lambda signal: heard.append(signal.topic))
    await decide(olga, working.take_back, case, "It was a quote.")
    await outbox.drain()
    stop()
    assert f"conversation:{chat}" in heard  # both tabs read again
    for person in (ada, ben):
        assert (await reads(person, chat))[0] == ["Hello", SAID]
    assert await reads(ada, chat) == before
    async with transaction(ada) as tx:
        found = await tx.db.scalar(
            text("SELECT reactions FROM messages WHERE id = :id"), {"id": number}
        )
    assert "👍" in str(found)
    assert await kept() == 0
    assert await mailed(ben) == ["moderation.decided", "moderation.shown"]
    with pytest.raises(Conflict):
        await decide(olga, working.take_back, case, "Once more")


async def test_an_appeal_that_is_right_brings_the_message_back(talk):
    ada, ben, chat, _ = talk
    olga, tom = await staff(), await staff("Tom")
    await hidden(talk, olga)
    await outbox.drain()
    async with transaction(MODERATION) as tx:
        number = await tx.db.scalar(text("SELECT max(id) FROM moderation_decisions")) or 0
        await working.appeal(tx, number, "I quoted what she had told me.")
    async with transaction(tom) as tx:
        (waiting,) = await queries.open_appeals(tx, tom)
        # who answers can read what was hidden; its two people cannot
        lines = await messages.around_case(tx, tom, waiting.case.kind, waiting.case.id)
        assert [one.body for one in lines if one.it] == [SAID]
        await working.decide_appeal(tx, tom, waiting.id, lifted=True, words="You are right.")
    async with transaction(ben) as tx:
        assert (await tx.db.execute(text("SELECT * FROM hidden_messages"))).all() == []
    await outbox.drain()
    assert (await reads(ada, chat))[0] == ["Hello", SAID]
    assert await mailed(ben) == ["moderation.decided", "moderation.answered"]


async def test_a_decision_taken_back_before_its_job_hides_nothing(talk):
    ada, _, chat, _ = talk
    olga = await staff()
    case = await hidden(talk, olga)
    jobs = await outbox.claim(100)
    await decide(olga, working.take_back, case, "A mistake.")
    await outbox.drain()  # showing comes first, where nothing is hidden yet
    for one in jobs:
        assert await outbox.run(one) is None
    assert (await reads(ada, chat))[0] == ["Hello", SAID]
    assert await kept() == 0


async def test_hiding_and_showing_at_once_end_as_it_was_decided(talk):
    ada, _, chat, number = talk
    olga = await staff()
    case = await hidden(talk, olga)
    async with transaction(MODERATION) as tx:
        decision = await tx.db.scalar(text("SELECT max(id) FROM moderation_decisions")) or 0
    await decide(olga, working.take_back, case, "A mistake.")

    async def act(do) -> None:
        async with transaction(Actor.system_job("messaging.moderation")) as tx:
            await do(tx, number, decision)

    both = [messaging.take_down, messaging.put_back] * 4
    await asyncio.gather(*(act(one) for one in both))
    await outbox.drain()
    assert (await reads(ada, chat))[0] == ["Hello", SAID]


async def found_again(ben: Actor, number: int) -> Case:
    """The filter finds the same message."""
    async with transaction(MODERATION) as tx:
        hit = await tx.db.scalar(
            text(
                "INSERT INTO filter_hits (message_id, sender_id, rule, created_at)"
                " VALUES (:m, :s, 'abuse', now()) RETURNING id"
            ),
            {"m": number, "s": ben.person_id},
        )
    return Case("hit", hit or 0)


async def test_what_two_decisions_hide_comes_back_when_none_stands(talk):
    ada, ben, chat, number = talk
    olga = await staff()
    first = await hidden(talk, olga)
    await outbox.drain()
    second = await found_again(ben, number)
    await decide(olga, working.hide, second, RUDE)
    await outbox.drain()
    await decide(olga, working.take_back, first, "A mistake.")
    await outbox.drain()
    assert (await reads(ada, chat))[0] == ["Hello", ""]
    assert await mailed(ben) == ["moderation.decided"] * 2 + ["moderation.shown"]
    async with transaction(Actor.system_job("notifications.mail")) as tx:
        person = await accounts.person(tx, ben.require_person())
        letter, _ = await mails.WRITERS["moderation.shown"](tx, {}, person)
    assert "unless another decision hides it too" in letter.lines[1]
    await decide(olga, working.take_back, second, "That one too.")
    await outbox.drain()
    assert (await reads(ada, chat))[0] == ["Hello", SAID]


async def test_what_its_author_took_back_stays_away(talk):
    ada, ben, chat, number = talk
    olga = await staff()
    async with transaction(ada) as tx:
        await messaging.report_message(tx, ada, number, reason="harassment", words="Please.")
    await decide(ben, messaging.delete, number)
    async with transaction(MODERATION) as tx:
        case = Case("report", await tx.db.scalar(text("SELECT max(id) FROM reports")))
    await decide(olga, working.hide, case, RUDE)
    await outbox.drain()
    assert await kept() == 0
    await decide(olga, working.take_back, case, "A mistake.")
    await outbox.drain()
    assert (await reads(ada, chat))[0] == ["Hello", ""]


def proven(person: Actor) -> Actor:
    """They prove again who they are, whatever the clock says by then."""
    return replace(person, stepped_up_at=clock.now())


async def test_an_appeal_of_the_last_day_still_brings_it_back(talk, at):
    ada, _, chat, _ = talk
    olga, tom = await staff(), await staff("Tom")
    await hidden(talk, olga)
    await outbox.drain()
    now = clock.now()
    at((now + timedelta(days=messaging.APPEAL_DAYS - 1)).isoformat())
    async with transaction(MODERATION) as tx:
        decision = await tx.db.scalar(text("SELECT max(id) FROM moderation_decisions")) or 0
        await working.appeal(tx, decision, "I quoted what she had told me.")
    at((now + timedelta(days=messaging.APPEAL_DAYS + 50)).isoformat())
    await retention.run()
    tom = proven(tom)
    async with transaction(tom) as tx:
        (waiting,) = await queries.open_appeals(tx, tom)
        await working.decide_appeal(tx, tom, waiting.id, lifted=True, words="You are right.")
    await outbox.drain()
    assert (await reads(ada, chat))[0] == ["Hello", SAID]


async def test_after_the_time_to_appeal_and_to_answer_it_is_gone_for_good(talk, at):
    ada, _, chat, _ = talk
    olga = await staff()
    case = await hidden(talk, olga)
    await outbox.drain()
    days = messaging.APPEAL_DAYS + messaging.ANSWER_DAYS
    now = clock.now()
    at((now + timedelta(days=days - 1)).isoformat())
    await retention.run()
    assert await kept() == 1
    at((now + timedelta(days=days + 1)).isoformat())
    await retention.run()
    assert await kept() == 0
    await decide(proven(olga), working.take_back, case, "Late.")
    await outbox.drain()
    assert (await reads(ada, chat))[0] == ["Hello", ""]


async def test_a_second_decision_begins_the_time_again(talk, at):
    ada, ben, chat, number = talk
    olga = await staff()
    first = await hidden(talk, olga)
    await outbox.drain()
    now = clock.now()
    at((now + timedelta(days=200)).isoformat())
    second = await found_again(ben, number)
    await decide(proven(olga), working.hide, second, RUDE)
    await outbox.drain()
    at((now + timedelta(days=300)).isoformat())
    await retention.run()
    for case in (first, second):
        await decide(proven(olga), working.take_back, case, "A mistake.")
    await outbox.drain()
    assert (await reads(ada, chat))[0] == ["Hello", SAID]


async def test_files_wait_with_their_message(talk):
    """The hourly sweep leaves them while it may come back, and takes them after."""
    ada, ben, chat, number = talk
    olga = await staff()
    async with transaction(Actor.system_job("messaging.test")) as tx:
        await tx.db.execute(
            text(
                "INSERT INTO message_files (conversation_id, uploader_id, message_id, key, name,"
                " mime, bytes, kind, created_at, peaks) VALUES (:c, :u, :m, 'k-1', 'a.pdf',"
                " 'application/pdf', 10, 'pdf', now(), '[]')"
            ),
            {"c": chat, "u": ben.person_id, "m": number},
        )
        await tx.db.execute(
            text('UPDATE messages SET files = \'[{"name": "a.pdf"}]\' WHERE id = :m'),
            {"m": number},
        )

    async def swept() -> int:
        async with transaction(Actor.system_job("messaging.files")) as tx:
            return await files.remove_left_over(tx)

    async def seen() -> int:
        async with transaction(ada) as tx:
            return await tx.db.scalar(text("SELECT count(*) FROM message_files")) or 0

    assert await seen() == 1
    case = await hidden(talk, olga)
    await outbox.drain()
    assert (await seen(), await swept()) == (0, 0)
    await decide(olga, working.take_back, case, "A mistake.")
    await outbox.drain()
    assert await seen() == 1
    await hidden(talk, olga)
    await outbox.drain()
    async with transaction(Actor.system_job("messaging.retention")) as tx:
        await tx.db.execute(text("DELETE FROM hidden_messages"))
    assert (await seen(), await swept()) == (0, 1)
