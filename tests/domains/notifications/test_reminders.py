"""Each reminder once, for the time the session has, in the reader's zone; late ones by a rule."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.notifications import reminders
from loom_app.domains.scheduling import actions as scheduling
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_open_coach, make_session, slot

NOW = "2026-11-21T12:00Z"


async def minute() -> int:
    """What the job does each minute; how many reminders it found due."""
    async with transaction(reminders.REMINDER) as tx:
        found = await reminders.remind(tx)
    await outbox.drain()
    return found


async def sent() -> list[str]:
    """The subject of every reminder in the mailbox, oldest first."""
    found = [one.subject for one in await mailbox.newest()]
    return [one for one in reversed(found) if one.startswith("In ")]


async def booked(at) -> tuple[Actor, Actor, int, datetime]:
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user(zone="America/New_York")
    start = slot(3)
    one = await make_session(ben, offering_id, start)
    await outbox.drain()
    return ada, ben, one.session_id, start


def before(at, start: datetime, **ago: float) -> None:
    at((start - timedelta(**ago)).isoformat())


async def test_a_day_an_hour_and_ten_minutes_ahead_once_each(db, at):
    *_, start = await booked(at)
    found = []
    for ago in (25 * 60, 24 * 60, 23 * 60 + 59, 61, 60, 59, 11, 10, 9, 1, -1):
        before(at, start, minutes=ago)
        found.append(await minute())
    assert found == [0, 2, 0, 0, 2, 0, 0, 2, 0, 0, 0]
    subjects = [subject.split(":")[0] for subject in await sent()]
    assert subjects == ["In 1 day"] * 2 + ["In 1 hour"] * 2 + ["In 10 minutes"] * 2


async def test_times_are_in_the_readers_zone(db, at):
    *_, start = await booked(at)
    before(at, start, minutes=60)
    await minute()
    texts = [
        one.message.get_body(("plain",)).get_content()
        for one in await mailbox.newest()
        if one.subject.startswith("In ")
    ]
    assert any("11:00" in one and "Berlin" in one for one in texts)
    assert any("05:00" in one and "New York" in one for one in texts)


async def test_a_moved_session_is_reminded_of_anew_and_of_its_old_time_never(db, at):
    ada, _, session_id, old = await booked(at)
    new = old + timedelta(days=3)
    before(at, old, hours=24)
    assert await minute() == 2
    async with transaction(ada) as tx:
        await scheduling.move(tx, ada, session_id, new)
    before(at, old, minutes=60)
    assert await minute() == 0
    before(at, new, hours=24)
    assert await minute() == 2
    assert len(await sent()) == 4


async def test_a_cancelled_session_is_never_reminded_of(db, at):
    ada, _, session_id, start = await booked(at)
    before(at, start, hours=24)
    async with transaction(reminders.REMINDER) as tx:
        assert await reminders.remind(tx) == 2
    async with transaction(ada) as tx:  # after it was owed, before it was sent
        await scheduling.cancel(tx, ada, session_id)
    await outbox.drain()
    before(at, start, minutes=60)
    assert await minute() == 0
    assert await sent() == []
    async with transaction(Actor.system_job("notifications.test")) as tx:
        found = await tx.db.scalars(
            text("SELECT status FROM deliveries WHERE event = 'session.reminder'")
        )
        assert set(found) == {"dropped"}


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=13), ["In 13 hours"]),  # of the day ahead more than half is left
        (timedelta(hours=11), []),
        (timedelta(minutes=40), ["In 40 minutes"]),
        (timedelta(minutes=25), []),
        (timedelta(minutes=6), ["In 6 minutes"]),
        (timedelta(minutes=4), []),
    ],
)
async def test_after_a_sleep_late_ones_go_while_they_are_of_use(db, at, left, words):
    *_, start = await booked(at)
    at((start - left).isoformat())
    await minute()
    await minute()
    assert [one.split(":")[0] for one in await sent()] == words * 2


async def test_what_was_booked_a_moment_ago_needs_no_reminder(db, at):
    at(NOW)
    _, offering_id = await make_open_coach()
    start = slot(0, 13)  # in one hour
    await make_session(await make_user(), offering_id, start)
    before(at, start, minutes=55)
    assert await minute() == 0
    before(at, start, minutes=10)
    assert await minute() == 2


async def test_people_choose_when_and_may_choose_never(db, at):
    ada, ben, _, start = await booked(at)
    async with transaction(ada) as tx:
        await reminders.save_reminder_times(tx, ada, [])
    async with transaction(ben) as tx:
        await reminders.save_reminder_times(tx, ben, [120, 2880, 120])
        assert await reminders.reminder_times(tx, ben.require_person()) == [2880, 120]
        with pytest.raises(Invalid):
            await reminders.save_reminder_times(tx, ben, [7])
    found = []
    for minutes in (2880, 1440, 120, 60, 10):
        before(at, start, minutes=minutes)
        found.append(await minute())
    assert found == [1, 0, 1, 0, 0]
    async with transaction(ada) as tx:
        assert await reminders.reminder_times(tx, ada.require_person()) == []
        assert await tx.db.scalar(text("SELECT count(*) FROM reminder_times")) == 1


async def test_many_workers_at_once_owe_each_once(db, at):
    *_, start = await booked(at)
    before(at, start, hours=24)
    await asyncio.gather(*(minute() for _ in range(10)))
    assert len(await sent()) == 2
