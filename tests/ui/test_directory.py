"""The directory and the coach page, as a visitor's tab sees them."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime

import pytest

from loom_app.domains.scheduling import actions as scheduling
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.directory.coach_state import CoachState
from loom_app.ui.directory.state import DirectoryState, address_for, filters_of
from tests.factories.coaches import make_coach
from tests.ui.tab import Tab

VISITOR = Actor(visitor="v" * 64)
NINE_TO_FIVE = [scheduling.HourEdit(day, 9 * 60, 17 * 60) for day in range(5)]
At = Callable[[str], datetime]


async def open_coach(name: str = "Ada Lindqvist", zone: str = "Europe/Berlin") -> tuple[Actor, int]:
    coach, offering_id = await make_coach(name, zone)
    async with transaction(coach) as tx:
        await scheduling.save_week(tx, coach, NINE_TO_FIVE)
    return coach, offering_id


@pytest.fixture
async def tab(db: str) -> AsyncIterator[Tab]:
    async with Tab(app, VISITOR) as opened:
        yield opened


async def test_a_visitor_sees_coaches_with_their_next_free_time(tab: Tab, at: At) -> None:
    at("2026-11-21T12:00Z")
    await open_coach()
    await tab.visit("/coaches", DirectoryState.load)
    state = await tab.state(DirectoryState)
    assert [row.name for row in state.rows] == ["Ada Lindqvist"]
    assert state.rows[0].price == "From €120"
    assert state.rows[0].next_free == "Mon 23 Nov, 08:00"  # 09:00 in Berlin, read in UTC
    assert state.loaded


async def test_filters_come_from_the_address(tab: Tab) -> None:
    await open_coach()
    await tab.visit("/coaches?language=Finnish&sort=price", DirectoryState.load)
    state = await tab.state(DirectoryState)
    assert (state.total, state.language, state.sort) == (0, "Finnish", "price")
    assert state.languages == ["English", "German"]


async def test_nonsense_in_the_address_shows_everybody(tab: Tab) -> None:
    await open_coach()
    await tab.visit("/coaches?sort=%3Cscript%3E&page=-4", DirectoryState.load)
    state = await tab.state(DirectoryState)
    assert (state.total, state.sort, state.page) == (1, "best", 1)


async def test_a_filter_goes_to_the_address_and_back_to_page_one(tab: Tab) -> None:
    await tab.visit("/coaches?q=ada&page=3", DirectoryState.load)
    await tab.do(DirectoryState.choose_specialty("Career"))
    assert tab.redirected_to() == "/coaches?q=ada&specialty=Career"


def test_an_address_says_only_what_is_asked() -> None:
    assert address_for(filters_of({})) == "/coaches"
    assert address_for(filters_of({"q": "ada"}), page=2) == "/coaches?q=ada&page=2"
    assert address_for(filters_of({"sort": "soonest"}), q="") == "/coaches?sort=soonest"


async def test_a_coach_page_shows_the_next_times(tab: Tab, at: At) -> None:
    at("2026-11-21T12:00Z")
    coach, offering_id = await open_coach()
    await tab.visit(f"/coaches/ada-lindqvist-{coach.person_id}", CoachState.load)
    state = await tab.state(CoachState)
    assert state.phase == "here"
    assert state.times[0].label == "Mon 23 Nov, 08:00"
    assert state.times[0].href.endswith(f"/time?offering={offering_id}&day=2026-11-23")
    assert [row.price for row in state.offerings] == ["€120"]


async def test_a_draft_and_an_unknown_coach_look_the_same(tab: Tab) -> None:
    hidden, _ = await make_coach("Hidden Coach", published=False)
    for slug in (f"hidden-coach-{hidden.person_id}", "nobody", "%27;drop table users"):
        await tab.visit(f"/coaches/{slug}", CoachState.load)
        assert (await tab.state(CoachState)).phase == "missing"


async def test_the_coach_page_leads_to_the_conversation_but_not_with_oneself(tab: Tab) -> None:
    ada, _ = await open_coach()
    here = f"/coaches/ada-lindqvist-{ada.person_id}"
    await tab.visit(here, CoachState.load)
    assert (await tab.state(CoachState)).write_href == f"/messages?to={ada.person_id}"
    await tab.become(ada)
    await tab.visit(here, CoachState.load)
    assert (await tab.state(CoachState)).write_href == ""


async def test_a_coach_who_is_not_here_does_not_keep_the_name_of_the_last_one(tab: Tab) -> None:
    ada, _ = await open_coach()
    await tab.visit(f"/coaches/ada-lindqvist-{ada.person_id}", CoachState.load)
    assert (await tab.state(CoachState)).page_title.startswith("Ada Lindqvist")
    await tab.visit("/coaches/nobody", CoachState.load)
    assert (await tab.state(CoachState)).page_title == "Coach · Loom"
