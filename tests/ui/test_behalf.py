"""A coach books for a client from a page, staff for anybody; and the client answers."""

from dataclasses import replace

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.actions import HourEdit, Order
from loom_app.domains.scheduling.queries import SessionFilters
from loom_app.kit import permissions
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.booking.state import BookingState
from loom_app.ui.problems import Toasts
from loom_app.ui.session import Viewer
from loom_app.ui.sessions.behalf_state import BehalfState
from loom_app.ui.sessions.calendar_state import CalendarState
from loom_app.ui.sessions.detail_state import SessionState
from tests.domains.accounts.people import trail
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_open_coach, slot
from tests.ui.tab import Tab

NOW = "2026-11-21T12:00Z"


async def couple(hours=None) -> tuple[Actor, int, Actor]:
    more = {"hours": hours} if hours else {}
    ada, offering_id = await make_open_coach(zone="UTC", **more)
    ben = await make_user(name="Ben")
    async with transaction(ben) as tx:
        await engagements.ensure(tx, ada.require_person(), ben.require_person(), "inquiry")
    return ada, offering_id, ben


async def keep(ada: Actor, ben: Actor, offering_id: int) -> int:
    order = Order(ben.require_person(), offering_id, slot())
    async with transaction(ada) as tx:
        return (await actions.book_for(tx, ada, order)).session_id


async def booked(me: Actor) -> list[str]:
    async with transaction(me) as tx:
        return [one.status for one in (await queries.sessions(tx, me, SessionFilters())).cards]


async def test_the_form_asks_why_where_the_rules_say_no(db, at):
    at(NOW)
    ada, offering_id, ben = await couple([HourEdit(0, 540, 600)])
    async with Tab(app, ada) as tab:
        await tab.visit(f"/sessions/new?at={slot():%Y-%m-%dT%H:%M}", BehalfState.load)
        state = await tab.state(BehalfState)
        assert state.clients == [["", "Choose one"], [str(ben.person_id), "Ben"]]
        assert [one[0] for one in state.offerings] == [str(offering_id)]
        assert (state.at, state.pay) == (f"{slot():%Y-%m-%dT%H:%M}", "link")
        await tab.do(BehalfState.choose_pay("free"))
        form = {
            "client": str(ben.person_id),
            "offering": str(offering_id),
            "at": state.at,
            "agenda": "The next step",
            "pay": "free",
        }
        await tab.do(BehalfState.book({**form, "client": ""}))
        assert "client" in (await tab.state(BehalfState)).errors
        await tab.do(BehalfState.book({**form, "at": ""}))
        assert "at" in (await tab.state(BehalfState)).errors
        await tab.do(BehalfState.book(form))
        state = await tab.state(BehalfState)
        assert state.outside
        assert "Say why" in state.errors["reason"]
        await tab.do(BehalfState.book({**form, "reason": "He flies tomorrow"}))
        await tab.do(BehalfState.book({**form, "reason": "He flies tomorrow"}))  # a double click
        assert await booked(ben) == ["confirmed"]
        assert [one.kind for one in (await tab.state(Toasts)).items] == ["success"]


async def test_a_click_on_a_free_time_of_the_calendar_is_the_coachs_alone(db, at):
    at(NOW)
    ada, _, ben = await couple()
    for me, leads in ((ada, True), (ben, False)):
        async with Tab(app, me) as tab:
            await tab.visit("/sessions/calendar", Viewer.arrive, CalendarState.load)
            tab.events.clear()
            await tab.do(CalendarState.book_for("2026-11-24T10:05:00"))
            went = [str(event.payload) for event in tab.events]
            assert any("/sessions/new?at=2026-11-24T10:00" in one for one in went) == leads


async def test_the_client_goes_on_to_pay_what_is_kept_or_says_no(db, at):
    at(NOW)
    ada, offering_id, ben = await couple()
    session_id = await keep(ada, ben, offering_id)
    async with Tab(app, ben) as tab:
        await tab.visit(f"/sessions/{session_id}", SessionState.load)
        shown = await tab.state(SessionState)
        assert shown.session.kept == (
            "Ada Lindqvist keeps this time for you until Sun 22 November, 13:00."
        )
        await tab.do(SessionState.take_kept())
        details = f"/book/ada-lindqvist-{ada.person_id}/details?offering={offering_id}"
        await tab.visit(details, BookingState.open)
        assert (await tab.state(BookingState)).held.seconds == 24 * 3600
        await tab.visit(f"/sessions/{session_id}", SessionState.load)
        await tab.do(SessionState.drop_kept())
        assert (await tab.state(SessionState)).session.kept == ""
    assert await booked(ada) == []


async def test_the_coach_sees_that_it_is_not_paid_yet_and_takes_it_back(db, at):
    at(NOW)
    ada, offering_id, ben = await couple()
    session_id = await keep(ada, ben, offering_id)
    async with Tab(app, ada) as tab:
        await tab.visit(f"/sessions/{session_id}", SessionState.load)
        shown = await tab.state(SessionState)
        assert shown.coaching
        assert shown.session.kept == "Kept for Ben until Sun 22 November, 12:00, not paid yet."
        await tab.do(SessionState.drop_kept())
    assert await booked(ben) == []


async def _address(me: Actor) -> str:
    async with transaction(me) as tx:
        return (await accounts.my_profile(tx, me)).email


async def test_staff_finds_both_and_books_by_the_clock_of_the_coach(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(zone="America/New_York")
    ben = await make_user(name="Ben")
    sam = await make_user(name="Sam", roles=["staff"], zone="Asia/Tokyo")
    client, coach = await _address(ben), await _address(ada)
    async with Tab(app, sam) as tab:
        await tab.visit("/staff/book", BehalfState.load_desk)
        state = await tab.state(BehalfState)
        shown, nobody = state.form_key, "no@loom.test"
        wrong = ((nobody, coach), (client, nobody), (client, client), (coach, coach))
        for pair, field in zip(wrong, ("client", "coach", "coach", "client"), strict=True):
            await tab.do(BehalfState.find({"client": pair[0], "coach": pair[1]}))
            # and what is typed stays
            assert (set(state.errors), state.pair, state.form_key) == ({field}, [], shown)
        assert await trail("people.look") == 0
        await tab.do(BehalfState.find({"client": client, "coach": coach}))
        assert state.pair == ["Ben", "Ada Lindqvist"]
        assert [one[0] for one in state.offerings] == [str(offering_id)]
        assert "New York" in state.zone_note
        assert await trail("people.look") == 2
        await tab.do(BehalfState.choose_pay("free"))
        order = {"offering": str(offering_id), "agenda": "By phone", "at": "2026-11-24T23:30"}
        await tab.do(BehalfState.book(order))
        assert (state.outside, state.booked) == (True, "")
        await tab.do(BehalfState.book({**order, "reason": "Agreed by phone"}))
        assert state.booked == "Ben is booked with Ada Lindqvist. Both have mail about it."
        assert state.pair == []
        await tab.visit("/sessions/new", BehalfState.load)
        assert not state.desk
    async with transaction(ben) as tx:
        (card,) = (await queries.sessions(tx, ben, SessionFilters())).cards
    assert card.starts_at.isoformat() == "2026-11-25T04:30:00+00:00"


async def test_a_double_click_at_the_desk_books_once_and_the_next_pair_anew(db, at):
    at(NOW)
    ada, offering_id, ben = await couple()
    olga = await make_user(name="Olga", roles=["staff"])
    pair = {"client": await _address(ben), "coach": await _address(ada)}
    order = {"offering": str(offering_id), "agenda": "", "reason": "Agreed by phone"}
    async with Tab(app, olga) as tab:
        await tab.visit("/staff/book", BehalfState.load_desk)
        state = await tab.state(BehalfState)
        for days in (3, 4):
            await tab.do(BehalfState.find(pair))
            await tab.do(BehalfState.choose_pay("free"))
            for _click in range(2):
                await tab.do(BehalfState.book({**order, "at": f"{slot(days):%Y-%m-%dT%H:%M}"}))
                assert state.booked == "Ben is booked with Ada Lindqvist. Both have mail about it."
                assert state.errors == {}
    assert await booked(ben) == ["confirmed", "confirmed"]


async def test_the_page_of_staff_is_closed_to_others(db, at):
    at(NOW)
    ada, offering_id, ben = await couple()
    desk = replace(await make_user(name="Max"), powers=permissions.names() - {"sessions.override"})
    pair = {"client": await _address(ben), "coach": await _address(ada)}
    order = {"offering": str(offering_id), "agenda": "", "at": f"{slot():%Y-%m-%dT%H:%M}"}
    for who in (ada, ben, desk):
        async with Tab(app, who) as tab:
            await tab.visit("/staff/book", BehalfState.load_desk)
            state = await tab.state(BehalfState)
            await tab.do(BehalfState.find(pair))
            await tab.do(BehalfState.book({**order, "client": str(ben.person_id)}))
            assert (state.loaded, state.pair, state.booked) == (False, [], "")
            await tab.do(BehalfState.look_again())
    assert await booked(ben) == []
    assert await trail("people.look") == 0
