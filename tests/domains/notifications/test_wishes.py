"""What reaches whom, where and when: by topic, channel, pause, quiet hours and summaries."""

from datetime import UTC, datetime, time, timedelta

import pytest

from loom_app.domains.notifications import centre, digests, mails, wishes
from loom_app.domains.notifications.actions import notify, send_test
from loom_app.domains.notifications.catalogue import TOPICS, topic_of
from loom_app.domains.notifications.wishes import FOREVER, Wishes
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user

CREDIT = {"minor": 8500, "currency": "USD", "expires_at": "2027-01-31T00:00:00+00:00"}
SOON = "payment.credit_expiring"  # of a topic that waits
NOW = "2026-11-21T12:00Z"


async def owe(me: Actor, event: str = SOON, key: str = "1", **facts: object) -> None:
    async with transaction(me) as tx:
        await notify(tx, me.require_person(), event, key=key, facts=facts or CREDIT)
    await outbox.drain()


async def mailed() -> list[str]:
    return [one.subject for one in reversed(await mailbox.newest())]


async def noticed(me: Actor) -> list[str]:
    async with transaction(me) as tx:
        return [one.title for one in await centre.page(tx, me)]


async def save(me: Actor, **more: object) -> None:
    wanted: dict = {"digest": "none", "quiet": None, "paused_until": None} | more
    async with transaction(me) as tx:
        await wishes.save(tx, me, **wanted)


async def choose(me: Actor, topic: str, channel: str, wanted: bool) -> None:
    async with transaction(me) as tx:
        await wishes.choose(tx, me, topic, channel, wanted=wanted)


async def sum_up() -> int:
    async with transaction(digests.SUMMER) as tx:
        made = await digests.sum_up(tx)
    await outbox.drain()
    return made


def test_every_mail_has_one_topic_and_every_event_a_template():
    events = [event for topic in TOPICS for event in topic.events]
    assert sorted(events) == sorted(mails.WRITERS)
    assert len(events) == len(set(events))
    for topic in TOPICS:
        assert topic.fixed <= topic.on
        assert topic.default <= topic.on


async def test_an_event_reaches_the_centre_and_the_mailbox_once(db, at):
    at(NOW)
    ben = await make_user()
    for _ in range(2):
        await owe(ben)
    assert await noticed(ben) == await mailed() == ["$85 of credit is yours until 31 January 2027"]
    async with transaction(ben) as tx:
        (one,) = await centre.page(tx, ben)
        assert (one.path, one.read, await centre.unread(tx, ben)) == ("/coaches", False, 1)


@pytest.mark.parametrize(("channel", "left"), [("mail", ("centre",)), ("in_app", ("mail",))])
async def test_a_square_switched_off_and_on_again(db, channel, left):
    ben = await make_user()
    await choose(ben, "payment.soon", channel, False)
    await owe(ben)
    reached = ("centre",) * len(await noticed(ben)) + ("mail",) * len(await mailed())
    assert reached == left
    await choose(ben, "payment.soon", channel, True)
    await owe(ben, key="2")
    assert len(await noticed(ben)) + len(await mailed()) == 3


@pytest.mark.parametrize(
    ("topic", "channel"),
    [("security", "mail"), ("links", "in_app"), ("payouts", "mail"), ("nothing", "mail")],
)
async def test_what_is_not_there_to_be_chosen_is_refused(db, topic, channel):
    with pytest.raises(Invalid):
        await choose(await make_user(), topic, channel, False)


async def test_a_pause_leaves_the_list_and_security(db, at):
    at(NOW)
    ben = await make_user()
    await save(ben, paused_until=FOREVER)
    await owe(ben)
    await owe(ben, "account.password", at=NOW)
    assert len(await noticed(ben)) == 2
    assert await mailed() == ["Your password was changed"]


async def test_a_pause_ends_by_itself(db, at):
    now = at(NOW)
    ben = await make_user()
    await save(ben, paused_until=now + timedelta(hours=1))
    at("2026-11-21T13:00Z")
    await owe(ben)
    assert len(await mailed()) == 1


async def test_quiet_hours_hold_mail_until_they_end_and_reminders_never(db, at):
    at("2026-11-21T23:30Z")
    ben = await make_user(zone="Europe/Berlin")
    await save(ben, quiet=(time(22), time(7)))
    await owe(ben)
    await owe(ben, "account.password", at=NOW)
    assert len(await noticed(ben)) == 2
    assert await mailed() == ["Your password was changed"]
    at("2026-11-22T05:59Z")
    await outbox.drain()
    assert len(await mailed()) == 1
    at("2026-11-22T06:00Z")
    await outbox.drain()
    assert len(await mailed()) == 2


async def test_what_is_switched_off_while_it_waits_is_not_sent(db, at):
    at("2026-11-21T23:30Z")
    ben = await make_user(zone="Europe/Berlin")
    await save(ben, quiet=(time(22), time(7)))
    await owe(ben)
    await choose(ben, "payment.soon", "mail", False)
    at("2026-11-22T06:00Z")
    await outbox.drain()
    assert await mailed() == []


BERLIN = Wishes(zone="Europe/Berlin", quiet_from=time(22), quiet_until=time(7))


@pytest.mark.parametrize(
    ("wanted", "now", "end"),
    [
        (BERLIN, "2026-11-21T20:59Z", None),
        (BERLIN, "2026-11-21T21:00Z", "2026-11-22T06:00Z"),
        (BERLIN, "2026-11-22T05:59Z", "2026-11-22T06:00Z"),
        (BERLIN, "2026-11-22T06:00Z", None),
        # the clocks go back at 03:00 and forward at 02:00: the wall's clock counts
        (BERLIN, "2026-10-24T23:00Z", "2026-10-25T06:00Z"),
        (BERLIN, "2026-03-28T23:00Z", "2026-03-29T05:00Z"),
        (Wishes("UTC", "none", time(13), time(14)), "2026-11-21T13:30Z", "2026-11-21T14:00Z"),
        (Wishes("UTC", "none", time(13), time(14)), "2026-11-21T14:00Z", None),
        (Wishes(), "2026-11-21T14:00Z", None),
    ],
)
def test_when_quiet_hours_end(wanted, now, end):
    expected = datetime.fromisoformat(end) if end else None
    assert wanted.quiet_end(datetime.fromisoformat(now)) == expected


@pytest.mark.parametrize(
    ("digest", "since", "at"),
    [
        ("daily", "2026-11-21T06:59Z", "2026-11-21T07:00Z"),
        ("daily", "2026-11-21T07:00Z", "2026-11-22T07:00Z"),
        ("weekly", "2026-11-21T12:00Z", "2026-11-23T07:00Z"),
        ("weekly", "2026-11-23T07:00Z", "2026-11-30T07:00Z"),
        ("none", "2026-11-21T12:00Z", "2026-11-21T12:00Z"),
    ],
)
def test_when_a_summary_is_due(digest, since, at):
    wanted = Wishes(zone="Europe/Berlin", digest=digest)
    assert wanted.next_summary(datetime.fromisoformat(since)) == datetime.fromisoformat(at)


async def test_a_summary_is_one_mail_of_what_still_holds(db, at):
    at("2026-11-21T12:00Z")
    ben = await make_user(zone="Europe/Berlin")
    await save(ben, digest="daily")
    for key in ("1", "2"):
        await owe(ben, key=key)
    await owe(ben, "payment.refund_asked", request_id=404)  # gone by then
    await owe(ben, "account.password", at=NOW)  # never waits
    assert await sum_up() == 0
    at("2026-11-22T07:00Z")
    assert [await sum_up(), await sum_up()] == [1, 0]
    assert await mailed() == ["Your password was changed", "Your day in Loom: 2 things"]
    body = (await mailbox.newest())[0].message.get_body(("plain",)).get_content()
    assert body.count("$85 of credit") == 2


async def test_a_summary_that_is_given_up_sends_what_it_holds(db, at):
    at(NOW)
    ben = await make_user()
    await save(ben, digest="weekly")
    await owe(ben)
    await save(ben)
    assert await sum_up() == 0
    assert len(await mailed()) == 1


async def test_who_wants_no_summaries_gets_each_mail_by_itself(db, at):
    at(NOW)
    ben = await make_user()
    await save(ben, digest="daily")
    await owe(ben)
    await choose(ben, "summary", "mail", False)
    assert await sum_up() == 0
    assert len(await mailed()) == 1
    await owe(ben, key="2")
    assert len(await mailed()) == 2


async def test_a_summary_leaves_out_what_was_switched_off_meanwhile(db, at):
    at(NOW)
    ben = await make_user(zone="UTC")
    await save(ben, digest="daily")
    await owe(ben)
    await owe(ben, "payment.refund_failed", **CREDIT, charge_id=3)
    await choose(ben, "payment.soon", "mail", False)
    at("2026-11-22T08:00Z")
    await sum_up()
    assert await mailed() == ["Your day in Loom: 1 thing"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"digest": "hourly"}, "digest"),
        ({"quiet": (time(7), time(7))}, "quiet_until"),
        ({"paused_until": datetime(2020, 1, 1, tzinfo=UTC)}, "paused"),
        ({"paused_until": datetime(2999, 1, 1, tzinfo=UTC)}, "paused"),
    ],
)
async def test_nonsense_is_refused_at_its_field(db, at, more, field):
    at(NOW)
    with pytest.raises(Invalid) as refused:
        await save(await make_user(), **more)
    assert refused.value.field == field


async def test_reading_is_ones_own(db, at):
    at(NOW)
    ben, eve = await make_user(), await make_user()
    for key in ("1", "2", "3"):
        await owe(ben, key=key)
    async with transaction(ben) as tx:
        newest, *_, oldest = await centre.page(tx, ben)
    async with transaction(eve) as tx:
        await centre.mark(tx, eve, newest.id)
        await centre.mark_all(tx, eve, newest.id)
        assert await centre.page(tx, eve) == []
    async with transaction(ben) as tx:
        assert await centre.unread(tx, ben) == 3
        await centre.mark(tx, ben, oldest.id)
        assert [one.read for one in await centre.page(tx, ben)] == [False, False, True]
        await centre.mark(tx, ben, oldest.id, read=False)
        await centre.mark_all(tx, ben, newest.id - 1)  # the newest came meanwhile
        assert [one.id for one in await centre.page(tx, ben, only_unread=True)] == [newest.id]
        assert await centre.page(tx, ben, topics=["session.booked"]) == []
        assert len(await centre.page(tx, ben, before=newest.id)) == 2


async def test_a_test_comes_whatever_was_chosen(db):
    ben = await make_user()
    await save(ben, paused_until=FOREVER, digest="daily")
    async with transaction(ben) as tx:
        await send_test(tx, ben)
    await outbox.drain()
    assert await noticed(ben) == await mailed() == ["This is a test"]


def test_links_that_open_an_account_never_stand_in_the_centre():
    tokens = ("reset", "verify", "connect", "new_address", "former_address", "factor_due")
    for event in tokens:
        assert topic_of(f"account.{event}").on == {"mail"}
