"""The waitlist on the pages: where one meets "full", one's own list, and the coach's line."""

from dataclasses import replace
from datetime import timedelta

from loom_app.domains.engagements import actions as engagements
from loom_app.domains.scheduling import actions
from loom_app.domains.scheduling.actions import HourEdit
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.loom_app import app
from loom_app.ui.booking.state import BookingState
from loom_app.ui.booking.times import TimesState
from loom_app.ui.booking.waiting import WaitingState
from loom_app.ui.directory.coach_state import CoachState
from loom_app.ui.sessions.detail_state import SessionState
from loom_app.ui.waitlist.state import WaitlistState
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_hold, make_open_coach, slot
from tests.ui.tab import Tab

NOW = "2026-11-21T12:00Z"
PAIR = replace(OFFERING, name="Circle", capacity=1, price_minor=0)


async def book(me, offering_id: int, when) -> int:
    await make_hold(me, offering_id, when)
    async with transaction(me) as tx:
        return (await actions.book(tx, me)).session_id


async def times(tab: Tab, coach, offering_id: int, day) -> WaitingState:
    address = f"/book/ada-lindqvist-{coach.person_id}/time?offering={offering_id}&day={day}"
    await tab.visit(address, BookingState.open, TimesState.open, WaitingState.open)
    return await tab.state(WaitingState)


async def full_group(*clients) -> tuple[Actor, int, int]:
    """Ada, her group's offering, and the session that these have filled."""
    ada, offering_id = await make_open_coach(offering=replace(PAIR, capacity=len(clients)))
    session_id = 0
    for one in clients:
        session_id = await book(one, offering_id, slot())
    return ada, offering_id, session_id


async def test_a_visitor_sees_what_is_full_and_signs_in_to_wait(db, at):
    at(NOW)
    ben, cleo = [await make_user(name=name) for name in ("Ben", "Cleo")]
    ada, offering_id, _ = await full_group(ben, cleo)
    async with Tab(app, Actor(visitor="v")) as tab:
        shown = await times(tab, ada, offering_id, slot().date())
        assert [row.label for row in shown.groups] == ["10:00"]
        assert (shown.signed_in, shown.mine) == (False, [])
        assert shown.sign_in_href.startswith("/sign-in?next=/book/")


async def test_a_full_group_is_waited_for_offered_and_taken(db, at):
    at(NOW)
    ben, cleo, dan = [await make_user(name=name) for name in ("Ben", "Cleo", "Dan")]
    ada, offering_id, session_id = await full_group(ben, cleo)
    async with Tab(app, dan) as tab:
        shown = await times(tab, ada, offering_id, slot().date())
        await tab.do(WaitingState.wait_for_seat(shown.groups[0].instant))
        shown = await tab.state(WaitingState)
        assert (shown.groups, [row.place for row in shown.mine]) == ([], ["First in line"])
        await tab.visit("/waitlist", WaitlistState.load)
        (row,) = (await tab.state(WaitlistState)).waits
        assert (row.title, row.coach) == ("Circle", "Ada Lindqvist")
        assert row.wish.startswith("A seat on Tue 24 November")
        async with transaction(ben) as tx:
            await actions.cancel(tx, ben, session_id)
        await outbox.drain()
        await tab.visit("/waitlist", WaitlistState.load)
        offer = (await tab.state(WaitlistState)).offer
        assert offer.seconds == 30 * 60
        await tab.do(WaitlistState.take(offer.id))
        details = f"/book/ada-lindqvist-{ada.person_id}/details?offering={offering_id}"
        await tab.visit(details, BookingState.open)
        assert (await tab.state(BookingState)).held.seconds == 30 * 60
        await tab.do(WaitlistState.take(offer.id))
        assert not (await tab.state(WaitlistState)).offer.id, "taken already: said, and gone"


async def test_the_coach_sees_who_waits(db, at):
    at(NOW)
    ben, dan = [await make_user(name=name) for name in ("Ben", "Dan")]
    ada, offering_id, session_id = await full_group(ben, await make_user(name="Cleo"))
    async with transaction(dan) as tx:
        await actions.join(tx, dan, offering_id, starts_at=slot())
    async with Tab(app, ada) as tab:
        await tab.visit(f"/sessions/{session_id}", SessionState.load)
        assert (await tab.state(SessionState)).session.waiting == "1 person waits: Dan"
        await tab.visit("/waitlist", WaitlistState.load)
        (one,) = (await tab.state(WaitlistState)).line
        assert (one.name, one.offered) == ("Dan", "")
        async with transaction(ben) as tx:
            await actions.cancel(tx, ben, session_id)
        await outbox.drain()
        await tab.visit("/waitlist", WaitlistState.load)
        (one,) = (await tab.state(WaitlistState)).line
        assert one.offered.startswith("Offered Tue 24 November")


async def full_coach() -> tuple[Actor, int, Actor, int]:
    """Ada, open for an hour in a week, her offering, and whose session fills it."""
    hours = [HourEdit(slot().weekday(), 600, 660)]
    ada, offering_id = await make_open_coach(offering=replace(PAIR, window_days=5), hours=hours)
    ben = await make_user(name="Ben")
    return ada, offering_id, ben, await book(ben, offering_id, slot(hour=9))


async def test_a_full_day_and_a_full_coach_are_waited_for(db, at):
    at(NOW)
    day = slot().date()
    ada, offering_id, _, _ = await full_coach()
    async with Tab(app, await make_user(name="Dan", zone="Europe/Berlin")) as tab:
        await tab.visit(f"/coaches/ada-lindqvist-{ada.person_id}", CoachState.load)
        assert (await tab.state(CoachState)).wait_href.endswith(f"offering={offering_id}")
        shown = await times(tab, ada, offering_id, day)
        state = await tab.state(TimesState)
        kinds = {cell.iso: cell.kind for cell in state.days}
        assert kinds[day.isoformat()] == "full"
        assert kinds[(day + timedelta(days=1)).isoformat()] == "none", "she is not open then"
        assert (state.day_full, state.times) == (True, [])
        assert (shown.day_label, shown.any_time) == ("Tue 24 November", True)
        await tab.do(WaitingState.wait_for_day())
        await tab.do(WaitingState.wait_for_any())
        shown = await tab.state(WaitingState)
        assert [row.wish for row in shown.mine] == ["Any time on Tue 24 November", "Any time"]
        assert (shown.day, shown.any_time) == ("", False)
        await tab.do(WaitingState.leave(shown.mine[1].id))
        assert len((await tab.state(WaitingState)).mine) == 1


async def test_an_offer_is_let_go_and_the_line_left(db, at):
    at(NOW)
    ada, offering_id, ben, session_id = await full_coach()
    dan = await make_user(name="Dan", zone="Europe/Berlin")
    async with transaction(dan) as tx:
        await actions.join(tx, dan, offering_id)
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, session_id)
    await outbox.drain()
    async with Tab(app, dan) as tab:
        assert (await times(tab, ada, offering_id, slot().date())).offered
        await tab.visit("/waitlist", WaitlistState.load)
        state = await tab.state(WaitlistState)
        await tab.do(WaitlistState.decline(state.offer.id))
        state = await tab.state(WaitlistState)
        assert (state.offer.id, len(state.waits)) == (0, 1)
        await tab.do(WaitlistState.leave(state.waits[0].id))
        assert (await tab.state(WaitlistState)).waits == []


async def test_a_single_taken_time_is_waited_for(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=PAIR)
    ben, cleo = [await make_user(name=name) for name in ("Ben", "Cleo")]
    await book(ben, offering_id, slot())
    async with Tab(app, cleo) as tab:
        shown = await times(tab, ada, offering_id, slot().date())
        assert slot().isoformat() in dict(shown.taken)
        assert shown.wanted in dict(shown.taken)
        await tab.do(WaitingState.want("nonsense"))
        await tab.do(WaitingState.want(slot().isoformat()))
        await tab.do(WaitingState.wait_for_time())
        assert [row.wish for row in shown.mine] == ["Tue 24 November, 11:00"]
        assert (shown.taken, shown.wanted) == ([], ""), "once is enough"
    async with Tab(app, ben) as tab:
        assert (await times(tab, ada, offering_id, slot().date())).taken == []


async def test_a_coach_takes_back_one_kept_seat_of_a_group(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=replace(PAIR, capacity=3, price_minor=5000))
    ben = await make_user(name="Ben")
    async with transaction(ada) as tx:
        await engagements.ensure(tx, ada.require_person(), ben.require_person(), "inquiry")
        made = await actions.book_for(
            tx, ada, actions.Order(ben.require_person(), offering_id, slot())
        )
    async with Tab(app, ada) as tab:
        await tab.visit(f"/sessions/{made.session_id}", SessionState.load)
        state = await tab.state(SessionState)
        (row,) = state.session.kept_seats
        assert (row.name, row.until[:10]) == ("Ben", "Kept until")
        await tab.do(SessionState.take_back(row.seat_id))
        assert state.session.kept_seats == []
