"""Papers and the history as files: for their own people, and safe in a spreadsheet."""

import csv
import io

import pytest

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.payments import actions as payments
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from tests.domains.payments.helpers import rows
from tests.factories.accounts import make_user

PAID = (
    "INSERT INTO charges (payable_kind, payable_id, payer_id, coach_id, amount, currency, fee_bps,"
    " fee_fixed, fee, description, return_path, cancel_path, status, expires_at, paid_at,"
    " created_at, updated_at) VALUES ('seat', :n, :payer, :coach, 12050, 'EUR', 0, 0, 0, :words,"
    " '/', '/', 'succeeded', now(), now(), now(), now()) RETURNING id"
)


async def sign_in(browser, me: Actor) -> None:
    visitor = Actor(visitor="v" * 64)
    async with transaction(visitor) as tx:
        session = await accounts.begin_session(
            tx, visitor, me.require_person(), accounts.Device(), remember=True
        )
    browser.cookies.set("loom_session", session.token)


@pytest.fixture
async def paid(db):
    ben, ada = await make_user(), await make_user(name="Ada Lindqvist", roles=["coach"])
    words = ("Clarity", '=HYPERLINK("http://x")', "@sum", "+1", "-1")
    made: dict[str, int] = {}
    for number, line in enumerate(words):
        values = {"n": number, "payer": ben.person_id, "coach": ada.person_id, "words": line}
        [made] = await rows(PAID, **values)
    paper = await payments.issue_receipt(made["id"])
    return ben, ada, f"/files/payments/papers/{paper}.pdf"


async def test_buyer_and_seller_get_the_paper_and_nobody_else(browser, paid):
    ben, ada, href = paid
    for stranger in (None, await make_user(name="Cleo")):
        if stranger:
            await sign_in(browser, stranger)
        assert (await browser.get(href)).status_code == 404
    for me in (ben, ada):
        await sign_in(browser, me)
        answer = await browser.get(href)
        assert answer.status_code == 200
        assert answer.content.startswith(b"%PDF-")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "attachment" in answer.headers["content-disposition"]
    assert (await browser.get("/files/payments/papers/999.pdf")).status_code == 404


async def test_the_file_holds_ones_own_payments_and_no_formula(browser, paid):
    ben, ada, _ = paid
    assert (await browser.get("/files/payments/history.csv")).status_code == 404
    await sign_in(browser, ben)
    answer = await browser.get("/files/payments/history.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    head, *lines = csv.reader(io.StringIO(answer.text))
    assert head[:3] == ["Payment", "Date", "What"]
    assert [line[2] for line in lines] == ["'-1", "'+1", "'@sum", "'=HYPERLINK(\"http://x\")",
                                           "Clarity"]  # fmt: skip
    assert {tuple(line[4:8]) for line in lines} == {("120.50", "0.00", "EUR", "Paid")}
    for nonsense in ("?status=failed", f"?coach={ben.person_id}", "?from=2100-01-01"):
        answer = await browser.get(f"/files/payments/history.csv{nonsense}")
        assert len(answer.text.splitlines()) == 1
    for all_of_it in (
        "?status=x&coach=y&from=z&to=q",
        "?to=2100-01-01",
        "?to=9999-12-31",
        "?from=0001-01-01",
    ):
        answer = await browser.get(f"/files/payments/history.csv{all_of_it}")
        assert len(answer.text.splitlines()) == 6
    await sign_in(browser, ada)
    assert len((await browser.get("/files/payments/history.csv")).text.splitlines()) == 1


async def test_a_long_file_comes_in_pieces_and_whole(browser, paid):
    ben, ada, _ = paid
    await rows(
        "WITH made AS (INSERT INTO charges (payable_kind, payable_id, payer_id, coach_id, amount,"
        " currency, fee_bps, fee_fixed, fee, description, return_path, cancel_path, status,"
        " expires_at, paid_at) SELECT 'seat', 100 + n, :ben, :ada, 100, 'JPY', 0, 0, 0, 'x', '/',"
        " '/', 'succeeded', now(), now() FROM generate_series(1, 1500) n RETURNING 1)"
        " SELECT count(*) FROM made",
        ben=ben.person_id,
        ada=ada.person_id,
    )
    await sign_in(browser, ben)
    answer = await browser.get("/files/payments/history.csv")
    assert len(answer.text.splitlines()) == 1 + 5 + 1500
