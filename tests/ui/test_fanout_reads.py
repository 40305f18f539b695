"""When the fan-out reads, and when what this process wrote is enough."""

from structlog.testing import capture_logs

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.domains.messaging.queries import Changes
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime.signals import Signal
from loom_app.loom_app import app
from loom_app.ui.chat import fanout as fanouts
from loom_app.ui.chat.fanout import Fanout
from loom_app.ui.chat.state import ChatState
from loom_app.ui.chat.state import fanout as state_fanout
from loom_app.ui.live import hub
from loom_app.ui.plain import plain
from tests.background import settled
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair, make_talk
from tests.ui.tab import Tab
from tests.ui.test_feeds import Gate
from tests.ui.test_inbox import say


def change(after: int) -> Changes:
    return Changes(after, after + 1, [], [], {})


def watching(conversation: int, **tabs: int) -> Fanout:
    fanout = Fanout(ChatState)
    fanout._seen[conversation] = dict(tabs)
    fanout._shown = dict.fromkeys(tabs, conversation)
    return fanout


async def test_what_follows_on_what_all_tabs_have_is_handed_on_unread():
    fanout = watching(1, a=4, b=4)
    for one in (change(5), change(4)):
        fanout.wrote(1, one)
    assert await fanout._missing(1, 4, 6) == [change(4), change(5)]


async def test_a_gap_is_read(db):
    ada, _, chat = await make_pair()
    async with transaction(ada) as tx:
        await messaging.send(tx, ada, chat, messaging.Draft("cid-00000001", "Hello"))
    fanout = watching(chat, a=0)
    fanout.wrote(chat, change(1))
    (found,) = await fanout._missing(chat, 0, 2)
    assert [row.body for row in found.messages] == ["Hello"]


async def test_a_look_reads_whatever_was_written(db):
    _, _, chat = await make_pair()
    fanout = watching(chat, a=0)
    fanout.wrote(chat, change(0))
    (found,) = await fanout._missing(chat, 0, 0)
    assert found.after == found.change == 0


async def test_nothing_is_handed_out_twice():
    fanout = watching(1, a=6)
    assert await fanout._missing(1, 6, 6) == []


async def test_a_look_stays_a_look_whatever_comes_after_it():
    fanout = watching(1, a=6)
    fanout._running.add(1)  # as while it reads
    for number in (0, 9):
        fanout._hear("a", Signal("conversation:1", number))
    assert fanout._reached == {1: 0}
    fanout._reached.clear()
    for number in (7, 9, 8):
        fanout._hear("a", Signal("conversation:1", number))
    assert fanout._reached == {1: 9}


async def test_a_closed_tab_leaves_nothing_behind():
    fanout = watching(1, a=6)
    fanout.wrote(1, change(6))
    fanout.close("a")
    left = [*fanout._seen, *fanout._shown, *fanout._written, *fanout._reached]
    assert left == []
    fanout.wrote(1, change(7))
    assert fanout._written == {}


async def test_a_tab_that_the_hub_forgot_is_forgotten():
    fanout = watching(1, gone=6)
    assert not hub.is_known("gone")
    fanout._hand_all(1, change(6))
    assert not fanout._seen


async def test_a_word_about_what_nobody_has_open_leaves_nothing_behind():
    fanout = watching(1, a=6)
    fanout.close("a")
    fanout._hear("a", Signal("conversation:1", 7))
    await settled()
    assert (fanout._reached, fanout._running) == ({}, set())


async def test_a_tab_that_opened_another_conversation_hears_of_that_one_only(db, connect):
    ada, ben, chat = await make_pair()
    otto = await make_user(name="Otto Olsen", roles={"coach"})
    other = await make_talk(otto, ben)
    async with Tab(app, ben) as tab:
        await connect(tab)
        for place in (chat, other):
            await tab.visit(f"/messages/{place}", ChatState.open)
        state = await tab.state(ChatState)
        await say(ada, chat, "There")
        await say(otto, other, "Here")
        await tab.until(lambda: state.feed.rows)
        await settled()
        assert (state.feed.conversation, [row.number for row in state.feed.rows]) == (other, [1])


async def test_what_is_read_reaches_who_wrote_it(db, connect, monkeypatch):
    monkeypatch.setattr(fanouts, "MARKS_SECONDS", 0)
    ada, ben, chat = await make_pair()
    async with Tab(app, ben) as tab:
        await connect(tab)
        await tab.visit(f"/messages/{chat}", ChatState.open)
        await say(ben, chat, "Did you see this?")
        state = await tab.state(ChatState)
        assert (state.delivered_to, state.read_to) == (0, 0)
        person = ada.require_person()
        await messaging.mark([messaging.Mark(person, chat, delivered=1)])
        async with transaction(ada) as tx:
            await messaging.mark_read(tx, ada, chat, 1)
        await tab.until(lambda: (state.delivered_to, state.read_to) == (1, 1))


async def test_a_read_that_failed_is_made_up_for(db, connect, monkeypatch):
    monkeypatch.setattr(fanouts, "RETRY_SECONDS", 0)
    ada, ben, chat = await make_pair()
    async with Tab(app, ben) as tab:
        await connect(tab)
        await tab.visit(f"/messages/{chat}", ChatState.open)
        await settled()
        state = await tab.state(ChatState)
        Gate(monkeypatch, "changes_after", fails=True)
        with capture_logs() as logged:
            await say(ada, chat, "Good morning")
            await tab.until(lambda: [row.number for row in state.feed.rows] == [1])
        assert "chat.fanout_failed" in [line["event"] for line in logged]


async def test_who_has_a_change_is_not_told_it_again(db, connect):
    ada, ben, chat = await make_pair()
    async with Tab(app, ben) as tab:
        await connect(tab)
        await tab.visit(f"/messages/{chat}", ChatState.open)
        state = await tab.state(ChatState)
        await say(ada, chat, "Good morning")
        await tab.until(lambda: state.feed.rows)
        await settled()
        told = plain(state.feed)
        async with transaction(ada) as tx:
            changes = await queries.changes_after(tx, chat, 0)
        state_fanout._hand_all(chat, changes)
        await settled()
        assert plain(state.feed) is told
