"""Nothing is kept for a tab that closed, though nobody writes, types or comes afterwards."""

from loom_app.loom_app import app
from loom_app.ui import inbox_feed, live, presence_feed
from loom_app.ui.chat import typing
from loom_app.ui.chat.inbox_state import InboxState
from loom_app.ui.chat.state import ChatState
from tests.factories.messaging import make_pair
from tests.ui.tab import Tab


async def test_a_closed_tab_leaves_nothing_behind(db):
    _, ben, chat = await make_pair()
    before = kept()
    async with Tab(app, ben) as tab:
        await tab.visit("/messages", InboxState.load)
        await tab.visit(f"/messages/{chat}", ChatState.open, typing.TypingState.listen)
        assert kept() != before
    assert kept() == before


def kept():
    kept_by = (inbox_feed._watchers, presence_feed._watches, typing._tabs, typing._looking)
    return [dict(one) for one in kept_by]


def test_one_that_fails_to_forget_keeps_no_other_from_it():
    told = []

    def broken(_token):
        raise ZeroDivisionError

    live.on_closed(broken)
    live.on_closed(told.append)
    live.closed("a")
    live._closers.remove(broken)
    live._closers.remove(told.append)
    assert told == ["a"]
