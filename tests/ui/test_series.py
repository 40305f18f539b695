"""A series as tabs see it: chosen with its conflicts, kept, cancelled and moved from one on."""

from datetime import timedelta

from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling.actions import Repeat
from loom_app.kit.db.transaction import transaction
from loom_app.kit.i18n import times
from loom_app.kit.jobs import outbox
from loom_app.loom_app import app
from loom_app.ui.booking.paying import ReviewState
from loom_app.ui.booking.preparing import DetailsState
from loom_app.ui.booking.repeating import RepeatState
from loom_app.ui.booking.state import BookingState
from loom_app.ui.booking.times import TimesState
from loom_app.ui.problems import Toasts
from loom_app.ui.sessions.calendar_state import CalendarState
from loom_app.ui.sessions.detail_state import SessionState
from loom_app.ui.sessions.move_state import MoveState
from loom_app.ui.sessions.state import SessionsState
from tests.domains.scheduling.test_series import FREE, all_sessions
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_hold, make_open_coach, make_session, slot
from tests.ui.tab import Tab

NOW = "2026-11-21T12:00Z"
WEEK = timedelta(days=7)
STEPS = (
    BookingState.open,
    TimesState.open,
    DetailsState.open,
    RepeatState.open,
    ReviewState.open,
)


async def booked(offering_id: int, times: int):
    """Ben's series, a week apart from the tenth day on."""
    ben = await make_user(zone="America/New_York")
    first = slot(10)
    repeat = Repeat(1, tuple(first + n * WEEK for n in range(1, times)))
    async with transaction(ben) as tx:
        await scheduling.hold(tx, ben, offering_id=offering_id, starts_at=first, repeat=repeat)
    async with transaction(ben) as tx:
        await scheduling.book(tx, ben)
    await outbox.drain()
    return ben, first


async def begin() -> tuple[str, str, int]:
    coach, offering_id = await make_open_coach(offering=OFFERING)
    return f"/book/ada-lindqvist-{coach.person_id}", f"?offering={offering_id}", offering_id


async def test_a_series_is_chosen_around_what_is_taken(db, at):
    at(NOW)
    base, choice, offering_id = await begin()
    cleo = await make_user(name="Cleo")
    await make_session(cleo, offering_id, slot() + WEEK)
    await make_session(cleo, offering_id, slot() + 2 * WEEK)
    ben = await make_user(zone="America/New_York")
    async with Tab(app, ben) as tab:
        await tab.visit(f"{base}/repeat{choice}", *STEPS)
        assert tab.redirected_to() == f"{base}/time{choice}"
        await make_hold(ben, offering_id, slot())
        await tab.visit(f"{base}/repeat{choice}&every=1&times=4", *STEPS)
        state = await tab.state(RepeatState)
        assert [(row.when, row.other, row.problem) for row in state.rows[:2]] == [
            ("Tue 24 November, 05:00", "11:00", ""),
            ("Tue 1 December, 05:00", "11:00", "Somebody has booked this time."),
        ]
        assert (state.count, state.label) == (2, "Keep 2 sessions")
        [leave, first, *_] = state.rows[1].options
        assert leave == ["", "Leave this one out"]
        await tab.do(RepeatState.pick(2, "2026-12-01T10:00:00+00:00"))  # not offered
        assert (await tab.state(RepeatState)).count == 2
        await tab.do(RepeatState.pick(2, first[0]))
        await make_hold(cleo, offering_id, slot() + 3 * WEEK)
        await tab.do(RepeatState.keep())
        state = await tab.state(RepeatState)
        assert state.errors["starts_at"].startswith("Not all of these times are free")
        assert [bool(row.chosen) for row in state.rows] == [True, True, False, False]
        await tab.do(RepeatState.keep())
        assert tab.redirected_to() == f"{base}/details{choice}"


async def test_a_series_that_is_kept_says_what_it_costs_and_is_changed(db, at):
    at(NOW)
    base, choice, _ = await begin()
    async with Tab(app, await make_user()) as tab:
        await tab.visit(f"{base}/time{choice}", *STEPS)
        await tab.do(TimesState.choose(slot().isoformat()))
        await tab.visit(f"{base}/repeat{choice}&times=2", *STEPS)
        await tab.do(RepeatState.keep())
        await tab.visit(f"{base}/review{choice}", *STEPS)
        held = (await tab.state(BookingState)).held
        assert (held.series, len(held.dates)) == ("2 sessions, every week", 2)
        assert (await tab.state(ReviewState)).parts == [
            "€120 now for the first session.",
            "For each later session, €120 is charged to your card 48 hours before it.",
            "Each session can be cancelled or moved by itself.",
        ]
        await tab.visit(f"{base}/repeat{choice}", *STEPS)
        await tab.do(RepeatState.set_every("2"))
        assert tab.redirected_to() == f"{base}/repeat{choice}&every=2&times=2"
        await tab.do(RepeatState.set_number("²"))
        assert tab.redirected_to() == f"{base}/repeat{choice}&every=1&times=0"
        await tab.do(RepeatState.alone())
        await tab.visit(f"{base}/details{choice}", *STEPS)
        assert (await tab.state(BookingState)).held.series == ""


async def test_cancelling_shows_each_of_those_that_follow(db, at):
    at(NOW)
    _, offering_id = await make_open_coach(offering=FREE)
    ben, _ = await booked(offering_id, 4)
    ids = [one[0] for one in await all_sessions()]
    async with Tab(app, ben) as tab:
        await tab.visit("/sessions", SessionsState.load)
        rows = (await tab.state(SessionsState)).rows
        assert [row.series for row in rows] == [f"{n} of 4, weekly" for n in (1, 2, 3, 4)]
        await tab.visit(f"/sessions/{ids[1]}", SessionState.load)
        await tab.do(SessionState.ask(True))
        await tab.do(SessionState.choose_scope("following"))
        state = await tab.state(SessionState)
        assert [one.what[:14] for one in state.following] == [
            "Tue 8 December", "Tue 15 Decembe", "Tue 22 Decembe",
        ]  # fmt: skip
        assert state.following[0].words == "The session is free, so there is nothing to refund."
        await tab.do(SessionState.cancel({"reason": "Moving away"}))
        [toast] = (await tab.state(Toasts)).items
        assert toast.text == "3 sessions are cancelled."
        await tab.visit(f"/sessions/{ids[0]}", SessionState.load)
        await tab.do(SessionState.ask(True))
        await tab.do(SessionState.choose_scope("following"))
        assert (await tab.state(SessionState)).scope == "one"  # nothing follows any more
    assert [one[1] for one in await all_sessions()] == ["confirmed"] + 3 * ["cancelled"]


async def test_moving_all_shows_what_is_in_the_way_and_takes_a_choice(db, at):
    at(NOW)
    _, offering_id = await make_open_coach(offering=FREE)
    ben, first = await booked(offering_id, 3)
    ids = [one[0] for one in await all_sessions()]
    cleo = await make_user(name="Cleo")
    await make_hold(cleo, offering_id, first + WEEK + timedelta(hours=3))
    new = first + timedelta(hours=3)
    async with Tab(app, ben) as tab:
        await tab.visit(f"/sessions/{ids[0]}/move", MoveState.open)
        state = await tab.state(MoveState)
        assert (state.following, state.day_label) == (3, "Tue 1 December"), "its own day"
        await tab.do(MoveState.choose_scope("following"))
        await tab.do(MoveState.choose(new.isoformat()))
        state = await tab.state(MoveState)
        assert [(row.problem, bool(row.chosen)) for row in state.changes] == [
            ("", True), ("Somebody has booked this time.", False), ("", True),
        ]  # fmt: skip
        assert state.changes[0].old == "Tue 1 December, 05:00"
        await tab.do(MoveState.pick(2, state.changes[1].options[1][0]))
        await make_hold(cleo, offering_id, new + 2 * WEEK)
        await tab.do(MoveState.move({"reason": ""}))
        state = await tab.state(MoveState)
        assert state.errors["starts_at"].startswith("Not all of these times are free")
        assert [bool(row.chosen) for row in state.changes] == [True, True, False]
        # the second is free again and goes along
        await tab.do(MoveState.pick(3, state.changes[2].options[1][0]))
        await tab.do(MoveState.move({"reason": "Choir"}))
        [toast] = (await tab.state(Toasts)).items
        assert toast.text.startswith("3 sessions are moved")
    starts = [one[2] for one in await all_sessions() if one[1] == "confirmed"]
    assert starts[0] == new
    assert all(at - first - n * WEEK != timedelta() for n, at in enumerate(starts))


async def test_a_drag_of_one_of_a_series_asks_which_move_and_lists_them(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=FREE)
    _, first = await booked(offering_id, 3)
    ids = [one[0] for one in await all_sessions()]
    new = first + timedelta(hours=3)
    wall = times.local(new, "Europe/Berlin").strftime("%Y-%m-%dT%H:%M:%S")
    async with Tab(app, ada) as tab:
        await tab.visit("/sessions/calendar", CalendarState.load)
        await tab.do(CalendarState.drop(str(ids[0]), wall))
        state = await tab.state(CalendarState)
        assert (state.asking, state.following, state.scope, state.changes) == (True, 3, "one", [])
        await tab.do(CalendarState.choose_scope("following"))
        assert [row.when[-5:] for row in state.changes] == ["14:00"] * 3
        busy = await make_user(name="Cleo")
        await make_hold(busy, offering_id, new + WEEK)
        await tab.do(CalendarState.move({"reason": "", "scope": "following"}))
        assert state.errors["starts_at"] == "Your calendar has something else at that time."
        assert [bool(row.chosen) for row in state.changes] == [True, False, True]
        await tab.do(CalendarState.pick(2, ""))
        await tab.do(CalendarState.move({"reason": ""}))
        assert not state.asking
        [toast] = (await tab.state(Toasts)).items
        assert toast.text.startswith("2 sessions are moved")
        await tab.do(CalendarState.drop(str(ids[2]), wall[:-8] + "18:00:00"))
        assert (state.following, state.scope, state.changes) == (1, "one", [])
    starts = {one[0]: one[2] for one in await all_sessions()}
    assert [starts[one] for one in ids] == [new, first + WEEK, new + 2 * WEEK]
