"""Bank debits and Link: offered where they can be, waited for, paid or not, days later."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.payments import actions, queries, ways
from loom_app.domains.payments.actions import Payable, Way
from loom_app.domains.payments.actions.methods import ensure_customer
from loom_app.domains.payments.errors import PaymentUnderWay as UnderWay
from loom_app.domains.payments.events import PaymentFailed, PaymentSucceeded, PaymentUnderWay
from loom_app.domains.payments.queries import HistoryFilter
from loom_app.integrations.stripe import client
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit import clock
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from loom_app.kit.settings import Settings, settings
from tests.domains.payments.helpers import AUDITOR, Payments, balances, check_books
from tests.domains.payments.test_credit import give, left
from tests.domains.payments.test_methods import mine, saved

DAY = 24 * 3600
US, US_FAILS = "000123456789", "000111111116"
SEPA, SEPA_FAILS = "AT61 1904 3002 3457 3201", "AT861904300235473202"


@pytest.fixture(autouse=True)
def enabled(monkeypatch):
    every = "card,link,us_bank_account,sepa_debit"
    monkeypatch.setattr(settings(), "payment_methods", every)


async def days(number: float) -> None:
    """The banks of the sandbox have had this long; what it tells arrives."""
    await control.advance(number * DAY)
    await outbox.drain(2000)


async def begun(payments: Payments, number: str = US, currency: str = "USD", way=None) -> int:
    """Paid from a bank account on the page; returns the charge."""
    kind = "us_bank_account" if currency == "USD" else "sepa_debit"
    charge_id = await payments.begin(Money(12000, currency), way=way or Way())
    url = await actions.open_checkout(charge_id)
    answer = await payments.sandbox.pay(url, number, kind=kind, expiry="", cvc="")
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].endswith("/book/done")
    await actions.check_charge(charge_id)
    return charge_id


async def test_a_bank_pays_days_later_and_nothing_is_booked_before(payments, heard):
    charge_id = await begun(payments)
    charge = await payments.charge(charge_id)
    assert (charge["status"], charge["paid_at"]) == ("pending", None)
    assert charge["paid_with"] == "STRIPE TEST BANK ···· 6789"
    about = (charge_id, charge["payable_kind"], charge["payable_id"])
    assert heard == [PaymentUnderWay(*about)]
    assert await balances() == {}
    async with transaction(payments.ben) as tx:
        (line,) = (await queries.history(tx, payments.ben, HistoryFilter())).lines
    assert (line.status, line.status_text) == ("waiting", "With your bank")
    await days(3)
    assert (await payments.charge(charge_id))["status"] == "pending"
    await days(2)
    assert heard == [PaymentUnderWay(*about), PaymentSucceeded(*about)]
    assert (await payments.charge(charge_id))["status"] == "succeeded"
    await check_books()
    await actions.carry_out_refund(await payments.refund(charge_id, 2000))
    await control.advance(0)
    await check_books()


@pytest.mark.parametrize(
    ("number", "currency", "said"),
    [
        (US_FAILS, "USD", "This bank account is closed. Try another way to pay."),
        (SEPA_FAILS, "EUR", "Your bank did not let the money go. Try another way to pay."),
    ],
)
async def test_a_bank_that_does_not_pay_ends_it_and_credit_comes_back(
    payments, heard, number, currency, said
):
    await give(payments, 2000, currency)
    charge_id = await begun(payments, number, currency, Way(use_credit=True))
    assert await left(payments) == {}
    await days(7)
    assert [type(event) for event in heard] == [PaymentUnderWay, PaymentFailed]
    assert await left(payments) == {currency: 2000}
    async with transaction(payments.ben) as tx:
        (line,) = (await queries.history(tx, payments.ben, HistoryFilter())).lines
    assert (line.status, line.decline) == ("failed", said)
    again = await payments.begin(
        Money(12000, currency), Payable("seat", (await payments.charge(charge_id))["payable_id"])
    )
    assert again != charge_id  # another way may be tried
    await control.advance(0)
    await check_books()


async def test_what_a_bank_is_asked_for_is_not_asked_for_again(payments, monkeypatch):
    charge_id = await begun(payments, SEPA, "EUR")
    payable = Payable("seat", (await payments.charge(charge_id))["payable_id"])
    card = await saved(payments)
    for way in (Way(), Way(card)):
        assert await payments.begin(Money(12000, "EUR"), payable, way) == charge_id
    with pytest.raises(UnderWay, match="sending this payment already"):
        await actions.open_checkout(charge_id)
    assert await actions.pay(charge_id) == actions.Answer()
    await actions.cancel_checkout(charge_id)  # the time was given up: too late to stop a bank
    assert (await payments.charge(charge_id))["status"] == "pending"
    intents = (await client.sdk().v1.payment_intents.list_async()).data
    assert [intent.status for intent in intents] == ["processing"]


async def test_a_sweep_asks_a_bank_once_an_hour_and_finds_what_no_webhook_told(payments):
    charge_id = await begun(payments)
    await control.switch(drop=True)
    await control.advance(5 * DAY)
    for minutes, seen in ((10, "pending"), (70, "succeeded")):
        async with transaction(AUDITOR) as tx:
            await tx.db.execute(
                text(f"UPDATE charges SET updated_at = now() - interval '{minutes} minutes'")
            )
        await actions.sweep()
        assert (await payments.charge(charge_id))["status"] == seen
    await control.advance(0)
    await check_books()


@pytest.mark.parametrize(("fails", "kind"), [(False, "success"), (True, "accountClosed")])
async def test_a_saved_account_pays_without_the_page(payments, heard, fails, kind):
    account = await saved(payments, f"pm_usBankAccount_{kind}")
    (view,) = await mine(payments)
    digits = "1116" if fails else "6789"
    assert (view.words, view.expires, view.days) == (f"STRIPE TEST BANK ···· {digits}", "", 6)
    assert not view.expiring
    assert await actions.warn_expiring() == 0
    charge_id = await payments.begin(way=Way(account))
    assert await actions.pay(charge_id) == actions.Answer()
    async with transaction(AUDITOR) as tx:  # long after Stripe has forgotten the key
        await tx.db.execute(text("UPDATE charges SET updated_at = now() - interval '2 days'"))
    await actions.sweep()
    assert (await payments.charge(charge_id))["status"] == "pending"
    await days(5)
    assert [type(event) for event in heard] == [
        PaymentUnderWay,
        PaymentFailed if fails else PaymentSucceeded,
    ]
    assert len((await client.sdk().v1.payment_intents.list_async()).data) == 1
    await control.advance(0)
    await check_books()


async def test_every_kind_is_listed_in_words(payments):
    customer = await ensure_customer(payments.ben)
    for alias in ("pm_card_visa", "pm_usBankAccount_success", "pm_sepaDebit_success", "pm_link"):
        await client.attach_card(alias, customer, key=f"loom:attach:{alias}")
    await actions.sync_methods(payments.ben.require_person())
    assert {view.words for view in await mine(payments)} == {
        "Visa ···· 4242",
        "STRIPE TEST BANK ···· 6789",
        "SEPA account ···· 3201",
        "Link, ben@loom.test",
    }
    soon = clock.now() + timedelta(days=7)
    async with transaction(payments.ben) as tx:
        for currency, needed_by, kinds in (
            ("USD", None, {"card", "link", "us_bank_account"}),
            ("USD", soon, {"card", "link", "us_bank_account"}),
            ("EUR", soon, {"card", "link"}),
            ("EUR", None, {"card", "link", "sepa_debit"}),
        ):
            price = Money(500, currency)
            found = await queries.methods_for(tx, payments.ben, price, needed_by)
            assert {one.kind for one in found} == kinds


async def test_link_pays_at_once(payments):
    link = await saved(payments, "pm_link")
    charge_id = await payments.begin(way=Way(link))
    await actions.pay(charge_id)
    charge = await payments.charge(charge_id)
    assert (charge["status"], charge["paid_with"]) == ("succeeded", "Link")
    await actions.carry_out_refund(await payments.refund(charge_id))
    await check_books()


async def test_an_account_that_is_too_slow_or_of_another_currency_is_refused(payments):
    account = await saved(payments, "pm_usBankAccount_success")
    for currency in ("EUR", "JPY"):
        with pytest.raises(Invalid, match="in time"):
            await payments.begin(Money(5000, currency), way=Way(account))


async def test_an_account_is_saved_on_the_page(payments, monkeypatch):
    url = await actions.add_method(payments.ben)
    page = await payments.sandbox.open(url)
    assert "US bank account" in page.text
    assert "SEPA" not in page.text  # dollars
    await payments.sandbox.pay(url, US, kind="us_bank_account")
    await actions.sync_methods(payments.ben.require_person())
    assert [view.kind for view in await mine(payments)] == ["us_bank_account"]
    monkeypatch.setattr(settings(), "payment_methods", "card,sepa_debit")
    assert (
        "SEPA debit" in (await payments.sandbox.open(await actions.add_method(payments.ben))).text
    )


def test_only_what_is_named_fits_and_is_in_time_is_offered(monkeypatch):
    week = timedelta(days=7)
    assert ways.offered("USD") == ("card", "link", "us_bank_account")
    assert ways.offered("USD", timedelta(days=5)) == ("card", "link")
    assert ways.offered("EUR", week) == ("card", "link")
    assert ways.offered("JPY") == ("card", "link")
    monkeypatch.setattr(settings(), "payment_methods", "card")
    assert ways.offered("USD") == ("card",)
    assert ways.home_currency() == "USD"
    assert ways.fits("card", "USD", week)
    assert not ways.fits("link", "USD", week)


@pytest.mark.parametrize(
    ("kind", "brand", "last4", "words"),
    [
        ("card", "amex", "0005", "American Express ···· 0005"),
        ("card", None, None, ""),
        ("card", "visa", None, ""),
        ("card", None, "4242", ""),
        ("us_bank_account", "", "6789", "Bank account ···· 6789"),
        ("link", "", "", "Link"),
    ],
)
def test_a_way_is_called_as_people_know_it(kind, brand, last4, words):
    assert ways.method_words(kind, brand, last4) == words


@pytest.mark.parametrize("value", ["", "us_bank_account", "card,bitcoin", "card;link"])
def test_a_setting_that_names_no_way_is_refused_in_words(value):
    with pytest.raises(ValueError, match="must name card"):
        Settings(payment_methods=value)


def test_names_may_stand_apart_and_twice():
    assert Settings(payment_methods="card, link,card").payment_methods == "card,link"
