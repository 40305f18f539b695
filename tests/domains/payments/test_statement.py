"""The statement: its figures are the ledger's, and nothing is lost between two months."""

import itertools
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest

from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.ledger import invariants
from loom_app.domains.payments.queries import Period
from loom_app.integrations.stripe.sandbox import control
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.money import Money
from tests.domains.payments.coaches import active_account, ask, earn, fund, payout
from tests.domains.payments.helpers import AUDITOR, rows

OWN = ("coach_pending", "coach_payable", "coach_held", "coach_balance")


async def ledger(coach: Actor, until: datetime) -> dict[str, int]:
    """What was the coach's at an instant, by the whole ledger."""
    found = await rows(
        "SELECT e.currency, -sum(e.amount)::bigint AS minor FROM ledger_entries e"
        " JOIN ledger_accounts a ON a.id = e.account_id"
        " JOIN ledger_transactions t ON t.id = e.transaction_id"
        " WHERE a.person_id = :coach AND a.kind = ANY(:own) AND t.occurred_at < :until GROUP BY 1",
        coach=coach.person_id,
        own=list(OWN),
        until=until,
    )
    return {row["currency"]: row["minor"] for row in found if row["minor"]}


async def statement(coach: Actor, period: Period, **more: int) -> queries.Statement:
    async with transaction(coach) as tx:
        return await queries.statement(tx, coach, period, **more)


def words_of(drawn: bytes) -> str:
    with pypdfium2.PdfDocument(drawn) as paper:
        return "\n".join(page.get_textpage().get_text_range() for page in paper)


@pytest.fixture
async def life(payments) -> list[datetime]:
    """Sales in three currencies, a refund after delivery, a payout that arrived and one that came
    back, and a sale that is not delivered; returns instants between the steps."""
    ada, marks = payments.ada, [datetime(2020, 1, 1, tzinfo=UTC)]

    async def mark() -> None:
        found = await rows("SELECT max(occurred_at) AS at FROM ledger_transactions")
        marks.append(found[0]["at"] + timedelta(microseconds=1))

    await fund(1_000_000)
    await active_account(ada)
    await earn(payments, 10001)
    for minor, currency in ((5000, "JPY"), (9990, "KWD"), (20000, "USD")):
        charge_id = await earn(payments, minor, currency)
    await mark()
    for to in ({}, {"to": "failed"}):
        number = await ask(ada)
        await actions.carry_out_payout(number)
        processor = (await payout(number))["processor_id"]
        await control.act("move_payout", id=processor)
        await control.act("move_payout", id=processor)
        await actions.carry_out_payout(number)
        if to:
            account = await rows("SELECT processor_id FROM payout_accounts")
            await control.act("move_payout", id=processor, **to)
            await actions.sync_payout(processor, account[0]["processor_id"])
        else:
            await mark()
            await earn(payments, 7777)
    await mark()
    await actions.carry_out_refund(await payments.refund(charge_id, 4000))
    await payments.pay(Money(30000, "USD"))
    await mark()
    async with transaction(AUDITOR) as tx:
        assert await invariants.broken(tx) == []
    return marks


async def test_a_life_in_statements(payments, life, cleo):
    """One life, which is dear to make, under every question."""
    await any_period_opens_and_closes_as_the_ledger_says(payments.ada, life)
    await the_whole_names_each_kind_and_its_fees_are_the_platforms(payments.ada, life)
    await too_many_lines_are_left_to_the_sums(payments.ada, life)
    await the_paper_says_what_the_statement_says(payments.ada, life)
    await nobody_elses_money_and_nothing_at_all(payments.ada, life, cleo)


async def any_period_opens_and_closes_as_the_ledger_says(ada, life):
    for since, until in itertools.combinations(life, 2):
        found = await statement(ada, Period(since, until))
        before, after = await ledger(ada, since), await ledger(ada, until)
        for part in found.parts:
            assert part.opening.minor == before.get(part.currency, 0)
            assert part.closing.minor == after.get(part.currency, 0)
            for one in part.sums:
                lines = [line for line in part.lines if line.kind == one.kind]
                assert len(lines) == one.times
                assert sum(line.share.net.minor for line in lines) == one.share.net.minor
                assert sum(line.share.fee.minor for line in lines) == one.share.fee.minor
        assert {part.currency for part in found.parts} >= set(before) | set(after)


async def the_whole_names_each_kind_and_its_fees_are_the_platforms(ada, life):
    found = await statement(ada, Period(life[0], life[-1]))
    usd = next(part for part in found.parts if part.currency == "USD")
    assert [one.kind for one in usd.sums] == ["delivery", "refund", "payout", "payout_back"]
    fees = await rows(
        "SELECT e.currency, -sum(e.amount)::bigint AS minor FROM ledger_entries e"
        " JOIN ledger_accounts a ON a.id = e.account_id WHERE a.kind = 'platform_fee_income'"
        " GROUP BY 1"
    )
    assert {part.currency: part.fees.minor for part in found.parts} == {
        row["currency"]: row["minor"] for row in fees
    }
    async with transaction(ada) as tx:
        first = await queries.first_movement(tx, ada)
    assert first is not None
    assert life[0] < first < life[1]


async def too_many_lines_are_left_to_the_sums(ada, life):
    found = await statement(ada, Period(life[0], life[-1]), most=2)
    assert not found.whole
    assert not any(part.lines for part in found.parts)
    closing = {part.currency: part.closing.minor for part in found.parts}
    assert closing == await ledger(ada, life[-1])
    said = words_of(draw(found))
    assert "too many movements" in said


def draw(found: queries.Statement) -> bytes:
    return queries.draw_statement(
        found, whose="Ada\nUferweg 1", names={}, zone="UTC", made="21 November 2026"
    )


async def the_paper_says_what_the_statement_says(ada, life):
    found = await statement(ada, Period(life[1], life[-1]))
    said = words_of(draw(found))
    for part in found.parts:
        for money in (part.opening, part.closing):
            assert money.exact().replace("\u00a0", " ") in said.replace("\u00a0", " ")
        for one in part.lines:
            assert f"{abs(one.share.net.decimal):,}" in said
    for words in ("Paid out to your bank (2)", "Payouts that your bank returned (1)", "Uferweg 1"):
        assert words in said


async def nobody_elses_money_and_nothing_at_all(ada, life, cleo):
    found = await statement(cleo, Period(life[0], life[-1]))
    assert (found.parts, found.whole) == ([], True)
    assert "Nothing was earned" in words_of(draw(found))
    async with transaction(cleo) as tx:
        assert await queries.first_movement(tx, cleo) is None
    ever = queries.period_of("all", life[-1], "UTC")
    assert "Until " in words_of(draw(await statement(ada, ever)))


async def test_a_fee_of_everything_is_still_a_sale(payments):
    async with transaction(Actor.system_job("payments.test")) as tx:
        await actions.set_fee(tx, tx.actor, actions.Fee(10_000, 0), coach_id=payments.ada.person_id)
    await earn(payments, 5000)
    ever = Period(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    (part,) = (await statement(payments.ada, ever)).parts
    assert (part.closing.minor, part.fees.minor, part.sums[0].times) == (0, 5000, 1)


def test_a_month_in_the_address_is_a_month_of_the_coachs():
    found = queries.period_of("2026-10", datetime(2026, 11, 21, tzinfo=UTC), "Europe/Berlin")
    assert (found.since, found.until) == (
        datetime(2026, 9, 30, 22, tzinfo=UTC),
        datetime(2026, 10, 31, 23, tzinfo=UTC),
    )
    now = datetime(2026, 11, 21, tzinfo=UTC)
    for word, first, last in (("2026-11", (11, 1), (11, 21)), ("2026-12", (12, 1), (12, 1))):
        found = queries.period_of(word, now, "UTC")  # as far as it is over
        assert found.since == datetime(2026, *first, tzinfo=UTC)
        assert found.until == datetime(2026, *last, tzinfo=UTC) + timedelta(days=1)
    assert [queries.is_period(word) for word in ("2026-10", "month", "2026-13", "", "1026-01")] == [
        True,
        True,
        False,
        False,
        False,
    ]
