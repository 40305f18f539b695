"""Booking against a package, and what becomes of a session that was taken from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, TextClause, text

from loom_app.domains.packages.actions import _common as common
from loom_app.domains.packages.actions._common import Line
from loom_app.domains.packages.errors import NotForThis, PackageEmpty, PackageEnds, PackageFrozen
from loom_app.domains.packages.models import UNPAID, Package
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.domains.payments.actions import Payable
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.money import Money

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
# used, and not back in the package: earned (with what), or open still
_GONE = text(
    "SELECT e.package_id, e.payable_id, e.what, e.path, d.minor AS earned FROM package_entries e"
    " LEFT JOIN package_entries d ON d.kind = 'earned' AND d.payable_kind = e.payable_kind"
    "  AND d.payable_id = e.payable_id"
    " WHERE e.kind = 'used' AND e.payable_kind = :kind AND e.payable_id = ANY(:numbers)"
    " AND NOT EXISTS (SELECT 1 FROM package_entries b WHERE b.kind IN ('returned', 'restored')"
    "  AND b.payable_kind = e.payable_kind AND b.payable_id = e.payable_id)"
    " ORDER BY e.package_id, e.payable_id"
)


@dataclass(frozen=True, slots=True)
class CameBack:
    """What became of a session whose coach did not come: it can be used `until` then; None: not,
    as a bank took what had bought it, or `waits`, as a bank decides about it."""

    payable: Payable
    until: datetime | None
    waits: bool


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
            if fault:
                await _more_time(tx, package)
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


async def coach_missed(tx: Tx, payables: Sequence[Payable]) -> list[CameBack]:
    """Their coach did not come: what was taken for them is back in its package, with time to use
    it, also where it was earned already. What is in no package, or back, stays; idempotent.
    Returns what came back by this call."""
    found: list[CameBack] = []
    async with tx.acting_as_system("packages.coach_missed"):
        for row in await _rows(tx, _GONE, payables):
            package = await common.locked(tx, row.package_id)
            payable = Payable(payables[0].kind, row.payable_id)
            again = await _rows(tx, _GONE, [payable])
            if not again:
                continue  # it came back while we waited
            left = package.remaining
            await _more_time(tx, package)
            if again[0].earned is None:
                line = Line("returned", 1, None, payable, row.what, row.path)
                await common.enter(tx, package, line)
            else:
                earned = Money(again[0].earned, package.currency)
                line = Line("restored", 1, Money(-earned.minor, package.currency), payable)
                await _restore(tx, package, replace(line, what=row.what, path=row.path), earned)
            await common.shrink(tx, package)
            waits = package.status == "disputed"
            usable = not waits and package.remaining > left
            found.append(CameBack(payable, package.expires_at if usable else None, waits))
    return found


async def _restore(tx: Tx, package: Package, line: Line, earned: Money) -> None:
    """Undo what a session had earned: its part is paid for and not delivered once more.

    What a bank took of it before it was earned, or takes now as there is a session again that was
    bought by what it took, is not there to be undone.
    """
    assert line.payable is not None  # noqa: S101 - of what was earned
    now = await common.so_far(tx, package)
    whole = now.parts[line.payable.kind, line.payable.id]
    taken = whole - earned.minor
    lost, _ = await payment_queries.lost(tx, package.charge_id or 0)
    missing = max(0, lost.minor - package.lost_minor)
    undecided = package.price.minor - now.minor
    part = max(0, undecided + earned.minor - missing) - max(0, undecided - missing)
    package.lost_minor = max(0, package.lost_minor - taken)
    await tx.db.flush()
    entry = await common.enter(tx, package, line)
    money = Money(part, package.currency)
    await payments.take_back_part(tx, package.payable, money, ref=f"package:{entry}")


async def _more_time(tx: Tx, package: Package) -> None:
    """It comes back by the coach's doing."""
    if package.expires_at is not None:
        package.expires_at = max(package.expires_at, tx.now + AGAIN)
        await tx.db.flush()


async def _open(tx: Tx, payables: Sequence[Payable]) -> Sequence[Row[Any]]:
    return await _rows(tx, _OPEN, payables)


async def _rows(tx: Tx, query: TextClause, payables: Sequence[Payable]) -> Sequence[Row[Any]]:
    if not payables:
        return []
    values = {"kind": payables[0].kind, "numbers": [one.id for one in payables]}
    return (await tx.db.execute(query, values)).all()
