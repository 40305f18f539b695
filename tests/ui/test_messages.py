"""The inbox as a tab sees it: addresses that lead to a person, and forged numbers."""

import pytest
from sqlalchemy import text

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.chat.inbox_state import InboxState
from loom_app.ui.chat.start_state import StartState
from loom_app.ui.problems import Toasts
from tests.factories.accounts import make_user
from tests.factories.coaches import make_coach
from tests.factories.messaging import make_pair, make_talk
from tests.ui.tab import Tab

CID = "00000000-0000-4000-8000-000000000000"


async def conversations() -> int:
    async with transaction(Actor.system_job("messaging.test")) as tx:
        return int(await tx.db.scalar(text("SELECT count(*) FROM conversations")) or 0)


async def test_writing_to_a_coach_opens_the_one_conversation_with_them(db):
    ada, _ = await make_coach()
    ben = await make_user()
    async with Tab(app, ben) as tab:
        for _ in range(2):
            await tab.visit(f"/messages?to={ada.person_id}", InboxState.load)
        async with transaction(ben) as tx:
            known = await messaging.start(tx, ben, ada.person_id or 0)
        assert tab.redirected_to() == f"/messages/{known}"
    assert await conversations() == 1


@pytest.mark.parametrize("to", ["999999", "0", "-1", "²", "1e3", "", "9" * 30, "<script>"])
async def test_an_address_to_nobody_shows_the_list_and_starts_nothing(db, to):
    _, ben, conversation = await make_pair()
    async with transaction(ben) as tx:
        await messaging.send(tx, ben, conversation, messaging.Draft(CID, "Hello"))
    async with Tab(app, ben) as tab:
        await tab.visit(f"/messages?to={to}", InboxState.load)
        state = await tab.state(InboxState)
        assert (state.loaded, [card.name for card in state.cards]) == (True, ["Ada Lind"])
        assert tab.redirected_to() == ""
    assert await conversations() == 1


async def test_nobody_writes_to_a_stranger_or_to_themselves(db):
    ben, cleo = await make_user(), await make_user(name="Cleo Marchetti")
    for other in (ben, cleo):
        async with Tab(app, cleo) as tab:
            await tab.do(StartState.start(other.person_id))
            assert tab.redirected_to() == ""
            assert [toast.kind for toast in (await tab.state(Toasts)).items] == ["error"]
    assert await conversations() == 0


async def test_a_coach_picks_clients_for_a_group_and_lands_in_it(db):
    ada, ben, chat = await make_pair()
    cleo = await make_user(name="Cleo Marchetti")
    await make_talk(ada, cleo)
    async with Tab(app, ada) as tab:
        await tab.do(StartState.open(True))
        state = await tab.state(StartState)
        assert ([one.name for one in state.people], state.clients) == (
            ["Ben Okafor", "Cleo Marchetti"],
            True,
        )
        await tab.do(StartState.gather(True))
        for person in (ben, cleo, cleo, cleo):  # in, out, in again
            await tab.do(StartState.pick(person.person_id))
        await tab.do(StartState.pick(999_999))
        assert state.picked == [ben.person_id, cleo.person_id]
        await tab.do(StartState.create({"title": " "}))
        assert (list(state.errors), state.opened) == (["title"], True)
        await tab.do(StartState.create({"title": "Sunday circle"}))
        assert (state.errors, state.opened) == ({}, False)
        group = int(tab.redirected_to().removeprefix("/messages/"))
    async with transaction(cleo) as tx:
        (card,) = await queries.cards(tx, cleo, [group])
    assert (card.kind, card.name, group != chat) == ("group", "Sunday circle", True)


async def test_a_client_is_offered_no_group_and_a_closed_dialog_forgets(db):
    ada, ben, chat = await make_pair()
    async with Tab(app, ben) as tab:
        await tab.do(StartState.open(True))
        state = await tab.state(StartState)
        assert ([one.name for one in state.people], state.clients) == (["Ada Lind"], False)
        await tab.do(StartState.gather(True))
        await tab.do(StartState.pick(ada.person_id))
        await tab.do(StartState.create({"title": "Mine"}))
        assert tab.redirected_to() == ""
        await tab.do(StartState.open(False))
        assert (state.opened, state.grouping, state.picked) == (False, False, [])
        await tab.do(StartState.start(ada.person_id))
        assert tab.redirected_to() == f"/messages/{chat}"
    assert await conversations() == 1
