"""The page of disputes as a coach's tab sees it, with the sandbox behind it."""

from loom_app.domains.payments import actions
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.loom_app import app
from loom_app.ui.earnings.disputes_state import DisputesState
from tests.domains.payments.conftest import ada, ben, heard, payments
from tests.domains.payments.helpers import Payments
from tests.domains.payments.test_disputes import opened
from tests.integrations.stripe.fixtures import contract, sandbox
from tests.ui.tab import Tab

__all__ = ["ada", "ben", "contract", "heard", "payments", "sandbox"]


async def test_a_coach_reads_why_writes_once_and_sees_how_it_ended(payments: Payments):
    charge_id = await payments.pay()
    dispute_id = await opened(payments, charge_id, reason="product_not_received")
    async with Tab(app, payments.ada) as tab:
        await tab.visit("/earnings/disputes", DisputesState.load)
        assert (await tab.state(DisputesState)).rows == []
        await actions.sync_dispute(dispute_id)
        await tab.visit("/earnings/disputes", DisputesState.load)
        (row,) = (await tab.state(DisputesState)).rows
        assert (row.amount, row.status, row.tone) == ("$120", "Answer needed", "warn")
        assert row.when.startswith("Answer by")
        await tab.do(DisputesState.answer(row.id))
        await tab.do(DisputesState.send({"evidence": " "}))
        assert "evidence" in (await tab.state(DisputesState)).errors
        await tab.do(DisputesState.keep("We met."))
        await tab.do(DisputesState.later())
        (row,) = (await tab.state(DisputesState)).rows
        await tab.do(DisputesState.answer(row.id))
        await tab.reconnect(DisputesState.load)
        assert (await tab.state(DisputesState)).answering == row.id
        await tab.do(DisputesState.send({"evidence": "We met on Friday."}))
        state = await tab.state(DisputesState)
        assert (state.answering, state.rows[0].status) == (0, "With the bank")
        assert state.rows[0].evidence == "We met on Friday."
        told = (await client.dispute(dispute_id)).evidence
        assert told["product_description"] == "Focus session with Ada"
        await control.act("decide_dispute", id=dispute_id, won=True)
        await actions.sync_dispute(dispute_id)
        await tab.visit("/earnings/disputes", DisputesState.load)
        (row,) = (await tab.state(DisputesState)).rows
        assert (row.status, row.tone) == ("Won", "good")


async def test_nobody_answers_for_another_coach(payments: Payments, db: str):
    charge_id = await payments.pay()
    await actions.sync_dispute(await opened(payments, charge_id))
    async with Tab(app, payments.ben) as tab:
        await tab.visit("/earnings/disputes", DisputesState.load)
        await tab.do(DisputesState.answer(1))
        await tab.do(DisputesState.send({"evidence": "I am Ada"}))
        assert (await tab.state(DisputesState)).rows == []
