"""What staff see of money, and what nobody else does."""

from loom_app.cli import staff as command
from loom_app.domains.accounts import queries as accounts
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.ledger.post import Leg, post
from loom_app.integrations.mail import mailbox
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.integrations.stripe.webhooks import Incoming
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from loom_app.loom_app import app
from loom_app.ui.problems import Toasts
from loom_app.ui.staff.money_state import MoneyDeskState
from tests.factories.accounts import make_user
from tests.integrations.stripe.fixtures import contract, sandbox
from tests.ui.tab import Tab

__all__ = ["contract", "sandbox"]
JOB = Actor.system_job("payments.test")


async def test_differences_are_mailed_once_and_stand_on_the_desk(db, sandbox, at):
    at("2026-11-21T12:00Z")
    sam = await make_user(name="Sam", roles=["staff"])
    legs = [Leg("stripe_platform", Money(500, "USD")), Leg("bank", Money(-500, "USD"))]
    async with transaction(JOB) as tx:
        await post(tx, "planted", "planted:1", legs)
    at("2026-11-21T14:00Z")
    for _ in range(2):
        await payments.reconcile()
        await outbox.drain()
    subjects = [one.message["Subject"] for one in await mailbox.newest()]
    assert subjects == ["2 differences in the books"]
    async with Tab(app, sam) as tab:
        await tab.visit("/staff/money", MoneyDeskState.load)
        state = await tab.state(MoneyDeskState)
        assert {line.title for line in state.findings} == {
            "The sums differ",
            "In the ledger, not at Stripe",
        }


async def test_an_event_that_went_wrong_is_handled_again(db, sandbox):
    sam = await make_user(name="Sam", roles=["staff"])
    # somebody else's, which Loom looks at and leaves alone
    made = await client.sdk().v1.payment_intents.create_async({"amount": 500, "currency": "usd"})
    event = Incoming("evt_1", "payment_intent.succeeded", "payment_intent", made.id, None, {})
    await payments.receive(event)
    await control.switch(outage={"mode": "500", "calls": 40})
    (job,) = [job for job in await outbox.claim(50) if job.name == "payments.process_event"]
    assert await outbox.run(job) is not None
    async with Tab(app, sam) as tab:
        await tab.visit("/staff/money", MoneyDeskState.load)
        state = await tab.state(MoneyDeskState)
        (line,) = state.events
        assert (line.title, line.status) == ("payment_intent.succeeded", "1 try")
        await tab.do(MoneyDeskState.handle_again(line.id))
        assert (await tab.state(Toasts)).items[-1].kind == "error"
        await control.switch(outage=None)
        await tab.do(MoneyDeskState.handle_again(line.id))
        assert state.events == []
        assert (await tab.state(Toasts)).items[-1].kind == "success"


async def test_nobody_else_is_let_in(db):
    ada = await make_user(name="Ada", roles=["coach"])
    async with Tab(app, ada) as tab:
        await tab.visit("/staff/money", MoneyDeskState.load)
        assert not (await tab.state(MoneyDeskState)).loaded
        await tab.do(MoneyDeskState.handle_again(1))
        assert not (await tab.state(MoneyDeskState)).loaded


async def test_somebody_becomes_staff_by_the_command_and_stops_being(db, capsys):
    ada = await make_user(name="Ada", roles=["coach"], email="ada@loom.test")
    assert await command.appoint("nobody@loom.test", staff=True) == 1
    assert await command.appoint("Ada@loom.test", staff=True) == 0

    async def may() -> list[int]:
        async with transaction(Actor.system_job("accounts.test")) as tx:
            return await accounts.staff_who_may(tx, "money.see")

    assert await may() == [ada.person_id]
    assert await command.appoint("ada@loom.test", staff=False) == 1
    ben = await make_user(name="Ben", email="ben@loom.test")
    assert await command.appoint("ben@loom.test", role="Nothing", staff=True) == 1
    assert await command.appoint("ben@loom.test", role="support", staff=True) == 0
    assert await may() == [ada.person_id, ben.person_id]
    assert await command.appoint("ben@loom.test", staff=False) == 0
    assert await may() == [ada.person_id]
    said = capsys.readouterr().out
    assert "ben@loom.test is not staff any more" in said
    assert "There must be an owner" in said
