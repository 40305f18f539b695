"""A currency that the platform is not paid in: nothing is sold in it, and everybody is told why."""

from dataclasses import replace

import pytest

from loom_app.cli import check_stripe
from loom_app.domains.coaches import actions as coaches
from loom_app.domains.packages import actions as packages
from loom_app.domains.packages.rules import OfferEdit
from loom_app.domains.payments.actions import Payable, begin_charge
from loom_app.domains.payments.errors import NotSettled
from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.queries import Filters
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid
from loom_app.kit.money import Money
from loom_app.kit.settings import settings
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING, PROFILE, make_coach
from tests.factories.scheduling import make_hold, make_open_coach, slot

FIVE = OfferEdit("Five", 5, 50_000, "EUR", 6, ())


@pytest.fixture
def no_euro(monkeypatch):
    """Call it when euros are given up."""
    return lambda: monkeypatch.setattr(settings(), "settled_currencies", "USD")


@pytest.mark.parametrize("currency", ["SEK", "", "eur", "XX"])
async def test_a_coach_can_ask_only_for_what_is_settled(db, currency):
    coach, offering_id = await make_coach()
    for write in (
        lambda tx: coaches.create_offering(tx, coach, replace(OFFERING, currency=currency)),
        lambda tx: coaches.save_offering(
            tx, coach, offering_id, replace(OFFERING, currency=currency)
        ),
        lambda tx: coaches.save_profile(
            tx, coach, replace(PROFILE, slug="ada-lindqvist", currency=currency)
        ),
    ):
        with pytest.raises(Invalid) as wrong:
            async with transaction(coach) as tx:
                await write(tx)
        assert wrong.value.field == "currency"
        assert currency in str(wrong.value)


async def test_what_was_priced_before_is_not_sold_and_says_why(db, no_euro):
    coach, paid = await make_open_coach()
    async with transaction(coach) as tx:
        free = await coaches.create_offering(tx, coach, replace(OFFERING, price_minor=0))
        offer = await packages.make(tx, coach, replace(FIVE, offering_ids=(paid,)))
    ben, cleo = await make_user(name="Ben"), await make_user(name="Cleo")
    await make_hold(ben, paid, slot(days=2))
    no_euro()
    with pytest.raises(NotSettled, match="Prices in EUR cannot be paid here"):
        await make_hold(cleo, paid, slot())
    with pytest.raises(NotSettled):  # held before it was given up
        async with transaction(ben) as tx:
            await actions.book(tx, ben)
    with pytest.raises(NotSettled):
        async with transaction(ben) as tx:
            await packages.buy(tx, ben, offer)
    with pytest.raises(Invalid):  # nor is another package made of it
        async with transaction(coach) as tx:
            await packages.make(tx, coach, replace(FIVE, offering_ids=(paid,)))
    assert (await make_hold(cleo, free, slot())).offering_id == free
    async with transaction(cleo) as tx:
        (card,) = (await queries.directory(tx, cleo, Filters())).cards
    assert card.bookable, "what is free"


async def test_the_check_of_the_configuration_names_what_is_sold_for_nothing(db, no_euro, capsys):
    await make_coach()
    await check_stripe.report()
    assert "EUR, all of them settled" in capsys.readouterr().out
    no_euro()
    await check_stripe.report()
    assert "offerings in EUR (1) cannot be booked" in capsys.readouterr().out


async def test_a_rest_is_charged_to_its_end(db, no_euro):
    """It was sold before: the deposit is here, and the session will take place."""
    coach, _ = await make_coach()
    no_euro()
    ben = await make_user(name="Ben")

    async def begin(part: str) -> int:
        async with transaction(Actor.system_job("payments.test")) as tx:
            started = await begin_charge(
                tx,
                ben,
                Payable("seat", 7),
                Money(5000, "EUR"),
                payer_id=ben.require_person(),
                coach_id=coach.require_person(),
                description="Session",
                return_path="/",
                cancel_path="/",
                expires_at=clock.now(),
                part=part,
                whole=Money(9000, "EUR"),
            )
        return started.charge_id

    assert await begin("rest")
    for part in ("full", "deposit"):
        with pytest.raises(NotSettled):
            await begin(part)
