"""What a coach is told of a dispute."""

import pytest
from sqlalchemy import text

from loom_app.domains.payments.events import DisputeClosed, DisputeOpened
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user

JOB = Actor.system_job("payments.test")
_CHARGE = text(
    "INSERT INTO charges (payable_kind, payable_id, payer_id, coach_id, amount, currency, fee_bps,"
    " fee_fixed, fee, description, return_path, cancel_path, expires_at, status) VALUES ('seat', 1,"
    " :payer, :coach, 12000, 'USD', 0, 0, 0, 'Focus session', '/', '/', now(), 'failed')"
    " RETURNING id"
)
_DISPUTE = text(
    "INSERT INTO disputes (charge_id, processor_id, amount, currency, reason, status, due_by)"
    " VALUES (:charge, 'du_1', 12000, 'USD', :reason, 'needs_response', :due) RETURNING id"
)


async def make_dispute(coach: Actor, payer: Actor, reason: str, due: bool = True) -> int:
    async with transaction(JOB) as tx:
        people = {"payer": payer.person_id, "coach": coach.person_id}
        charge = await tx.db.scalar(_CHARGE, people)
        values = {"charge": charge, "reason": reason, "due": tx.now if due else None}
        return await tx.db.scalar(_DISPUTE, values)


async def told(event) -> list[tuple[str, str]]:
    async with transaction(JOB) as tx:
        await tx.emit(event)
        await tx.emit(event)
    await outbox.drain()
    return [
        (mail.subject, mail.message.get_body(("plain",)).get_content())
        for mail in await mailbox.newest()
    ]


@pytest.mark.parametrize("due", [True, False])
async def test_the_coach_hears_of_it_once_with_the_deadline(db, due):
    ada, ben = await make_user(name="Ada", roles=["coach"]), await make_user(name="Ben")
    number = await make_dispute(ada, ben, "fraudulent", due)
    ((subject, body),) = await told(DisputeOpened(number, 1, ada.person_id))
    assert subject == "A payment of $120 is disputed"
    words = " ".join(body.split())
    assert "did not make this payment" in words
    assert ("You can say what happened until" in words) is due
    assert "/earnings/disputes" in body


@pytest.mark.parametrize(
    ("outcome", "words"), [("won", "is over: the payment stands"), ("lost", "is lost")]
)
async def test_and_how_it_ended(db, outcome, words):
    ada, ben = await make_user(name="Ada", roles=["coach"]), await make_user(name="Ben")
    number = await make_dispute(ada, ben, "general")
    ((subject, _),) = await told(DisputeClosed(number, 1, ada.person_id, outcome))
    assert words in subject
