"""What a coach reads of offerings and packages is, line by line, what the ledger says."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from loom_app.domains.coaches import actions as coaches
from loom_app.domains.packages import actions
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries
from loom_app.domains.payments.actions import Way
from loom_app.domains.payments.queries import Period
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries as sessions
from loom_app.kit import clock
from loom_app.kit.db.transaction import transaction
from loom_app.kit.money import Money
from loom_app.ui.earnings.rows import offering_rows
from tests.domains.packages.helpers import WORKER, World, bought, earn, use
from tests.domains.payments.helpers import balances, check_books
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_hold, slot
from tests.integrations.stripe.fixtures import contract, sandbox

__all__ = ["contract", "sandbox"]
EVER = Period(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


async def sold_alone(world: World, offering_id: int, price: Money, day: int) -> None:
    """One session of an offering, paid with credit and delivered."""
    ben = world.ben.require_person()
    async with transaction(WORKER) as tx:
        await payments.reward(tx, ben, price, source="alone", source_id=offering_id)
    await make_hold(world.ben, offering_id, slot(days=day))
    async with transaction(world.ben) as tx:
        booking = await scheduling.book(tx, world.ben, Way(use_credit=True))
    await payments.pay(booking.charge_id or 0)
    async with transaction(WORKER) as tx:
        await payments.recognise(tx, payments.Payable("seat", booking.seat_id))


async def test_offerings_and_packages_add_up_to_what_was_earned(sandbox):
    world = await bought()
    yen = replace(OFFERING, name="Short talk", price_minor=9_001, currency="JPY")
    async with transaction(world.ada) as tx:
        talk = await coaches.create_offering(tx, world.ada, yen)
    await sold_alone(world, world.offering_id, Money(12_000, "EUR"), 3)
    await sold_alone(world, talk, Money(9_001, "JPY"), 4)
    for number in (1, 2):
        await use(world, number, clock.now())
    await earn(1, 2)
    async with transaction(world.ada) as tx:
        refund_id = await actions.give_back(tx, world.ada, world.package_id, 1)
    await payments.carry_out_refund(refund_id)
    await check_books()

    async with transaction(world.ada) as tx:
        found = await sessions.earned_by_offering(tx, world.ada, EVER)
        folded = await sessions.earned_by_offering(tx, world.ada, EVER, most=1)
        figures = {one.currency: one for one in await queries.earnings(tx, world.ada)}
    shown = [(row.name, row.sales, row.net) for row in offering_rows(found)]
    assert shown == [
        ("Package: Five to begin", "1 package", "€170"),
        ("Clarity session", "1 session", "€102"),
        ("Short talk", "1 session", "¥7,651"),
    ]
    assert [row.name for row in offering_rows(folded)][1:] == ["Others", "Others"]
    ledger = await balances()
    for lines in (found, folded):
        net, fee = Counter[str](), Counter[str]()
        for one in lines:
            net[one.share.net.currency] += one.share.net.minor
            fee[one.share.net.currency] += one.share.fee.minor
        for currency in ("EUR", "JPY"):
            assert net[currency] == figures[currency].earned.minor
            assert net[currency] == -ledger["coach_pending", currency]
            assert fee[currency] == -ledger["platform_fee_income", currency]
