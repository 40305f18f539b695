"""What was chosen, when and by whom; who is let in while closed; how often a feature was asked."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.platform import areas
from loom_app.domains.platform.actions import READER, Change, newest, require
from loom_app.domains.platform.areas import (
    FREE_HOURS,
    LATE_PERCENTS,
    Announcement,
    Maintenance,
)
from loom_app.domains.platform.current import NOW, announced, announcement, maintenance
from loom_app.domains.platform.declared import Flag, declared
from loom_app.domains.platform.models import FlagExposure, PlatformVersion
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.settings import settings
from loom_app.kit.text import t

__all__ = [
    "FREE_HOURS",
    "LATE_PERCENTS",
    "NOW",
    "Flag",
    "announced",
    "announcement",
    "declared",
    "maintenance",
]

MOST_VERSIONS = 50
EXPOSURE_DAYS = 7


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version as it is listed; `back_to` the one it brought back, if it did."""

    number: int
    at: datetime
    by: str
    reason: str
    back_to: int | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class AreaView:
    """What holds in an area: `values` as JSON keeps them; `usual` of the same without a choice."""

    area: str
    number: int
    values: dict[str, Any]
    usual: dict[str, Any]
    changed_at: datetime | None
    changed_by: str


async def area(tx: Tx, me: Actor, name: str) -> AreaView:
    """Read now, not from memory. Raises Forbidden, NotFound."""
    require(me, name)
    async with tx.acting_as_system(READER):
        number, found = await newest(tx, name)
    newest_one = (await history(tx, me, name, most=1))[:1]
    return AreaView(
        area=name,
        number=number,
        values=found.model_dump(mode="json"),
        usual=areas.whole(name, {}).model_dump(mode="json"),
        changed_at=newest_one[0].at if newest_one else None,
        changed_by=newest_one[0].by if newest_one else "",
    )


async def history(tx: Tx, me: Actor, name: str, *, most: int = MOST_VERSIONS) -> list[VersionView]:
    """Versions of an area, the newest first. Raises Forbidden, NotFound."""
    require(me, name)
    async with tx.acting_as_system(READER):
        rows = list(
            await tx.db.scalars(
                select(PlatformVersion)
                .where(col(PlatformVersion.area) == name)
                .order_by(col(PlatformVersion.number).desc())
                .limit(most)
            )
        )
        people = await accounts.people(tx, {row.saved_by for row in rows})
    return [
        VersionView(
            number=row.number,
            at=row.at,
            by=people[row.saved_by].name if row.saved_by in people else "",
            reason=row.reason,
            back_to=row.back_to,
            changes=tuple(Change(field, *both) for field, both in row.changes.items()),
        )
        for row in rows
    ]


async def exposures(tx: Tx, me: Actor) -> dict[str, tuple[int, int]]:
    """How often each feature was asked for in the last seven days: answered yes, and no.

    Raises Forbidden.
    """
    me.require("platform.flags")
    since = (clock.now().astimezone(UTC) - timedelta(days=EXPOSURE_DAYS - 1)).date()
    found = {name: [0, 0] for name in declared()}
    async with tx.acting_as_system(READER):
        rows = await tx.db.scalars(select(FlagExposure).where(col(FlagExposure.day) >= since))
        for row in rows:
            if row.flag in found:
                found[row.flag][0 if row.enabled else 1] += row.uses
    return {name: (yes, no) for name, (yes, no) in found.items()}


def concerns(found: Announcement, me: Actor) -> bool:
    """Whether it is for this person or visitor."""
    asked = {
        "everyone": True,
        "visitors": me.person_id is None,
        "people": me.person_id is not None,
        "clients": me.is_client,
        "coaches": me.is_coach,
        "staff": me.is_staff,
    }
    return asked[found.audience]


def closed_words(closed: Maintenance) -> str:
    """What people read who are not let in."""
    usual = t("We are looking after {name}. It will be back soon.", name=settings().brand_name)
    return closed.message or usual


def lets_in(closed: Maintenance, me: Actor, address: str) -> bool:
    """Whether this person, from this network address, may go on while Loom is closed. Staff always
    may, also who still has to set up a second factor."""
    if me.is_staff or me.lacks_factor or me.person_id in closed.people:
        return True
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(here in ipaddress.ip_network(network) for network in closed.networks)
