"""The booking steps as tabs see them: holds, races, forged arguments, and the way back."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.domains.scheduling.actions import Repeat
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.booking.outcome import OutcomeState
from loom_app.ui.booking.paying import ReviewState
from loom_app.ui.booking.preparing import DetailsState
from loom_app.ui.booking.state import BookingState
from loom_app.ui.booking.times import TimesState
from loom_app.ui.problems import Toasts
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING, make_coach
from tests.ui.tab import Tab
from tests.ui.test_directory import NINE_TO_FIVE, VISITOR, open_coach

At = Callable[[str], datetime]
STEPS = (BookingState.open, TimesState.open, DetailsState.open, ReviewState.open)
MONDAY_TEN = "2026-11-23T09:00:00+00:00"  # 10:00 in Berlin
MONDAY_ELEVEN = "2026-11-23T10:00:00+00:00"


class Booking:
    """A tab on its way through one coach's booking."""

    def __init__(self, tab: Tab, base: str, offering_id: int) -> None:
        self.tab, self.base, self.offering_id = tab, base, offering_id

    async def go(self, step: str) -> None:
        await self.tab.visit(f"{self.base}/{step}?offering={self.offering_id}", *STEPS)

    async def times(self) -> dict[str, bool]:
        state = await self.tab.state(TimesState)
        return {row.instant: row.free for row in state.times}


@pytest.fixture
async def booking(db: str, at: At) -> AsyncIterator[Booking]:
    at("2026-11-21T12:00Z")
    coach, offering_id = await open_coach()
    async with Tab(app, VISITOR) as tab:
        yield Booking(tab, f"/book/ada-lindqvist-{coach.person_id}", offering_id)


async def test_the_first_free_day_is_open_at_once(booking: Booking) -> None:
    await booking.go("time")
    state = await booking.tab.state(TimesState)
    assert state.day_label == "Mon 23 November"
    assert [row.label for row in state.times][:2] == ["08:00", "09:00"]
    assert [row.other for row in state.times][:2] == ["09:00", "10:00"]


async def test_choosing_a_time_keeps_it_and_goes_on(booking: Booking) -> None:
    await booking.go("time")
    await booking.tab.do(TimesState.choose(MONDAY_TEN))
    assert booking.tab.redirected_to().endswith(f"/details?offering={booking.offering_id}")
    await booking.go("details")
    state = await booking.tab.state(BookingState)
    assert state.held.seconds == 600
    assert "Mon 23 November, 09:00" in state.held.when


async def test_a_time_kept_by_somebody_else_turns_grey(booking: Booking) -> None:
    await booking.go("time")
    other = await make_user(name="Cleo")
    async with Tab(app, other) as second:
        rival = Booking(second, booking.base, booking.offering_id)
        await rival.go("time")
        await second.do(TimesState.choose(MONDAY_TEN))
    await booking.tab.do(TimesState.choose(MONDAY_TEN))
    assert (await booking.times())[MONDAY_TEN] is False
    assert "taken" in (await booking.tab.state(TimesState)).errors["starts_at"]
    assert booking.tab.redirected_to() == ""


async def test_the_day_one_looks_at_stays_when_its_last_time_goes(booking: Booking) -> None:
    await booking.go("time")
    before = await booking.times()
    for number, instant in enumerate(before):
        async with Tab(app, await make_user(name=f"Cleo {number}")) as second:
            rival = Booking(second, booking.base, booking.offering_id)
            await rival.go("time")
            await second.do(TimesState.choose(instant))
    await booking.tab.do(TimesState.choose(next(iter(before))))
    assert await booking.times() == dict.fromkeys(before, False)


async def test_the_part_of_the_day_that_is_open_stays_when_its_last_time_goes(
    booking: Booking,
) -> None:
    await booking.go("time")
    state = await booking.tab.state(TimesState)
    assert [(one.label, one.opened) for one in state.parts] == [
        ("Morning", True),
        ("Afternoon", False),
    ]
    mornings = [row.instant for row in state.times if row.part == "morning"]
    for number, instant in enumerate(mornings):
        async with Tab(app, await make_user(name=f"Cleo {number}")) as second:
            rival = Booking(second, booking.base, booking.offering_id)
            await rival.go("time")
            await second.do(TimesState.choose(instant))
    await booking.tab.do(TimesState.choose(mornings[0]))
    state = await booking.tab.state(TimesState)
    assert [(one.spoken, one.opened) for one in state.parts] == [
        ("Morning, 0 free times", True),
        (f"Afternoon, {len(state.times) - len(mornings)} free times", False),
    ]
    await booking.go("time")  # who opens it now begins where the first free time is
    state = await booking.tab.state(TimesState)
    assert [(one.label, one.opened) for one in state.parts] == [("Afternoon", True)]


async def test_a_phone_turns_from_week_to_week_and_opens_the_month(booking: Booking) -> None:
    async def at(address: str) -> TimesState:
        await booking.tab.visit(address, *STEPS)
        return await booking.tab.state(TimesState)

    await booking.go("time")
    state = await booking.tab.state(TimesState)
    before, after = state.turns.week_before, state.turns.week_after
    state = await at(before)  # this week, of which the weekend is left
    assert (state.times, state.none_note) == ([], "No free times this week.")
    assert state.turns.week_before == ""
    assert state.next_free_href.endswith("&day=2026-11-23")
    state = await at(after)
    shown = [cell for cell in state.days if cell.in_week]
    assert [cell.number for cell in shown] == ["30", "1", "2", "3", "4", "5", "6"]
    assert (state.day_label, state.month_label) == ("Mon 30 November", "December 2026")
    assert [cell.kind for cell in shown] == [*["free"] * 5, "none", "none"]
    month = state.turns.whole_month
    state = await at(month)
    assert (state.view, state.day_label) == ("month", "Mon 30 November")
    state = await at(state.turns.one_week)
    assert (state.view, state.day_label) == ("week", "Mon 30 November")


@pytest.mark.parametrize(
    "claim", ["", "now", "2026-11-23T09:00:00", "2026-11-23T09:07:00+00:00", "1999-01-01T00:00Z"]
)
async def test_a_forged_time_keeps_nothing(booking: Booking, claim: str) -> None:
    await booking.go("time")
    await booking.tab.do(TimesState.choose(claim))
    assert booking.tab.redirected_to() == ""
    assert (await booking.tab.state(TimesState)).errors["starts_at"]


async def test_another_coachs_offering_is_not_bookable_here(booking: Booking) -> None:
    _, foreign = await open_coach("Berta Brandt")
    await booking.tab.visit(f"{booking.base}/time?offering={foreign}", *STEPS)
    assert booking.tab.redirected_to() == booking.base


async def test_details_without_a_kept_time_lead_back_to_the_times(booking: Booking) -> None:
    await booking.go("review")
    assert booking.tab.redirected_to() == f"{booking.base}/time?offering={booking.offering_id}"


async def test_a_kept_time_that_ran_out_says_so(booking: Booking, at: At) -> None:
    await booking.go("time")
    await booking.tab.do(TimesState.choose(MONDAY_TEN))
    await booking.go("details")
    at((clock.now() + timedelta(minutes=11)).isoformat())
    await booking.tab.do(BookingState.hold_over)
    assert "/time?" in booking.tab.redirected_to()
    [toast] = (await booking.tab.state(Toasts)).items
    assert "no longer" in toast.text


async def test_the_agenda_survives_a_reload(booking: Booking) -> None:
    await booking.go("time")
    await booking.tab.do(TimesState.choose(MONDAY_TEN))
    await booking.go("details")
    await booking.tab.do(DetailsState.save({"agenda": "My <b>team</b>", "forged": "x"}))
    assert "/review?" in booking.tab.redirected_to()
    async with Tab(app, VISITOR) as again:
        await Booking(again, booking.base, booking.offering_id).go("review")
        assert (await again.state(ReviewState)).agenda == "My <b>team</b>"


async def test_the_details_are_drawn_once_and_filled_so_that_nothing_typed_goes(
    booking: Booking,
) -> None:
    await booking.go("time")
    await booking.tab.do(TimesState.choose(MONDAY_TEN))
    state = await booking.tab.state(DetailsState)
    assert state.form_key == "", "no form before it is known what stands in it"
    await booking.go("details")
    first = state.form_key
    await booking.go("details")
    assert state.form_key == first != "", "the same words again draw nothing anew"
    await booking.tab.do(DetailsState.save({"agenda": "My team"}))
    await booking.go("review")
    assert state.form_key == ""
    await booking.go("details")
    assert (state.agenda, state.offering_id) == ("My team", booking.offering_id)
    assert state.form_key not in ("", first)


async def test_a_visitor_is_asked_to_sign_up_and_cannot_pay(booking: Booking) -> None:
    await booking.go("time")
    await booking.tab.do(TimesState.choose(MONDAY_TEN))
    await booking.go("review")
    state = await booking.tab.state(ReviewState)
    assert state.sign_up_href.startswith("/sign-up?next=/book/ada-lindqvist")
    assert state.terms.startswith("Cancel until Sun 22 November, 09:00")
    await booking.tab.do(ReviewState.pay)
    assert booking.tab.redirected_to().startswith("/sign-in")


async def test_an_unconfirmed_person_cannot_pay(booking: Booking) -> None:
    await booking.tab.become(await make_user(name="Ben", verified=False))
    await booking.go("time")
    await booking.tab.do(TimesState.choose(MONDAY_TEN))
    await booking.go("review")
    assert not (await booking.tab.state(ReviewState)).verified
    await booking.tab.do(ReviewState.pay)
    [toast] = (await booking.tab.state(Toasts)).items
    assert "Confirm" in toast.text
    assert not (await booking.tab.state(ReviewState)).paying


async def test_somebody_elses_booking_is_never_shown(booking: Booking) -> None:
    await booking.tab.become(await make_user(name="Cleo"))
    await booking.tab.visit(
        f"{booking.base}/confirmed?session=1", BookingState.open, OutcomeState.open
    )
    state = await booking.tab.state(OutcomeState)
    assert (state.phase, state.when) == ("lost", "")


async def test_without_a_session_in_its_address_the_last_step_says_where_to_look(
    booking: Booking,
) -> None:
    await booking.tab.become(await make_user(name="Cleo"))
    await booking.tab.visit(f"{booking.base}/confirmed", BookingState.open, OutcomeState.open)
    assert (await booking.tab.state(OutcomeState)).phase == "none"


async def test_a_question_that_was_skipped_is_asked_before_paying(db: str, at: At) -> None:
    at("2026-11-21T12:00Z")
    question = {"label": "What have you tried?", "kind": "long", "required": True}
    coach, offering_id = await make_coach(offering=replace(OFFERING, questions=(question,)))
    async with transaction(coach) as tx:
        await scheduling.save_week(tx, coach, NINE_TO_FIVE)
    async with Tab(app, await make_user(name="Ben")) as tab:
        booking = Booking(tab, f"/book/ada-lindqvist-{coach.person_id}", offering_id)
        await booking.go("time")
        await tab.do(TimesState.choose(MONDAY_TEN))
        await booking.go("review")
        await tab.do(ReviewState.pay)
        assert tab.redirected_to() == f"{booking.base}/details?offering={offering_id}"


async def test_a_free_session_is_confirmed_at_once(db: str, at: At) -> None:
    at("2026-11-21T12:00Z")
    coach, offering_id = await make_coach(offering=replace(OFFERING, price_minor=0))
    async with transaction(coach) as tx:
        await scheduling.save_week(tx, coach, NINE_TO_FIVE)
    async with Tab(app, await make_user(name="Ben")) as tab:
        booking = Booking(tab, f"/book/ada-lindqvist-{coach.person_id}", offering_id)
        await booking.go("time")
        await tab.do(TimesState.choose(MONDAY_TEN))
        await booking.go("review")
        await tab.do(ReviewState.pay)
        await tab.visit(tab.redirected_to(), BookingState.open, OutcomeState.open)
        state = await tab.state(OutcomeState)
        assert (state.phase, state.coach_name) == ("confirmed", "Ada Lindqvist")


async def choose_elsewhere(me: Actor, offering_id: int, instant: str) -> None:
    """In another window of the same person."""
    async with transaction(me) as tx:
        starts_at = datetime.fromisoformat(instant)
        await scheduling.hold(tx, me, offering_id=offering_id, starts_at=starts_at)


async def test_what_is_reviewed_is_what_is_booked_though_another_window_chose_again(
    db: str, at: At
) -> None:
    at("2026-11-21T12:00Z")
    coach, offering_id = await make_coach(offering=replace(OFFERING, price_minor=0))
    async with transaction(coach) as tx:
        await scheduling.save_week(tx, coach, NINE_TO_FIVE)
    ben = await make_user(name="Ben")
    async with Tab(app, ben) as tab:
        booking = Booking(tab, f"/book/ada-lindqvist-{coach.person_id}", offering_id)
        await booking.go("time")
        await tab.do(TimesState.choose(MONDAY_TEN))
        await booking.go("review")
        tab.events.clear()
        await choose_elsewhere(ben, offering_id, MONDAY_ELEVEN)
        await tab.do(ReviewState.pay)
        assert tab.redirected_to() == "", "not the time that nobody read on this page"
        state = await tab.state(ReviewState)
        assert "another window" in state.errors["starts_at"]
        assert not state.paying
        await booking.go("review")
        await tab.do(ReviewState.pay)
        assert "/confirmed?" in tab.redirected_to()


@pytest.mark.parametrize("added", [True, False])
async def test_a_series_of_another_window_is_not_booked_by_a_page_that_shows_one_session(
    db: str, at: At, added: bool
) -> None:
    """Nor the other way round: who read six times does not book one."""
    at("2026-11-21T12:00Z")
    coach, offering_id = await make_coach(offering=replace(OFFERING, price_minor=0))
    async with transaction(coach) as tx:
        await scheduling.save_week(tx, coach, NINE_TO_FIVE)
    ben = await make_user(name="Ben")
    first = datetime.fromisoformat(MONDAY_TEN)
    series = Repeat(1, tuple(first + timedelta(weeks=n) for n in (1, 2)))
    async with Tab(app, ben) as tab:
        booking = Booking(tab, f"/book/ada-lindqvist-{coach.person_id}", offering_id)
        await hold_again(ben, offering_id, first, None if added else series)
        await booking.go("review")
        tab.events.clear()
        await hold_again(ben, offering_id, first, series if added else None)
        await tab.do(ReviewState.pay)
        assert tab.redirected_to() == ""
        assert "another window" in (await tab.state(ReviewState)).errors["starts_at"]
        async with transaction(ben) as tx:
            booked = text("SELECT count(*) FROM seats WHERE status = 'confirmed'")
            assert await tx.db.scalar(booked) == 0


async def hold_again(
    me: Actor, offering_id: int, starts_at: datetime, repeat: Repeat | None
) -> None:
    async with transaction(me) as tx:
        await scheduling.hold(tx, me, offering_id=offering_id, starts_at=starts_at, repeat=repeat)


async def test_details_are_written_to_the_booking_they_were_written_for(db: str, at: At) -> None:
    at("2026-11-21T12:00Z")
    coach, offering_id = await open_coach()
    _, foreign = await open_coach("Berta Brandt")
    ben = await make_user(name="Ben")
    async with Tab(app, ben) as tab:
        booking = Booking(tab, f"/book/ada-lindqvist-{coach.person_id}", offering_id)
        await booking.go("time")
        await tab.do(TimesState.choose(MONDAY_TEN))
        await booking.go("details")
        tab.events.clear()
        await choose_elsewhere(ben, foreign, MONDAY_ELEVEN)
        await tab.do(DetailsState.save({"agenda": "For Ada alone"}))
        assert tab.redirected_to() == ""
        assert "another window" in (await tab.state(DetailsState)).errors["starts_at"]


async def test_an_agenda_for_one_coach_is_not_put_before_another(db: str, at: At) -> None:
    at("2026-11-21T12:00Z")
    _, offering_id = await open_coach()
    _, foreign = await open_coach("Berta Brandt")
    ben = await make_user(name="Ben")
    await choose_elsewhere(ben, offering_id, MONDAY_TEN)
    async with transaction(ben) as tx:
        await scheduling.save_details(tx, ben, "For Ada alone", {})
    await choose_elsewhere(ben, offering_id, MONDAY_ELEVEN)
    async with transaction(ben) as tx:
        draft = await queries.draft(tx, ben)
        assert draft is not None
        assert draft.agenda == "For Ada alone"
    await choose_elsewhere(ben, foreign, MONDAY_ELEVEN)
    async with transaction(ben) as tx:
        draft = await queries.draft(tx, ben)
        assert draft is not None
        assert draft.agenda == ""


async def test_a_time_that_is_over_is_not_called_taken(booking: Booking) -> None:
    address = f"{booking.base}/time?offering={booking.offering_id}&at=2020-01-06T09:00:00Z"
    await booking.tab.visit(address, *STEPS)
    state = await booking.tab.state(TimesState)
    assert (state.wanted.instant, state.day_label) == ("", "Mon 23 November")


async def test_a_step_whose_time_is_not_kept_any_more_says_so(booking: Booking, at: At) -> None:
    await booking.go("time")
    await booking.tab.do(TimesState.choose(MONDAY_TEN))
    at((clock.now() + timedelta(minutes=11)).isoformat())
    await booking.go("review")
    assert "/time?" in booking.tab.redirected_to()
    [toast] = (await booking.tab.state(Toasts)).items
    assert "no longer" in toast.text


async def test_a_double_click_on_a_time_is_one_step_forward(booking: Booking) -> None:
    await booking.go("time")
    await booking.tab.do(TimesState.choose(MONDAY_TEN))
    gone = booking.tab.redirected_to()
    booking.tab.events.clear()
    await booking.tab.do(TimesState.choose(MONDAY_TEN))
    assert (bool(gone), booking.tab.redirected_to()) == (True, "")
    await booking.go("time")  # by the back button
    await booking.tab.do(TimesState.choose(MONDAY_TEN))
    assert booking.tab.redirected_to() == gone
