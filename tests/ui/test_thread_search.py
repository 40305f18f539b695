"""Searching the open conversation and going from hit to hit; from the list, to a hit anywhere."""

import pytest

from loom_app.domains.messaging import actions as messaging
from loom_app.kit.actor import Actor
from loom_app.loom_app import app
from loom_app.ui.chat.find_state import WORDS_MAX, FindState
from loom_app.ui.chat.search import SearchState
from loom_app.ui.chat.state import ChatState
from tests.domains.messaging.test_schedule import do
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair, make_talk
from tests.ui.tab import Tab


async def tell(me: Actor, chat: int, *words: str) -> None:
    for number, body in enumerate(words):
        await do(messaging.send, me, chat, messaging.Draft(f"cid-{chat}-{number:05}", body))


async def opened(tab: Tab, chat: int) -> SearchState:
    await tab.visit(f"/messages/{chat}", ChatState.open, SearchState.load)
    return await tab.state(SearchState)


async def test_hits_are_walked_round_and_round_and_the_thread_goes_along(db):
    ada, ben, chat = await make_pair()
    await tell(ada, chat, "An elephant", "A zebra", "Elephants", "Two zebras", "Elephantine")
    async with Tab(app, ben) as tab:
        state, thread = await opened(tab, chat), await tab.state(ChatState)
        await tab.do(SearchState.toggle)
        assert state.opened
        await tab.do(SearchState.find(" eleph "))
        assert (state.words, state.sought, state.numbers) == ("eleph", ["eleph"], [5, 3, 1])
        assert thread.page.at == 5
        for by, at in ((1, 3), (1, 1), (1, 5), (-1, 1), (-1, 3)):
            await tab.do(SearchState.step(by))
            assert thread.page.at == at


async def test_nothing_found_moves_nothing_and_no_words_end_the_search(db):
    ada, ben, chat = await make_pair()
    await tell(ada, chat, "An elephant")
    async with Tab(app, ben) as tab:
        state, thread = await opened(tab, chat), await tab.state(ChatState)
        await tab.do(SearchState.find("giraffe"))
        await tab.do(SearchState.step(1))
        assert (state.words, state.numbers, thread.page.turn) == ("giraffe", [], 0)
        await tab.do(SearchState.find("elephant"))
        assert state.numbers == [1]
        await tab.do(SearchState.find("   "))
        assert (state.words, state.numbers, state.sought) == ("", [], [])
        await tab.do(SearchState.find("elephant"))
        await tab.do(SearchState.toggle)
        await tab.do(SearchState.toggle)
        assert (state.opened, state.numbers) == (False, [])


async def test_another_conversation_begins_without_it_and_a_lost_connection_does_not(db):
    ada, ben, chat = await make_pair()
    other = await make_talk(await make_user(name="Otto Olsen", roles={"coach"}), ben)
    await tell(ada, chat, "An elephant")
    async with Tab(app, ben) as tab:
        state = await opened(tab, chat)
        await tab.do(SearchState.toggle)
        await tab.do(SearchState.find("elephant"))
        await opened(tab, chat)
        assert (state.opened, state.numbers) == (True, [1])
        await opened(tab, other)
        assert (state.opened, state.words, state.numbers) == (False, "", [])


async def test_the_words_of_others_are_not_found(db):
    ada, _, chat = await make_pair()
    await tell(ada, chat, "An elephant")
    async with Tab(app, await make_user(name="Cleo Marsh")) as tab:
        state, thread = await opened(tab, chat), await tab.state(ChatState)
        await tab.do(SearchState.find("elephant"))
        assert (state.numbers, thread.page.rows) == ([], [])
        await tab.do(FindState.find("elephant"))
        assert ((await tab.state(FindState)).hits) == []


@pytest.mark.parametrize("words", ["x" * 5000, "'; DROP TABLE messages --", "& | !", "%_\\", "🐘"])
async def test_whatever_is_typed_is_only_looked_for(db, words):
    ada, ben, chat = await make_pair()
    await tell(ada, chat, "An elephant")
    async with Tab(app, ben) as tab:
        state = await opened(tab, chat)
        for event in (SearchState.find(words), FindState.find(words)):
            await tab.do(event)
        assert (state.numbers, len(state.words) <= WORDS_MAX) == ([], True)
        assert (await tab.state(FindState)).hits == []
        await tab.do(SearchState.find("elephant"))
        assert state.numbers == [1]


async def test_a_hit_of_the_list_is_gone_to_here_or_by_its_address_once(db):
    ada, ben, chat = await make_pair()
    other = await make_talk(await make_user(name="Otto Olsen", roles={"coach"}), ben)
    await tell(ada, chat, *(f"Line {n}" for n in range(1, 6)))
    await tell(ben, other, *(f"Row {n}" for n in range(1, 4)))
    async with Tab(app, ben) as tab:
        await opened(tab, chat)
        thread = await tab.state(ChatState)
        await tab.do(FindState.go(chat, 2))
        assert thread.page.at == 2
        await tab.do(FindState.go(other, 3))  # the browser follows its address
        assert (thread.page.at, thread.page.turn) == (2, 1)
        for turn in (1, 1):
            await tab.visit(f"/messages/{other}?at=3", ChatState.open, FindState.arrive)
            assert (thread.page.conversation, thread.page.at, thread.page.turn) == (other, 3, turn)
        await tab.do(FindState.find(" "))
        found = await tab.state(FindState)
        assert (found.words, found.hits, found.cards) == ("", [], [])
