"""What a visitor is told of a coach who cannot be paid yet, and money on a session's page."""

from dataclasses import replace

from loom_app.domains.coaches import actions as coaches
from loom_app.domains.payments.queries import MoneyMoment
from loom_app.domains.scheduling import queries as scheduling
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.money import Money
from loom_app.loom_app import app
from loom_app.ui.booking.state import BookingState
from loom_app.ui.directory.coach_state import CoachState
from loom_app.ui.directory.words import coach_row
from loom_app.ui.sessions.money_rows import money_row
from tests.factories.coaches import OFFERING, make_coach
from tests.ui.tab import Tab

VISITOR = Actor(visitor="v" * 64)


FREE = replace(OFFERING, name="First talk", price_minor=0)


async def test_the_coach_page_and_the_directory_say_what_waits(db):
    for selling, note in ((False, "Ada Lindqvist does not take bookings yet."), (True, "")):
        coach, _ = await make_coach(selling=selling)
        async with Tab(app, VISITOR) as tab:
            await tab.visit(f"/coaches/ada-lindqvist-{coach.person_id}", CoachState.load)
            state = await tab.state(CoachState)
            assert (state.phase, state.selling_note) == ("here", note)
            assert (state.closed, bool(state.times_note)) == (not selling, selling)
            assert [row.closed for row in state.offerings] == [not selling]
        async with transaction(VISITOR) as tx:
            found = await scheduling.directory(tx, VISITOR, scheduling.Filters())
        cards = {card.coach_id: card for card in found.cards}
        assert cards[coach.require_person()].bookable is selling
        assert coach_row(cards[coach.require_person()], "UTC").closed is not selling


async def test_the_wizard_says_it_before_a_time_is_chosen_and_free_talks_go_on(db):
    coach, paid = await make_coach(selling=False)
    async with transaction(coach) as tx:
        free = await coaches.create_offering(tx, coach, FREE)
    slug = f"ada-lindqvist-{coach.person_id}"
    async with Tab(app, VISITOR) as tab:
        await tab.visit(f"/book/{slug}", BookingState.open)
        state = await tab.state(BookingState)
        assert {row.id: row.closed for row in state.offerings} == {paid: True, free: False}
        assert "What is free can be booked" in state.closed_note
        await tab.visit(f"/book/{slug}/time?offering={paid}", BookingState.open)
        assert tab.redirected_to() == f"/book/{slug}"
        await tab.visit(f"/book/{slug}/time?offering={free}", BookingState.open)
        state = await tab.state(BookingState)
        assert (state.place, state.offering.id) == ("time", free)


def test_each_step_of_money_has_words_for_its_reader():
    def said(kind, *, coaching, **more):
        moment = MoneyMoment(kind, Money(100, "USD"), clock.now(), **more)
        return money_row(moment, "UTC", coaching=coaching)

    assert said("paid", coaching=False).what == "You paid"
    assert said("paid", coaching=True).what == "Paid by your client"
    assert "twice" in said("refunded", coaching=False, reason="duplicate").note
    assert said("pending", coaching=True, until=clock.now()).note.startswith("Available from")
    assert "came back" in said("returned", coaching=True).what
