"""What the hub hands a tab: only what it lacks, and only to a member."""

from sqlalchemy import text

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.chat.state import ChatState
from tests.factories.messaging import make_pair
from tests.ui.tab import Tab

HUB = Actor.system_job("messaging.hub")


async def write(who: Actor, conversation: int, number: int) -> None:
    async with transaction(who) as tx:
        await messaging.send(
            tx, who, conversation, client_id=f"message-{number:04}", body=f"Number {number}"
        )


async def changes(conversation: int) -> queries.Changes:
    async with transaction(HUB) as tx:
        return await queries.changes_after(tx, conversation, 0)


async def test_a_tab_takes_each_message_once_and_in_order(db):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    async with Tab(app, ben) as tab:
        await tab.visit(f"/messages/{conversation}", ChatState.open)
        state = await tab.state(ChatState)
        await write(ada, conversation, 2)
        for _ in range(2):
            await state._take(conversation, await changes(conversation))
        assert [view.number for view in state.recent] == [1, 2]


async def test_who_is_no_member_any_more_gets_nothing(db):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    async with Tab(app, ben) as tab:
        await tab.visit(f"/messages/{conversation}", ChatState.open)
        state = await tab.state(ChatState)
        async with transaction(Actor.system_job("messaging.test")) as tx:
            await tx.db.execute(
                text("DELETE FROM conversation_members WHERE user_id = :u"), {"u": ben.person_id}
            )
        await write(ada, conversation, 2)
        await state._take(conversation, await changes(conversation))
        assert [view.number for view in state.recent] == [1]


async def test_another_conversation_stays_out_of_the_thread(db):
    ada, ben, conversation = await make_pair()
    await write(ada, conversation, 1)
    async with Tab(app, ben) as tab:
        await tab.visit(f"/messages/{conversation + 1}", ChatState.open)
        state = await tab.state(ChatState)
        assert state.status == "missing"
        await state._take(conversation, await changes(conversation))
        assert state.recent == []
