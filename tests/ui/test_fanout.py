"""What the hub hands a tab: only what it lacks, only to a member, and in the end all of it."""

import asyncio
import contextlib
import random
import uuid
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError
from loom_app.kit.security import limits
from loom_app.loom_app import app
from loom_app.ui import marks
from loom_app.ui.chat import fanout as fanouts
from loom_app.ui.chat.message_state import MessageState
from loom_app.ui.chat.state import ChatState
from loom_app.ui.problems import Toasts
from loom_app.ui.session import Viewer
from tests.background import settled
from tests.domains.messaging.test_groups import do, make_circle
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair, make_talk
from tests.ui.tab import Tab
from tests.ui.window import Window

HUB = Actor.system_job("messaging.hub")
SEND: Any = ChatState.send  # more arguments than its overloads know


async def write(who: Actor, conversation: int, *numbers: int) -> None:
    async with transaction(who) as tx:
        for number in numbers:
            draft = messaging.Draft(f"message-{number:04}", f"Number {number}")
            await messaging.send(tx, who, conversation, draft)


async def changes(conversation: int, after: int = 0) -> queries.Changes:
    async with transaction(HUB) as tx:
        return await queries.changes_after(tx, conversation, after)


class Looker:
    """A person's tab with the conversation open, and the window that its browser would hold."""

    def __init__(self, tab: Tab, conversation: int) -> None:
        self.tab, self.conversation, self.window = tab, conversation, Window()

    async def open(self) -> None:
        await self.tab.visit(f"/messages/{self.conversation}", ChatState.open)
        self.window.take((await self.state()).feed)

    async def state(self) -> ChatState:
        return await self.tab.state(ChatState)

    async def told(self) -> None:
        """The hub brings what the state lacks; the browser puts it in."""
        state = await self.state()
        await state._take(self.conversation, await changes(self.conversation, state._change))
        self.window.take(state.feed)

    def numbers(self) -> list[int]:
        return [row.number for row in self.window.shown()]


async def fresh(me: Actor, conversation: int) -> list[queries.MessageView]:
    async with transaction(me) as tx:
        eyes = (await queries.thread(tx, me, conversation)).eyes
        return queries.views(await queries.newest(tx, conversation, 1000), eyes)


async def test_a_tab_takes_each_message_once_and_in_order(db):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    async with Tab(app, ben) as tab:
        looker = Looker(tab, conversation)
        await looker.open()
        await write(ada, conversation, 2)
        for _ in range(2):
            await looker.told()
        assert looker.numbers() == [1, 2]


async def test_who_is_no_member_any_more_gets_nothing(db):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    async with Tab(app, ben) as tab:
        looker = Looker(tab, conversation)
        await looker.open()
        async with transaction(Actor.system_job("messaging.test")) as tx:
            await tx.db.execute(
                text("DELETE FROM conversation_members WHERE user_id = :u"), {"u": ben.person_id}
            )
        await write(ada, conversation, 2)
        await looker.told()
        assert looker.numbers() == []
        assert (await looker.state()).status == "missing"


async def test_another_conversation_stays_out_of_the_thread(db):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    async with Tab(app, ben) as tab:
        await tab.visit(f"/messages/{conversation + 1}", ChatState.open)
        state = await tab.state(ChatState)
        assert state.status == "missing"
        await state._take(conversation, await changes(conversation))
        assert state.feed.rows == []


async def test_a_message_costs_its_tab_one_row_whatever_it_shows(db):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, *range(60))
    async with Tab(app, ben) as tab:
        looker = Looker(tab, conversation)
        await looker.open()
        await write(ada, conversation, 100)
        await looker.told()
        assert [row.number for row in (await looker.state()).feed.rows] == [61]


async def test_what_one_visit_brings_goes_out_together(db):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    async with Tab(app, ben) as tab:
        looker = Looker(tab, conversation)
        await looker.open()
        state = await looker.state()
        for number in (2, 3):
            await write(ada, conversation, number)
            await state._take(conversation, await changes(conversation, state._change))
        looker.window.take(state.feed)
        assert (looker.numbers(), looker.window.missed) == ([1, 2, 3], -1)


async def test_a_browser_that_missed_something_asks_and_gets_it(db):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    async with Tab(app, ben) as tab:
        looker = Looker(tab, conversation)
        await looker.open()
        state = await looker.state()
        for number in (2, 3):
            await write(ada, conversation, number)
            state._clean()  # the one before went out, and was lost on the way
            await state._take(conversation, await changes(conversation, state._change))
        looker.window.take(state.feed)
        assert looker.window.missed == looker.window.change
        await tab.do(ChatState.catch_up(looker.window.change))
        looker.window.take((await looker.state()).feed)
        assert (looker.numbers(), looker.window.missed) == ([1, 2, 3], -1)


async def test_whoever_missed_too_much_starts_again_from_the_newest(db):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    async with Tab(app, ben) as tab:
        looker = Looker(tab, conversation)
        await looker.open()
        await write(ada, conversation, *range(2, queries.CATCH_UP + 10))
        await tab.do(ChatState.catch_up(looker.window.change))
        feed = (await looker.state()).feed
        looker.window.take(feed)
        assert (feed.whole, feed.reset) == (True, True)
        assert looker.numbers() == [row.number for row in await fresh(ben, conversation)][-50:]


@pytest.mark.parametrize("seed", range(4))
async def test_a_window_and_its_signals_equal_a_fresh_read(db, seed):
    ada, ben, conversation = await make_pair()
    pick = random.Random(seed)
    async with Tab(app, ben) as tab:
        looker = Looker(tab, conversation)
        await looker.open()
        for _ in range(80):
            if pick.random() < 0.5:
                await hers(ada, conversation, pick)
            else:
                await his(tab, conversation, pick)
                looker.window.take((await looker.state()).feed)  # drawn as it comes
            if pick.random() < 0.3:
                await looker.told()
        await looker.told()
        if looker.window.missed >= 0:
            await tab.do(ChatState.catch_up(looker.window.missed))
            looker.window.take((await looker.state()).feed)
        assert looker.window.shown() == await fresh(ben, conversation)
        assert tab.errors == []


async def some_message(conversation: int, pick: random.Random) -> int:
    async with transaction(HUB) as tx:
        found = await tx.db.scalar(
            text("SELECT id FROM messages WHERE conversation_id = :c AND number = :n"),
            {"c": conversation, "n": pick.randint(1, 30)},
        )
    return found or 0


async def his(tab: Tab, conversation: int, pick: random.Random) -> None:
    """One of everything that Ben can do in his tab."""
    some, cid = await some_message(conversation, pick), uuid.UUID(int=pick.getrandbits(128)).hex
    deeds = (
        SEND(cid, conversation, "his words", pick.choice((0, some)), [], ""),
        SEND(cid, conversation, "more words", 0, [], ""),
        MessageState.react(some, pick.choice("👍🎉🔥")),
        MessageState.edit(some, "other words", "cid-edit-0001"),
        MessageState.delete(some),
        MessageState.hide(some),
    )
    await tab.do(pick.choice(deeds))


async def hers(ada: Actor, conversation: int, pick: random.Random) -> None:
    """And Ada, somewhere else."""
    some, cid = await some_message(conversation, pick), uuid.UUID(int=pick.getrandbits(128)).hex
    draft = messaging.Draft(cid, "her words", pick.choice((0, some)))
    with contextlib.suppress(DomainError):  # not hers, not there: refused, and nothing changed
        async with transaction(ada) as tx:
            match pick.randint(0, 5):
                case 0 | 1:
                    await messaging.send(tx, ada, conversation, draft)
                case 2:
                    await messaging.react(tx, ada, some, pick.choice("👍🎉🔥"))
                case 3:
                    await messaging.edit(tx, ada, some, "her other words")
                case 4:
                    await messaging.delete(tx, ada, some)
                case _:
                    await messaging.hide(tx, ada, some)


async def test_a_tab_that_fell_far_behind_starts_again_and_misses_nothing(db):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    async with Tab(app, ben) as tab:
        looker = Looker(tab, conversation)
        await looker.open()
        await write(ada, conversation, *range(2, queries.CATCH_UP + 10))
        await looker.told()
        assert looker.window.missed == -1
        assert looker.numbers() == [row.number for row in await fresh(ben, conversation)][-50:]


async def test_an_answer_carries_its_quote_however_often_it_is_sent(db):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    (question,) = await fresh(ben, conversation)
    async with Tab(app, ben) as tab:
        looker = Looker(tab, conversation)
        await looker.open()
        for _ in range(2):
            await tab.do(SEND("cid-00000001", conversation, "Yes", question.id, [], ""))
            looker.window.take((await looker.state()).feed)
            assert looker.window.shown()[-1].reply.text == "Number 1"


async def test_ones_own_mark_follows_ones_own_message(db):
    _, ben, conversation = await make_pair()
    async with Tab(app, ben) as tab:
        looker = Looker(tab, conversation)
        await looker.open()
        for n in (1, 2):
            await tab.do(SEND(f"cid-0000000{n}", conversation, "Hello", 0, [], ""))
        told = (await looker.state())._marks
        async with transaction(ben) as tx:
            known = (await queries.thread(tx, ben, conversation)).marks
        assert {mark.user_id: mark.read_number for mark in known} == {
            one: mark.read_number for one, mark in told.items()
        }


async def test_ids_that_no_page_makes_leave_nothing_behind(db):
    _, ben, conversation = await make_pair()
    async with Tab(app, ben) as tab:
        await tab.visit(f"/messages/{conversation}", ChatState.open)
        await tab.do(SEND("x" * 5000, conversation, "Hello", 0, [], ""))
        for n in range(230):
            await tab.do(SEND(f"cid-{n:08}", conversation, " ", 0, [], ""))
        refused = (await tab.state(ChatState)).refused
        assert len(refused) <= 201
        assert "x" * 5000 not in refused


async def test_twenty_sends_of_one_message_are_one(db):
    _, ben, conversation = await make_pair()
    draft = messaging.Draft("the-same-id", "Once")
    sent = await asyncio.gather(
        *(messaging.send_at_once(ben, conversation, draft) for _ in range(20))
    )
    assert sum(one.is_new for one in sent) == 1
    assert len(await fresh(ben, conversation)) == 1


async def test_a_refusal_stays_with_its_message_and_an_early_one_is_asked_for_again(db):
    ada, ben, conversation = await make_pair()
    async with Tab(app, ben) as tab:
        await tab.visit(f"/messages/{conversation}", ChatState.open)
        await tab.do(SEND("cid-00000001", conversation, "x" * 4001, 0, [], ""))
        state = await tab.state(ChatState)
        assert "4000" in state.refused["cid-00000001"]
        await tab.do(SEND("cid-00000002", conversation, "two", 0, [], "cid-00000003"))
        assert (state.early, state.settled) == (1, [])
        await tab.do(SEND("cid-00000003", conversation, "one", 0, [], ""))
        await tab.do(SEND("cid-00000002", conversation, "two", 0, [], "cid-00000003"))
        assert state.settled == ["cid-00000003", "cid-00000002"]
        with pytest.raises(DomainError):
            await messaging.send_at_once(
                ben, conversation, messaging.Draft("cid-00000004", "", files=[99])
            )
    assert [row.blocks[0].spans[0].text for row in await fresh(ada, conversation)] == ["one", "two"]


async def test_one_too_many_waits_and_goes_out_later_without_counting_twice(db, at):
    at("2026-11-21T12:00Z")
    _, ben, conversation = await make_pair()
    for n in range(98):
        limits.allow("message", ben.label, f"before {n}")
    async with Tab(app, ben) as tab:
        await tab.visit(f"/messages/{conversation}", ChatState.open)
        for n in (1, 2, 2, 2):  # as after lost connections
            await tab.do(SEND(f"cid-{n:08}", conversation, f"{n}", 0, [], ""))
        state = await tab.state(ChatState)
        assert not state.held
        await tab.do(SEND("cid-00000003", conversation, "3", 0, [], ""))
        await tab.do(SEND("cid-00000004", conversation, "4", 0, [], "cid-00000003"))
        assert (bool(state.held), state.refused, state.early) == (True, {}, 0)
        limits.reset()
        await tab.do(SEND("cid-00000003", conversation, "3", 0, [], ""))
        await tab.do(SEND("cid-00000004", conversation, "4", 0, [], "cid-00000003"))
        assert not state.held
    rows = await fresh(ben, conversation)
    assert [row.blocks[0].spans[0].text for row in rows] == ["1", "2", "3", "4"]


async def test_a_change_is_settled_once_it_stands_or_is_refused_and_not_before(db, monkeypatch):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    await write(ben, conversation, 2)
    theirs, mine = [row.id for row in await fresh(ben, conversation)]
    async with Tab(app, ben) as tab:
        await tab.visit(f"/messages/{conversation}", ChatState.open)
        state = await tab.state(ChatState)
        for _ in range(2):  # as after a lost connection
            await tab.do(MessageState.edit(mine, "other words", "cid-edit-0001"))
        assert state.settled == ["cid-edit-0001", "cid-edit-0001"]
        await tab.do(MessageState.edit(theirs, "not mine", "cid-edit-0002"))
        assert state.settled[-1] == "cid-edit-0002"
        assert (await tab.state(Toasts)).items[-1].kind == "error"

        async def fail(*_):
            raise OSError("the database is away")

        with monkeypatch.context() as away:
            away.setattr(messaging, "edit", fail)
            await tab.do(MessageState.edit(mine, "later words", "cid-edit-0003"))
        assert state.settled[-1] == "cid-edit-0002"
        await tab.do(MessageState.edit(mine, "later words", "cid-edit-0003"))
        assert state.settled[-1] == "cid-edit-0003"
    rows = await fresh(ada, conversation)
    assert [row.source or row.blocks[0].spans[0].text for row in rows][1] == "later words"


async def test_nothing_is_read_on_another_page(db):
    ada, ben, conversation = await make_pair()
    async with Tab(app, ben) as tab:
        looker = Looker(tab, conversation)
        await looker.open()
        await tab.do(ChatState.look(True))
        assert (await tab.state(Viewer))._looking
        await tab.do(ChatState.close)
        await write(ada, conversation, 1)
        await looker.told()
        assert not (await tab.state(Viewer))._looking
        assert not marks._waiting


@pytest.mark.parametrize(
    ("day", "number"),
    [
        ("2026-11-20", 2),
        ("2026-11-10", 1),
        ("2026-12-01", 3),  # nothing since: the newest
        ("2026-02-30", 0),
        ("tomorrow", 0),
        ("", 0),
    ],
)
async def test_a_day_is_gone_to_and_what_is_none_moves_nothing(db, at, day, number):
    ada, ben, conversation = await make_pair()
    for written, moment in enumerate(("2026-11-18", "2026-11-20", "2026-11-21"), 1):
        at(f"{moment}T18:00:00+00:00")
        await write(ada, conversation, written)
    async with Tab(app, ben) as tab:
        await tab.visit(f"/messages/{conversation}", ChatState.open)
        await tab.do(ChatState.jump_to_day(day))
        page = (await tab.state(ChatState)).page
        assert (page.at, page.turn) == (number, 1 if number else 0)


@pytest.mark.parametrize("number", [0, -5, 999_999])
async def test_a_number_that_no_message_has_shows_what_there_is(db, number):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    async with Tab(app, ben) as tab:
        await tab.visit(f"/messages/{conversation}", ChatState.open)
        await tab.do(ChatState.jump(number))
        page = (await tab.state(ChatState)).page
        assert len(page.rows) == 1
        await tab.do(ChatState.jump_to_newest())
        page = (await tab.state(ChatState)).page
        assert (page.at, [row.number for row in page.rows], page.start, page.end) == (
            1,
            [1],
            True,
            True,
        )


async def test_pages_of_what_is_not_ones_own_are_empty(db):
    ada, _, conversation = await make_pair()
    await write(ada, conversation, 1)
    async with Tab(app, await make_user(name="Cleo Marsh")) as tab:
        await tab.visit(f"/messages/{conversation}", ChatState.open)
        state = await tab.state(ChatState)
        for event in (
            ChatState.load_older(9),
            ChatState.load_newer(0),
            ChatState.jump(1),
            ChatState.jump_to_day("2026-11-18"),
            ChatState.jump_to_newest(),
            ChatState.catch_up(0),
        ):
            await tab.do(event)
            assert (state.page.rows, state.feed.rows, state.status) == ([], [], "missing")


async def test_who_joins_a_group_is_known_by_name_and_who_read_is_said(db, connect, monkeypatch):
    monkeypatch.setattr(fanouts, "MARKS_SECONDS", 0)
    ada, conversation, (ben,) = await make_circle("Ben Okafor")
    dora = await make_user(name="Dora Diaz")
    await make_talk(ada, dora)
    async with Tab(app, ben) as tab:
        await connect(tab)
        await tab.visit(f"/messages/{conversation}", ChatState.open)
        state = await tab.state(ChatState)
        assert state.thread.people == 2
        await do(messaging.add_to_group, ada, conversation, [dora.require_person()])
        await tab.until(lambda: state.thread.people == 3)
        await write(dora, conversation, 7)
        await tab.until(lambda: [row.name for row in state.feed.rows] == ["Dora Diaz"])
        await write(ben, conversation, 8)
        async with transaction(dora) as tx:
            await messaging.mark_read(tx, dora, conversation, 4)
        await tab.until(lambda: state.readers.get("Dora Diaz") == 4)
        pair = await make_talk(await make_user(name="Otto Olsen", roles={"coach"}), ben)
        await tab.visit(f"/messages/{pair}", ChatState.open)
        assert state.readers == {}  # of two, the ticks say it


async def test_whoever_looks_has_read_and_whoever_only_has_it_open_has_not(db, connect):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    async with Tab(app, ben) as tab:
        await connect(tab)
        await tab.visit(f"/messages/{conversation}", Viewer.arrive, ChatState.open)
        viewer = await tab.state(Viewer)
        assert viewer.unread == 1
        await tab.do(ChatState.look(True))
        await tab.until(lambda: viewer.unread == 0)
        await tab.do(ChatState.look(False))
        await write(ada, conversation, 2)
        await tab.until(lambda: viewer.unread == 1)


async def test_a_mark_that_could_not_be_written_is_with_the_next(db, connect, monkeypatch):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    real, calls = messaging.mark, []

    async def away_at_first(found):
        calls.append(found)
        if len(calls) == 1:
            raise ConnectionError
        return await real(found)

    async with Tab(app, ben) as tab:
        await connect(tab)
        await tab.visit(f"/messages/{conversation}", ChatState.open)
        monkeypatch.setattr(messaging, "mark", away_at_first)
        with capture_logs() as logged:
            for looking in (True, False, True):
                await tab.do(ChatState.look(looking))
                await settled()
        assert [line["event"] for line in logged] == ["chat.mark_failed"]
    async with transaction(ben) as tx:
        assert await queries.unread(tx, ben) == 0


async def test_a_thread_that_could_not_be_read_says_so_and_is_read_at_the_next_try(db, monkeypatch):
    _, ben, conversation = await make_pair()
    async with Tab(app, ben) as tab:

        async def fail(*_):
            raise OSError("the database is away")

        with monkeypatch.context() as away:
            away.setattr(queries, "newest", fail)
            await tab.visit(f"/messages/{conversation}", ChatState.open)
        state = await tab.state(ChatState)
        assert state.status == "failed"
        await tab.do(ChatState.open())
        assert state.status == "ready"
        await tab.visit("/messages/999999", ChatState.open)
        assert state.status == "missing"
