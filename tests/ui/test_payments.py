"""The pages of a client's money as tabs see them, and the three ways to pay in booking."""

import pytest
from sqlalchemy import text

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions.methods import ensure_customer
from loom_app.domains.scheduling import queries
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.settings import settings
from loom_app.loom_app import app
from loom_app.ui.booking.outcome import OutcomeState
from loom_app.ui.booking.paying import ReviewState
from loom_app.ui.booking.state import BookingState
from loom_app.ui.booking.times import TimesState
from loom_app.ui.booking.ways import WaysState
from loom_app.ui.payments.billing import BillingState, rate_of
from loom_app.ui.payments.history_state import HistoryState
from loom_app.ui.payments.methods_state import MethodsState
from loom_app.ui.payments.payment_state import PaymentState
from loom_app.ui.payments.requests_state import RequestsState, amount_of
from loom_app.ui.problems import Toasts
from tests.domains.payments.helpers import rows
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_open_coach, slot
from tests.integrations.stripe.fixtures import Sandbox, contract, sandbox
from tests.ui.tab import Tab
from tests.ui.test_booking import STEPS

__all__ = ["contract", "sandbox"]

NOW = "2026-11-21T12:00Z"


async def save_card(me: Actor, card: str = "pm_card_visa") -> None:
    customer = await ensure_customer(me)
    await client.attach_card(card, customer, key=f"loom:attach:{card}")
    await payments.sync_methods(me.require_person())


async def give(me: Actor, minor: int) -> None:
    async with transaction(Actor.system_job("payments.test")) as tx:
        await payments.reward(
            tx, me.require_person(), Money(minor, "EUR"), source="test", source_id=minor
        )


async def at_review(tab: Tab, coach: Actor, offering_id: int, days: int = 3) -> None:
    """A time kept, and the review open."""
    async with transaction(coach) as tx:
        slug = await coaches.slug_of_coach(tx, coach.require_person())
    base = f"/book/{slug}"
    await tab.visit(f"{base}/time?offering={offering_id}", *STEPS)
    await tab.do(TimesState.choose(slot(days=days).isoformat()))
    await tab.visit(f"{base}/review?offering={offering_id}", *STEPS)


async def outcome(tab: Tab) -> str:
    await tab.visit(tab.redirected_to(), BookingState.open, OutcomeState.open)
    return (await tab.state(OutcomeState)).phase


async def test_the_saved_card_pays_with_one_click(sandbox: Sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    await save_card(ben)
    async with Tab(app, ben) as tab:
        await at_review(tab, ada, offering_id)
        ways = await tab.state(WaysState)
        assert ways.label == "Pay €120 with Visa ···· 4242"
        await tab.do(WaysState.choose("page"))
        assert (await tab.state(WaysState)).label == "Pay €120 and book"
        await tab.do(WaysState.choose("999"))  # nobody's
        await tab.do(WaysState.choose(ways.cards[0][0]))
        await tab.do(ReviewState.pay)
        assert await outcome(tab) == "confirmed"


@pytest.mark.parametrize(
    ("number", "phase", "mail"),
    [
        ("AT611904300234573201", "confirmed", "session.booked"),
        ("AT861904300235473202", "lost", "session.unpaid"),
    ],
)
async def test_a_bank_debit_keeps_the_time_until_the_bank_has_answered(
    sandbox: Sandbox, at, monkeypatch, number, phase, mail
):
    at(NOW)
    monkeypatch.setattr(settings(), "payment_methods", "card,sepa_debit")
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    async with Tab(app, ben) as tab:
        await at_review(tab, ada, offering_id, days=24)
        await tab.do(ReviewState.pay)
        [charge] = await rows("SELECT * FROM charges")
        assert charge["methods"] == "card,sepa_debit"
        await sandbox.pay(charge["checkout_url"], number, kind="sepa_debit")
        await tab.visit(charge["return_path"], BookingState.open, OutcomeState.open)
        state = await tab.state(OutcomeState)
        assert (state.phase, state.coach_name) == ("waiting", "Ada Lindqvist")
        [seat] = await rows("SELECT * FROM seats")
        assert (seat["status"], seat["hold_expires_at"]) == ("held", seat["starts_at"])
        # another time may be held meanwhile, and neither is lost
        await tab.visit(f"{tab.path.rpartition('/')[0]}/time?offering={offering_id}", *STEPS)
        await tab.do(TimesState.choose(slot(days=3).isoformat()))
        assert len(await rows("SELECT * FROM seats WHERE status = 'held'")) == 2
        await control.advance(7 * 24 * 3600)
        await outbox.drain(500)
        await tab.visit(charge["return_path"], BookingState.open, OutcomeState.open)
        assert (await tab.state(OutcomeState)).phase == phase
        mails = await told(ben)
        assert mails.count("session.awaited") == 1
        assert mails.count(mail) == 1
        async with transaction(ben) as tx:
            draft = await queries.draft(tx, ben)
        assert draft is not None
        assert draft.starts_at == slot(days=3)  # the other one is not forgotten
        await control.advance(0)


async def told(me: Actor) -> list[str]:
    """The mails that a person got, by what they are about."""
    async with transaction(Actor.system_job("notifications.test")) as tx:
        found = await tx.db.scalars(
            text(
                "SELECT event FROM deliveries WHERE user_id = :me AND status = 'sent'"
                " AND channel = 'mail' ORDER BY id"
            ),
            {"me": me.person_id},
        )
        return list(found)


async def test_what_starts_soon_is_paid_at_once_and_a_bank_is_not_offered(
    sandbox: Sandbox, at, monkeypatch
):
    at(NOW)
    monkeypatch.setattr(settings(), "payment_methods", "card,sepa_debit")
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    await save_card(ben, "pm_sepaDebit_success")
    async with Tab(app, ben) as tab:
        await at_review(tab, ada, offering_id)
        assert (await tab.state(WaysState)).cards == []
        await at_review(tab, ada, offering_id, days=24)
        ways = await tab.state(WaysState)
        assert [card[1:] for card in ways.cards] == [["SEPA account ···· 3201", "up to 20 days"]]
        assert ways.label == "Pay €120 with SEPA account ···· 3201"
        await tab.do(ReviewState.pay)
        assert await outcome(tab) == "waiting"
        await tab.visit("/payments/methods", MethodsState.load)
        [row] = (await tab.state(MethodsState)).cards
        assert (row.kind, row.expires) == ("sepa_debit", "A payment takes up to 20 days")


async def test_a_decline_is_said_and_the_time_stays(sandbox: Sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    await save_card(ben, "pm_card_chargeCustomerFail")
    async with Tab(app, ben) as tab:
        await at_review(tab, ada, offering_id)
        await tab.do(ReviewState.pay)
        [toast] = (await tab.state(Toasts)).items
        assert toast.text == "Your bank declined the card. Try another card."
        assert not (await tab.state(ReviewState)).paying
        assert (await rows("SELECT status FROM seats"))[0]["status"] == "held"
        await tab.do(WaysState.choose("page"))
        await tab.do(WaysState.keep(True))
        await tab.do(ReviewState.pay)
        [charge] = await rows("SELECT * FROM charges WHERE status = 'pending'")
        assert charge["save_card"]
        await sandbox.pay(charge["checkout_url"])
        tab.path = charge["return_path"]
        await tab.visit(charge["return_path"], BookingState.open, OutcomeState.open)
        assert (await tab.state(OutcomeState)).phase == "confirmed"
        await outbox.drain()
        await tab.visit("/payments/methods", MethodsState.load)
        assert len((await tab.state(MethodsState)).cards) == 2


async def test_a_bank_that_wants_the_owner_leads_to_the_page(sandbox: Sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    await save_card(ben, "pm_card_authenticationRequired")
    async with Tab(app, ben) as tab:
        await at_review(tab, ada, offering_id)
        await tab.do(ReviewState.pay)
        assert [row["status"] for row in await rows("SELECT status FROM charges ORDER BY id")] == [
            "failed", "pending",
        ]  # fmt: skip


async def test_credit_pays_a_part_or_all(sandbox: Sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    await give(ben, 2000)
    async with Tab(app, ben) as tab:
        await at_review(tab, ada, offering_id)
        ways = await tab.state(WaysState)
        assert (ways.credit, ways.label) == ("€20", "Pay €100 and book")
        await tab.do(WaysState.spend(False))
        assert (await tab.state(WaysState)).label == "Pay €120 and book"
        await give(ben, 30000)
        await tab.do(WaysState.spend(True))
        await tab.do(ReviewState.open())
        ways = await tab.state(WaysState)
        assert (ways.all_credit, ways.label) == (True, "Pay €120 with credit")
        await tab.do(ReviewState.pay)
        assert await outcome(tab) == "confirmed"


async def test_cards_are_added_offered_first_and_removed(sandbox: Sandbox):
    ben = await make_user()
    async with Tab(app, ben) as tab:
        await tab.visit("/payments/methods", MethodsState.load)
        assert (await tab.state(MethodsState)).cards == []
        await tab.do(MethodsState.add)
        page = (await client.sdk().v1.checkout.sessions.list_async()).data[0]
        await sandbox.pay(page.url)
        await tab.visit("/payments/methods?back=1", MethodsState.load)
        [card] = (await tab.state(MethodsState)).cards
        assert (card.words, card.default) == ("Visa ···· 4242", True)
        await save_card(ben, "pm_card_mastercard")
        state = await tab.state(MethodsState)
        await state._changed(Signal(f"person:{ben.person_id}:payments"))
        second = state.cards[1]
        await tab.do(MethodsState.make_default(second.id))
        assert (await tab.state(MethodsState)).cards[0].id == second.id
        await tab.do(MethodsState.remove(second.id))
        assert [one.id for one in (await tab.state(MethodsState)).cards] == [card.id]
        await tab.do(MethodsState.remove(999_999))
        assert (await tab.state(Toasts)).items[-1].kind == "error"


async def test_history_one_payment_and_money_back_on_both_sides(  # noqa: PLR0915 - one story
    sandbox: Sandbox, at
):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    await save_card(ben)
    async with Tab(app, ben) as tab:
        await at_review(tab, ada, offering_id)
        await tab.do(ReviewState.pay)
        assert await outcome(tab) == "confirmed"
    await outbox.drain()
    async with Tab(app, ben) as tab:
        drawn = await tab.state(HistoryState)  # the file is offered before the page is read
        assert drawn.file_href == "/files/payments/history.csv"
        await tab.visit("/payments?status=paid&coach=x&from=nonsense", HistoryState.load)
        state = await tab.state(HistoryState)
        assert [(row.amount, row.status, row.coach) for row in state.rows] == [
            ("€120", "Paid", "Ada Lindqvist")
        ]
        assert [one.value for one in state.statuses if one.on] == ["paid"]
        assert state.file_href == ("/files/payments/history.csv?coach=x&from=nonsense&status=paid")
        assert [one.paid for one in state.totals] == ["€120"]
        await tab.visit("/payments?status=paid", HistoryState.load)
        await tab.do(HistoryState.narrow("from", "2027-01-01"))
        assert tab.redirected_to() == "/payments?from=2027-01-01&status=paid"
        for handler in (
            HistoryState.save_preset({"preset": "Paid ones"}),
            HistoryState.clear_filters(),
            HistoryState.load_more(),
        ):
            await tab.do(handler)
        href = state.rows[0].href
        await tab.visit(href, PaymentState.load)
        state = await tab.state(PaymentState)
        assert (state.phase, state.paying, state.refundable) == ("here", True, "€120")
        assert len(state.papers) == 1
        await tab.do(PaymentState.ask(True))
        await tab.visit(href, PaymentState.load)
        assert not state.asking
        await tab.do(PaymentState.ask(True))
        await tab.reconnect(PaymentState.load)
        assert state.asking  # a reason half written is not lost with the connection
        await tab.do(PaymentState.send({"reason": " ", "to": "credit"}))
        assert "reason" in (await tab.state(PaymentState)).errors
        await tab.do(PaymentState.send({"reason": "I was ill", "to": "credit"}))
        state = await tab.state(PaymentState)
        assert (state.asked_already, state.asking) == (True, False)
        await tab.do(PaymentState.withdraw(state.requests[0].id))
        await tab.do(PaymentState.send({"reason": "I was ill", "to": "credit"}))

        async with Tab(app, ada) as coach:
            await coach.visit("/payments/requests", RequestsState.load)
            asked = (await coach.state(RequestsState)).rows[0]
            assert (asked.client, asked.amount, asked.wish) == ("Ben Okafor", "€120", "as credit")
            await coach.do(RequestsState.answer(asked.id))
            await coach.reconnect(RequestsState.load)
            assert (await coach.state(RequestsState)).answering == asked.id
            form = {"answer": "yes", "amount": "x", "note": ""}
            await coach.do(RequestsState.send(form))
            assert "amount" in (await coach.state(RequestsState)).errors
            await coach.do(RequestsState.send(form | {"amount": "40", "note": "A part"}))
            assert (await coach.state(RequestsState)).rows[0].status == "approved"
            await coach.visit(href, PaymentState.load)
            assert not (await coach.state(PaymentState)).paying
        await outbox.drain()
        state = await tab.state(PaymentState)
        await state._changed(Signal(f"person:{ben.person_id}:payments"))
        assert [one.words for one in state.refunds] == ["Given as credit"]
        await tab.visit("/payments", HistoryState.load)
        state = await tab.state(HistoryState)
        assert state.rows[0].note == "€40 came back"
        assert state.credit == ["€40, until 21 November 2027"]
        await tab.do(PaymentState.as_credit(1))  # nothing of the kind
        assert (await tab.state(Toasts)).items[-1].kind == "error"


async def test_a_payment_of_others_is_not_here(sandbox: Sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    await save_card(ben)
    async with Tab(app, ben) as tab:
        await at_review(tab, ada, offering_id)
        await tab.do(ReviewState.pay)
    async with Tab(app, await make_user(name="Cleo")) as tab:
        for path in ("/payments/1", "/payments/x", "/payments/999"):
            await tab.visit(path, PaymentState.load)
            assert (await tab.state(PaymentState)).phase == "missing"
        await tab.do(PaymentState.send({"reason": "mine", "to": "card"}))
        assert (await tab.state(Toasts)).items[-1].kind == "error"


async def test_billing_details_are_kept_and_checked(db):
    async with Tab(app, await make_user()) as tab:
        form = {"name": "Okafor Ltd", "address": "1 Main St", "tax_id": "", "tax_name": "VAT",
                "tax_rate": "19,5 %"}  # fmt: skip
        await tab.do(BillingState.save(form))
        await tab.visit("/payments/billing", BillingState.load)
        state = await tab.state(BillingState)
        assert (state.name, state.tax_rate) == ("Okafor Ltd", "19.5")
        kept = state.form_key
        await tab.reconnect(BillingState.load)
        assert state.form_key == kept
        for wrong in ("much", "-1", "99", "1.005"):
            await tab.do(BillingState.save(form | {"tax_rate": wrong}))
            assert "tax_rate" in (await tab.state(BillingState)).errors, wrong


def test_sums_of_money_are_read_exactly():
    assert amount_of(" 12,50 ", "EUR") == Money(1250, "EUR")
    assert amount_of("", "EUR") is None
    assert amount_of("1.234", "KWD") == Money(1234, "KWD")
    assert rate_of("") == 0
    for wrong in ("12.5", "0", "-3", "NaN", "1e30"):
        with pytest.raises(Invalid):
            amount_of(wrong, "JPY")
