"""Pushes, as a push service on this machine and the browsers behind it get them."""

import asyncio
from datetime import datetime, time, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import text

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.notifications import devices, pushed, unread, wishes
from loom_app.domains.notifications.actions import notify
from loom_app.domains.notifications.wishes import FOREVER
from loom_app.integrations.push import vapid
from loom_app.integrations.push.base64url import encoded
from loom_app.integrations.push.client import Subscription
from loom_app.kit import outside
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.jobs import outbox
from loom_app.kit.settings import settings
from tests.domains.accounts.people import again, signed_in
from tests.domains.notifications.gateway import Gateway, gateway
from tests.domains.notifications.test_unread import pair, say
from tests.factories.accounts import make_user

__all__ = ["gateway", "pair"]
NOW = "2026-11-21T12:00Z"
TRASH = "https://fcm.googleapis.com/fcm/send/x"


async def owe(me: Actor, event: str = "account.password", key: str = "1") -> None:
    async with transaction(me) as tx:
        await notify(tx, me.require_person(), event, key=key, facts={"at": NOW})
    await outbox.drain()


async def outcomes() -> list[tuple[str, int, str | None]]:
    """Of all pushes: status, tries and what was said, in the order they were owed in."""
    async with transaction(Actor.system_job("notifications.test")) as tx:
        rows = await tx.db.execute(
            text(
                "SELECT status, attempts, last_error FROM deliveries WHERE channel = 'push'"
                " ORDER BY id"
            )
        )
        return [tuple(row) for row in rows]


async def names(me: Actor) -> list[str]:
    async with transaction(me) as tx:
        return [one.name for one in await devices.mine(tx, me)]


async def choose(me: Actor, topic: str, *, wanted: bool) -> None:
    async with transaction(me) as tx:
        await wishes.choose(tx, me, topic, "push", wanted=wanted)


async def test_each_device_gets_it_sealed_signed_and_once(db, at, gateway: Gateway):
    at(NOW)
    ben, eve = await make_user(), await make_user()
    phone, laptop = await gateway.phone_of(ben), await gateway.phone_of(ben)
    await gateway.phone_of(eve)
    for _ in range(2):
        await owe(ben)
    (told,), (same,) = phone.take(), laptop.take()
    assert told == {**same, "tag": told["tag"]}
    assert (told["title"], told["path"]) == ("Your password was changed", "/forgot")
    assert len(gateway.taken) == 2
    one = phone.came[0]
    assert b"password" not in one.body
    assert gateway.claims(one)["sub"] == "mailto:hello@loom.test"
    assert (one.headers["urgency"], one.headers["content-encoding"]) == ("high", "aes128gcm")
    assert int(one.headers["ttl"]) > 3600
    assert len(one.headers["topic"]) == 32
    assert await outcomes() == [("sent", 1, None)] * 2
    async with transaction(ben) as tx:
        assert [one.used_at is not None for one in await devices.mine(tx, ben)] == [True, True]


@pytest.mark.parametrize("status", [404, 410])
async def test_a_dead_subscription_is_removed_and_the_others_go_on(db, at, gateway, status):
    at(NOW)
    ben = await make_user()
    await gateway.phone_of(ben)
    laptop = await gateway.phone_of(ben)
    gateway.answers.append((status, {}))
    await owe(ben)
    assert len(await names(ben)) == 1
    assert sorted(one[0] for one in await outcomes()) == ["dropped", "sent"]
    await owe(ben, key="2")
    assert len(gateway.taken) == 3
    assert laptop.came


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("DELETE FROM push_devices", "gone"),
        (
            "UPDATE push_devices SET server_key = 'former'",
            "it subscribed with a former key of ours",
        ),
    ],
)
async def test_operators_read_why_a_push_was_dropped_while_it_waited(db, at, gateway, change, why):
    at(NOW)
    ben = await make_user()
    phone = await gateway.phone_of(ben)
    async with transaction(ben) as tx:
        await notify(tx, ben.require_person(), "account.password", key="1", facts={"at": NOW})
    async with transaction(Actor.system_job("notifications.test")) as tx:
        await tx.db.execute(text(change))
    await outbox.drain()
    assert phone.take() == []
    assert await outcomes() == [("dropped", 1, why)]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_token_that_is_not_believed_costs_nobody_a_device(db, at, gateway, status):
    """A wrong clock, contact or key is ours; mended, everybody is reached as before."""
    at(NOW)
    ben = await make_user()
    phone = await gateway.phone_of(ben)
    outside._unsaid.clear()
    outside._said.clear()
    gateway.answers.append((status, {}))
    await owe(ben)
    await outside.write()
    async with transaction(outside.WRITER) as tx:
        row = (await tx.db.execute(text("SELECT service, worked_at FROM outside_calls"))).one()
    assert tuple(row) == ("push", None)
    assert await outcomes() == [("queued", 1, f"the push service answered {status}")]
    assert len(await names(ben)) == 1
    at("2026-11-21T12:01Z")
    await outbox.drain()
    assert await outcomes() == [("sent", 2, None)]
    assert len(phone.came) == 2


async def test_a_busy_service_is_asked_again_when_it_said(db, at, gateway):
    at(NOW)
    ben = await make_user()
    phone = await gateway.phone_of(ben)
    gateway.answers.append((429, {"retry-after": "600"}))
    gateway.answers.append((503, {}))
    await owe(ben)
    at("2026-11-21T12:09:59Z")
    await outbox.drain()
    assert len(phone.came) == 1
    at("2026-11-21T12:10:01Z")
    await outbox.drain()
    assert await outcomes() == [("queued", 2, "the push service answered 503")]
    at("2026-11-21T12:10:30Z")
    await outbox.drain()
    assert await outcomes() == [("sent", 3, None)]
    assert len(phone.came) == 3


async def test_what_never_works_ends_where_staff_sees_it(db, at, gateway):
    now = at(NOW)
    ben = await make_user()
    await gateway.phone_of(ben)
    gateway.answers.extend([(500, {})] * 30)
    await owe(ben)
    for hour in range(1, 13):
        at((now + timedelta(hours=hour)).isoformat())
        await outbox.drain()
    assert await outcomes() == [("failed", 12, "the push service answered 500")]
    await owe(ben, key="2")
    gateway.answers.clear()
    gateway.answers.append((413, {}))
    await owe(ben, key="3")
    assert ("failed", 1, "the push service answered 413") in await outcomes()


async def test_a_crash_before_it_is_written_down_repeats_it_under_the_same_tag(db, at, gateway):
    """The rule is at most a duplicate, which takes the place of the first on the device."""
    at(NOW)
    ben = await make_user()
    phone = await gateway.phone_of(ben)
    await owe(ben)
    async with transaction(Actor.system_job("notifications.test")) as tx:  # as if it had not been
        await tx.db.execute(text("UPDATE deliveries SET status = 'queued' WHERE channel = 'push'"))
    async with transaction(outbox.WORKER) as tx:
        await tx.db.execute(text("UPDATE outbox_jobs SET done_at = NULL"))
    await outbox.drain()
    first, second = phone.take()
    assert first["tag"] == second["tag"]
    assert len({one.headers["topic"] for one in phone.came}) == 1


async def test_pause_quiet_hours_and_choices_hold_for_pushes(db, at, gateway):
    at("2026-11-21T23:30Z")
    ben = await make_user(zone="Europe/Berlin")
    phone = await gateway.phone_of(ben)
    async with transaction(ben) as tx:
        await wishes.save(tx, ben, digest="none", quiet=None, paused_until=FOREVER)
    await owe(ben)
    async with transaction(ben) as tx:
        quiet = (time(22), time(7))
        await wishes.save(tx, ben, digest="daily", quiet=quiet, paused_until=None)
    await choose(ben, "payment.soon", wanted=True)
    async with transaction(ben) as tx:
        facts = {"minor": 8500, "currency": "USD", "expires_at": "2027-01-31T00:00:00+00:00"}
        await notify(tx, ben.require_person(), "payment.credit_expiring", key="1", facts=facts)
    await outbox.drain()
    assert phone.came == []
    at("2026-11-22T06:00Z")
    await outbox.drain()
    assert [one["title"][:3] for one in phone.take()] == ["$85"]
    await choose(ben, "security", wanted=False)
    await owe(ben, key="2")
    assert phone.take() == []


async def test_messages_in_quiet_hours_are_one_notice_at_their_end(pair, at, gateway):
    ada, ben, conversation_id = pair
    phone = await gateway.phone_of(ben)
    async with transaction(ben) as tx:
        quiet = (time(3), time(4))
        await wishes.save(tx, ben, digest="none", quiet=quiet, paused_until=None)
    for minute in (50, 55, 58):
        at(f"2026-11-21T08:{minute}Z")
        await say(ada, conversation_id, f"It is {minute}")
        await push()
    assert phone.take() == []
    at("2026-11-21T09:00Z")  # four o'clock where Ben is
    await push()
    (told,) = phone.take()
    assert told["title"] == "3 new messages from Ada Lind"
    assert told["body"] == "It is 50\nIt is 55\nIt is 58"
    assert (told["tag"], told["path"]) == (
        f"conversation-{conversation_id}",
        f"/messages/{conversation_id}",
    )


async def push() -> None:
    async with transaction(unread.WATCHER) as tx:
        await pushed.tell(tx)
    await outbox.drain()


async def test_a_burst_is_one_push_and_what_follows_within_a_minute_another(pair, at, gateway):
    ada, ben, conversation_id = pair
    phone = await gateway.phone_of(ben)
    at("2026-11-21T09:00:00Z")
    for number in range(4):
        await say(ada, conversation_id, f"Line {number}")
    await asyncio.gather(*(push() for _ in range(6)))
    await outbox.drain()
    assert [one["title"] for one in phone.take()] == ["4 new messages from Ada Lind"]
    await say(ada, conversation_id, "Line 4")
    at("2026-11-21T09:00:30Z")
    await push()
    assert phone.take() == []
    at("2026-11-21T09:01:00Z")
    await push()
    assert [one["body"] for one in phone.take()] == ["Line 2\nLine 3\nLine 4"]


async def test_a_device_hears_as_long_as_its_sign_in_was_not_ended(db, gateway):
    here = await signed_in()
    ben, there = here, await again(here.require_person())
    async with transaction(here) as tx:
        await devices.keep(tx, here, (phone := gateway.phone()).subscription)
    await owe(ben)
    assert len(phone.take()) == 1
    async with transaction(there) as tx:
        await accounts.end_session(tx, there, here.session_id or 0)
    await outbox.drain()
    phone.take()
    before = await outcomes()
    await owe(ben, key="2")
    assert (phone.take(), await outcomes()) == ([], before)  # nothing is owed to it either
    async with transaction(there) as tx:  # the same browser, signed in to again
        assert await devices.is_here(tx, there, phone.subscription.endpoint) == "on"
    await owe(ben, key="3")
    assert len(phone.take()) == 1


async def lasts(me: Actor, **until: str) -> None:
    """The sign-in ends then by itself."""
    async with transaction(Actor.system_job("accounts.session")) as tx:
        await tx.db.execute(
            text(
                "UPDATE auth_sessions SET expires_at = coalesce(:expires_at, expires_at),"
                " idle_until = coalesce(:idle_until, idle_until) WHERE id = :id"
            ),
            {"expires_at": None, "idle_until": None, "id": me.session_id}
            | {name: datetime.fromisoformat(at) for name, at in until.items()},
        )


@pytest.mark.parametrize("how", ["expires_at", "idle_until"])
async def test_messages_stay_off_a_browser_whose_sign_in_ran_out(db, at, gateway, how):
    at(NOW)
    ben = await signed_in()
    phone = await gateway.phone_of(ben)
    await lasts(ben, **{how: "2026-11-21T12:30Z"})
    await owe(ben)
    assert len(phone.take()) == 1
    at("2026-11-21T12:30:01Z")
    await owe(ben, key="2")
    assert phone.take() == []


async def test_who_signs_in_to_a_shared_browser_ends_the_pushes_of_the_former(db, gateway):
    ben, eve = await make_user(), await make_user(name="Eve")
    phone = await gateway.phone_of(ben)
    async with transaction(eve) as tx:  # what a page asks when it opens, with no click
        assert await devices.is_here(tx, eve, phone.subscription.endpoint) == "off"
    await owe(ben)
    assert phone.take() == []
    assert await names(ben) == []


async def test_a_browser_is_one_persons_at_a_time(db, gateway):
    ben, eve = await make_user(), await make_user(name="Eve")
    phone = await gateway.phone_of(ben)
    async with transaction(eve) as tx:
        assert await devices.is_here(tx, eve, phone.subscription.endpoint) == "off"
        await devices.keep(tx, eve, phone.subscription)
    assert (len(await names(ben)), len(await names(eve))) == (0, 1)
    await owe(ben)
    assert phone.take() == []
    async with transaction(eve) as tx:
        (one,) = await devices.mine(tx, eve)
    async with transaction(ben) as tx:
        await devices.remove(tx, ben, one.id)
        await devices.forget(tx, ben, phone.subscription.endpoint)
        with pytest.raises(NotFound):
            await devices.move(tx, ben, phone.subscription.endpoint, phone.subscription)
    assert len(await names(eve)) == 1


async def test_at_most_ten_devices_and_the_one_unused_longest_goes(db, gateway):
    ben = await make_user()
    first = await gateway.phone_of(ben)
    for _ in range(devices.MOST):
        await gateway.phone_of(ben)
    async with transaction(ben) as tx:
        assert len(await devices.mine(tx, ben)) == devices.MOST
        assert await devices.is_here(tx, ben, first.subscription.endpoint) == "off"


@pytest.mark.parametrize(
    "told",
    [
        Subscription("https://169.254.169.254/latest", "", ""),
        Subscription(TRASH, "", ""),
        Subscription(TRASH, "not a point", "short"),
    ],
)
async def test_what_is_no_subscription_is_refused(db, told):
    ben = await make_user()
    with pytest.raises(Invalid):
        async with transaction(ben) as tx:
            await devices.keep(tx, ben, told)


async def test_who_subscribed_with_a_former_key_of_ours_is_sent_nothing_until_anew(
    db, at, gateway, monkeypatch
):
    """The installation gets another pair of keys (`LOOM_VAPID_PRIVATE_KEY`)."""
    at(NOW)
    ben = await make_user()
    old, unknown = await gateway.phone_of(ben), await gateway.phone_of(ben)
    async with transaction(Actor.system_job("notifications.test")) as tx:
        await tx.db.execute(  # of before keys were written down
            text("UPDATE push_devices SET server_key = '' WHERE endpoint = :e"),
            {"e": unknown.subscription.endpoint},
        )
    former = vapid.public_key()
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    monkeypatch.setattr(settings(), "vapid_private_key", encoded(number.to_bytes(32, "big")))
    vapid._private.cache_clear()
    assert vapid.public_key() != former
    new = await gateway.phone_of(ben)
    await owe(ben)
    assert (len(old.came), len(unknown.came), len(new.came)) == (0, 1, 1)
    async with transaction(ben) as tx:
        assert await devices.is_here(tx, ben, old.subscription.endpoint) == "stale"
        assert await devices.is_here(tx, ben, unknown.subscription.endpoint) == "on"
        assert [one.stale for one in await devices.mine(tx, ben)] == [False, False, True]
        await devices.keep(tx, ben, old.subscription)  # it subscribes anew
        assert await devices.is_here(tx, ben, old.subscription.endpoint) == "on"
    await owe(ben, key="2")
    assert len(old.came) == 1
    vapid._private.cache_clear()
