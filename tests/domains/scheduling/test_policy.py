"""The policy of the day one booked: said before the click, and kept to the cent."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from loom_app.domains.coaches import actions as coaches
from loom_app.domains.coaches.queries import Policy
from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.rules import transitions
from loom_app.integrations.mail import mailbox
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING, PROFILE
from tests.factories.scheduling import make_open_coach, make_session, slot

PRICE = OFFERING.price_minor or 0


async def choose(coach: Actor, slug: str, hours: int, percent: int) -> None:
    edit = replace(PROFILE, slug=slug, cancel_free_hours=hours, cancel_late_percent=percent)
    async with transaction(coach) as tx:
        await coaches.save_profile(tx, coach, edit)


async def quote(me: Actor, session_id: int) -> str:
    async with transaction(me) as tx:
        return (await queries.session(tx, me, session_id)).refund_text


async def given_back() -> list[int]:
    async with transaction(Actor.system_job("payments.test")) as tx:
        return list(await tx.db.scalars(text("SELECT amount FROM refunds ORDER BY id")))


@pytest.mark.parametrize(
    ("policy", "ahead", "words", "back"),
    [
        ((48, 50), 48, "You get €120 back the way you paid.", [12000]),
        ((48, 50), 47, "You get €60 of €120 back. The policy gives back 50 % now.", [6000]),
        ((48, 0), 47, "It is too late for a refund: the €120 that was paid stays.", []),
        ((0, 0), 0.1, "You get €120 back the way you paid.", [12000]),
        ((168, 25), 100, "You get €30 of €120 back. The policy gives back 25 % now.", [3000]),
    ],
)
async def test_a_client_gets_what_was_said(db, at, policy, ahead, words, back):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    await choose(ada, "ada", *policy)
    ben = await make_user()
    start = slot(10)
    booked = await make_session(ben, offering_id, start)
    at((start - timedelta(hours=ahead)).isoformat())
    assert await quote(ben, booked.session_id) == words
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, booked.session_id)
    assert await given_back() == back


async def test_a_coach_always_gives_all_of_it_back(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    await choose(ada, "ada", 168, 0)
    booked = await make_session(await make_user(), offering_id, slot(2))
    assert await quote(ada, booked.session_id) == "Your client gets €120 back."
    async with transaction(ada) as tx:
        await actions.cancel(tx, ada, booked.session_id)
    assert await given_back() == [PRICE]


@pytest.mark.parametrize(
    ("new", "later", "back"),
    [(2, 1, [12000]), (72, 23, [12000]), (40, 25, [])],
    ids=["until it begins", "for a day", "not longer"],
)
async def test_who_is_moved_by_the_coach_has_a_day_to_say_no(db, at, new, later, back):
    """In hours from now: where the coach moves it to, and when the client cancels."""
    at("2026-11-21T12:00Z")
    now = clock.now()
    ada, offering_id = await make_open_coach()
    await choose(ada, "ada", 168, 0)
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot(10))
    async with transaction(ada) as tx:
        await actions.move(tx, ada, booked.session_id, now + timedelta(hours=new))
    await outbox.drain()
    plain = [one.message.get_body(("plain",)) for one in await mailbox.newest()]
    told = [" ".join(body.get_content().split()) for body in plain if body is not None]
    assert sum("for a day you can cancel at no cost" in one for one in told) == 1
    at((now + timedelta(hours=later)).isoformat())
    assert ("€120 back" in await quote(ben, booked.session_id)) == bool(back)
    async with transaction(ben) as tx:
        seen = await queries.session(tx, ben, booked.session_id)
        assert seen.can_move == bool(back)
        await actions.cancel(tx, ben, booked.session_id)
    assert await given_back() == back


async def test_a_later_change_of_mind_holds_for_later_bookings_alone(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    await choose(ada, "ada", 2, 75)
    ben = await make_user()
    before = await make_session(ben, offering_id, slot(3))
    await choose(ada, "ada", 168, 0)
    after = await make_session(ben, offering_id, slot(4))
    assert "€120 back the way" in await quote(ben, before.session_id)
    assert "too late" in await quote(ben, after.session_id)
    async with transaction(ben) as tx:
        assert not (await queries.session(tx, ben, after.session_id)).can_move
        assert (await queries.session(tx, ben, before.session_id)).can_move


async def test_what_is_not_offered_cannot_be_chosen(db):
    ada, _ = await make_open_coach()
    for hours, percent in ((23, 0), (24, 33), (-1, 0), (24, 101)):
        with pytest.raises(Invalid):
            await choose(ada, "ada", hours, percent)


def test_visitors_read_it_in_one_sentence():
    assert Policy(24, 0).words().startswith("Cancel until 1 day before")
    assert Policy(12, 50).words().endswith("after that, 50 %.")
    assert Policy(0, 0).words() == "Cancel at any time before the start and get everything back."


@given(st.integers(0, 10**9), st.sampled_from((0, 25, 50, 75, 100)))
def test_what_is_kept_and_what_goes_back_add_up(minor, percent):
    price = Money(minor, "JPY")
    kept = transitions.kept(price, percent)
    assert 0 <= kept.minor <= minor
    assert 0 <= (minor - kept.minor) * 100 - minor * percent < 100, "rounded for the client"
