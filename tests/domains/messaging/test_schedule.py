from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.messaging import actions, queries, rules
from loom_app.domains.messaging.errors import Blocked
from loom_app.domains.moderation import actions as moderation
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair

HOUR = timedelta(hours=1)
NOON = "2026-11-21T12:00:00+00:00"


async def do(action, me: Actor, *values, **named):
    async with transaction(me) as tx:
        return await action(tx, me, *values, **named)


async def said(me: Actor, chat: int) -> list[str]:
    async with transaction(me) as tx:
        return [row.body for row in await queries.newest(tx, chat)]


async def waiting(me: Actor, chat: int):
    return await do(queries.scheduled, me, chat)


async def test_a_message_is_sent_at_its_time_and_once(db, at):
    now = at(NOON)
    ada, ben, chat = await make_pair()
    await do(actions.schedule, ada, chat, " Good luck today ", at=now + timedelta(hours=3))
    await outbox.drain()
    assert await said(ben, chat) == []
    (one,) = await waiting(ada, chat)
    assert (one.body, one.local, one.awake) == ("Good luck today", "2026-11-21T16:00", False)
    assert await waiting(ben, chat) == []
    at("2026-11-21T15:00:01+00:00")
    await outbox.drain()
    async with transaction(Actor.system_job("worker")) as tx:  # a worker died after it had sent
        await tx.db.execute(text("UPDATE outbox_jobs SET done_at = NULL"))
    await outbox.drain()
    assert await said(ben, chat) == ["Good luck today"]
    assert await waiting(ada, chat) == []


async def test_of_who_is_suspended_by_then_nothing_leaves_before_they_are_back(db, at):
    now = at(NOON)
    ada, ben, chat = await make_pair()
    olga = await make_user(name="Olga", roles=["staff"])
    one = await do(actions.schedule, ada, chat, "I know where you live", at=now + HOUR)
    await do(actions.schedule, ada, chat, "Good night", at=None)
    ends = now + timedelta(days=2)
    await do(accounts.suspend, olga, ada.require_person(), 1, reason="Threats", until=ends)
    at("2026-11-21T15:00:01+00:00")
    await outbox.drain()
    assert await said(ben, chat) == []
    at("2026-11-24T12:00:00+00:00")
    await outbox.drain()
    assert await said(ben, chat) == []
    assert all("suspended" in row.problem for row in await waiting(ada, chat))
    await do(actions.send_scheduled_now, ada, one)
    assert await said(ben, chat) == ["I know where you live"]


async def test_until_then_its_words_and_time_can_change(db, at):
    now = at(NOON)
    ada, ben, chat = await make_pair()
    first = await do(actions.schedule, ada, chat, "one", at=now + timedelta(hours=1))
    second = await do(actions.schedule, ada, chat, "two", at=now + timedelta(hours=1))
    await do(actions.edit_scheduled, ada, first, "one, later", at=now + timedelta(hours=5))
    await do(actions.drop_scheduled, ada, second)
    at("2026-11-21T14:00:00+00:00")
    await outbox.drain()
    assert await said(ben, chat) == []
    at("2026-11-21T17:00:00+00:00")
    await outbox.drain()
    assert await said(ben, chat) == ["one, later"]
    for action, values in (
        (actions.edit_scheduled, ["too late"]),
        (actions.drop_scheduled, []),
        (actions.send_scheduled_now, []),
    ):
        with pytest.raises(NotFound):
            await do(action, ada, first, *values)


async def test_send_now_does_not_wait_and_leaves_nothing_behind(db, at):
    now = at(NOON)
    ada, ben, chat = await make_pair()
    one = await do(actions.schedule, ada, chat, "now then", at=now + timedelta(hours=1))
    await do(actions.send_scheduled_now, ada, one)
    at("2026-11-21T14:00:00+00:00")
    await outbox.drain()
    assert await said(ben, chat) == ["now then"]


async def test_when_they_are_awake_waits_for_the_others_morning(db, at):
    at("2026-11-21T06:00:00+00:00")  # 1 o'clock in New York, where Ben is
    ada, ben, chat = await make_pair()
    await do(actions.schedule, ada, chat, "Good morning")
    (one,) = await waiting(ada, chat)
    assert (one.local, one.awake) == ("2026-11-21T14:00", True)
    assert (await do(queries.next_waking_of_other, ada, chat)).words == (
        "Today, 08:00 there, 14:00 your time"
    )
    at("2026-11-21T13:00:00+00:00")
    await outbox.drain()
    assert await said(ben, chat) == ["Good morning"]


async def test_who_moved_meanwhile_is_not_woken(db, at):
    at("2026-11-21T06:00:00+00:00")
    ada, ben, chat = await make_pair()
    await do(actions.schedule, ada, chat, "Good morning")
    async with transaction(Actor.system_job("accounts.test")) as tx:
        await tx.db.execute(
            text("UPDATE users SET zone = 'Pacific/Auckland' WHERE id = :id"),
            {"id": ben.person_id},
        )
    at("2026-11-21T13:00:00+00:00")  # 2 o'clock in the night there
    await outbox.drain()
    assert await said(ben, chat) == []
    at("2026-11-21T19:00:00+00:00")
    await outbox.drain()
    assert await said(ben, chat) == ["Good morning"]


@pytest.mark.parametrize(
    ("now", "zone", "wakes"),
    [
        ("2026-11-21T12:00+00:00", "Europe/Berlin", "2026-11-21T12:00+00:00"),
        ("2026-11-21T20:00+00:00", "Europe/Berlin", "2026-11-22T07:00+00:00"),
        ("2026-11-21T06:59+00:00", "Europe/Berlin", "2026-11-21T07:00+00:00"),
        ("2026-03-28T22:00+00:00", "Europe/Berlin", "2026-03-29T06:00+00:00"),  # clocks go forward
        ("2026-11-21T14:30+00:00", "Asia/Kolkata", "2026-11-21T14:30+00:00"),
        ("2026-11-21T15:30+00:00", "Asia/Kolkata", "2026-11-22T02:30+00:00"),
    ],
)
def test_awake_is_from_eight_to_nine_in_the_evening_there(now, zone, wakes):
    there = rules.next_waking(clock.now().fromisoformat(now), zone)
    assert there == clock.now().fromisoformat(wakes)


async def test_what_is_refused_at_its_time_says_so_and_can_be_sent_later(db, at):
    now = at(NOON)
    ada, ben, chat = await make_pair()
    one = await do(actions.schedule, ada, chat, "hello", at=now + timedelta(hours=1))
    await do(moderation.block, ben, ada.require_person())
    at("2026-11-21T14:00:00+00:00")
    await outbox.drain()
    (kept,) = await waiting(ada, chat)
    assert kept.problem == "You cannot write in this conversation."
    with pytest.raises(Blocked):
        await do(actions.schedule, ada, chat, "again", at=now + timedelta(hours=3))
    await do(moderation.unblock, ben, ada.require_person())
    await do(actions.send_scheduled_now, ada, one)
    assert await said(ben, chat) == ["hello"]


async def test_nobody_touches_what_another_scheduled(db, at):
    now = at(NOON)
    ada, ben, chat = await make_pair()
    cleo = await make_user(name="Cleo Marsh")
    one = await do(actions.schedule, ada, chat, "hello", at=now + timedelta(hours=1))
    for other in (ben, cleo):
        for action, values in (
            (actions.edit_scheduled, ["changed"]),
            (actions.drop_scheduled, []),
            (actions.send_scheduled_now, []),
        ):
            with pytest.raises(NotFound):
                await do(action, other, one, *values)
        assert await waiting(other, chat) == []
    with pytest.raises(NotFound):
        await do(actions.schedule, cleo, chat, "let me in", at=now + timedelta(hours=1))


@pytest.mark.parametrize("hours", [0, -1, 24 * 366])
async def test_a_time_that_is_over_or_far_is_refused(db, at, hours):
    now = at(NOON)
    ada, _, chat = await make_pair()
    with pytest.raises(Invalid) as refused:
        await do(actions.schedule, ada, chat, "hello", at=now + timedelta(hours=hours))
    assert refused.value.field == "at"


async def test_a_group_needs_a_time(db):
    ada, ben, _ = await make_pair()
    group = await do(actions.create_group, ada, "Circle", [ben.person_id])
    with pytest.raises(Invalid):
        await do(actions.schedule, ada, group, "hello")
    assert await do(queries.next_waking_of_other, ada, group) is None


async def test_few_messages_wait_at_once(db, at):
    now = at(NOON)
    ada, _, chat = await make_pair()
    async with transaction(ada) as tx:
        await tx.db.execute(
            text(
                "INSERT INTO scheduled_messages (conversation_id, sender_id, client_id, body,"
                " due_at, created_at) SELECT :c, :me, 'later-' || n, 'x', :at, :at"
                " FROM generate_series(1, 50) n"
            ),
            {"c": chat, "me": ada.person_id, "at": now + timedelta(hours=1)},
        )
    with pytest.raises(Invalid):
        await do(actions.schedule, ada, chat, "one more", at=now + timedelta(hours=1))


async def test_what_somebody_scheduled_who_has_left_stays_with_its_problem(db, at):
    now = at(NOON)
    ada, ben, _ = await make_pair()
    group = await do(actions.create_group, ada, "Circle", [ben.person_id])
    one = await do(actions.schedule, ben, group, "hello", at=now + timedelta(hours=1))
    await do(actions.leave_group, ben, group)
    with pytest.raises(NotFound):
        await do(actions.edit_scheduled, ben, one, "changed", at=now + timedelta(hours=2))
    at("2026-11-21T14:00:00+00:00")
    await outbox.drain()
    (kept,) = await waiting(ben, group)
    assert (kept.body, kept.problem) == ("hello", "You are no longer in this conversation.")
    assert "hello" not in await said(ada, group)


async def test_what_waits_for_somebody_awake_who_is_gone_stays_with_its_problem(db, at):
    at("2026-11-21T06:00:00+00:00")
    ada, ben, chat = await make_pair()
    await do(actions.schedule, ada, chat, "Good morning")
    async with transaction(Actor.system_job("messaging.test")) as tx:
        await tx.db.execute(
            text("DELETE FROM conversation_members WHERE user_id = :id"), {"id": ben.person_id}
        )
    at("2026-11-21T13:00:00+00:00")
    await outbox.drain()
    (kept,) = await waiting(ada, chat)
    assert kept.problem == "In a group, choose a time."
