"""What of a coach's path to being bookable is done, from every domain that knows a part."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.standing_rules import OPTIONAL, STEPS
from loom_app.domains.payments.selling import sells_in
from loom_app.domains.scheduling.models import WeeklyHour
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx


@dataclass(frozen=True)
class StepView:
    """A step of the path, in its order; an `optional` one may be left undone."""

    name: str
    done: bool
    skipped: bool
    optional: bool


@dataclass(frozen=True)
class ReadyView:
    """What coaches does not know of one of its own: for staff who verify."""

    hours: bool
    payable: bool


async def onboarding(tx: Tx, me: Actor) -> list[StepView]:
    """The caller's own path. Raises Forbidden for who is no coach."""
    coach_id = me.require_coach()
    done = set(await coaches.steps_done(tx, me))
    ready = await _ready(tx, coach_id)
    done |= {"hours"} if ready.hours else set()
    done |= {"payouts"} if ready.payable else set()
    skipped = (await coaches.my_standing(tx, me)).skipped
    return [StepView(one, one in done, one in skipped, one in OPTIONAL) for one in STEPS]


async def readiness(tx: Tx, me: Actor, coach_id: int) -> ReadyView:
    """Raises Forbidden."""
    me.require("coaches.verify")
    return await _ready(tx, coach_id)


async def _ready(tx: Tx, coach_id: int) -> ReadyView:
    return ReadyView(await has_hours(tx, coach_id), bool(await sells_in(tx, coach_id)))


async def has_hours(tx: Tx, coach_id: int) -> bool:
    """Whether the coach is open at any time of the week."""
    async with tx.acting_as_system("scheduling.onboarding"):
        found = select(col(WeeklyHour.id)).where(col(WeeklyHour.coach_id) == coach_id).limit(1)
        return await tx.db.scalar(found) is not None
