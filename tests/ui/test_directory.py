"""The directory and the coach page, as a visitor's tab sees them."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime

import pytest

from loom_app.domains.scheduling import actions as scheduling
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.directory.asked import KEYS, filters_of
from loom_app.ui.directory.coach_state import CoachState
from loom_app.ui.directory.state import DirectoryState
from loom_app.ui.filters.address import asked_of, changed, href
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
    await tab.visit("/coaches?language=Finnish&sort=price&view=list", DirectoryState.load)
    state = await tab.state(DirectoryState)
    assert (state.total, state.sort, state.as_list, state.filters_on) == (0, "price", True, 1)
    assert [one.label for one in state.languages] == ["English", "German"]
    assert not any(one.on for one in state.languages)


async def test_nonsense_in_the_address_shows_everybody(tab: Tab) -> None:
    await open_coach()
    nonsense = "sort=%3Cscript%3E&page=-4&rating=9&min=x&max=%C2%B2&from=never&time=noon&evil=1"
    await tab.visit(f"/coaches?{nonsense}", DirectoryState.load)
    state = await tab.state(DirectoryState)
    assert (state.total, state.sort, state.page) == (1, "best", 1)


async def test_a_filter_goes_to_the_address_and_back_to_page_one(tab: Tab) -> None:
    await tab.visit("/coaches?q=ada&page=3", DirectoryState.load)
    await tab.do(DirectoryState.toggle("specialty", "Career"))
    assert tab.redirected_to() == "/coaches?q=ada&specialty=Career"
    tab.path = "/coaches?q=ada&specialty=Career&sort=price"
    await tab.do(DirectoryState.toggle("specialty", "Grief"))
    assert tab.redirected_to() == "/coaches?q=ada&sort=price&specialty=Career&specialty=Grief"
    await tab.do(DirectoryState.toggle("specialty", "Career"))
    assert tab.redirected_to() == "/coaches?q=ada&sort=price"
    await tab.do(DirectoryState.narrow("rating", "4"))
    assert tab.redirected_to() == "/coaches?q=ada&rating=4&sort=price&specialty=Career"
    await tab.do(DirectoryState.narrow_all({"min": "50", "max": "", "evil": "1"}))
    assert tab.redirected_to() == "/coaches?min=50&q=ada&sort=price&specialty=Career"
    await tab.do(DirectoryState.clear_filters)
    assert tab.redirected_to() == "/coaches?sort=price"
    await tab.do(DirectoryState.choose_view("list"))
    assert tab.redirected_to() == "/coaches?q=ada&sort=price&specialty=Career&view=list"
    await tab.do(DirectoryState.choose_sort("best"))
    assert tab.redirected_to() == "/coaches?q=ada&specialty=Career"


async def test_a_field_that_was_left_as_it_was_goes_nowhere(tab: Tab) -> None:
    await tab.visit("/coaches?min=50", DirectoryState.load)
    await tab.do(DirectoryState.narrow("min", "50"))
    assert tab.events == []


async def test_a_day_is_asked_for_when_it_is_typed_and_its_field_stays(tab: Tab) -> None:
    await tab.visit("/coaches", DirectoryState.load)
    drawn = (await tab.state(DirectoryState)).span_key
    for typing in ("0002-11-30", "0020-11-30", "0202-11-30"):
        await tab.do(DirectoryState.narrow_day("from", typing))
    assert tab.redirected_to() == ""
    await tab.do(DirectoryState.narrow_day("from", "2026-11-30"))
    assert tab.redirected_to() == "/coaches?from=2026-11-30"
    await tab.visit("/coaches?from=2026-11-30", DirectoryState.load)
    state = await tab.state(DirectoryState)
    assert (state.span_key, state.first_day) == (drawn, "2026-11-30"), "the caret stays in it"
    await tab.visit("/coaches", DirectoryState.load)  # by the back button
    assert (await tab.state(DirectoryState)).span_key != drawn, "it shows what the address says"
    tab.events.clear()
    await tab.do(DirectoryState.narrow_day("from", ""))
    assert tab.events == [], "as it stands there"


def test_an_address_says_only_what_is_asked() -> None:
    keys = KEYS | {"page", "sort"}
    assert href("/coaches", asked_of("", keys)) == "/coaches"
    assert href("/coaches", changed(asked_of("q=ada", keys), "page", ("2",))) == (
        "/coaches?page=2&q=ada"
    )
    assert asked_of("q=+&q=a&q=a&no=1", keys) == {"q": ("a",)}
    assert len(asked_of("&".join(f"language={n}" for n in range(99)), keys)["language"]) == 20


def test_an_address_becomes_filters() -> None:
    asked = asked_of("rating=4.5&min=10&max=99&from=2026-12-01&time=evening&time=x&page=2", KEYS)
    found = filters_of(asked, "Asia/Kolkata")
    assert (found.rating, found.price_from, found.price_to) == (4.5, 10, 99)
    assert (found.first, found.last, found.parts) == (date(2026, 12, 1), None, ("evening",))
    assert (found.zone, found.page) == ("Asia/Kolkata", 1)


async def test_the_panel_shows_what_is_asked_and_what_each_word_would_leave(tab: Tab) -> None:
    await open_coach()
    await open_coach("Ida Holm")
    await tab.visit("/coaches?q=ada&specialty=Career&rating=4&time=evening", DirectoryState.load)
    state = await tab.state(DirectoryState)
    assert [(one.value, one.count, one.on) for one in state.specialties] == [("Career", 0, True)]
    assert [one.value for one in state.ratings if one.on] == ["4"]
    assert [one.value for one in state.parts if one.on] == ["evening"]
    assert (state.filters_on, state.currency) == (4, "EUR")


async def test_filters_are_kept_under_a_name(tab: Tab) -> None:
    ada, _ = await open_coach()
    await tab.become(ada)
    await tab.visit("/coaches?specialty=Career&page=2&sort=price", DirectoryState.load)
    await tab.do(DirectoryState.save_preset({"preset": " "}))
    assert "name" in (await tab.state(DirectoryState)).errors["preset"]
    await tab.do(DirectoryState.save_preset({"preset": " For  work "}))
    (kept,) = (await tab.state(DirectoryState)).presets
    assert (kept.name, kept.href) == ("For work", "/coaches?sort=price&specialty=Career")
    assert kept.here
    await tab.do(DirectoryState.remove_preset(kept.id))
    assert (await tab.state(DirectoryState)).presets == []


async def test_a_visitor_keeps_nothing(tab: Tab) -> None:
    await open_coach()
    await tab.visit("/coaches?specialty=Career", DirectoryState.load)
    state = await tab.state(DirectoryState)
    assert (state.may_save, state.presets) == (False, [])


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
