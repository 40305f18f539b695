"""The calendar: whose sessions, at which wall time, and what a drag means."""

from datetime import timedelta

from loom_app.domains.scheduling import actions, queries
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.sessions.calendar_state import CalendarState
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_hold, make_open_coach, make_session, slot
from tests.ui.tab import Tab


async def test_both_see_their_sessions_in_their_own_wall_time(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()  # in Berlin
    ben = await make_user(zone="Asia/Kathmandu")
    cleo = await make_user(name="Cleo")
    await make_session(ben, offering_id, slot(3))
    gone = await make_session(ben, offering_id, slot(4))
    await make_hold(cleo, offering_id, slot(5))
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, gone.session_id)
    for me, wall, editable in ((ada, "11:00:00", True), (ben, "15:45:00", False)):
        async with Tab(app, me) as tab:
            await tab.visit("/sessions/calendar", CalendarState.load)
            await tab.do(CalendarState.show("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"))
            state = await tab.state(CalendarState)
            assert [(one.start, one.editable) for one in state.appointments] == [
                (f"2026-11-24T{wall}", editable)
            ]


async def test_what_a_browser_claims_about_days_is_bounded(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    await make_session(await make_user(), offering_id, slot(3))
    async with Tab(app, ada) as tab:
        await tab.visit("/sessions/calendar", CalendarState.load)
        for first, last in (("", ""), ("2026-11-23", "2030-01-01"), ("2026-11-30", "2026-11-23"),
                            ("9999-12-31", "9999-12-31"), ("x" * 50, "2026-11-30")):  # fmt: skip
            await tab.do(CalendarState.show(first, last))
        assert (await tab.state(CalendarState)).appointments == []


async def test_a_drag_asks_and_then_moves_over_a_clock_change(db, at):
    at("2027-03-20T12:00Z")
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot(3))
    async with Tab(app, ada) as tab:
        await tab.visit("/sessions/calendar", CalendarState.load)
        # from winter time to summer time: the wall time is what was meant
        await tab.do(CalendarState.drop(str(booked.session_id), "2027-03-29T14:00:00Z"))
        state = await tab.state(CalendarState)
        assert state.asking
        assert "14:00" in state.new
        async with transaction(ada) as tx:
            assert (await queries.session(tx, ada, booked.session_id)).starts_at == slot(3)
        await tab.do(CalendarState.move({"reason": ""}))
    async with transaction(ben) as tx:
        found = await queries.session(tx, ben, booked.session_id)
    assert found.starts_at.isoformat() == "2027-03-29T12:00:00+00:00"


async def test_a_client_drags_nothing_too_late_and_nobody_what_is_not_theirs(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    ben, cleo = await make_user(), await make_user(name="Cleo")
    start = slot(3)
    booked = await make_session(ben, offering_id, start)
    at((start - timedelta(hours=3)).isoformat())
    for me, wish in ((ben, "2026-11-28T10:00:00Z"), (cleo, "2026-11-28T10:00:00Z"), (ada, "soon"),
                      (ada, "9999-12-31T23:59:59"), (ada, "0001-01-01T00:00:00")):  # fmt: skip
        async with Tab(app, me) as tab:
            await tab.visit("/sessions/calendar", CalendarState.load)
            await tab.do(CalendarState.drop(str(booked.session_id), wish))
            await tab.do(CalendarState.move({"reason": ""}))
    async with transaction(ada) as tx:
        assert (await queries.session(tx, ada, booked.session_id)).starts_at == start


async def test_a_night_owl_sees_the_night(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    ben = await make_user(zone="Asia/Tokyo")
    await make_session(ben, offering_id, slot(3, 20))  # 21:00 in Berlin, 05:00 in Tokyo
    drawn = {}
    for me in (ada, ben):
        async with Tab(app, me) as tab:
            await tab.visit("/sessions/calendar", CalendarState.load)
            await tab.do(CalendarState.show("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"))
            state = await tab.state(CalendarState)
            drawn[me.person_id] = (state.opens, state.closes)
    assert list(drawn.values()) == [("07:00:00", "22:00:00"), ("05:00:00", "21:00:00")]
