"""What time does to packages: they are told to end, and end."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.packages import events
from loom_app.domains.packages.actions import _common as common
from loom_app.domains.packages.actions._common import Line
from loom_app.domains.packages.models import Package
from loom_app.domains.packages.rules import NOTICES
from loom_app.domains.payments import actions as payments
from loom_app.kit.db.transaction import Tx


async def warn(tx: Tx) -> None:
    """Say that packages with sessions left end soon: whoever is told keeps to once each. Of notices
    that are due together the nearest one counts."""
    async with tx.acting_as_system("packages.warn"):
        found = await tx.db.scalars(
            select(Package).where(
                col(Package.remaining) > 0,
                col(Package.status) == "live",
                col(Package.expires_at) > tx.now,
                col(Package.expires_at) <= tx.now + timedelta(days=max(NOTICES)),
            )
        )
        ending = list(found)
    for package in ending:
        assert package.expires_at is not None  # noqa: S101 - asked for
        left = package.expires_at - tx.now
        days = min(n for n in NOTICES if left <= timedelta(days=n))
        to, until = package.client_id, package.expires_at
        await tx.emit(events.PackageEnding(package.id or 0, to, days, until))


async def to_expire(tx: Tx) -> list[int]:
    """Packages whose time is over with sessions left; one that a bank asks about waits."""
    async with tx.acting_as_system("packages.expire"):
        found = await tx.db.scalars(
            select(col(Package.id)).where(
                col(Package.remaining) > 0,
                col(Package.status) == "live",
                col(Package.expires_at) <= tx.now,
            )
        )
    return [one for one in found if one is not None]


async def expire(tx: Tx, package_id: int) -> None:
    """What is left of a package whose time is over is the coach's. Idempotent."""
    async with tx.acting_as_system("packages.expire"):
        package = await common.locked(tx, package_id)
        left, ends = package.remaining, package.expires_at
        if not left or package.status != "live" or ends is None or ends > tx.now:
            return
        part = await common.worth(tx, package, left)
        entry = await common.enter(tx, package, Line("forfeited", -left, part))
        await payments.recognise_part(tx, package.payable, part, ref=f"package:{entry}")
    about = (package_id, package.coach_id, package.client_id)
    await tx.emit(events.PackageEnded(*about, left))
