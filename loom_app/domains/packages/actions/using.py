"""Booking against a package, and what becomes of a session that was taken from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from loom_app.domains.packages.actions import _common as common
from loom_app.domains.packages.actions._common import Line
from loom_app.domains.packages.errors import NotForThis, PackageEmpty, PackageEnds, PackageFrozen
from loom_app.domains.packages.models import UNPAID, Package
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions import Payable
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times

# what comes back by the coach's doing can be used at least so long
AGAIN = timedelta(days=30)
# in one order, so that two sessions of the same people never wait for each other
_OPEN = text(
    "SELECT e.package_id, e.payable_id, e.what, e.path FROM package_entries e"
    " WHERE e.kind = 'used' AND e.payable_kind = :kind AND e.payable_id = ANY(:numbers)"
    " AND NOT EXISTS (SELECT 1 FROM package_entries d WHERE d.kind IN ('returned', 'earned')"
    "  AND d.payable_kind = e.payable_kind AND d.payable_id = e.payable_id)"
    " ORDER BY e.package_id, e.payable_id"
)


@dataclass(frozen=True, slots=True)
class Booked:
    """What one session of a package is taken for; `path` is its page."""

    payable: Payable
    offering_id: int
    starts_at: datetime
    what: str
    path: str


async def use(
    tx: Tx,
    me: Actor,
    package_id: int,
    booked: Booked,
) -> None:
    """Take one session out of one's package.

    Raises NotFound, NotForThis, PackageEnds, PackageFrozen, PackageEmpty: of many at once just as
    many succeed as are left.
    """
    async with tx.acting_as_system("packages.use"):
        package = await common.locked(tx, package_id)
        if package.client_id != me.require_person() or package.status in UNPAID:
            raise NotFound
        _check(package, booked, me.zone)
        line = Line("used", -1, None, booked.payable, booked.what, booked.path)
        await common.enter(tx, package, line)


def _check(package: Package, booked: Booked, zone: str) -> None:
    if booked.offering_id not in package.offering_ids:
        raise NotForThis
    if package.status == "disputed":
        raise PackageFrozen
    if package.remaining < 1:
        raise PackageEmpty
    assert package.expires_at is not None  # noqa: S101 - a constraint on what was bought
    if booked.starts_at > package.expires_at:
        raise PackageEnds(times.day_and_year(package.expires_at, zone))


async def came_off(tx: Tx, payables: Sequence[Payable], *, back: bool, fault: bool = False) -> None:
    """These will not take place: what was taken for them goes `back` into its package, or it was
    too late and is the coach's. `fault`: the coach's doing, so that there is time to use it."""
    if not back:
        await earn(tx, payables)
        return
    async with tx.acting_as_system("packages.came_off"):
        for row in await _open(tx, payables):
            package = await common.locked(tx, row.package_id)
            payable = Payable(payables[0].kind, row.payable_id)
            if fault and package.expires_at is not None:
                package.expires_at = max(package.expires_at, tx.now + AGAIN)
                await tx.db.flush()
            await common.enter(tx, package, Line("returned", 1, None, payable, row.what, row.path))
            await common.shrink(tx, package)


async def earn(tx: Tx, payables: Sequence[Payable]) -> None:
    """They took place, or the client did not come, or cancelled too late: their parts of the price
    are the coach's. What is in no package, or is decided, stays; idempotent."""
    async with tx.acting_as_system("packages.earn"):
        for row in await _open(tx, payables):
            package = await common.locked(tx, row.package_id)
            payable = Payable(payables[0].kind, row.payable_id)
            if not any(one.payable_id == row.payable_id for one in await _open(tx, [payable])):
                continue  # decided while we waited
            part = await common.worth(tx, package)
            part -= await common.gone(tx, package, part)
            line = Line("earned", 0, part, payable, row.what, row.path)
            entry = await common.enter(tx, package, line)
            await payments.recognise_part(tx, package.payable, part, ref=f"package:{entry}")


async def _open(tx: Tx, payables: Sequence[Payable]):  # noqa: ANN202 - rows
    if not payables:
        return []
    values = {"kind": payables[0].kind, "numbers": [one.id for one in payables]}
    return (await tx.db.execute(_OPEN, values)).all()
