"""The pages of sessions as tabs see them: filters in the address, both sides, forged numbers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from loom_app.domains.coaches import actions as coaches
from loom_app.domains.scheduling import actions as scheduling
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime.signals import Signal
from loom_app.loom_app import app
from loom_app.ui.problems import Toasts
from loom_app.ui.sessions.detail_state import SessionState
from loom_app.ui.sessions.state import SessionsState
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_open_coach, make_session, slot
from tests.ui.tab import Tab

NOW = "2026-11-21T12:00Z"


async def test_the_list_follows_its_address_and_is_live(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben, cleo = await make_user(), await make_user(name="Cleo Marchetti")
    await make_session(ben, offering_id, slot())
    async with Tab(app, ada) as tab:
        await tab.visit("/sessions", SessionsState.load)
        state = await tab.state(SessionsState)
        assert [(row.other, row.day, row.time) for row in state.rows] == [
            ("Ben Okafor", "Tue 24 November", "11:00–12:00")
        ]
        await make_session(cleo, offering_id, slot(hour=12))
        await state._changed(Signal(f"person:{ada.person_id}:sessions", 0))
        assert [(row.other, row.day) for row in state.rows] == [
            ("Ben Okafor", "Tue 24 November"),
            ("Cleo Marchetti", ""),
        ]
        await tab.visit("/sessions?person=marc&view=nonsense&page=-1&from=x", SessionsState.load)
        state = await tab.state(SessionsState)
        assert [row.other for row in state.rows] == ["Cleo Marchetti"]
        assert state.filters_on == 2
        await tab.visit("/sessions?view=cancelled", SessionsState.load)
        assert (await tab.state(SessionsState)).total == 0
        await tab.do(SessionsState.search("ben"))
        assert tab.redirected_to() == "/sessions?person=ben&view=cancelled"


async def test_the_list_is_narrowed_to_a_type_by_either_side(db, at):
    at(NOW)
    ada, first = await make_open_coach()
    async with transaction(ada) as tx:
        second = await coaches.create_offering(tx, ada, replace(OFFERING, name="A walk"))
    ben = await make_user()
    await make_session(ben, first, slot())
    await make_session(ben, second, slot(hour=12))
    async with transaction(ada) as tx:
        await coaches.archive_offering(tx, ada, second)
    for me in (ada, ben):
        async with Tab(app, me) as tab:
            await tab.visit(f"/sessions?type={second}", SessionsState.load)
            state = await tab.state(SessionsState)
            assert [row.title for row in state.rows] == ["A walk"]
            assert [(one.label, one.on) for one in state.types] == [
                ("A walk", True),
                ("Clarity session", False),
            ]
            await tab.do(SessionsState.search("x"))
            assert tab.redirected_to() == f"/sessions?person=x&type={second}"
            await tab.do(SessionsState.narrow("type", ""))
            assert tab.redirected_to() == "/sessions"
            for strange in ("999", "x", "9" * 40):
                await tab.visit(f"/sessions?type={strange}", SessionsState.load)
                assert (await tab.state(SessionsState)).loaded
    async with Tab(app, await make_user(name="Cleo")) as tab:
        await tab.visit("/sessions", SessionsState.load)
        assert (await tab.state(SessionsState)).types == []


async def test_a_session_is_shown_in_both_zones_and_cancelled_with_words(db, at):
    at(NOW)
    _, offering_id = await make_open_coach()
    ben = await make_user(zone="America/New_York")
    booking = await make_session(ben, offering_id, slot())
    async with Tab(app, ben) as tab:
        await tab.visit(f"/sessions/{booking.session_id}", SessionState.load)
        state = await tab.state(SessionState)
        assert state.phase == "here"
        assert state.session.when.startswith("Tue 24 November, 05:00–06:00")
        assert state.session.when_other == "11:00, Berlin (GMT+1)"
        assert state.session.refund == "You get €120 back the way you paid."
        assert state.session.calendar_href == f"/calendar/{booking.session_id}.ics"
        await tab.do(SessionState.ask(True))
        await tab.reconnect(SessionState.load)
        assert (await tab.state(SessionState)).asking
        await tab.do(SessionState.cancel({"reason": "x" * 501}))
        state = await tab.state(SessionState)
        assert "reason" in state.errors
        assert state.session.can_cancel
        await tab.do(SessionState.cancel({"reason": "I am ill"}))
        state = await tab.state(SessionState)
        assert (state.session.cancelled, state.session.reason, state.asking) == (
            "You cancelled this session.", "I am ill", False,
        )  # fmt: skip
        assert state.session.calendar_href == ""


@pytest.mark.parametrize("path", ["/sessions/999", "/sessions/x", "/sessions/-1"])
async def test_a_session_that_is_not_ones_own_is_not_here(db, path):
    _, offering_id = await make_open_coach()
    booking = await make_session(await make_user(), offering_id, slot())
    cleo = await make_user(name="Cleo")
    async with Tab(app, cleo) as tab:
        for address in (path, f"/sessions/{booking.session_id}"):
            await tab.visit(address, SessionState.load)
            assert (await tab.state(SessionState)).phase == "missing"
        await tab.do(SessionState.cancel({"reason": ""}))
        assert (await tab.state(Toasts)).items[-1].kind == "error"


async def test_writing_to_the_other_side_opens_the_conversation(db):
    ada, offering_id = await make_open_coach()
    booking = await make_session(await make_user(), offering_id, slot())
    async with Tab(app, ada) as tab:
        await tab.visit(f"/sessions/{booking.session_id}", SessionState.load)
        await tab.do(SessionState.write())
        assert tab.redirected_to().startswith("/messages/")


async def test_the_coach_sees_the_fee_and_a_cancellation_that_arrives(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await make_session(ben, offering_id, slot())
    async with Tab(app, ada) as tab:
        await tab.visit(f"/sessions/{booking.session_id}", SessionState.load)
        state = await tab.state(SessionState)
        assert (state.session.fee, state.session.earned) == ("€18", "€102")
        at((slot() - timedelta(hours=2)).isoformat())
        async with transaction(ben) as tx:
            await scheduling.cancel(tx, ben, booking.session_id)
        await state._changed(Signal(f"session:{booking.session_id}", 0))
        assert state.session.cancelled == "Ben Okafor cancelled this session."


async def test_the_coach_says_who_did_not_come_after_reading_what_it_means(db, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user(name="Ben")
    when = slot()
    session_id = (await make_session(ben, offering_id, when)).session_id
    async with Tab(app, ada) as tab:
        await tab.visit(f"/sessions/{session_id}", SessionState.load)
        state = await tab.state(SessionState)
        assert state.session.absent_text == []
        at((when + timedelta(minutes=20)).isoformat())
        await tab.visit(f"/sessions/{session_id}", SessionState.load)
        assert state.session.missed_text == ("They are told. The €120 that was paid stays yours.")
        assert state.session.absent_text == ["Ben gets €120 back."]
        await tab.do(SessionState.ask_missing(True))
        assert state.whose == "client"
        await tab.do(SessionState.miss())
        assert state.session.cancelled == "You noted that your client did not come."
        await tab.do(SessionState.ask_missing(True))
        assert (state.session.can_miss, state.whose) == (False, "coach")
        await tab.do(SessionState.absent())
        assert state.session.cancelled == "You did not come. Who had a seat gets everything back."
        assert (state.missing, state.session.status) == (False, "You did not come")
    async with Tab(app, ben) as tab:
        await tab.visit(f"/sessions/{session_id}", SessionState.load)
        shown = (await tab.state(SessionState)).session
        assert shown.cancelled == "Ada Lindqvist did not come. Everything you paid goes back."
        assert (shown.status, shown.can_rate) == ("Your coach did not come", True)
        await tab.visit("/sessions?view=past", SessionsState.load)
        (row,) = (await tab.state(SessionsState)).rows
        assert (row.status, row.missed) == (shown.status, True)
