"""Disputes from the letter to the bank's last word, and what they do to the balance."""

from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.integrations.stripe.sandbox import control
from loom_app.integrations.stripe.sandbox.errors import ApiError
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.integrations.stripe import world


async def disputed(card: str = "pm_card_bypassPending", **how: Any) -> client.Dispute:
    intent = await world.charge(10000, card=card)
    await control.act("open_dispute", id=intent.latest_charge, **how)
    (found,) = await world.everything(client.disputes(intent_id=intent.id))
    return found


async def bank_decides() -> None:
    for job in await outbox.claim(100):
        if job.name.startswith("stripe_sandbox.") and job.name.endswith("_dispute"):
            assert await outbox.run(job) is None


async def test_the_test_card_is_disputed_by_itself(sandbox):
    intent = await world.charge(10000, card="pm_card_createDispute")
    assert await world.everything(client.disputes()) == []
    await bank_decides()
    (found,) = await world.everything(client.disputes(intent_id=intent.id))
    assert (found.status, found.reason) == ("needs_response", "fraudulent")
    assert (await client.payment(intent.id)).disputed


async def test_it_takes_the_amount_and_a_fee_and_gives_back_the_amount(sandbox, at):
    at("2026-11-21T12:00Z")
    found = await disputed(reason="product_not_received")
    assert (found.amount, found.fee, found.taken) == (
        Money(10000, "USD"),
        Money(1500, "USD"),
        Money(11500, "USD"),
    )
    assert found.due_by == datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    assert (found.past_due, found.has_evidence, found.submissions) == (False, False, 0)
    assert (await client.balance()).of("USD") == Money(-320 - 1500, "USD")
    (move, _) = await world.everything(client.balance_transactions())
    assert (move.kind, move.category, move.source_id) == ("adjustment", "dispute", found.id)
    draft = await client.update_dispute(
        found.id, key="loom:evidence:1", evidence={"service_date": "2026-11-20"}
    )
    assert (draft.status, draft.has_evidence) == ("needs_response", True)
    assert draft.evidence == {"service_date": "2026-11-20"}
    sent = await client.update_dispute(
        found.id,
        key="loom:evidence:2",
        evidence={"uncategorized_text": "winning_evidence"},
        submit=True,
    )
    assert (sent.status, sent.submissions) == ("under_review", 1)
    with pytest.raises(PaymentRefused):
        await client.update_dispute(found.id, key="loom:evidence:3", evidence={"receipt": "x"})
    await bank_decides()
    won = await client.dispute(found.id)
    assert (won.status, won.taken) == ("won", Money(1500, "USD"))
    assert (await client.balance()).of("USD") == Money(10000 - 320 - 1500, "USD")
    kinds = [m.category for m in await world.everything(client.balance_transactions())]
    assert kinds == ["dispute_reversal", "dispute", "charge"]
    v1 = client.sdk().v1
    assert (await v1.refunds.create_async({"charge": found.charge_id})).status == "succeeded"


async def test_losing_words_lose(sandbox):
    found = await disputed()
    await client.update_dispute(
        found.id,
        key="loom:evidence:1",
        evidence={"uncategorized_text": "losing_evidence"},
        submit=True,
    )
    await bank_decides()
    lost = await client.dispute(found.id)
    assert (lost.status, lost.taken) == ("lost", Money(11500, "USD"))
    with pytest.raises(PaymentRefused):
        await client.close_dispute(found.id, key="loom:close:1")


async def test_it_can_be_accepted(sandbox):
    found = await disputed(amount=2500)
    assert found.amount == Money(2500, "USD")
    assert (await client.close_dispute(found.id, key="loom:close:1")).status == "lost"
    await control.act("decide_dispute", id=found.id, won=True)  # too late
    assert (await client.dispute(found.id)).status == "lost"


async def test_silence_loses_when_the_time_is_over(sandbox, at):
    at("2026-11-21T12:00Z")
    found = await disputed()
    at("2026-12-01T00:00Z")
    late = await client.dispute(found.id)
    assert (late.status, late.past_due) == ("lost", True)
    with pytest.raises(PaymentRefused):
        await client.update_dispute(found.id, key="loom:e:1", evidence={"service_date": "x"})


async def test_the_bank_may_decide_on_the_control_page_or_never(sandbox, at):
    at("2026-11-21T12:00Z")
    first, second = await disputed(), await disputed()
    for found in (first, second):
        await client.update_dispute(
            found.id, key=f"loom:e:{found.id}", evidence={"service_date": "x"}, submit=True
        )
    await control.act("decide_dispute", id=first.id, won=True)
    assert (await client.dispute(first.id)).status == "won"
    at("2027-02-01T12:00Z")
    assert (await client.dispute(second.id)).status == "lost"


async def test_a_disputed_charge_is_not_refunded_and_not_disputed_twice(sandbox):
    found = await disputed()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await client.sdk().v1.refunds.create_async({"charge": found.charge_id})
    assert caught.value.code == "charge_disputed"
    for wrong in (found.charge_id, "ch_none"):
        with pytest.raises(ApiError):
            await control.act("open_dispute", id=wrong)
    since = await world.everything(client.disputes(since=found.opened_at))
    assert [d.id for d in since] == [found.id]


async def test_evidence_has_bounds_and_files_are_not_played(sandbox):
    found = await disputed()
    for evidence in ({"receipt": "file_1"}, {"uncategorized_text": "x" * 150_001}):
        with pytest.raises(PaymentRefused):
            await client.update_dispute(found.id, key="loom:e:1", evidence=evidence)
    kept = await client.update_dispute(found.id, key="loom:e:2", evidence={"customer_name": "Ben"})
    assert kept.evidence == {"customer_name": "Ben"}
    gone = await client.update_dispute(found.id, key="loom:e:3", evidence={"customer_name": ""})
    assert (gone.evidence, gone.has_evidence) == ({}, False)


@pytest.mark.parametrize(("currency", "fee"), [("jpy", 1500), ("kwd", 15000)])
async def test_the_fee_is_in_the_charges_currency(sandbox, currency, fee):
    intent = await world.charge(20000, currency)
    await control.act("open_dispute", id=intent.latest_charge)
    (found,) = await world.everything(client.disputes())
    assert found.fee == Money(fee, currency.upper())


async def test_a_refund_that_fails_later_brings_the_money_back(sandbox):
    intent = await world.charge(10000)
    made: Any = await client.make_refund(
        refund_id=1, intent_id=intent.id, amount=Money(4000, "USD"), reason="test"
    )
    before = (await client.balance()).of("USD")
    await control.act("fail_refund", id=made.id)
    failed = await client.refund(made.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert (await client.balance()).of("USD") == before + Money(4000, "USD")
    note: Any = {"metadata": {"a": "b"}}
    noted: Any = await client.sdk().v1.refunds.update_async(made.id, note)
    assert (noted.metadata.a, noted.metadata.loom_refund) == ("b", "1")
