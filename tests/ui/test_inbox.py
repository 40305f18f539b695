"""The list as tabs see it: what moves, what leaves, and what is not sent again."""

import uuid

import pytest
from sqlalchemy import text

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.domains.moderation import actions as moderation
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import presence, signals
from loom_app.loom_app import app
from loom_app.ui.chat import inbox_state
from loom_app.ui.chat.find_state import FindState
from loom_app.ui.chat.inbox_state import MOVED_MAX, InboxState
from loom_app.ui.chat.start_state import StartState
from loom_app.ui.inbox_feed import Told
from loom_app.ui.problems import Toasts
from loom_app.ui.safety.state import BlockState, ReportState
from loom_app.ui.settings.blocks import BlocksState
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair, make_talk
from tests.ui.tab import Tab

HUB = Actor.system_job("messaging.hub")


async def say(me: Actor, chat: int, body: str = "Hello") -> None:
    async with transaction(me) as tx:
        await messaging.send(tx, me, chat, messaging.Draft(str(uuid.uuid4()), body))


async def tell(tab: Tab, *chats: int) -> InboxState:
    """What the feed hands to a tab when these conversations moved."""
    person = tab.actor.require_person()
    async with transaction(HUB) as tx:
        rows = (await queries.moved_conversations(tx, {person: set(chats)})).get(person, [])
        unread = (await queries.unread_of(tx, [person])).get(person, 0)
    state = await tab.state(InboxState)
    await state._inbox(Told(rows, frozenset(chats), unread, missed=False))
    return state


async def make_list(count: int = 3) -> tuple[Actor, list[tuple[Actor, int]]]:
    """Ada with clients who wrote one after the other."""
    ada = await make_user(name="Ada Lind", roles={"coach"})
    talks = []
    for n in range(count):
        client = await make_user(name=f"Client {n}")
        talks.append((client, await make_talk(ada, client)))
        await say(*talks[-1])
    return ada, talks


async def test_a_message_sends_its_own_card_and_not_the_list(db):
    ada, talks = await make_list()
    async with Tab(app, ada) as tab:
        await tab.visit("/messages", InboxState.load)
        state = await tab.state(InboxState)
        before = state.cards.__wrapped__
        await say(*talks[0], "News")
        state = await tell(tab, talks[0][1])
        assert state.cards.__wrapped__ is before
        assert [(card.id, card.preview, card.unread) for card in state.moved] == [
            (talks[0][1], "News", 2)
        ]
        assert [card.id for card in state._all()] == [talks[n][1] for n in (0, 2, 1)]


async def test_what_moved_joins_the_list_when_it_has_grown(db):
    ada, talks = await make_list(MOVED_MAX + 2)
    async with Tab(app, ada) as tab:
        await tab.visit("/messages", InboxState.load)
        state = await tab.state(InboxState)
        for client, chat in talks:
            await say(client, chat, "News")
            state = await tell(tab, chat)
            assert len(state.moved) <= MOVED_MAX
        assert [card.id for card in state._all()] == [chat for _, chat in reversed(talks)]
        assert {card.preview for card in state._all()} == {"News"}


async def test_a_list_that_heard_everything_is_not_read_again(db):
    ada, talks = await make_list()
    async with Tab(app, ada) as tab:
        await tab.visit("/messages", InboxState.load)
        before = (await tab.state(InboxState)).cards.__wrapped__
        await tab.visit(f"/messages/{talks[0][1]}", InboxState.load)
        assert (await tab.state(InboxState)).cards.__wrapped__ is before


async def test_archived_and_left_conversations_leave_and_come_back(db):
    ada, talks = await make_list()
    first, second, third = (chat for _, chat in talks)
    async with Tab(app, ada) as tab:
        await tab.visit("/messages", InboxState.load)
        await tab.do(InboxState.archive(second, True))
        state = await tell(tab, second)
        assert ([card.id for card in state._all()], state.gone) == ([third, first], [second])
        await say(*talks[1], "Wait")
        state = await tell(tab, second)
        assert ([card.id for card in state._all()], state.gone) == ([second, third, first], [])
        async with transaction(ada) as tx:
            group = await messaging.create_group(tx, ada, "Circle", [talks[0][0].person_id])
        state = await tell(tab, group)
        assert state._all()[0].name == "Circle"
        async with transaction(ada) as tx:
            await messaging.leave_group(tx, ada, group)
        state = await tell(tab, group)
        assert group not in [card.id for card in state._all()]


async def test_when_all_that_is_listed_leaves_the_rest_is_read(db, monkeypatch):
    monkeypatch.setattr(inbox_state, "FIRST", 2)
    ada, talks = await make_list(4)
    first, second, third, fourth = (chat for _, chat in talks)
    async with Tab(app, ada) as tab:
        await tab.visit("/messages", InboxState.load)
        for chat in (fourth, third):
            await tab.do(InboxState.archive(chat, True))
        state = await tell(tab, fourth, third)
        assert [card.id for card in state._all()] == [second, first]
        state = await tell(tab, first, second)
        assert [card.id for card in state._all()] == [second, first]


async def test_a_list_that_is_empty_though_there_is_more_takes_what_moves(db):
    ada, talks = await make_list(1)
    async with Tab(app, ada) as tab:
        await tab.visit("/messages", InboxState.load)
        state = await tab.state(InboxState)
        state.cards, state.has_more = [], True  # its second read failed
        state = await tell(tab, talks[0][1])
        assert [card.id for card in state._all()] == [talks[0][1]]


async def test_a_filter_shows_what_it_says_and_goes_on_doing_so(db):
    ada, talks = await make_list()
    first, second, third = (chat for _, chat in talks)
    async with Tab(app, ada) as tab:
        await tab.visit("/messages", InboxState.load)
        await tab.do(InboxState.archive(first, True))
        await tab.do(InboxState.filter("archived"))
        assert [card.id for card in (await tab.state(InboxState))._all()] == [first]
        await say(*talks[1], "News")
        state = await tell(tab, second)
        assert [card.id for card in state._all()] == [first]
        await tab.do(InboxState.filter("archived"))
        assert [card.id for card in (await tab.state(InboxState))._all()] == [second, third]


async def test_the_list_goes_on_where_it_ended_without_gap_or_double(db, monkeypatch):
    monkeypatch.setattr(inbox_state, "FIRST", 2)
    ada, talks = await make_list(6)
    first, *others = (chat for _, chat in talks)
    others.reverse()
    async with Tab(app, ada) as tab:
        await tab.do(InboxState.load_more())  # nothing is there yet
        await tab.visit("/messages", InboxState.load)
        state = await tab.state(InboxState)
        assert ([card.id for card in state._all()], state.has_more) == (others[:2], True)
        await say(*talks[0], "To the top")
        await tell(tab, first)
        for count, more in ((4, True), (5, False), (5, False)):
            await tab.do(InboxState.load_more())
            shown = [card.id for card in state._all()]
            assert (shown, state.has_more) == ([first, *others[:count]], more)


async def test_what_may_have_been_missed_is_read_again(db, connect):
    ada, talks = await make_list()
    async with Tab(app, ada) as tab:
        await connect(tab)
        await tab.visit("/messages", InboxState.load)
        state = await tab.state(InboxState)
        async with transaction(HUB) as tx:  # and nobody said so: another process died
            await tx.db.execute(
                text("DELETE FROM conversation_members WHERE conversation_id = :c"),
                {"c": talks[0][1]},
            )
        signals.missed()
        await tab.until(lambda: len(state._all()) == 2)


async def test_who_is_there_is_shown_in_the_list_and_who_went_is_not(db, connect):
    ada, talks = await make_list(2)
    person = talks[0][0].require_person()
    async with Tab(app, ada) as tab:
        await connect(tab)
        await tab.visit("/messages", InboxState.load)
        state = await tab.state(InboxState)
        assert state.here == {}
        presence.arrived(person, "theirs")
        await tab.until(lambda: state.here == {person: "online"})
        presence.left(person, "theirs")
        await tab.until(lambda: state.here == {})


async def test_only_what_has_files_is_in_the_list_of_files(db):
    ada, talks = await make_list(2)
    async with Tab(app, ada) as tab:
        await tab.visit("/messages", InboxState.load)
        await tab.do(InboxState.filter("files"))
        await say(*talks[0], "No file with it")
        assert (await tell(tab, talks[0][1]))._all() == []
        await tab.do(InboxState.filter("unread"))
        await tab.do(InboxState.choose(talks[0][1]))
        state = await tab.state(InboxState)
        assert (state.choosing, state.chosen.unread) == (True, 2)
        await tab.do(InboxState.close_menu(False))
        assert state.choosing is False


async def test_archiving_is_said_and_bringing_back_is_seen(db):
    ada, talks = await make_list(1)
    async with Tab(app, ada) as tab:
        await tab.visit("/messages", InboxState.load)
        for archived in (True, False):
            await tab.do(InboxState.archive(talks[0][1], archived))
        told = (await tab.state(Toasts)).items
        assert [one.text for one in told] == ["Archived. A new message brings it back."]
        assert [card.id for card in (await tell(tab, talks[0][1]))._all()] == [talks[0][1]]


async def test_opening_a_conversation_ends_its_mark(db):
    ada, talks = await make_list()
    chat = talks[0][1]
    async with Tab(app, ada) as tab:
        await tab.do(InboxState.mark_unread(chat, True))
        await tab.visit(f"/messages/{chat}", InboxState.load)
    async with transaction(ada) as tx:
        assert [card.marked for card in await queries.cards(tx, ada, [chat])] == [False]


async def test_the_row_menu_reads_and_unreads(db):
    ada, talks = await make_list()
    chat = talks[2][1]
    async with Tab(app, ada) as tab:
        await tab.visit("/messages", InboxState.load)
        await tab.do(InboxState.choose(chat))
        assert (await tab.state(InboxState)).chosen.unread == 1
        await tab.do(InboxState.mark_unread(chat, False))
        state = await tell(tab, chat)
        assert [card.unread for card in state._all()] == [0, 1, 1]


async def test_forged_numbers_change_nothing(db):
    ada, talks = await make_list()
    cleo = await make_user(name="Cleo Marsh")
    chat = talks[0][1]
    async with Tab(app, cleo) as tab:
        await tab.visit("/messages", InboxState.load)
        await tab.do(InboxState.choose(chat))
        assert (await tab.state(InboxState)).chosen.id == 0
        for event in (
            InboxState.pin(chat, True),
            InboxState.archive(chat, True),
            InboxState.mute(chat, "always"),
            InboxState.mark_unread(chat, True),
            StartState.pick(talks[0][0].person_id),
            StartState.create({"title": "Mine"}),
        ):
            await tab.do(event)
        assert (await tab.state(InboxState))._all() == []
        assert (await tab.state(StartState)).picked == []
    async with transaction(ada) as tx:
        (card,) = await queries.cards(tx, ada, [chat])
        assert (card.pinned, card.archived, card.muted, card.marked) == (False,) * 4


async def test_search_finds_people_and_words_and_forgets_them(db):
    ada, talks = await make_list()
    await say(*talks[1], "The sixth elephant")
    async with Tab(app, ada) as tab:
        await tab.do(FindState.find("client 2"))
        state = await tab.state(FindState)
        assert [card.id for card in state.cards] == [talks[2][1]]
        await tab.do(FindState.find("eleph"))
        state = await tab.state(FindState)
        assert ([card.id for card in state.cards], [hit.number for hit in state.hits]) == ([], [2])
        await tab.do(FindState.clear)
        assert (await tab.state(FindState)).hits == []


@pytest.mark.parametrize("at", ["2", "²", "-1", "x", "9" * 30])
async def test_an_address_with_a_message_jumps_there_or_stays(db, at):
    ada, talks = await make_list()
    chat = talks[0][1]
    async with Tab(app, ada) as tab:
        await tab.visit(f"/messages/{chat}?at={at}", FindState.arrive)
        assert tab.errors == []


async def test_a_block_can_be_lifted_in_the_settings(db):
    ada, ben, _ = await make_pair()
    async with transaction(ben) as tx:
        await moderation.block(tx, ben, ada.require_person())
    async with Tab(app, ben) as tab:
        await tab.visit("/settings", BlocksState.load)
        assert [one.name for one in (await tab.state(BlocksState)).people] == ["Ada Lind"]
        await tab.do(BlocksState.unblock(ada.person_id))
        await tab.visit("/settings", BlocksState.load)
        assert (await tab.state(BlocksState)).people == []


async def test_a_person_is_reported_and_blocked_wherever_they_appear(db):
    ada, ben, _ = await make_pair()
    cleo = await make_user(name="Cleo Marsh")
    for me, person, counted in ((ben, ada, 1), (ben, cleo, 1)):  # Cleo is nobody Ben can see
        async with Tab(app, me) as tab:
            await tab.do(ReportState.about_person(person.person_id))
            await tab.do(ReportState.send({"reason": "spam", "words": ""}))
            await tab.do(BlockState.ask(person.person_id, person.name))
            await tab.do(BlockState.block())
        async with transaction(Actor.system_job("moderation.test")) as tx:
            for table in ("reports", "blocks"):
                assert await tx.db.scalar(text(f"SELECT count(*) FROM {table}")) == counted
