"""The history of payments: filtered, totalled, paged, and quick however much there is."""

import pytest

from loom_app.domains.engagements import actions as engagements
from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.actions import Way
from loom_app.domains.payments.queries import HistoryFilter
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.domains.payments.helpers import rows
from tests.domains.payments.test_credit import give
from tests.domains.payments.test_methods import saved

SEED = (
    "WITH made AS (INSERT INTO charges (payable_kind, payable_id, payer_id, coach_id, amount,"
    " currency, refunded, fee_bps, fee_fixed, fee, description, return_path, cancel_path, status,"
    " expires_at, paid_at, created_at, updated_at)"
    " SELECT 'seat', 1000000 + n, :ben, :ada, 100 + n % 900,"
    "  (ARRAY['USD', 'EUR', 'JPY'])[1 + n % 3], 0, 0, 0, 0, 'Session ' || n, '/', '/', 'succeeded',"
    "  now(), now() - n * interval '1 minute', now() - n * interval '1 minute', now()"
    " FROM generate_series(1, :count) n RETURNING 1) SELECT count(*) FROM made"
)


async def know_each_other(payments) -> None:
    """As a booking does: only then does one see the other's name."""
    async with transaction(Actor.system_job("engagements.test")) as tx:
        ada, ben = payments.ada.require_person(), payments.ben.require_person()
        await engagements.ensure(tx, ada, ben, "active")


async def page(me, **asked):
    async with transaction(me) as tx:
        return await queries.history(tx, me, HistoryFilter(**asked))


async def totals(me, **asked):
    async with transaction(me) as tx:
        return await queries.totals(tx, me, HistoryFilter(**asked))


async def test_every_payment_stands_there_in_words_and_nobody_elses(payments, cleo):
    await know_each_other(payments)
    paid = await payments.pay()
    part = await payments.pay(Money(5000, "JPY"))
    await payments.refund(part, 2000)
    whole = await payments.pay(Money(700, "EUR"))
    await payments.refund(whole)
    await outbox.drain()
    waiting, _ = await payments.open()
    await payments.begin()  # only begun: nobody's history
    card = await saved(payments, "pm_card_chargeCustomerFail")
    failed = await payments.begin(way=Way(card))
    with pytest.raises(PaymentRefused):
        await actions.pay(failed)
    await give(payments, 20000)
    by_credit = await payments.begin(way=Way(use_credit=True))
    await actions.pay(by_credit)
    found = (await page(payments.ben)).lines
    assert [(one.id, one.status_text) for one in found] == [
        (by_credit, "Paid"),
        (failed, "Not paid"),
        (waiting, "Waiting"),
        (whole, "Refunded"),
        (part, "Partly refunded"),
        (paid, "Paid"),
    ]
    assert found[0].paid_with == "Credit"
    assert found[1].decline.startswith("Your bank declined")
    assert (found[-1].coach, found[-1].paid_with) == ("Ada", "Visa ···· 4242")
    assert found[-1].receipt_id
    for status, wanted in (
        ("paid", [by_credit, paid]),
        ("refunded", [whole, part]),
        ("waiting", [waiting]),
        ("failed", [failed]),
    ):
        assert [one.id for one in (await page(payments.ben, status=status)).lines] == wanted
    assert [(one.paid, one.refunded) for one in await totals(payments.ben)] == [
        (Money(700, "EUR"), Money(700, "EUR")),
        (Money(5000, "JPY"), Money(2000, "JPY")),
        (Money(24000, "USD"), Money(0, "USD")),
    ]
    for stranger in (cleo, payments.ada):  # a coach's sales are not what they paid
        assert (await page(stranger)).lines == []
        assert await totals(stranger) == []


async def test_periods_and_coaches_narrow_it(payments, at, cleo):
    at("2026-03-01T12:00Z")
    await know_each_other(payments)
    march = await payments.pay()
    moment = at("2026-04-01T00:00Z")
    april = await payments.pay()
    ada = payments.ada.require_person()
    assert [one.id for one in (await page(payments.ben, since=moment)).lines] == [april]
    assert [one.id for one in (await page(payments.ben, until=moment)).lines] == [march]
    assert len((await page(payments.ben, coach_id=ada)).lines) == 2
    assert (await page(payments.ben, coach_id=cleo.require_person())).lines == []
    async with transaction(payments.ben) as tx:
        assert await queries.coaches_paid(tx, payments.ben) == [(ada, "Ada")]


async def test_one_payment_is_for_its_two_people(payments, cleo):
    charge_id = await payments.pay(number="4000000000005126")
    await payments.refund(charge_id, 4000)
    await outbox.drain()
    async with transaction(payments.ben) as tx:
        mine = await queries.payment(tx, payments.ben, charge_id)
    assert (mine.paying, mine.refundable) == (True, Money(12000, "USD"))
    (back,) = mine.refunds
    assert (back.status_text, back.retry) == ("The bank did not take it", True)
    async with transaction(payments.ada) as tx:
        assert not (await queries.payment(tx, payments.ada, charge_id)).paying
    async with transaction(cleo) as tx:
        with pytest.raises(NotFound):
            await queries.payment(tx, cleo, charge_id)


async def test_pages_of_a_long_history_follow_each_other(payments):
    await rows(SEED, ben=payments.ben.person_id, ada=payments.ada.person_id, count=1000)
    first = (await page(payments.ben)).lines
    second = (await page(payments.ben, before=first[-1].id)).lines
    assert len(first) == len(second) == queries.PAGE
    ids = [line.id for line in (*first, *second)]
    assert ids == sorted(set(ids), reverse=True)
    middle = (await page(payments.ben, before=first[0].id - 500)).lines
    assert middle[0].id == first[0].id - 501
    assert len(middle) == queries.PAGE


async def test_a_file_holds_every_payment_once(payments):
    await rows(SEED, ben=payments.ben.person_id, ada=payments.ada.person_id, count=2500)
    seen = [line.id async for line in queries.all_lines(payments.ben, HistoryFilter())]
    assert len(seen) == len(set(seen)) == 2500
    assert seen == sorted(seen, reverse=True)
