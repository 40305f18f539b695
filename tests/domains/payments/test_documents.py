"""Papers: numbers without gaps, words that never change, and the two people who may read them."""

import asyncio
import io
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from loom_app.domains.payments import actions, queries, rules
from loom_app.domains.payments.actions import Way
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.domains.payments.helpers import check_books, rows
from tests.domains.payments.test_credit import as_credit, give


async def billing(me: Actor, **details) -> None:
    async with transaction(me) as tx:
        await actions.save_billing(tx, me, **{"name": "", "address": "", **details})


async def papers(me: Actor, charge_id: int) -> list[queries.DocumentView]:
    async with transaction(me) as tx:
        return await queries.documents_of(tx, charge_id)


def text_of(pdf: bytes) -> str:
    """The words of a PDF whose fonts are subsets: read back through their maps."""
    pdfium = pytest.importorskip("pypdfium2")
    document = pdfium.PdfDocument(io.BytesIO(pdf))
    return "\n".join(page.get_textpage().get_text_range() for page in document)


async def test_a_payment_gives_one_receipt_with_tax_and_addresses_of_that_day(payments):
    await billing(payments.ada, name="Praxis Жукова GmbH", address="Uferweg 1\n10115 Berlin",
                  tax_id="DE123", tax_name="VAT", tax_bps=1900)  # fmt: skip
    await billing(payments.ben, name="Okafor Ltd", address="1 Main St")
    charge_id = await payments.pay(Money(11900, "EUR"))
    await outbox.drain()
    await actions.issue_receipt(charge_id)
    await billing(payments.ada, name="Another name")
    for me in (payments.ada, payments.ben):
        (paper,) = await papers(me, charge_id)
        assert paper.number == f"{payments.ada.person_id}-00001"
        assert paper.content["tax"] == {"name": "VAT", "bps": 1900, "minor": 1900}
        assert paper.content["net"] == 10000
        assert paper.content["seller"]["name"] == "Praxis Жукова GmbH"
        assert paper.content["paid_with"] == "Visa ···· 4242"
    words = text_of(queries.draw(paper))
    for wanted in ("Praxis Жукова GmbH", "Okafor Ltd", "VAT 19 %", "€100", "€119", "DE123"):
        assert wanted in words
    await check_books()


async def test_a_stranger_reads_no_paper(payments, cleo):
    charge_id = await payments.pay()
    await outbox.drain()
    (paper,) = await papers(payments.ben, charge_id)
    assert await papers(cleo, charge_id) == []
    async with transaction(cleo) as tx:
        with pytest.raises(NotFound):
            await queries.document(tx, paper.id)


async def test_a_refund_gives_a_credit_note_that_refers_to_the_receipt(payments):
    charge_id = await payments.pay()
    await payments.refund(charge_id, 5000)
    await outbox.drain()
    await as_credit(payments, charge_id, 1000)
    receipt, note, credit = await papers(payments.ben, charge_id)
    assert [one.kind for one in (receipt, note, credit)] == [
        "receipt", "credit_note", "credit_note",
    ]  # fmt: skip
    assert (note.total, credit.total) == (Money(-5000, "USD"), Money(-1000, "USD"))
    assert f"receipt {receipt.number}" in text_of(queries.draw(note))
    assert "Given as credit" in text_of(queries.draw(credit))
    assert "No tax is charged" in text_of(queries.draw(receipt))


async def test_a_refund_that_comes_back_undoes_its_credit_note(payments):
    charge_id = await payments.pay(number="4000000000005126")
    refund_id = await payments.refund(charge_id)
    await outbox.drain()
    found = await papers(payments.ben, charge_id)
    assert [one.kind for one in found] == ["receipt", "credit_note", "receipt"]
    assert sum(one.total.minor for one in found) == 12000
    assert f"undoes credit note {found[1].number}" in text_of(queries.draw(found[2]))
    await actions.issue_correction(refund_id)
    assert len(await papers(payments.ben, charge_id)) == 3


async def test_a_refund_that_never_had_a_note_needs_no_correction(payments):
    charge_id = await payments.pay()
    refund_id = await payments.refund(charge_id)
    assert await actions.issue_correction(refund_id) == 0


@pytest.mark.parametrize(
    ("minor", "currency", "parts", "taxes"),
    [
        (12000, "USD", [4000, 4000, 4000], [639, 638, 639]),
        (100, "JPY", [33, 33, 34], [5, 6, 5]),
        (10000, "KWD", [3330, 3330, 3340], [532, 532, 533]),
    ],
)
async def test_a_credit_note_gives_back_the_tax_of_its_receipt(
    payments, minor, currency, parts, taxes
):
    """Whatever the seller's tax is today, and to the last minor unit."""
    await billing(payments.ada, name="Ada GmbH", tax_name="VAT", tax_bps=1900)
    charge_id = await payments.pay(Money(minor, currency))
    await outbox.drain()
    await billing(payments.ada, name="Ada AG", tax_name="GST", tax_bps=700)
    for part in parts:
        await payments.refund(charge_id, part)
        await outbox.drain()
    receipt, *notes = await papers(payments.ben, charge_id)
    assert [-one.content["tax"]["minor"] for one in notes] == taxes
    assert sum(taxes) == receipt.content["tax"]["minor"]
    for one in notes:
        assert one.content["seller"] == receipt.content["seller"]
        assert one.content["tax"] | {"minor": 0} == receipt.content["tax"] | {"minor": 0}
        assert one.content["net"] + one.content["tax"]["minor"] == one.total.minor
    assert "VAT 19 %" in text_of(queries.draw(notes[0]))


async def test_what_undoes_a_credit_note_has_its_tax_and_the_next_one_the_rest(payments):
    await billing(payments.ada, tax_name="VAT", tax_bps=1900)
    charge_id = await payments.pay(number="4000000000005126")  # refunds come back after a while
    await billing(payments.ada, tax_name="VAT", tax_bps=0)
    for part in (3333, 3333):
        await payments.refund(charge_id, part)
        await outbox.drain()
    await as_credit(payments, charge_id, 12000)
    found = await papers(payments.ben, charge_id)
    assert [one.kind for one in found].count("receipt") == 3
    assert sum(one.total.minor for one in found) == 0
    assert sum(one.content["tax"]["minor"] for one in found) == 0


async def test_credit_is_named_on_the_receipt(payments):
    await give(payments, 20000)
    charge_id = await payments.begin(way=Way(use_credit=True))
    await actions.pay(charge_id)
    await outbox.drain()
    (paper,) = await papers(payments.ben, charge_id)
    assert "$120 of it was paid with credit" in text_of(queries.draw(paper))


@pytest.mark.parametrize(
    "name", ["محمد علي", "דוד כהן", "山田太郎", "김민수", "王小明", "José Müller 王小明"]
)
async def test_a_name_in_any_of_the_large_scripts_is_written_out(payments, caplog, name):
    await billing(payments.ben, name=name, address="1 Main St")
    charge_id = await payments.pay()
    await outbox.drain()
    (paper,) = await papers(payments.ben, charge_id)
    drawn = queries.draw(paper)
    assert [record.message for record in caplog.records if "missing" in record.message] == []
    found = {
        character
        for line in text_of(drawn).splitlines()
        for character in unicodedata.normalize("NFKC", line)
    }
    assert set(name) - {" "} <= found
    buyer = paper.content["buyer"] | {"name": "Ben"}
    plain = queries.draw(replace(paper, content=paper.content | {"buyer": buyer}))
    # what comes after a name is not in the name's font
    assert box_of(drawn, "$120") == pytest.approx(box_of(plain, "$120"), abs=0.1)


def box_of(pdf: bytes, words: str) -> tuple[float, ...]:
    """Where a word begins and ends on the first sheet, and how high it is."""
    pdfium = pytest.importorskip("pypdfium2")
    sheet = pdfium.PdfDocument(io.BytesIO(pdf))[0].get_textpage()
    first, count = sheet.search(words).get_next()
    left, bottom, _, _ = sheet.get_charbox(first)
    _, _, right, top = sheet.get_charbox(first + count - 1)
    return left, right, top - bottom


async def test_two_hundred_at_once_leave_no_gap_and_no_double(payments):
    charges = [
        row["id"]
        for row in await rows(
            "INSERT INTO charges (payable_kind, payable_id, payer_id, coach_id, amount, currency,"
            " fee_bps, fee_fixed, fee, description, return_path, cancel_path, status, expires_at,"
            " paid_at, created_at, updated_at)"
            " SELECT 'seat', 940000 + n, :ben, :ada, 100, 'USD', 0, 0, 0, 'x', '/', '/',"
            " 'succeeded', now(), now(), now(), now() FROM generate_series(1, 200) n RETURNING id",
            ben=payments.ben.person_id,
            ada=payments.ada.person_id,
        )
    ]
    doubled = [*charges, *charges[:50]]
    made = await asyncio.gather(*(actions.issue_receipt(number) for number in doubled))
    assert len(set(made)) == 200
    numbers = await rows("SELECT number FROM documents ORDER BY number")
    assert [row["number"] for row in numbers] == list(range(1, 201))


async def test_a_paper_is_never_changed_or_taken_back(payments):
    await payments.pay()
    await outbox.drain()
    for statement in ("UPDATE documents SET total = 1", "DELETE FROM documents"):
        with pytest.raises(DBAPIError, match="permission denied"):
            await rows(statement)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "x" * 121}, "name"),
        ({"address": "x" * 501}, "address"),
        ({"tax_bps": 5001, "tax_name": "VAT"}, "tax_rate"),
        ({"tax_bps": 100}, "tax_name"),
    ],
)
async def test_details_are_checked_by_field(payments, wrong, field):
    with pytest.raises(Invalid) as refused:
        await billing(payments.ben, **wrong)
    assert refused.value.field == field


async def test_everybody_has_their_own_details(payments):
    await billing(payments.ben, name="Okafor Ltd")
    await billing(payments.ben, name="Okafor & Sons", tax_id="7")
    async with transaction(payments.ben) as tx:
        assert (await queries.billing(tx, payments.ben)).name == "Okafor & Sons"
    async with transaction(payments.ada) as tx:
        assert await queries.billing(tx, payments.ada) == queries.BillingView()


@given(gross=st.integers(-(10**9), 10**9), bps=st.integers(0, 5000))
def test_net_and_tax_are_the_gross_and_the_tax_is_of_the_net(gross, bps):
    tax = rules.tax_within(gross, bps)
    assert abs(tax * (10_000 + bps) - gross * bps) * 2 <= 10_000 + bps
    assert rules.tax_within(-gross, bps) == -tax


@given(
    gross=st.integers(1, 10**9),
    bps=st.integers(0, 5000),
    cuts=st.lists(st.integers(0, 10**9), max_size=8),
    back=st.lists(st.booleans(), max_size=9),
)
def test_the_tax_of_all_refunds_is_never_more_than_that_of_the_receipt(gross, bps, cuts, back):
    """Some are undone by the bank, in any order; at the end all of it goes back."""
    tax = rules.tax_within(gross, bps)
    notes: list[tuple[int, int]] = []
    for cut in [*cuts, gross]:
        before, taxed = sum(part for part, _ in notes), sum(part for _, part in notes)
        amount = gross - before if cut == gross else min(cut, gross - before)
        notes.append((amount, rules.tax_given_back(tax, gross, before, taxed, amount)))
        assert 0 <= sum(part for _, part in notes) <= tax
        if back and back.pop() and cut != gross:
            notes.pop(len(notes) // 2)
    if sum(part for part, _ in notes) == gross:
        assert sum(part for _, part in notes) == tax
    assert all(part >= 0 for _, part in notes)
