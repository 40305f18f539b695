"""The inbox as a tab sees it: addresses that lead to a person, and forged numbers."""

import pytest
from sqlalchemy import text

from loom_app.domains.messaging import actions as messaging
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.chat.inbox_state import InboxState
from loom_app.ui.chat.start_state import StartState
from loom_app.ui.problems import Toasts
from tests.factories.accounts import make_user
from tests.factories.coaches import make_coach
from tests.factories.messaging import make_pair
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
    async with Tab(app, cleo) as tab:
        for other in (ben, cleo):
            await tab.do(StartState.start(other.person_id))
        assert tab.redirected_to() == ""
        told = (await tab.state(Toasts)).items
        assert [toast.kind for toast in told] == ["error", "error"]
    assert await conversations() == 0
