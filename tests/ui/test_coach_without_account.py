"""What a visitor is told of a coach who cannot be paid yet, and money on a session's page."""

from loom_app.domains.payments.queries import MoneyMoment
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.money import Money
from loom_app.loom_app import app
from loom_app.ui.directory.coach_state import CoachState
from loom_app.ui.sessions.rows import _money
from tests.factories.coaches import make_coach
from tests.ui.tab import Tab

VISITOR = Actor(visitor="v" * 64)


async def test_the_coach_page_says_that_paid_sessions_wait(db):
    for selling, note in ((False, "Ada Lindqvist does not take paid bookings yet."), (True, "")):
        coach, _ = await make_coach(selling=selling)
        async with Tab(app, VISITOR) as tab:
            await tab.visit(f"/coaches/ada-lindqvist-{coach.person_id}", CoachState.load)
            state = await tab.state(CoachState)
            assert (state.phase, state.selling_note) == ("here", note)
            assert len(state.offerings) == 1


def test_each_step_of_money_has_words_for_its_reader():
    def said(kind, *, coaching, **more):
        moment = MoneyMoment(kind, Money(100, "USD"), clock.now(), **more)
        return _money(moment, "UTC", coaching=coaching)

    assert said("paid", coaching=False).what == "You paid"
    assert said("paid", coaching=True).what == "Paid by your client"
    assert "twice" in said("refunded", coaching=False, reason="duplicate").note
    assert said("pending", coaching=True, until=clock.now()).note.startswith("Available from")
    assert "came back" in said("returned", coaching=True).what
