"""Messages that wait for their time, as the dialog and the line above the composer show them."""

from datetime import timedelta

import pytest

from loom_app.domains.messaging import actions as messaging
from loom_app.kit.actor import Actor
from loom_app.kit.jobs import outbox
from loom_app.loom_app import app
from loom_app.ui.chat.draft_state import DraftState
from loom_app.ui.chat.schedule_state import ScheduleState
from loom_app.ui.chat.state import ChatState
from loom_app.ui.problems import Toasts
from tests.domains.messaging.test_schedule import NOON, do, said, waiting
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair
from tests.ui.tab import Tab


async def line(tab: Tab, chat: int) -> ScheduleState:
    """Opens the conversation; what waits there."""
    await tab.visit(f"/messages/{chat}", ChatState.open, ScheduleState.load)
    return await tab.state(ScheduleState)


def form(body: str, at: str = "", how: str = "at") -> dict[str, str]:
    return {"body": body, "how": how, "at": at}


async def bodies(me: Actor, chat: int) -> list[str]:
    return [one.body for one in await waiting(me, chat)]


async def test_it_asks_when_and_keeps_what_was_written_until_then(db, at, connect):
    at(NOON)  # 7 o'clock in the morning where Ben is
    ada, ben, chat = await make_pair()
    async with Tab(app, ada) as tab:
        await connect(tab)
        await tab.visit(f"/messages/{chat}", ChatState.open, DraftState.load)
        await tab.do(DraftState.keep(chat, "Good luck"))
        state = await line(tab, chat)
        await tab.do(ScheduleState.begin("Good luck"))
        assert (state.opened, state.editing, state.body) == (True, 0, "Good luck")
        assert (state.how, state.at) == ("awake", "2026-11-22T09:00")  # for Ben sleeps
        assert state.waking == "Today, 08:00 there, 14:00 your time"
        await tab.do(ScheduleState.save(form("Good luck", "2026-11-21T16:00")))
        assert (state.opened, state.done) == (False, 1)
        await tab.until(lambda: [one.local for one in state.waiting] == ["2026-11-21T16:00"])
        assert (await do(messaging.draft, ada, chat))[0] == ""
        at("2026-11-21T15:00:01+00:00")
        await outbox.drain()
        await tab.until(lambda: state.waiting == [])
    assert await said(ben, chat) == ["Good luck"]


async def test_whoever_is_awake_gets_it_at_once_and_a_time_is_proposed(db, at):
    at("2026-11-21T17:00:00+00:00")
    ada, ben, chat = await make_pair()
    async with Tab(app, ada) as tab:
        state = await line(tab, chat)
        await tab.do(ScheduleState.begin("Hello"))
        assert state.how == "at"
        await tab.do(ScheduleState.save(form("Hello", how="awake")))
        await outbox.drain()
    assert await said(ben, chat) == ["Hello"]


async def test_until_then_it_is_changed_sent_now_or_dropped(db, at, connect):
    now = at(NOON)
    ada, ben, chat = await make_pair()
    first, second = [
        await do(messaging.schedule, ada, chat, body, at=now + timedelta(hours=hours))
        for hours, body in ((3, "one"), (4, "two"))
    ]
    async with Tab(app, ada) as tab:
        await connect(tab)
        state = await line(tab, chat)
        await tab.do(ScheduleState.change(first))
        assert (state.editing, state.body, state.how, state.at) == (
            first,
            "one",
            "at",
            "2026-11-21T16:00",
        )
        await tab.do(ScheduleState.save(form("one, later", "2026-11-21T18:30")))
        await tab.until(lambda: [one.body for one in state.waiting] == ["two", "one, later"])
        assert (state.opened, state.done) == (False, 0)  # the message line keeps its words
        await tab.do(ScheduleState.send_now(first))
        await tab.until(lambda: [one.body for one in state.waiting] == ["two"])
        await tab.do(ScheduleState.drop(second))
        await tab.until(lambda: state.waiting == [])
        assert [one.text for one in (await tab.state(Toasts)).items] == ["The message is not sent."]
    at("2026-11-22T12:00:00+00:00")
    await outbox.drain()
    assert await said(ben, chat) == ["one, later"]


@pytest.mark.parametrize(
    "when", ["", "tomorrow", "2026-11-21", "2026-11-20T10:00", "2028-01-01T10:00", "0001-01-01"]
)
async def test_a_time_that_is_none_or_no_good_is_said_by_its_field(db, at, when):
    at(NOON)
    ada, _, chat = await make_pair()
    async with Tab(app, ada) as tab:
        state = await line(tab, chat)
        await tab.do(ScheduleState.begin("Hello"))
        await tab.do(ScheduleState.save(form("Hello", when)))
        assert (list(state.errors), state.opened) == (["at"], True)
        await tab.do(ScheduleState.show(False))
        assert state.opened is False
        await tab.do(ScheduleState.begin("Hello"))
        assert state.errors == {}
    assert await waiting(ada, chat) == []


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 4001])
async def test_words_that_no_message_has_do_not_wait(db, at, body):
    at(NOON)
    ada, _, chat = await make_pair()
    async with Tab(app, ada) as tab:
        state = await line(tab, chat)
        await tab.do(ScheduleState.begin("Hello"))
        await tab.do(ScheduleState.save(form(body, "2026-11-21T16:00")))
        assert state.opened
        assert state.done == 0
    assert await waiting(ada, chat) == []


async def test_what_others_wait_with_is_neither_seen_nor_touched(db, at):
    now = at(NOON)
    ada, ben, chat = await make_pair()
    hers = await do(messaging.schedule, ada, chat, "hers", at=now + timedelta(hours=3))
    for me in (ben, await make_user(name="Cleo Marsh")):
        async with Tab(app, me) as tab:
            state = await line(tab, chat)
            assert state.waiting == []
            await tab.do(ScheduleState.change(hers))
            assert state.opened is False
            state.editing = hers  # as a forged page would have it
            toasts = await tab.state(Toasts)
            for event in (
                ScheduleState.save(form("not hers", "2026-11-21T16:00")),
                ScheduleState.send_now(hers),
                ScheduleState.drop(hers),
            ):
                toasts.items = []
                await tab.do(event)
                assert [one.kind for one in toasts.items] == ["error"]
    assert (await said(ben, chat), await bodies(ada, chat)) == ([], ["hers"])


async def test_what_was_sent_meanwhile_is_no_longer_changed(db, at):
    now = at(NOON)
    ada, ben, chat = await make_pair()
    one = await do(messaging.schedule, ada, chat, "one", at=now + timedelta(hours=3))
    async with Tab(app, ada) as tab:
        state = await line(tab, chat)
        await tab.do(ScheduleState.change(one))
        at("2026-11-21T15:00:01+00:00")
        await outbox.drain()  # while the dialog is open
        await tab.do(ScheduleState.save(form("two", "2026-11-22T16:00")))
        assert state.opened
        assert [told.kind for told in (await tab.state(Toasts)).items] == ["error"]
    assert (await said(ben, chat), await waiting(ada, chat)) == (["one"], [])


async def test_a_group_is_asked_for_a_time_only(db, at):
    at(NOON)
    ada, ben, _ = await make_pair()
    group = await do(messaging.create_group, ada, "Circle", [ben.person_id])
    async with Tab(app, ada) as tab:
        state = await line(tab, group)
        await tab.do(ScheduleState.begin("Hello all"))
        assert (state.how, state.waking) == ("at", "")
        await tab.do(ScheduleState.save(form("Hello all", how="awake")))
        assert list(state.errors) == ["at"]
    assert await waiting(ada, group) == []
