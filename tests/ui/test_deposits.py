"""Deposits, rests and holds as tabs see them: said before the click, paid, noted, missed."""

from dataclasses import replace

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.domains.scheduling import queries
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.loom_app import app
from loom_app.ui.booking.paying import ReviewState
from loom_app.ui.booking.ways import WaysState
from loom_app.ui.offerings.state import OfferingState
from loom_app.ui.payments.history_state import HistoryState
from loom_app.ui.sessions.detail_state import SessionState
from tests.domains.scheduling.test_deposits import AT_THE_DOOR, FREE_WITH_FEE, THIRD
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_open_coach
from tests.integrations.stripe.fixtures import Sandbox, contract, sandbox
from tests.ui.tab import Tab
from tests.ui.test_booking import STEPS
from tests.ui.test_payments import at_review, give, outcome, save_card

__all__ = ["contract", "sandbox"]
NOW = "2026-11-21T12:00Z"


async def booked(tab: Tab, coach, offering_id: int) -> str:
    """Book with the saved card; the address of the session."""
    await at_review(tab, coach, offering_id, 10)
    await tab.do(ReviewState.pay)
    assert await outcome(tab) == "confirmed"
    await outbox.drain()
    return "/sessions/1"


async def test_the_review_says_what_is_paid_when_and_the_rest_is_paid_on_the_page(
    sandbox: Sandbox, at
):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=THIRD)
    ben = await make_user()
    await give(ben, 5000)  # credit alone would keep no card: it is not offered
    async with Tab(app, ben) as tab:
        await at_review(tab, ada, offering_id, 10)
        ways, review = await tab.state(WaysState), await tab.state(ReviewState)
        assert review.parts == ["€36 now, €84 from your card on Sun 29 November, 11:00."]
        assert (ways.label, ways.kept, ways.credit) == ("Pay €36 and book", True, "")
        await save_card(ben)
        path = await booked(tab, ada, offering_id)
        await tab.visit("/payments", HistoryState.load)
        (coming,) = (await tab.state(HistoryState)).upcoming
        assert (coming.words, coming.amount, coming.label) == (
            "Clarity session: the rest",
            "€84",
            "Pay now",
        )
        assert coming.note == "Visa ···· 4242"
        await tab.visit(path, SessionState.load)
        (due,) = (await tab.state(SessionState)).session.dues
        assert due.pay == "Pay €84 now"
        await tab.do(SessionState.pay(due.id))
        async with transaction(ben) as tx:
            charge_id = await payments.pay_due(tx, ben, due.id)
        await sandbox.pay(await payments.open_checkout(charge_id))
        await tab.visit(f"{path}?back=1", SessionState.load)
        session = (await tab.state(SessionState)).session
        assert [(one.words, one.tone) for one in session.dues] == [("€84 is paid.", "good")]
        assert [one[0] for one in session.receipts] == [
            "Deposit: receipt and refunds",
            "The rest: receipt and refunds",
        ]
        await tab.do(SessionState.pay(due.id))  # nothing is due any more: said, not done
        assert (await tab.state(SessionState)).paying == 0


async def test_the_coach_notes_money_in_hand_and_who_did_not_come(sandbox: Sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=AT_THE_DOOR)
    ben = await make_user()
    await save_card(ben)
    async with Tab(app, ben) as tab:
        await at_review(tab, ada, offering_id, 10)
        assert (await tab.state(ReviewState)).parts == [
            "€40 now, €80 in person.",
            "€50 is held on your card from 24 hours before, and taken only if you do not come.",
        ]
        path = await booked(tab, ada, offering_id)
    async with Tab(app, ada) as tab:
        await tab.visit(path, SessionState.load)
        rest, fee = (await tab.state(SessionState)).session.dues
        assert (rest.hand, fee.hand, rest.pay, fee.pay) == (True, False, "", "")
        await tab.do(SessionState.in_hand(rest.id))
        session = (await tab.state(SessionState)).session
        assert session.dues[0].words == "€80 was paid in person."
        assert "Not through this platform" in session.money[-1].note
        at("2026-11-30T10:00Z")
        await payments.collect_dues()
        await outbox.drain()
        at("2026-12-01T10:05Z")
        await tab.visit(path, SessionState.load)
        session = (await tab.state(SessionState)).session
        assert session.can_miss
        assert session.money[-1].what == "Held on the card, not charged: the no-show fee"
        await tab.do(SessionState.miss)
        await outbox.drain()
        await tab.visit(path, SessionState.load)
        session = (await tab.state(SessionState)).session
        assert "did not come" in session.cancelled
        assert session.dues[1].words == "€50 was taken as the no-show fee."


async def test_a_coach_cancels_because_the_rest_was_not_paid(sandbox: Sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=THIRD)
    ben = await make_user()
    await save_card(ben)
    async with Tab(app, ben) as tab:
        path = await booked(tab, ada, offering_id)
        async with transaction(ben) as tx:
            (card,) = await payments_methods(tx, ben)
        await payments.remove_method(ben, card)
        at("2026-11-30T10:01Z")
        await payments.collect_dues()
        await tab.visit("/payments", HistoryState.load)
        (coming,) = (await tab.state(HistoryState)).upcoming
        assert (coming.status, coming.note) == ("Not paid", "No card is saved.")
    async with Tab(app, ada) as tab:
        await tab.visit(path, SessionState.load)
        session = (await tab.state(SessionState)).session
        assert session.unpaid.startswith("It is too late for a refund: the €36")
        await tab.do(SessionState.cancel({"reason": "", "unpaid": "on"}))
        assert (await tab.state(SessionState)).session.status == "Cancelled"


async def payments_methods(tx, me) -> list[int]:
    return [one.id for one in await payment_queries.methods(tx, me)]


async def test_a_free_session_with_a_fee_asks_for_a_card_first(sandbox: Sandbox, at):
    at(NOW)
    ada, offering_id = await make_open_coach(offering=FREE_WITH_FEE)
    ben = await make_user()
    async with Tab(app, ben) as tab:
        await at_review(tab, ada, offering_id, 10)
        assert (await tab.state(WaysState)).label == "Save a card and go on"
        await tab.do(ReviewState.pay)
        assert await held(ben)
        await save_card(ben)
        async with transaction(ada) as tx:
            slug = await coaches.slug_of_coach(tx, ada.require_person())
        await tab.visit(f"/book/{slug}/review?offering={offering_id}&back=1", *STEPS)
        assert (await tab.state(WaysState)).label == "Book session"
        await tab.do(ReviewState.pay)
        assert await outcome(tab) == "confirmed"


async def held(me) -> bool:
    async with transaction(me) as tx:
        draft = await queries.draft(tx, me)
        return draft is not None and draft.hold is not None


async def test_the_editor_takes_a_percentage_or_an_amount(db):
    ada, offering_id = await make_open_coach(offering=replace(THIRD, deposit_bps=3350))
    form = {
        "name": "Clarity",
        "duration_minutes": "60",
        "price_minor": "120",
        "currency": "EUR",
        "place": "video",
        "buffer_before": "0",
        "buffer_after": "0",
        "notice_minutes": "0",
        "window_days": "60",
        "deposit_kind": "percent",
        "deposit": "30",
        "rest": "before",
    }
    async with Tab(app, ada) as tab:
        await tab.visit(f"/offerings/{offering_id}", OfferingState.load)
        state = await tab.state(OfferingState)
        assert (state.deposit_kind, state.offering.deposit) == ("percent", "33.5")
        await tab.do(OfferingState.choose_deposit("amount"))
        await tab.do(OfferingState.choose_deposit("nonsense"))
        assert (await tab.state(OfferingState)).deposit_kind == "amount"
        for wrong in ("", "0.001", "many", "100"):
            await tab.do(OfferingState.save(form | {"deposit": wrong}))
            assert "deposit" in (await tab.state(OfferingState)).errors
        await tab.do(OfferingState.save(form | {"deposit": "30 %"}))
        await tab.visit(f"/offerings/{offering_id}", OfferingState.load)
        assert (await tab.state(OfferingState)).offering.deposit == "30"
        await tab.do(OfferingState.save(form | {"deposit_kind": "amount", "deposit": "36.50"}))
        await tab.visit(f"/offerings/{offering_id}", OfferingState.load)
        assert (await tab.state(OfferingState)).offering.deposit == "36.50"
        await tab.do(OfferingState.save(form | {"deposit_kind": "", "no_show_fee_minor": ""}))
        await tab.visit(f"/offerings/{offering_id}", OfferingState.load)
        assert (await tab.state(OfferingState)).deposit_kind == ""
