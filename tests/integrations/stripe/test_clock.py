"""The sandbox's clock, and the page that moves it and plays the outside world."""

from typing import Any

import pytest

from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.integrations.stripe import world
from tests.integrations.stripe.test_cards import order

PANEL = "/sandbox/stripe/panel"
DAY = 24 * 3600


async def press(sandbox: Any, **fields: str) -> Any:
    return await sandbox.browser.post(PANEL, data=fields)


async def test_time_passes_for_everything_that_waits(sandbox):
    coach = await world.coach(sandbox)
    await world.charge(10000, card="pm_card_visa")
    await world.charge(20000)
    await world.sent(coach, 9000)
    payout = await client.payout(
        key="loom:p:1", payout_id=1, amount=Money(9000, "USD"), account_id=coach
    )
    page = await client.open_checkout(order(None))
    assert (await client.balance()).pending["USD"] == Money(9680, "USD")
    await control.advance(3 * DAY)
    there = await client.balance()
    assert (there.pending["USD"], there.of("USD")) == (Money(0, "USD"), Money(20070, "USD"))
    assert (await client.read_payout(payout.id, account_id=coach)).status == "paid"
    assert (await client.checkout(page.id)).status == "expired"
    events = await client.sdk().v1.events.list_async({"type": "balance.available"})
    assert len(events.data) == 1


async def test_on_a_clock_that_is_ahead_pages_live_as_long_as_was_asked(sandbox):
    await control.advance(30 * DAY)
    made = await client.open_checkout(order(None))
    assert (await sandbox.open(made.url)).status_code == 200
    await control.advance(3600)
    assert (await client.checkout(made.id)).status == "expired"


async def test_the_clock_goes_ahead_only_and_can_be_set_right(sandbox):
    for wrong in (-1, 500 * DAY):
        with pytest.raises(ValueError, match="ahead only"):
            await control.advance(wrong)
    assert await control.advance(DAY) == DAY
    assert await control.advance(0) == 0


async def test_what_nobody_asks_about_is_done_by_a_job(sandbox, at):
    at("2026-11-21T12:00Z")
    await world.charge(10000, card="pm_card_visa")
    at("2026-11-23T00:00Z")
    ticks = [job for job in await outbox.claim(100) if job.name == "stripe_sandbox.tick"]
    assert ticks
    for job in ticks:
        assert await outbox.run(job) is None
    told = [job.name for job in await outbox.claim(100)]
    assert "stripe_sandbox.deliver" in told  # balance.available


async def test_the_page_shows_all_and_plays_everybody(sandbox):
    empty = await sandbox.open(PANEL)
    assert "Nobody has paid yet" in empty.text
    assert "<script" not in empty.text
    coach = await world.coach(sandbox)
    intent = await world.charge(20000)
    await world.sent(coach, 5000)
    payouts = [
        await client.payout(
            key=f"loom:p:{n}", payout_id=n, amount=Money(1000, "USD"), account_id=coach
        )
        for n in (1, 2)
    ]
    other = await world.charge(7000)
    refund = await client.make_refund(
        refund_id=1, intent_id=other.id, amount=Money(700, "USD"), reason="x"
    )
    await press(sandbox, do="open_dispute", id=intent.latest_charge, reason="duplicate")
    (dispute,) = await world.everything(client.disputes())
    assert dispute.reason == "duplicate"
    shown = (await sandbox.open(PANEL)).text
    for words in (
        "$200",
        "$10",
        "duplicate",
        "Maya Lindqvist",
        "Send again",
        "v1.transfer.created",
    ):
        assert words in shown
    await press(sandbox, do="decide_dispute", id=dispute.id, won="false")
    assert (await client.dispute(dispute.id)).status == "lost"
    await press(sandbox, do="fail_refund", id=refund.id)
    assert (await client.refund(refund.id)).status == "failed"
    await press(sandbox, do="move_payout", id=payouts[0].id)
    await press(sandbox, do="move_payout", id=payouts[1].id, to="failed", code="account_closed")
    states = [p.status for p in await world.everything(client.payouts(account_id=coach))]
    assert states == ["failed", "in_transit"]
    await press(sandbox, do="judge_account", id=coach, verdict="rejected")
    assert (await client.account(coach)).transfers == "rejected"
    moved = await press(sandbox, do="advance", seconds="3600")
    assert moved.status_code == 303
    await press(sandbox, do="switches", drop="on", delay_seconds="4", mode="500", calls="0")
    key = {"Authorization": "Bearer sk_test_x"}
    flags = (await sandbox.browser.get("/sandbox/stripe/control", headers=key)).json()
    assert flags == {"drop": True, "delay_seconds": 4, "ahead_seconds": 3600.0}


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "nothing"},
        {"do": "open_dispute", "id": "ch_none"},
        {"do": "open_dispute"},
        {"do": "move_payout", "id": "po_none"},
        {"do": "judge_account", "id": "acct_none"},
        {"do": "redeliver", "id": "evt_none"},
        {"do": "advance", "seconds": "nan"},
        {"do": "advance", "seconds": "soon"},
        {"do": "switches", "mode": "fire", "calls": "1"},
        {"do": "switches", "calls": "many"},
        {"do": "redeliver", "action": "x", "id": "<script>"},
    ],
)
async def test_a_wrong_button_is_answered_in_words(sandbox, fields):
    answer = await press(sandbox, **fields)
    assert answer.status_code == 422
    assert "<script" not in answer.text


async def test_the_control_address_moves_and_plays_too(sandbox):
    url, key = "/sandbox/stripe/control", {"Authorization": "Bearer sk_test_sandbox"}
    intent = await world.charge(5000)

    async def say(**values: Any) -> Any:
        return await sandbox.browser.post(url, json=values, headers=key)

    assert (await say(advance_seconds=60)).json() == {"ahead_seconds": 60.0}
    assert (await say(act="open_dispute", id=intent.latest_charge)).status_code == 200
    assert (await say(act="open_dispute", id="ch_none")).status_code == 404
    assert (await say(act="open_dispute")).status_code == 400
    assert (await say(advance_seconds="soon")).status_code == 400
