"""Time off and holidays as a coach's tab sees them."""

from loom_app.domains.scheduling import queries
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.availability.time_off_state import HolidayState, TimeOffState
from tests.factories.accounts import make_user
from tests.factories.coaches import make_coach
from tests.factories.scheduling import make_open_coach, make_session, slot
from tests.ui.tab import Tab


def typed(**more: str) -> dict[str, str]:
    return {"first_day": "", "start": "", "last_day": "", "end": "", "reason": "", **more}


async def test_time_off_is_typed_listed_with_its_sessions_and_removed(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    booking = await make_session(await make_user(name="Ben Okafor"), offering_id, slot())
    async with Tab(app, ada) as tab:
        await tab.visit("/availability", TimeOffState.load)
        await tab.do(TimeOffState.begin(True))
        for form, field in (
            (typed(), "first_day"),
            (typed(first_day="2026-11-24", last_day="soon"), "last_day"),
            (typed(first_day="2026-11-24", last_day="2026-11-23"), "last_day"),
        ):
            await tab.do(TimeOffState.save(form))
            assert field in (await tab.state(TimeOffState)).errors
        await tab.do(
            TimeOffState.save(
                typed(first_day="2026-11-24", last_day="2026-11-25", reason="A wedding")
            )
        )
        state = await tab.state(TimeOffState)
        assert not state.adding
        (row,) = state.stretches
        assert (row.when, row.reason) == ("Tue 24 November – Wed 25 November", "A wedding")
        assert "1 session is booked" in row.booked_words
        assert row.booked[0].move_href == f"/sessions/{booking.session_id}/move"
        assert row.booked[0].who == "Ben Okafor"
        await tab.do(TimeOffState.choose_whole(False))
        await tab.do(TimeOffState.save(typed(first_day="2026-11-27", start="9", end="10:00")))
        assert "start" in (await tab.state(TimeOffState)).errors
        await tab.do(TimeOffState.save(typed(first_day="2026-11-27", start="09:00", end="00:00")))
        await tab.do(
            TimeOffState.save(
                typed(first_day="2026-11-28", start="09:00", last_day="2026-11-29", end="10:30")
            )
        )
        await tab.do(TimeOffState.drop(row.id))
        assert [one.when for one in (await tab.state(TimeOffState)).stretches] == [
            "Fri 27 November, 09:00–24:00",
            "Sat 28 November, 09:00 – Sun 29 November, 10:30",
        ]


async def test_a_country_is_chosen_its_days_ticked_and_saved(db, at):
    at("2026-11-21T12:00Z")
    ada, _ = await make_coach()
    async with Tab(app, ada) as tab:
        await tab.visit("/availability", HolidayState.load)
        assert (await tab.state(HolidayState)).holidays == []
        await tab.do(HolidayState.choose_country("DE"))
        await tab.do(HolidayState.choose_region("BY"))
        await tab.do(HolidayState.turn("Epiphany"))
        assert (await tab.state(HolidayState)).unsaved
        await tab.do(HolidayState.save())
        await tab.visit("/availability", HolidayState.load)
        state = await tab.state(HolidayState)
        assert (state.country, state.region, state.unsaved) == ("DE", "BY", False)
        assert [row.day for row in state.holidays if not row.off] == ["Wed 6 January"]
    async with transaction(ada) as tx:
        found = await queries.holiday_calendar(tx, ada)
    assert [one.name for one in found.days if one.working] == ["Epiphany"]


async def test_clients_see_nothing_of_it(db):
    async with Tab(app, await make_user()) as tab:
        await tab.visit("/availability", TimeOffState.load)
        await tab.do(HolidayState.load())
        await tab.do(TimeOffState.save(typed(first_day="2030-01-01")))
        assert (await tab.state(TimeOffState)).stretches == []
        assert (await tab.state(HolidayState)).countries == []
