"""When the fan-out reads, and when what this process wrote is enough."""

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging.queries import Changes
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime.signals import Signal
from loom_app.ui.chat.fanout import Fanout
from loom_app.ui.chat.state import ChatState
from loom_app.ui.live import hub
from tests.factories.messaging import make_pair


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
