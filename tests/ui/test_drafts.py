"""A draft on one device is the draft on all of them, and nobody else's."""

from loom_app.domains.messaging import actions as messaging
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.loom_app import app
from loom_app.ui.chat.draft_state import DraftState
from loom_app.ui.chat.state import ChatState
from tests.domains.messaging.test_schedule import do
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair, make_talk
from tests.ui.tab import Tab


async def opened(tab: Tab, chat: int) -> DraftState:
    await tab.visit(f"/messages/{chat}", ChatState.open, DraftState.load)
    return await tab.state(DraftState)


async def kept(me: Actor, chat: int) -> str:
    return (await do(messaging.draft, me, chat))[0]


async def test_what_another_device_wrote_is_there_and_follows(db, connect):
    _, ben, chat = await make_pair()
    await do(messaging.keep_draft, ben, chat, "Dear Ada")
    async with Tab(app, ben) as tab:
        await connect(tab)
        state = await opened(tab, chat)
        draft = state.draft
        assert (draft.conversation, draft.text, draft.told) == (chat, "Dear Ada", 1)
        await do(messaging.keep_draft, ben, chat, "Dear Ada, thank")
        await tab.until(lambda: (state.draft.text, state.draft.told) == ("Dear Ada, thank", 2))
        assert state.draft.at >= draft.at
        await do(messaging.keep_draft, ben, chat, "")  # sent, over there
        await tab.until(lambda: (state.draft.text, state.draft.told) == ("", 3))


async def test_the_same_words_again_are_not_told_again(db):
    _, ben, chat = await make_pair()
    await do(messaging.keep_draft, ben, chat, "Dear Ada")
    async with Tab(app, ben) as tab:
        state = await opened(tab, chat)
        first = state.draft
        await opened(tab, chat)  # as after a lost connection
        assert state.draft == first


async def test_a_conversation_without_a_draft_says_nothing_of_the_last_one(db, connect):
    ada, ben, chat = await make_pair()
    other = await make_talk(await make_user(name="Otto Olsen", roles={"coach"}), ben)
    async with Tab(app, ben) as tab:
        await connect(tab)
        state = await opened(tab, other)
        await do(messaging.keep_draft, ben, chat, "For Ada")  # elsewhere, in the other one
        await do(messaging.keep_draft, ben, other, "For Otto")
        await tab.until(lambda: state.draft.text == "For Otto")
        assert (state.draft.conversation, state.draft.told) == (other, 1)
    assert await kept(ada, chat) == ""


async def test_words_that_come_late_do_not_replace_what_was_written_after_them(db):
    _, ben, chat = await make_pair()
    now = round(clock.now().timestamp() * 1000)
    async with Tab(app, ben) as tab:
        await opened(tab, chat)
        await tab.do(DraftState.keep(chat, "", now - 1000))  # it was sent
        await tab.do(DraftState.keep(chat, "Dear Ada", now - 2000))
        assert await kept(ben, chat) == ""
        await tab.do(DraftState.keep(chat, "Dear", 2**60))  # a clock that is far ahead
        await tab.do(DraftState.keep(chat, "Dear Ada, then"))
        assert await kept(ben, chat) == "Dear Ada, then"


async def test_it_is_kept_for_its_writer_and_only_where_they_may_write(db):
    ada, ben, chat = await make_pair()
    cleo = await make_user(name="Cleo Marsh")
    async with Tab(app, ben) as tab:
        await opened(tab, chat)
        await tab.do(DraftState.keep(chat, "Dear Ada"))
        await tab.do(DraftState.keep(999_999, "Nobody"))
        await tab.do(DraftState.keep(chat, "x" * 20_001))  # more than any page may say
    assert (await kept(ben, chat), await kept(ada, chat)) == ("Dear Ada", "")
    async with Tab(app, cleo) as tab:
        state = await opened(tab, chat)
        await tab.do(DraftState.keep(chat, "Let me in"))
        assert state.draft.text == ""
    assert (await kept(ben, chat), await kept(cleo, chat)) == ("Dear Ada", "")
