"""Locking a package, and writing its ledger."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.packages import rules
from loom_app.domains.packages.models import Package, PackageEntry
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.domains.payments.actions import Payable
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money

# a session is decided when it is sure whose its part of the price is
_DECIDE = ("earned", "forfeited", "refunded", "restored")


@dataclass(frozen=True, slots=True)
class Line:
    """What is written into the ledger of a package; see `PackageEntry`."""

    kind: str
    sessions: int
    money: Money | None = None
    payable: Payable | None = None
    what: str = ""
    path: str = ""


async def locked(tx: Tx, package_id: int) -> Package:
    """The package, locked behind its payments, so that no two wait for each other; acting as
    packages. Raises NotFound."""
    await payments.lock(tx, Payable("package", package_id))
    found = await tx.db.get(Package, package_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def seen(tx: Tx, package_id: int) -> Package:
    """As the caller: row-level security says whose it is. Raises NotFound."""
    found = await tx.db.get(Package, package_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def enter(tx: Tx, package: Package, line: Line) -> int:
    """Write one entry; the database keeps the balance, and refuses one below zero."""
    entry = PackageEntry(
        package_id=package.id or 0,
        kind=line.kind,
        sessions=line.sessions,
        minor=line.money.minor if line.money else 0,
        payable_kind=line.payable.kind if line.payable else None,
        payable_id=line.payable.id if line.payable else None,
        what=line.what,
        path=line.path,
        at=tx.now,
    )
    tx.db.add(entry)
    await tx.db.flush()
    await tx.db.refresh(package, ["remaining"])
    after = {"sessions": line.sessions, "minor": entry.minor, "left": package.remaining}
    await audit(tx, f"package.{line.kind}", "package", package.id or 0, after=after)
    tell(tx, package)
    return entry.id or 0


async def so_far(tx: Tx, package: Package) -> rules.Decided:
    """What is decided of a package."""
    entries = await tx.db.scalars(
        select(PackageEntry)
        .where(col(PackageEntry.package_id) == package.id, col(PackageEntry.kind).in_(_DECIDE))
        .order_by(col(PackageEntry.id))
    )
    return rules.decided(package.price, package.sessions, list(entries))


async def worth(tx: Tx, package: Package, sessions: int = 1) -> Money:
    """What the next sessions that are decided are of the price."""
    return _next(package, await so_far(tx, package), sessions)


def _next(package: Package, now: rules.Decided, sessions: int) -> Money:
    return rules.worth(package.price, package.sessions, now.many, sessions, parts=now.minor)


async def gone(tx: Tx, package: Package, part: Money) -> Money:
    """What of a part of the price a bank took back, with no session taken for it yet: it counts as
    taken with this one."""
    lost, _ = await payment_queries.lost(tx, package.charge_id or 0)
    found = max(0, min(lost.minor - package.lost_minor, part.minor))
    package.lost_minor += found
    await tx.db.flush()
    return Money(found, part.currency)


async def shrink(tx: Tx, package: Package) -> None:
    """A bank took money back: of what is left so many sessions go as that had bought. Where it was
    not whole sessions' price, what is over becomes credit: the card's bank has spoken."""
    now = await so_far(tx, package)
    each = [_next(package, now, many + 1) for many in range(package.remaining)]
    lost, deciding = await payment_queries.lost(tx, package.charge_id or 0)
    missing = lost.minor - package.lost_minor
    if missing <= 0 or not each or deciding:  # what it decides next counts as well
        return
    many = next((n for n, part in enumerate(each, 1) if part.minor >= missing), len(each))
    part = each[many - 1]
    over = part - await gone(tx, package, part)
    await enter(tx, package, Line("refunded", -many, part, what="dispute"))
    if over.minor:
        number = package.charge_id or 0
        await payments.refund(tx, number, over, reason="package_unused", as_credit=True)


def tell(tx: Tx, package: Package) -> None:
    for person_id in (package.client_id, package.coach_id):
        tx.signal(f"person:{person_id}:packages")
