"""A package that is offered, bought (out of credit, which asks nobody), and counted."""

import itertools
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from loom_app.domains.packages import actions, queries
from loom_app.domains.packages.actions import Booked, OfferEdit
from loom_app.domains.packages.queries import PackageView
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions import Payable, Way
from loom_app.domains.payments.ledger import invariants
from loom_app.domains.scheduling import actions as scheduling
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.money import Money
from tests.domains.payments.helpers import AUDITOR, rows
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_hold, make_open_coach

ENTRIES = text(
    "SELECT kind, sum(minor)::bigint AS minor FROM package_entries WHERE package_id = :id"
    " GROUP BY 1"
)
_numbers = itertools.count(1)
WORKER = Actor.system_job("packages.test")


@dataclass
class World:
    ada: Actor
    ben: Actor
    offering_id: int
    offer_id: int
    package_id: int = 0


def edit(*offerings: int, **more) -> OfferEdit:
    usual = {"name": "Five to begin", "sessions": 5, "price_minor": 50_002, "currency": "EUR"}
    return OfferEdit(**{**usual, "months": 6, "offering_ids": offerings, **more})


async def offered(**more) -> World:
    """A coach sells sessions of 120 and five of them for 500.02; a client has seen it."""
    ada, offering_id = await make_open_coach()
    ben = await make_user(name="Ben")
    async with transaction(ada) as tx:
        offer_id = await actions.make(tx, ada, edit(offering_id, **more))
    return World(ada, ben, offering_id, offer_id)


async def bought(**more) -> World:
    """The same, bought."""
    world = await offered(**more)
    world.package_id = await buy(world.ben, world.offer_id)
    return world


async def buy(me: Actor, offer_id: int) -> int:
    """By credit that the client has."""
    async with transaction(me) as tx:
        price = (await queries.offer(tx, me, offer_id)).price
    async with transaction(WORKER) as tx:
        await payments.reward(
            tx, me.require_person(), price, source="test", source_id=next(_numbers)
        )
    async with transaction(me) as tx:
        made = await actions.buy(tx, me, offer_id, Way(use_credit=True))
    await payments.pay(made.charge_id)
    return made.package_id


async def use(world: World, number: int, starts_at: datetime) -> None:
    """For a seat that nobody looks behind."""
    booked = Booked(Payable("seat", number), world.offering_id, starts_at, "Clarity", "/sessions/1")
    async with transaction(world.ben) as tx:
        await actions.use(tx, world.ben, world.package_id, booked)


async def book(world: World, when: datetime) -> scheduling.Booking:
    await make_hold(world.ben, world.offering_id, when)
    async with transaction(world.ben) as tx:
        return await scheduling.book(tx, world.ben, package_id=world.package_id)


async def came_off(number: int, *, back: bool, fault: bool = False) -> None:
    async with transaction(WORKER) as tx:
        await actions.came_off(tx, [Payable("seat", number)], back=back, fault=fault)


async def earn(*numbers: int) -> None:
    async with transaction(WORKER) as tx:
        await actions.earn(tx, [Payable("seat", number) for number in numbers])


async def coach_missed(*numbers: int) -> list[actions.CameBack]:
    async with transaction(WORKER) as tx:
        return await actions.coach_missed(tx, [Payable("seat", number) for number in numbers])


async def seen(me: Actor, package_id: int) -> PackageView:
    async with transaction(me) as tx:
        return await queries.package(tx, me, package_id)


async def check(package_id: int) -> PackageView:
    """What must always hold: of sessions, of the parts of the price, and of the ledger."""
    async with transaction(AUDITOR) as tx:
        assert await invariants.broken(tx) == []
    (row,) = await rows(
        "SELECT * FROM charges WHERE payable_kind = 'package' AND payable_id = :id", id=package_id
    )
    async with transaction(Actor(person_id=row["coach_id"])) as tx:
        one = await queries.package(tx, Actor(person_id=row["coach_id"]), package_id)
    async with transaction(Actor(person_id=row["payer_id"])) as tx:
        other = await queries.package(tx, Actor(person_id=row["payer_id"]), package_id)
    assert one.statement == other.statement, "both sides read the same"
    assert one.sessions == one.used + one.forfeited + one.refunded + one.left
    assert one.statement[-1].left == one.left
    async with transaction(WORKER) as tx:
        found = await tx.db.execute(ENTRIES, {"id": package_id})
        minors = {line.kind: line.minor for line in found}
    assert row["lost"] or minors.get("refunded", 0) == row["refunded"]
    coachs = sum(minors.get(kind, 0) for kind in ("earned", "forfeited", "restored"))
    decided = coachs
    decided += row["refunded"] + row["lost"]
    money = await accounts(row["id"])
    assert money.get("deferred", 0) == row["amount"] - decided + await under_way(row["id"])
    delivered = sum(money.get(kind, 0) for kind in ("coach_pending", "coach_payable"))
    fees = money.get("platform_fee_income", 0)
    assert delivered + fees == coachs
    return one


async def under_way(charge_id: int) -> int:
    """Refunds that are asked for and not carried out yet still stand in the ledger."""
    (found,) = await rows(
        "SELECT coalesce(sum(amount), 0)::bigint AS minor FROM refunds"
        " WHERE charge_id = :id AND status <> 'succeeded'",
        id=charge_id,
    )
    return found["minor"]


async def accounts(charge_id: int) -> dict[str, int]:
    """Where the money of a charge is, by kind; nothing below zero."""
    found = await rows(
        "SELECT a.kind, -sum(e.amount)::bigint AS minor FROM ledger_entries e"
        " JOIN ledger_transactions t ON t.id = e.transaction_id"
        " JOIN ledger_accounts a ON a.id = e.account_id WHERE t.charge_id = :id GROUP BY 1",
        id=charge_id,
    )
    return {row["kind"]: row["minor"] for row in found if row["minor"]}


async def credit(me: Actor) -> Money:
    """What the client has of it."""
    (row,) = await rows(
        "SELECT coalesce(sum(remaining), 0)::bigint AS minor FROM credit_lots"
        " WHERE person_id = :me",
        me=me.person_id,
    )
    return Money(row["minor"], "EUR")
