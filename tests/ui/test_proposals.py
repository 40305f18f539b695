"""Proposals as a tab sees them: made from free times, live, and on to the booking."""

from dataclasses import replace

import pytest

from loom_app.domains.engagements import actions as engagements
from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime.signals import Signal
from loom_app.loom_app import app
from loom_app.ui.chat import proposal_state
from loom_app.ui.chat.proposal_state import ProposalState
from loom_app.ui.chat.propose_state import ProposeState
from loom_app.ui.chat.state import ChatState
from loom_app.ui.problems import Toasts
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_hold, make_open_coach, make_session, slot
from tests.ui.tab import Tab

TIMES = [slot(hour=hour) for hour in (10, 12)]


async def practice(**changes):
    ada, offering = await make_open_coach(offering=replace(OFFERING, **changes))
    ben = await make_user(zone="America/New_York")
    pair = (ada.require_person(), ben.require_person())
    async with transaction(ben) as tx:
        engagement_id = await engagements.ensure(tx, *pair, "active")
        chat = await messaging.for_engagement(tx, engagement_id, pair)
    return ada, ben, chat, offering


async def proposed(me: Actor, chat: int, offering: int) -> int:
    async with transaction(me) as tx:
        row = await messaging.propose(
            tx, me, chat, client_id="0" * 36, offering_id=offering, times=TIMES
        )
    return row.id


async def shown(tab: Tab, chat: int, message: int):
    await tab.visit(f"/messages/{chat}", ChatState.open)
    await tab.do(ProposalState.show(message))
    return (await tab.state(ProposalState)).shown[str(message)]


def looks(view):
    return [(one.state, one.can) for one in view.times]


@pytest.mark.parametrize("coach", [True, False])
async def test_either_chooses_free_times_and_sends_them_once(db, coach):
    ada, ben, chat, _ = await practice()
    me = ada if coach else ben
    async with Tab(app, me) as tab:
        await tab.visit(f"/messages/{chat}", ChatState.open)
        await tab.do(ProposeState.begin())
        state = await tab.state(ProposeState)
        assert [one.name for one in state.offerings] == ["Clarity session"]
        await tab.do(ProposeState.turn(1))
        await tab.do(ProposeState.turn(-1))
        offered = [time.instant for day in state.days for time in day.times]
        for instant in offered[:7]:
            await tab.do(ProposeState.toggle(instant))
        await tab.do(ProposeState.toggle(offered[0]))
        assert (await tab.state(ProposeState)).chosen == offered[1:5]
        for _ in range(2):
            await tab.do(ProposeState.send())
        assert (await tab.state(ProposeState)).opened is False
    async with transaction(ben) as tx:
        rows = await queries.newest(tx, chat)
    assert [row.kind for row in rows] == ["proposal"]


async def test_two_strangers_have_nothing_to_propose(db):
    async with Tab(app, await make_user()) as tab:
        await tab.do(ProposeState.begin())
        state = await tab.state(ProposeState)
        assert (state.loaded, state.offerings, state.days) == (True, [], [])
        await tab.do(ProposeState.send())


async def test_the_other_may_choose_and_the_sender_waits(db):
    ada, ben, chat, offering = await practice()
    message = await proposed(ada, chat, offering)
    async with Tab(app, ben) as tab:
        view = await shown(tab, chat, message)
        assert looks(view) == [("free", True), ("free", True)]
        assert view.note == "Choose a time"
        assert view.detail == "1 h · €120"
    async with Tab(app, ada) as tab:
        view = await shown(tab, chat, message)
        assert looks(view) == [("free", False), ("free", False)]
        assert view.note == "Waiting for Ben Okafor to choose"


async def test_a_time_that_goes_is_marked_while_one_looks(db):
    ada, ben, chat, offering = await practice()
    cleo = await make_user(name="Cleo Marchetti")
    message = await proposed(ada, chat, offering)
    async with Tab(app, ben) as tab:
        await shown(tab, chat, message)
        state = await tab.state(ProposalState)

        async def after_booking(start):
            await make_session(cleo, offering, start)
            await state._slots_changed(Signal("coach:1:slots"))
            return state.shown[str(message)]

        assert looks(await after_booking(TIMES[0])) == [("taken", False), ("free", True)]
        view = await after_booking(TIMES[1])
        assert looks(view) == [("taken", False), ("taken", False)]
        assert view.note == "None of these times is free any more."
        assert view.link.endswith(f"/time?offering={offering}")


async def test_choosing_a_time_keeps_it_and_goes_on_to_the_booking(db):
    ada, ben, chat, offering = await practice()
    message = await proposed(ada, chat, offering)
    async with Tab(app, ben) as tab:
        await shown(tab, chat, message)
        await tab.do(ProposalState.pick(message, TIMES[0].isoformat()))
        assert tab.redirected_to().endswith(f"/details?offering={offering}")
    async with Tab(app, ada) as tab:
        assert looks(await shown(tab, chat, message)) == [("taken", False), ("free", False)]


async def test_a_free_session_is_booked_in_the_chat(db):
    ada, ben, chat, offering = await practice(price_minor=0)
    message = await proposed(ada, chat, offering)
    async with Tab(app, ben) as tab:
        await shown(tab, chat, message)
        await tab.do(ProposalState.pick(message, TIMES[1].isoformat()))
        assert tab.redirected_to() == ""
        await tab.do(ProposalState.show(message))
        view = (await tab.state(ProposalState)).shown[str(message)]
        assert looks(view) == [("left", False), ("picked", False)]
        assert (view.note, view.link_words) == ("Booked", "Open the session")


async def test_a_coach_chooses_and_the_client_books(db):
    ada, ben, chat, offering = await practice()
    message = await proposed(ben, chat, offering)
    async with Tab(app, ada) as tab:
        assert looks(await shown(tab, chat, message)) == [("free", True), ("free", True)]
        await tab.do(ProposalState.pick(message, TIMES[1].isoformat()))
        assert (await shown(tab, chat, message)).note == (
            "You chose a time. Ben Okafor books it next."
        )
    async with Tab(app, ben) as tab:
        assert looks(await shown(tab, chat, message)) == [("free", False), ("picked", True)]
        await tab.do(ProposalState.pick(message, TIMES[1].isoformat()))
        assert tab.redirected_to().endswith(f"/details?offering={offering}")


async def test_a_time_taken_meanwhile_is_refused_in_words(db):
    ada, ben, chat, offering = await practice()
    message = await proposed(ada, chat, offering)
    await make_hold(await make_user(name="Cleo Marchetti"), offering, TIMES[0])
    for instant in (TIMES[0].isoformat(), slot(hour=20).isoformat(), "tomorrow"):
        async with Tab(app, ben) as tab:
            await shown(tab, chat, message)
            await tab.do(ProposalState.pick(message, instant))
            assert tab.redirected_to() == ""
            told = (await tab.state(Toasts)).items
            assert [toast.kind for toast in told] == ["error"], instant


async def test_a_strangers_tab_shows_and_books_nothing(db):
    ada, _, chat, offering = await practice()
    message = await proposed(ada, chat, offering)
    async with Tab(app, await make_user(name="Cleo Marchetti")) as tab:
        await tab.do(ProposalState.show(message))
        await tab.do(ProposalState.pick(message, TIMES[0].isoformat()))
        assert (await tab.state(ProposalState)).shown == {}
        assert tab.redirected_to() == ""


async def test_times_that_have_passed_say_so(db, at):
    ada, ben, chat, offering = await practice()
    message = await proposed(ada, chat, offering)
    at(slot(days=30).isoformat())
    async with Tab(app, ben) as tab:
        view = await shown(tab, chat, message)
        assert looks(view) == [("past", False), ("past", False)]
        assert view.note == "These times have passed."


async def test_few_proposals_are_kept_however_many_are_looked_at(db, monkeypatch):
    monkeypatch.setattr(proposal_state, "SHOWN_MAX", 2)
    ada, ben, chat, offering = await practice()
    ids = []
    for n in range(3):
        async with transaction(ada) as tx:
            row = await messaging.propose(
                tx, ada, chat, client_id=f"{n}" * 36, offering_id=offering, times=TIMES
            )
        ids.append(row.id)
    async with Tab(app, ben) as tab:
        for one in ids:
            await shown(tab, chat, one)
        state = await tab.state(ProposalState)
        assert list(state.shown) == [str(one) for one in ids[1:]]
        assert list(state._coaches) == ids[1:]


async def test_what_changes_elsewhere_is_seen_at_once_and_what_was_deleted_is_let_go(db, connect):
    ada, ben, chat, offering = await practice()
    cleo = await make_user(name="Cleo Marchetti")
    message = await proposed(ada, chat, offering)
    async with Tab(app, ben) as tab:
        await connect(tab)
        await shown(tab, chat, message)
        state = await tab.state(ProposalState)
        await make_session(cleo, offering, TIMES[0])
        await tab.until(
            lambda: looks(state.shown[str(message)]) == [("taken", False), ("free", True)]
        )
        async with transaction(ada) as tx:
            await messaging.delete(tx, ada, message)
        before = state.shown
        await state._slots_changed(Signal("coach:1:slots"))
        assert (state._coaches, state.shown) == ({}, before)


async def test_a_proposal_of_others_is_neither_shown_nor_picked(db):
    ada, _, chat, offering = await practice()
    message = await proposed(ada, chat, offering)
    cleo = await make_user(name="Cleo Marchetti")
    async with Tab(app, cleo) as tab:
        await tab.visit(f"/messages/{chat}", ChatState.open)
        await tab.do(ProposalState.show(message))
        state = await tab.state(ProposalState)
        assert state.shown == {}
        await tab.do(ProposalState.pick(message, TIMES[0].isoformat()))
        assert [one.kind for one in (await tab.state(Toasts)).items] == ["error"]
        assert tab.redirected_to() == ""
    async with transaction(ada) as tx:
        assert (await queries.proposal(tx, ada, message)).picked is None
