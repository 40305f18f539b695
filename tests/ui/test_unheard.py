"""A page that left its times, or lost them, hears of them no more and says nothing about them."""

from datetime import datetime
from typing import Any

import pytest

from loom_app.domains.coaches import actions as coaches
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime.signals import Signal
from loom_app.loom_app import app
from loom_app.ui import live
from loom_app.ui.booking.repeating import RepeatState
from loom_app.ui.booking.state import BookingState
from loom_app.ui.booking.times import TimesState
from loom_app.ui.booking.waiting import WaitingState
from loom_app.ui.directory.coach_state import CoachState
from loom_app.ui.problems import Toasts
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_hold
from tests.ui.tab import Tab
from tests.ui.test_booking import MONDAY_TEN, At
from tests.ui.test_directory import VISITOR, open_coach

pytestmark = pytest.mark.usefixtures("db")
STEPS = (BookingState.open, TimesState.open, WaitingState.open, RepeatState.open)


@pytest.fixture
async def coach(at: At) -> tuple[Actor, int, str]:
    at("2026-11-21T12:00Z")
    ada, offering_id = await open_coach()
    return ada, offering_id, f"ada-lindqvist-{ada.person_id}"


def hears(tab: Tab, cls: type, ada: Actor) -> bool:
    return live.hub.watches(tab.token, cls.__name__, f"coach:{ada.person_id}:slots")


async def quiet(tab: Tab, cls: type, ada: Actor, method: str) -> None:
    """Nothing is heard, and what was on its way says nothing."""
    assert not hears(tab, cls, ada)
    await getattr(await tab.state(cls), method)(Signal(f"coach:{ada.person_id}:slots"))
    assert (await tab.state(Toasts)).items == []


@pytest.mark.parametrize(
    ("step", "cls", "method"),
    [
        ("time", TimesState, "_slots_changed"),
        ("time", WaitingState, "_changed"),
        ("repeat", RepeatState, "_slots_changed"),
    ],
)
async def test_a_step_hears_nothing_once_it_is_left(
    coach: Any, step: str, cls: type, method: str
) -> None:
    ada, offering_id, slug = coach
    ben = await make_user(name="Ben")
    await make_hold(ben, offering_id, datetime.fromisoformat(MONDAY_TEN))
    async with Tab(app, ben) as tab:
        for gone in (f"/book/{slug}", "/book/nobody-999/time?offering=1"):
            await tab.visit(f"/book/{slug}/{step}?offering={offering_id}", *STEPS)
            assert hears(tab, cls, ada)
            await tab.visit(gone, *STEPS)
            await quiet(tab, cls, ada, method)


async def test_a_coach_who_is_gone_is_not_heard_of(coach: Any) -> None:
    ada, _, slug = coach
    async with Tab(app, VISITOR) as tab:
        await tab.visit(f"/coaches/{slug}", CoachState.load)
        assert hears(tab, CoachState, ada)
        async with transaction(ada) as tx:
            await coaches.unpublish(tx, ada)
        await tab.visit(f"/coaches/{slug}", CoachState.load)
        await quiet(tab, CoachState, ada, "_told")
