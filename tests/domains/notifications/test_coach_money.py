import pytest
from sqlalchemy import text

from loom_app.domains.payments.events import (
    CoachAccountChanged,
    PayoutFailed,
    PayoutPaid,
    PayoutWaits,
)
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.factories.accounts import make_user

JOB = Actor.system_job("payments.test")


async def make_payout(coach: Actor, **more: object) -> int:
    async with transaction(JOB) as tx:
        values = {"coach": coach.person_id, "transfer": None, "code": None} | more
        return await tx.db.scalar(
            text(
                "INSERT INTO payouts (coach_id, amount, currency, asked_by, status, transfer_id,"
                " failure_code) VALUES (:coach, 8500, 'USD', 'coach', 'failed', :transfer, :code)"
                " RETURNING id"
            ),
            values,
        )


async def told(event) -> list[tuple[str, str]]:
    async with transaction(JOB) as tx:
        await tx.emit(event)
    await outbox.drain()
    return [
        (mail.subject, mail.message.get_body(("plain",)).get_content())
        for mail in await mailbox.newest()
    ]


async def test_a_payout_that_arrived_is_told_once(db):
    ada = await make_user(name="Ada", roles=["coach"])
    number = await make_payout(ada, transfer="tr_1")
    await told(PayoutPaid(number, ada.person_id))
    subjects = [subject for subject, _ in await told(PayoutPaid(number, ada.person_id))]
    assert subjects == [f"{Money(8500, 'USD').format()} is in your bank account"]


@pytest.mark.parametrize(
    ("transfer", "safe"), [("tr_1", "safe in your account at Stripe"), (None, "Nothing was moved")]
)
async def test_a_failure_says_why_and_where_the_money_is(db, transfer, safe):
    ada = await make_user(name="Ada", roles=["coach"])
    number = await make_payout(ada, transfer=transfer, code="account_closed")
    ((_, body),) = await told(PayoutFailed(number, ada.person_id))
    words = " ".join(body.split())
    assert "bank account has been closed" in words
    assert safe in words


@pytest.mark.parametrize(
    ("status", "mails"), [("active", 1), ("restricted", 1), ("closed", 1), ("pending", 0)]
)
async def test_what_decides_about_selling_is_told(db, status, mails):
    ada = await make_user(name="Ada", roles=["coach"])
    assert len(await told(CoachAccountChanged(ada.person_id, status))) == mails


async def test_a_payout_that_waits_is_told_to_staff_once_and_to_nobody_else(db):
    ada = await make_user(name="Ada", roles=["coach"])
    await make_user(name="Eve", roles=["staff"])
    number = await make_payout(ada)
    await told(PayoutWaits(number, ada.person_id))
    ((subject, body),) = await told(PayoutWaits(number, ada.person_id))
    assert subject == "A payout of $85 waits for money at Stripe"
    assert "LOOM_SETTLED_CURRENCIES" in body
    (mail,) = await mailbox.newest()
    assert "eve" in str(mail.message["To"])
