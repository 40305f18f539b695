"""Staff choose, and go back."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from loom_app.domains.accounts.actions import require_step_up
from loom_app.domains.platform import areas, current
from loom_app.domains.platform.areas import InvalidChoices
from loom_app.domains.platform.events import DefaultRateGone
from loom_app.domains.platform.models import PlatformVersion
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Conflict, Invalid, NotFound
from loom_app.kit.text import t
from loom_app.kit.words import limited

__all__ = ["Change", "Choice", "InvalidChoices", "back", "choose", "require", "review"]

READER = "platform.read"
Changes = list["Change"]


@dataclass(frozen=True, slots=True)
class Change:
    """A field that would have another value; both as JSON keeps them."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody wants in place of version `base`, which they looked at, and why; `back_to` is
    the version it brings back, if it does."""

    area: str
    values: dict[str, Any]
    base: int
    reason: str
    back_to: int | None = None


def require(me: Actor, area: str) -> int:
    """Who may choose here; returns their id. Raises Forbidden, NotFound for no area."""
    areas.kind_of(area)
    if area in areas.SETTINGS:
        return me.require("platform.settings")
    if area in areas.NOTICES:
        return me.require("platform.notices")
    return me.require("platform.flags")


async def newest(tx: Tx, area: str) -> tuple[int, areas.Area]:
    """The number and the values that hold, read now; 0 where nothing was chosen yet. Acting as a
    system of the platform."""
    found = (
        await tx.db.execute(
            select(col(PlatformVersion.number), col(PlatformVersion.chosen))
            .where(col(PlatformVersion.area) == area)
            .order_by(col(PlatformVersion.number).desc())
            .limit(1)
        )
    ).first()
    return (found[0], areas.whole(area, found[1])) if found else (0, areas.whole(area, {}))


async def review(tx: Tx, me: Actor, area: str, values: dict[str, Any]) -> tuple[int, Changes]:
    """What these values would change, and the number of the version that they would change.

    Raises Forbidden, NotFound, InvalidChoices.
    """
    require(me, area)
    wanted = areas.checked(area, values)
    async with tx.acting_as_system(READER):
        number, holds = await newest(tx, area)
    return number, _changes(holds, wanted)


async def back(tx: Tx, me: Actor, area: str, number: int) -> dict[str, Any]:
    """The values of an older version, to be reviewed and chosen again; 0: the usual.

    Raises Forbidden, NotFound.
    """
    require(me, area)
    if number == 0:
        return areas.whole(area, {}).model_dump(mode="json")
    async with tx.acting_as_system(READER):
        found = await tx.db.get(PlatformVersion, (area, number))
    if found is None:
        raise NotFound(t("This version is not here."))
    return areas.whole(area, found.chosen).model_dump(mode="json")


async def choose(tx: Tx, me: Actor, choice: Choice) -> int:
    """These values hold from now on, everywhere; returns the number of the version.

    Raises Forbidden, StepUpNeeded, NotFound, InvalidChoices, Invalid (reason), Conflict where
    somebody else chose meanwhile, or nothing would change.
    """
    area = choice.area
    person_id = require(me, area)
    require_step_up(tx, me)
    wanted = areas.checked(area, choice.values)
    reason = limited(choice.reason, 300, "reason")
    if not reason:
        raise Invalid(t("Say why, for whoever reads it later."), field="reason")
    async with tx.acting_as_system("platform.choose"):
        number, holds = await newest(tx, area)
        changes = _changes(holds, wanted)
        if number != choice.base:
            raise Conflict(t("Somebody changed this meanwhile. Look at it again."))
        if not changes:
            raise Conflict(t("Nothing would change."))
        row = {
            "area": area,
            "number": number + 1,
            "chosen": areas.chosen_of(area, wanted),
            "changes": {one.name: [one.before, one.after] for one in changes},
            "reason": reason,
            "back_to": choice.back_to,
            "saved_by": person_id,
            "at": tx.now,
        }
        try:
            async with tx.db.begin_nested():  # of two at once, one has the number
                await tx.db.execute(insert(PlatformVersion).values(row))
        except IntegrityError:
            words = t("Somebody changed this meanwhile. Look at it again.")
            raise Conflict(words) from None
        await audit(
            tx,
            "platform.choose",
            area,
            number + 1,
            before={one.name: one.before for one in changes if _is_plain(one)},
            after={one.name: one.after for one in changes if _is_plain(one)},
            reason=reason,
        )
    if any(one.name == "default_rate_minor" and not one.after for one in changes):
        await tx.emit(DefaultRateGone())
    tx.signal(current.CHANGED, number + 1)
    return number + 1


def _is_plain(one: Change) -> bool:
    """Numbers and switches go into the trail; words and addresses stay in the version."""
    return isinstance(one.before, int | None) and isinstance(one.after, int | None)


def _changes(holds: areas.Area, wanted: areas.Area) -> Changes:
    before, after = holds.model_dump(mode="json"), wanted.model_dump(mode="json")
    return [
        Change(name, before[name], after[name]) for name in after if before[name] != after[name]
    ]
