"""A group on the pages: seats left, consent, who comes, and a seat given back."""

from dataclasses import replace
from datetime import timedelta

from loom_app.domains.payments.queries import MoneyMoment
from loom_app.domains.scheduling import actions
from loom_app.kit import clock
from loom_app.kit.db.transaction import transaction
from loom_app.kit.money import Money
from loom_app.loom_app import app
from loom_app.ui.booking.paying import ReviewState
from loom_app.ui.booking.preparing import DetailsState
from loom_app.ui.booking.state import BookingState
from loom_app.ui.booking.times import TimesState
from loom_app.ui.offerings.state import OfferingState
from loom_app.ui.problems import Toasts
from loom_app.ui.sessions.detail_state import SessionState
from loom_app.ui.sessions.money_rows import money_row
from loom_app.ui.sessions.room_state import RoomState
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_hold, make_open_coach, make_session, slot
from tests.ui.tab import Tab

NOW = "2026-11-21T12:00Z"
CIRCLE = replace(OFFERING, name="Circle", capacity=3, min_seats=2, price_minor=0)


async def book(me, offering_id: int, *, share: bool = False) -> int:
    await make_hold(me, offering_id, slot())
    async with transaction(me) as tx:
        await actions.save_details(tx, me, "My question", {}, share_name=share)
        return (await actions.book(tx, me)).session_id


async def test_times_show_their_seats_and_the_details_ask_for_the_name(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=CIRCLE)
    await book(await make_user(name="Cleo"), offering_id)
    base = f"/book/ada-lindqvist-{ada.person_id}"
    day = slot().date().isoformat()
    async with Tab(app, await make_user()) as tab:
        address = f"{base}/time?offering={offering_id}&day={day}"
        await tab.visit(address, BookingState.open, TimesState.open)
        state = await tab.state(TimesState)
        seats = {row.instant: row.seats for row in state.times}
        assert seats[slot().isoformat()] == "2 seats left"
        assert seats[(slot() + timedelta(hours=3)).isoformat()] == "3 seats left"
        offering = (await tab.state(BookingState)).offering
        assert "group of up to 3" in offering.duration
        assert "Takes place if 2 have booked 24 hours before" in offering.terms
        await tab.do(TimesState.choose(slot().isoformat()))
        details = f"{base}/details?offering={offering_id}"
        await tab.visit(details, BookingState.open, DetailsState.open)
        state = await tab.state(DetailsState)
        assert (state.group, state.share_name) == (True, False)
        await tab.do(DetailsState.save({"agenda": "Mine", "share_name": "on"}))
        await tab.visit(details, BookingState.open, DetailsState.open)
        assert (await tab.state(DetailsState)).share_name
        review = f"{base}/review?offering={offering_id}"
        await tab.visit(review, BookingState.open, ReviewState.open)
        assert (await tab.state(ReviewState)).parts == [
            "Takes place if 2 have booked 24 hours before, else you get everything back."
        ]


async def test_the_coach_sees_each_person_and_says_who_did_not_come(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=CIRCLE)
    ben, cleo = await make_user(name="Ben"), await make_user(name="Cleo")
    session_id = await book(ben, offering_id, share=True)
    await book(cleo, offering_id)
    async with Tab(app, ada) as tab:
        await tab.visit(f"/sessions/{session_id}", SessionState.load)
        shown = (await tab.state(SessionState)).session
        assert (shown.other, shown.other_id) == ("2 of 3 seats booked", 0)
        assert [one.name for one in shown.people] == ["Ben", "Cleo"]
        assert shown.people[0].agenda == "My question"
        assert shown.refund == "Everybody gets back what they paid."
        assert shown.minimum.startswith("Takes place if 2 have booked by Mon 23 November, 11:00")
        assert "seats" not in shown.calendar_links[0].words
        at((slot() + timedelta(minutes=5)).isoformat())
        await tab.visit(f"/sessions/{session_id}", SessionState.load)
        shown = (await tab.state(SessionState)).session
        assert not shown.can_miss
        await tab.do(SessionState.ask_missed(shown.people[1].seat_id))
        await tab.do(SessionState.miss())
        shown = (await tab.state(SessionState)).session
        assert [one.missed for one in shown.people] == [False, True]
        assert [one.split(" ", 1)[0] for one in shown.absent_text] == ["Ben", "Cleo"]
    async with Tab(app, cleo) as tab:
        await tab.visit(f"/sessions/{session_id}", SessionState.load)
        shown = (await tab.state(SessionState)).session
        assert shown.cancelled.startswith("Ada Lindqvist says that you did not come.")
        assert shown.history[-1].words == "The client did not come"


async def test_a_client_reads_the_names_that_are_shown_and_gives_the_seat_back(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=CIRCLE)
    ben, cleo = await make_user(name="Ben"), await make_user(name="Cleo")
    session_id = await book(ben, offering_id, share=True)
    await book(cleo, offering_id)
    async with Tab(app, cleo) as tab:
        await tab.visit(f"/sessions/{session_id}", SessionState.load)
        shown = (await tab.state(SessionState)).session
        assert (shown.companions, shown.others, shown.people) == (["Ben"], "", [])
        assert shown.refund.endswith("The others keep their seats.")
        assert "Circle+with+Ada" in shown.calendar_links[0].words
        await tab.do(SessionState.cancel({"reason": ""}))
        assert [one.text for one in (await tab.state(Toasts)).items] == ["Your seat is given back."]
        shown = (await tab.state(SessionState)).session
        assert shown.cancelled == "You gave your seat back."
        assert shown.companions == []
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, session_id)
    async with Tab(app, ada) as tab:
        await tab.visit(f"/sessions/{session_id}", SessionState.load)
        shown = (await tab.state(SessionState)).session
        assert shown.cancelled == "Everybody gave their seat back, so it does not take place."


async def test_whose_seat_staff_took_back_reads_that_and_not_that_it_was_cancelled(db, at):
    at(NOW)
    _, offering_id = await make_open_coach(offering=replace(OFFERING, capacity=4))
    ben, cleo = await make_user(name="Ben"), await make_user(name="Cleo")
    olga = await make_user(name="Olga", roles=["staff"])
    session_id = (await make_session(ben, offering_id, slot(3))).session_id
    await make_session(cleo, offering_id, slot(3))

    async def reads() -> str:
        async with Tab(app, ben) as tab:
            await tab.visit(f"/sessions/{session_id}", SessionState.load)
            return (await tab.state(SessionState)).session.cancelled

    async def off(client_id: int) -> None:
        async with transaction(olga) as tx:
            words = {"fault": True, "reason": "Asked by phone", "client_id": client_id}
            await actions.cancel_for(tx, olga, session_id, **words)

    await off(ben.require_person())
    assert await reads() == "Our team took your seat back."
    await off(0)
    assert await reads() == "Our team cancelled this session."
    back = MoneyMoment("refunded", Money(12000, "EUR"), clock.now(), "staff_cancelled")
    notes = [
        money_row(back, "UTC", coaching=False, seat_alone=alone).note for alone in (True, False)
    ]
    assert notes == ["Our team took your seat back.", "The session was cancelled by our team."]


async def test_the_room_of_a_group_belongs_to_all_of_it(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=CIRCLE)
    ben, cleo = await make_user(name="Ben"), await make_user(name="Cleo")
    session_id = await book(ben, offering_id, share=True)
    await book(cleo, offering_id)
    at((slot() - timedelta(minutes=5)).isoformat())
    names = {}
    for me in (ada, ben, cleo):
        async with Tab(app, me) as tab:
            await tab.visit(f"/sessions/{session_id}/room", RoomState.open)
            names[me.person_id] = (await tab.state(RoomState)).address
    assert "Ben" in names[ben.person_id]
    assert "Cleo" not in names[cleo.person_id], "who shows no name writes one themselves"


async def test_the_editor_keeps_how_many_come(db):
    ada, offering_id = await make_open_coach(offering=CIRCLE)
    async with Tab(app, ada) as tab:
        await tab.visit(f"/offerings/{offering_id}", OfferingState.load)
        shown = (await tab.state(OfferingState)).offering
        assert (shown.capacity, shown.min_seats, shown.decide_hours) == ("3", "2", "24")
