"""What moderators hide is gone for everybody, wherever its author is by then (COM-12)."""

import pytest
from sqlalchemy import text

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.moderation import working
from loom_app.domains.moderation.working import Case
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from tests.domains.moderation.test_work import RUDE, decide, staff
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair, make_talk


async def hides(ben: Actor, _chat: int, number: int) -> None:
    await decide(ben, messaging.hide, number)


async def leaves(ben: Actor, chat: int, _number: int) -> None:
    await decide(ben, messaging.leave_group, chat)


async def goes(ben: Actor, _chat: int, _number: int) -> None:
    async with transaction(Actor.system_job("messaging.test")) as tx:
        await tx.db.execute(
            text("UPDATE messages SET sender_id = NULL WHERE sender_id = :id"),
            {"id": ben.person_id},
        )


@pytest.mark.parametrize("away", [hides, leaves, goes])
async def test_a_hidden_message_is_gone_though_its_author_is_away(db, away):
    ada, ben, _ = await make_pair()
    cleo = await make_user(name="Cleo Marsh")
    await make_talk(ada, cleo)
    people = [ben.require_person(), cleo.require_person()]
    async with transaction(ada) as tx:
        chat = await messaging.create_group(tx, ada, "Thursdays", people)
    async with transaction(ben) as tx:
        draft = messaging.Draft("client-1", "I know where you live.")
        sent = await messaging.send(tx, ben, chat, draft)
    async with transaction(cleo) as tx:
        await messaging.report_message(tx, cleo, sent.id, reason="harassment", words="Please.")
    await away(ben, chat, sent.id)
    async with transaction(Actor.system_job("moderation.test")) as tx:
        case = Case("report", await tx.db.scalar(text("SELECT max(id) FROM reports")))
    await decide(await staff(), working.hide, case, RUDE)
    await outbox.drain()
    async with transaction(cleo) as tx:
        found = text("SELECT body, deleted_at IS NOT NULL FROM messages WHERE id = :id")
        assert tuple((await tx.db.execute(found, {"id": sent.id})).one()) == ("", True)
