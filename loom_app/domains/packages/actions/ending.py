"""Giving back what was not used, and what a bank's question does to a package."""

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.packages import events
from loom_app.domains.packages.actions import _common as common
from loom_app.domains.packages.actions._common import Line
from loom_app.domains.packages.errors import AskedAlready, PackageEmpty, PackageFrozen
from loom_app.domains.packages.models import UNPAID, Package
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.text import t
from loom_app.kit.words import limited

LONGEST = 500


async def ask_back(tx: Tx, me: Actor, package_id: int, why: str) -> None:
    """The client asks for the unused part. Raises NotFound, Invalid, PackageEmpty, AskedAlready."""
    seen = await common.seen(tx, package_id)
    if seen.client_id != me.require_person() or seen.status in UNPAID:
        raise NotFound
    words = limited(why, LONGEST, "why")
    if not words:
        raise Invalid(t("Say in a line why."), field="why")
    async with tx.acting_as_system("packages.ask_back"):
        package = await common.locked(tx, package_id)
        _check(package)
        if package.asked_at is not None:
            raise AskedAlready
        package.asked_at, package.asked_why, package.answer = tx.now, words, ""
        await tx.db.flush()
        await audit(tx, "package.ask_back", "package", package_id, after={"by": me.label})
        common.tell(tx, package)
    await tx.emit(events.PackageAsked(package_id, package.coach_id))


async def answer_no(tx: Tx, me: Actor, package_id: int, why: str) -> None:
    """The coach gives nothing back, and says why. Idempotent. Raises NotFound, Invalid."""
    await _mine(tx, me, package_id)
    words = limited(why, LONGEST, "why")
    if not words:
        raise Invalid(t("Say in a line why not."), field="why")
    async with tx.acting_as_system("packages.answer"):
        package = await common.locked(tx, package_id)
        if package.asked_at is None:
            return
        package.asked_at, package.answer = None, words
        await tx.db.flush()
        await audit(tx, "package.answer_no", "package", package_id, after={"by": me.label})
        common.tell(tx, package)
    ref = f"no:{int(tx.now.timestamp())}"
    await tx.emit(events.PackageAnswered(package_id, package.client_id, 0, 0, ref))


async def give_back(tx: Tx, me: Actor, package_id: int, sessions: int = 0) -> int:
    """The coach gives back what is left, or so many of them, at their parts of the price.

    Returns the refund's id. Raises NotFound, Invalid, PackageEmpty, PackageFrozen.
    """
    await _mine(tx, me, package_id)
    async with tx.acting_as_system("packages.give_back"):
        package = await common.locked(tx, package_id)
        _check(package)
        many = sessions or package.remaining
        if not 0 < many <= package.remaining:
            raise Invalid(t("At most {n} are left.", n=package.remaining), field="sessions")
        part = await common.worth(tx, package, many)
        package.asked_at, package.asked_why, package.answer = None, "", ""
        await tx.db.flush()
        await common.enter(tx, package, Line("refunded", -many, part))
        refund = await payments.refund(tx, package.charge_id or 0, part, reason="package_unused")
    about = (package_id, package.client_id, many, part.minor, f"refund:{refund}")
    await tx.emit(events.PackageAnswered(*about))
    return refund


async def disputed(tx: Tx, charge_id: int) -> None:
    """The payer's bank asks about its payment: nothing can be done with it until it answers."""
    async with tx.acting_as_system("packages.dispute"):
        package = await _paid_by(tx, charge_id)
        if package is not None and package.status == "live":
            package.status = "disputed"
            await tx.db.flush()
            common.tell(tx, package)


async def dispute_over(tx: Tx, charge_id: int) -> None:
    """The bank has answered: if it took money back, then with it what that money had bought. While
    it asks about another part nothing changes."""
    async with tx.acting_as_system("packages.dispute"):
        package = await _paid_by(tx, charge_id)
        if package is None:
            return
        _, deciding = await payment_queries.lost(tx, charge_id)
        if deciding:
            return
        if package.status == "disputed":
            package.status = "live"
            await tx.db.flush()
            common.tell(tx, package)
        await common.shrink(tx, package)


async def _paid_by(tx: Tx, charge_id: int) -> Package | None:
    found = await tx.db.scalar(select(col(Package.id)).where(col(Package.charge_id) == charge_id))
    return await common.locked(tx, found) if found else None


async def _mine(tx: Tx, me: Actor, package_id: int) -> None:
    seen = await common.seen(tx, package_id)
    if seen.coach_id != me.require_person():
        raise NotFound


def _check(package: Package) -> None:
    if package.status == "disputed":
        raise PackageFrozen
    if package.remaining < 1:
        raise PackageEmpty
