"""A free first session is had once, before any other."""

from dataclasses import replace

import pytest

from loom_app.domains.coaches import actions as coaches
from loom_app.domains.coaches import queries
from loom_app.domains.scheduling import actions
from loom_app.domains.scheduling.errors import NotTheFirst
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_hold, make_open_coach, make_session, slot

INTRO = replace(OFFERING, name="Hello", price_minor=0, intro=True, duration_minutes=30)


async def book(me, offering_id: int, starts_at):
    await make_hold(me, offering_id, starts_at)
    async with transaction(me) as tx:
        return await actions.book(tx, me)


async def test_once_for_each_client_and_again_when_it_did_not_take_place(db):
    _ada, intro = await make_open_coach(offering=INTRO)
    ben, eve = await make_user(), await make_user()
    booking = await book(ben, intro, slot())
    with pytest.raises(NotTheFirst):
        await make_hold(ben, intro, slot(4))
    await book(eve, intro, slot(4))
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, booking.session_id, "Not well")
    await book(ben, intro, slot(5))


async def test_not_after_another_session_and_with_each_coach(db):
    ada, paid = await make_open_coach()
    async with transaction(ada) as tx:
        intro = await coaches.create_offering(tx, ada, INTRO)
        assert (await queries.offering(tx, ada, intro)).terms_text
    _, other = await make_open_coach("Eve Moreau", offering=INTRO)
    ben = await make_user()
    await make_session(ben, paid, slot())
    with pytest.raises(NotTheFirst):
        await make_hold(ben, intro, slot(4))
    await book(ben, other, slot(4))
    await make_session(ben, paid, slot(5))


async def test_what_became_another_time_with_the_coach_meanwhile_is_seen_when_booking(db):
    """The time was held as an introduction before the offering of the other one was changed."""
    ada, first = await make_open_coach(offering=replace(INTRO, intro=False))
    ben = await make_user()
    await book(ben, first, slot())
    await make_hold(ben, first, slot(4))
    async with transaction(ada) as tx:
        await coaches.save_offering(tx, ada, first, INTRO)
    async with transaction(ben) as tx:
        with pytest.raises(NotTheFirst):
            await actions.book(tx, ben)


@pytest.mark.parametrize("price", [None, 5_000])
async def test_it_is_free(db, price):
    ada, _ = await make_open_coach()
    async with transaction(ada) as tx:
        with pytest.raises(Invalid) as wrong:
            await coaches.create_offering(tx, ada, replace(INTRO, price_minor=price))
    assert wrong.value.field == "price_minor"
