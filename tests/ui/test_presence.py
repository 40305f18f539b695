"""Presence and typing as tabs get them: changes in one question for all, to who may know."""

import asyncio

import pytest

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging.queries import PresenceView
from loom_app.domains.moderation import actions as moderation
from loom_app.kit import tasks
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import presence, signals
from loom_app.kit.realtime import typing as kit_typing
from loom_app.kit.realtime.signals import Signal
from loom_app.loom_app import app
from loom_app.ui import live, presence_feed
from loom_app.ui.chat import typing
from loom_app.ui.chat.state import ChatState
from loom_app.ui.chat.typing import TypingState
from loom_app.ui.session import Viewer
from loom_app.ui.settings.presence import PresenceState
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair
from tests.ui.tab import Tab

WAIT = 10


class Letters:
    """What the feed hands to a tab, without the way through Reflex."""

    def __init__(self) -> None:
        self.seen: asyncio.Queue[dict[int, PresenceView]] = asyncio.Queue()

    async def get_state(self, _cls):
        return self

    async def _presence(self, seen):
        self.seen.put_nowait(seen)

    async def next(self):
        return await asyncio.wait_for(self.seen.get(), WAIT)


@pytest.fixture
def hearing(monkeypatch):
    """The hub hears the signals of this process, and brings letters to `Letters`."""
    made: dict[str, Letters] = {}

    def post(token, letter):
        tasks.spawn(letter(made.setdefault(token, Letters())))

    monkeypatch.setattr(live.hub, "post", post)
    monkeypatch.setattr(presence_feed, "GATHER_SECONDS", 0)
    stop = signals.listen(live.hub.hear)
    yield lambda tab: made.setdefault(tab.token, Letters())
    stop()
    presence._gone.clear()


async def watching(tab: Tab, people: list[int]) -> None:
    presence_feed.join(await tab.state(ChatState), tab.actor.require_person(), people)


async def test_who_comes_hides_and_is_blocked_is_told_to_who_may_know(db, hearing):
    ada, ben, _ = await make_pair()
    person = ben.require_person()
    async with Tab(app, ada) as tab:
        await tab.do(Viewer.arrive)
        await watching(tab, [person])
        letters = hearing(tab)
        presence.arrived(person, "ben's")
        assert await letters.next() == {person: PresenceView("online")}
        presence.active(person, "ben's", is_active=False)
        assert await letters.next() == {person: PresenceView("away")}
        for hidden, here in ((True, ""), (False, "away")):
            async with transaction(ben) as tx:
                await messaging.hide_presence(tx, ben, hidden=hidden)
            assert await letters.next() == {person: PresenceView(here)}
        async with transaction(ada) as tx:
            await messaging.hide_presence(tx, ada, hidden=True)
        assert await letters.next() == {person: PresenceView()}
        async with transaction(ada) as tx:
            await messaging.hide_presence(tx, ada, hidden=False)
        assert await letters.next() == {person: PresenceView("away")}
        async with transaction(ben) as tx:
            await moderation.block(tx, ben, ada.require_person())
        assert await letters.next() == {person: PresenceView()}
        presence.left(person, "ben's")
        assert await letters.next() == {person: PresenceView()}
        live.hub.forget(tab.token)


async def test_a_tab_that_closed_is_forgotten(db, hearing):
    ada, ben, _ = await make_pair()
    async with Tab(app, ada) as tab:
        await tab.do(Viewer.arrive)
        await watching(tab, [ben.require_person()])
        live.hub.forget(tab.token)
        key = (tab.token, "ChatState")
        await presence_feed._hand_out({key: {ben.require_person()}})
        assert key not in presence_feed._watches
        assert hearing(tab).seen.empty()


async def test_hiding_is_kept_and_shown_in_the_settings(db):
    ben = await make_user()
    async with Tab(app, ben) as tab:
        await tab.visit("/settings", PresenceState.load)
        assert (await tab.state(PresenceState)).shown is True
        await tab.do(PresenceState.show(False))
    async with Tab(app, ben) as tab:
        await tab.visit("/settings", PresenceState.load)
        assert (await tab.state(PresenceState)).shown is False


@pytest.fixture
def heard():
    told: list[Signal] = []
    stop = signals.listen(told.append)
    yield lambda: [one for one in told if one.topic.startswith("typing:")]
    stop()


async def test_typing_is_said_by_members_who_are_not_blocked_and_not_at_every_key(db, heard):
    ada, ben, chat = await make_pair()
    async with Tab(app, await make_user(name="Cleo Marchetti")) as tab:
        await tab.do(TypingState.typing(chat))
    assert heard() == []
    async with Tab(app, ben) as tab:
        for _ in range(5):
            await tab.do(TypingState.typing(chat))
    assert heard() == [Signal(f"typing:{chat}", ben.require_person())]
    async with transaction(ben) as tx:
        await moderation.block(tx, ben, ada.require_person())
    async with Tab(app, ben) as tab:
        await tab.do(TypingState.typing(chat))
    assert len(heard()) == 1


async def test_the_line_names_who_types_here_and_not_oneself(db):
    ada, ben, chat = await make_pair()
    async with Tab(app, ada) as tab:
        await tab.visit(f"/messages/{chat}", ChatState.open, TypingState.listen)
        state = await tab.state(TypingState)
        for person, line in ((ada, ""), (ben, "Ben is typing …")):
            typing._typers.heard(Signal(f"typing:{chat}", person.require_person()))
            await state._show(chat)
            assert state.line == line
        await state._show(chat + 1)  # of a conversation that was left
        assert state.line == "Ben is typing …"
        typing._typers.heard(Signal(f"typing:{chat}", -ben.require_person()))
        await state._show(chat)
        assert state.line == ""
        typing._typers.heard(Signal(f"typing:{chat}", -ada.require_person()))
        live.hub.forget(tab.token)


async def test_a_stranger_hears_nothing_of_who_types(db):
    _, _, chat = await make_pair()
    async with Tab(app, await make_user(name="Cleo Marchetti")) as tab:
        await tab.visit(f"/messages/{chat}", ChatState.open, TypingState.listen)
        assert not live.hub.watches(tab.token, "typing", f"typing:{chat}")
        assert (await tab.state(TypingState)).line == ""


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ([], ""),
        (["Ben Okafor"], "Ben is typing …"),
        (["Ben Okafor", "Cleo Marchetti"], "Ben and Cleo are typing …"),
        (["Ben Okafor", "", "Ada Lind"], "3 people are typing …"),
        ([""], "Somebody is typing …"),
    ],
)
def test_the_words_for_who_types(names, line):
    assert typing.said(names) == line


async def test_the_line_comes_and_goes_with_who_types(db, connect):
    ada, ben, chat = await make_pair()
    async with Tab(app, ben) as tab:
        await connect(tab)
        await tab.visit(f"/messages/{chat}", ChatState.open, TypingState.listen)
        state = await tab.state(TypingState)
        kit_typing.say(chat, ada.require_person())
        await tab.until(lambda: state.line == "Ada is typing …")
        kit_typing.stop(chat, ada.require_person())
        await tab.until(lambda: state.line == "")


async def test_a_page_without_a_conversation_and_a_visitor_say_nothing(db, heard):
    _, ben, chat = await make_pair()
    async with Tab(app, ben) as tab:
        await tab.visit(f"/messages/{chat}", ChatState.open, TypingState.listen)
        await tab.visit("/messages", ChatState.close, TypingState.listen)
        assert not live.hub.watches(tab.token, "typing", f"typing:{chat}")
        assert typing._looking == {}
        await tab.do(TypingState.typing(0))
        await tab.become(Actor(visitor="v" * 64))
        await tab.do(TypingState.typing(chat))
    assert heard() == []
