"""The page that explains a coach's empty days."""

import pytest

from loom_app.loom_app import app
from loom_app.ui.availability.why_state import WhyState
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_open_coach, make_session, slot
from tests.ui.tab import Tab


async def test_a_day_says_what_is_free_and_why_the_rest_is_not(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    booking = await make_session(await make_user(), offering_id, slot())
    async with Tab(app, ada) as tab:
        await tab.visit(f"/availability/why?offering={offering_id}&week=2026-11-26", WhyState.load)
        state = await tab.state(WhyState)
        assert state.title == "Mon 23 November – Sun 29 November"
        tuesday = state.days[1]
        assert (tuesday.name, tuesday.count) == ("Tue 24 November", "23 times are free")
        (busy,) = tuesday.stretches
        assert busy.time == "10:00–12:00"  # a start at 10:01 would run into 11:00
        assert [(one.words, one.href) for one in busy.reasons] == [
            (f"Busy: {OFFERING.name}", f"/sessions/{booking.session_id}")
        ]
        await tab.do(WhyState.choose("999999"))
        assert tab.redirected_to() == ""
        await tab.do(WhyState.choose(str(offering_id)))
        assert tab.redirected_to() == f"/availability/why?offering={offering_id}&week=2026-11-23"


@pytest.mark.parametrize(
    ("now", "title"),
    [
        ("2026-11-21T12:00Z", "Mon 16 November – Sun 22 November"),  # a Saturday
        ("2026-11-22T12:00Z", "Mon 23 November – Sun 29 November"),  # a Sunday
        ("2026-11-23T12:00Z", "Mon 23 November – Sun 29 November"),
    ],
)
async def test_on_a_sunday_it_is_the_coming_week(db, at, now, title):
    at(now)
    ada, _ = await make_open_coach()
    async with Tab(app, ada) as tab:
        await tab.visit("/availability/why", WhyState.load)
        assert (await tab.state(WhyState)).title == title


async def test_days_of_the_past_and_beyond_the_window_say_so(db, at):
    at("2026-11-21T12:00Z")
    ada, _ = await make_open_coach()
    for week, words in (("2026-11-09", "Over already"), ("2027-06-07", "More than 60 days ahead")):
        async with Tab(app, ada) as tab:
            await tab.visit(f"/availability/why?week={week}", WhyState.load)
            for day in (await tab.state(WhyState)).days:
                assert [one.reasons[0].words for one in day.stretches] == [words]


async def test_nothing_to_sell_and_nobody_elses_business(db):
    async with Tab(app, await make_user(roles=["coach"])) as tab:
        await tab.visit("/availability/why?week=never", WhyState.load)
        state = await tab.state(WhyState)
        assert state.loaded
        assert state.days == []
    async with Tab(app, await make_user()) as tab:
        await tab.visit("/availability/why", WhyState.load)
        assert tab.redirected_to() == "/sessions"
