import uuid

import pytest
from sqlalchemy import text

from loom_app.domains.messaging import actions, queries
from loom_app.domains.messaging.errors import Blocked
from loom_app.domains.moderation import actions as moderation
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair


async def do(action, me: Actor, *values, **named):
    async with transaction(me) as tx:
        return await action(tx, me, *values, **named)


async def said(me: Actor, chat: int) -> list[str]:
    async with transaction(me) as tx:
        return [row.body for row in await queries.newest(tx, chat)]


async def test_a_suspicious_message_is_delivered_and_noted_once(db):
    ada, ben, chat = await make_pair()
    draft = actions.Draft(str(uuid.uuid4()), "double your money, see https://bit.ly/x")
    for _ in range(2):
        await actions.send_at_once(ben, chat, draft)
    assert await said(ada, chat) == [draft.body]
    async with transaction(Actor.system_job("moderation.test")) as tx:
        hits = (
            await tx.db.execute(
                text("SELECT sender_id, rule, status FROM filter_hits ORDER BY rule")
            )
        ).all()
    assert [tuple(hit) for hit in hits] == [
        (ben.person_id, "hidden_link", "open"),
        (ben.person_id, "lure", "open"),
    ]


async def test_an_edit_is_read_by_the_filter_too(db):
    _, ben, chat = await make_pair()
    row = (await actions.send_at_once(ben, chat, actions.Draft(str(uuid.uuid4()), "nice"))).row
    await do(actions.edit, ben, row.id, "you asshole")
    async with transaction(Actor.system_job("moderation.test")) as tx:
        assert await tx.db.scalar(text("SELECT message_id FROM filter_hits")) == row.id


async def test_a_report_of_a_message_holds_what_it_said_even_after_it_is_gone(db):
    ada, ben, chat = await make_pair()
    row = (await actions.send_at_once(ben, chat, actions.Draft(str(uuid.uuid4()), "rude"))).row
    await do(actions.delete, ben, row.id)
    await do(actions.report_message, ada, row.id, reason="harassment", words="")
    cleo = await make_user(name="Cleo Marsh")
    for other in (cleo, ben):
        with pytest.raises(NotFound):
            await do(actions.report_message, other, row.id, reason="spam")
    async with transaction(Actor.system_job("moderation.test")) as tx:
        reports = (
            await tx.db.execute(
                text("SELECT reporter_id, person_id, message_id, excerpt FROM reports")
            )
        ).all()
    assert [tuple(one) for one in reports] == [(ada.person_id, ben.person_id, row.id, "rude")]


async def test_blocked_people_neither_start_write_nor_meet_in_the_list_of_people(db):
    ada, ben, chat = await make_pair()
    await do(moderation.block, ben, ada.require_person())
    for me, other in ((ada, ben), (ben, ada)):
        with pytest.raises(Blocked):
            await do(actions.start, me, other.require_person())
        with pytest.raises(Blocked):
            await actions.send_at_once(me, chat, actions.Draft(str(uuid.uuid4()), "hello"))
        assert await do(queries.reachable, me) == []
