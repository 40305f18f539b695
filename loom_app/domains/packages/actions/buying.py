"""Buying a package: a charge like any other, and what its payment brings."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.accounts.actions import hold_accounts
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.moderation import queries as moderation
from loom_app.domains.packages import events
from loom_app.domains.packages.actions import _common as common
from loom_app.domains.packages.actions._common import Line
from loom_app.domains.packages.errors import OfferChanged
from loom_app.domains.packages.models import UNPAID, Package, PackageOffer
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.domains.payments.actions import ON_THE_PAGE, Way
from loom_app.domains.payments.actions.credit import months_later
from loom_app.domains.payments.errors import NotSelling
from loom_app.domains.platform import flags
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from loom_app.kit.money import Money
from loom_app.kit.text import t

TO_PAY = timedelta(minutes=31)
TERMS = ("coach_id", "name", "sessions", "price_minor", "currency", "months", "offering_ids")


@dataclass(frozen=True, slots=True)
class Purchase:
    """A package that waits for its payment."""

    package_id: int
    charge_id: int


async def buy(
    tx: Tx,
    me: Actor,
    offer_id: int,
    way: Way = ON_THE_PAGE,
    *,
    shown: tuple[Money, int, int, list[int]] | None = None,
) -> Purchase:
    """Write down what is bought and begin its charge; a second call in the same way finds both.

    `shown`: price, sessions, months and what it is good for, as the buyer has read them. Raises
    OfferChanged where they are others by now, Conflict while none are sold, NotFound, Forbidden,
    Invalid on one's own, NotSelling, NotFound for a card of others.
    """
    client_id = me.require_person()
    if not me.verified:
        raise Forbidden(t("Confirm your mail address first: the link is in your inbox."))
    if not flags.enabled("packages", me):
        raise Conflict(t("Packages are not sold at the moment."))
    offer = await tx.db.get(PackageOffer, offer_id)  # as the caller: drafts are not seen
    if offer is None or offer.archived_at is not None:
        raise NotFound(t("This package is no longer offered."))
    if offer.coach_id == client_id:
        raise Invalid(t("This is your own package: others buy it."))
    await hold_accounts(tx, offer.coach_id, client_id)
    if await moderation.is_blocked_between(tx, offer.coach_id, client_id):
        raise NotFound(t("You cannot buy this package."))
    if not await payment_queries.sells_in(tx, offer.coach_id):
        raise NotSelling
    package = await _waiting(tx, client_id, offer)
    now = (package.price, package.sessions, package.months, list(package.offering_ids))
    if shown not in (None, now):
        raise OfferChanged
    only = offer.offering_ids[0] if len(offer.offering_ids) == 1 else None
    start = await payments.begin_charge(
        tx,
        me,
        package.payable,
        package.price,
        payer_id=client_id,
        coach_id=package.coach_id,
        offering_id=only,
        description=package.name,
        return_path=f"/packages/{package.id}?back=1",
        cancel_path=f"/packages/buy/{offer_id}",
        expires_at=tx.now + TO_PAY,
        way=way,
    )
    async with tx.acting_as_system("packages.buy"):
        package.charge_id = start.charge_id
        await tx.db.flush()
    return Purchase(package.id or 0, start.charge_id)


async def _waiting(tx: Tx, client_id: int, offer: PackageOffer) -> Package:
    """The one that waits to be paid with these terms, else a new one. One with others is stale."""
    async with tx.acting_as_system("packages.buy"):
        # one buyer of an offer at a time, until the charge is written
        await tx.db.refresh(offer, with_for_update=True)
        former = await tx.db.scalar(
            select(Package).where(
                col(Package.client_id) == client_id,
                col(Package.offer_id) == offer.id,
                col(Package.status) == "waiting",
            ),
            execution_options={"populate_existing": True},
        )
        terms = {name: getattr(offer, name) for name in TERMS}
        if former is not None:
            if all(getattr(former, name) == value for name, value in terms.items()):
                return former
            former.status = "stale"
            await tx.db.flush()
        package = Package(offer_id=offer.id or 0, client_id=client_id, created_at=tx.now, **terms)
        tx.db.add(package)
        await tx.db.flush()
    return package


async def bought(tx: Tx, package_id: int, charge_id: int) -> None:
    """Its payment came through: its sessions are there, from now on; once."""
    async with tx.acting_as_system("packages.bought"):
        package = await common.locked(tx, package_id)
        if package.status not in UNPAID:
            return
        package.status, package.charge_id, package.bought_at = "live", charge_id, tx.now
        package.expires_at = months_later(tx.now, package.months)
        await tx.db.flush()
        await common.enter(tx, package, Line("bought", package.sessions, package.price))
    await engagements.ensure(tx, package.coach_id, package.client_id, "active")
    await tx.emit(events.PackageBought(package_id, package.coach_id, package.client_id))
