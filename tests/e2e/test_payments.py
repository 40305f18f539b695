"""A client's money after the session: the paper, asking for a refund, the answer, the credit."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.e2e


def test_a_receipt_a_refund_and_the_credit_it_becomes(person):
    ben = person()
    ben.sign_in("ben@loom.test")
    page: Page = ben.page
    ben.go("/payments")
    rows = page.get_by_role("list", name="Payments").get_by_role("listitem")
    paid = rows.filter(has_text="Paid").filter(has_text="Clarity session")
    with page.expect_download() as download:
        paid.get_by_role("link", name="Receipt for").first.click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    paid.get_by_role("link").first.click()
    page.get_by_role("button", name="Ask for a refund").click()
    page.get_by_label("Why?").fill("I was ill that day")
    page.get_by_label("Where should it go?").select_option("credit")
    page.get_by_role("button", name="Send request").click()
    expect(page.get_by_text("Your coach has your request and will answer.")).to_be_visible()

    desk = _money_desk(person)
    expect(desk.get_by_role("button", name="Answer Ben Okafor")).to_be_visible()

    ada = person()
    ada.sign_in("ada@loom.test")
    ada.go("/payments/requests")
    ada.page.get_by_role("button", name="Answer Ben Okafor").click()
    ada.page.get_by_label("How much").fill("40")
    ada.page.get_by_label("A word to the client").fill("Get well soon")
    ada.page.get_by_role("button", name="Send answer").click()
    expect(ada.page.get_by_text("The client has your answer.")).to_be_visible()

    expect(page.get_by_text("Get well soon")).to_be_visible()  # by itself, on the open page
    expect(desk.get_by_text("Nobody waits for an answer.")).to_be_visible()
    # by the worker, which has others to serve
    expect(page.get_by_text("Given as credit")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="All payments").click()
    expect(page.get_by_text("€40, until")).to_be_visible()


def _money_desk(person) -> Page:
    """What somebody of staff sees."""
    sam = person()
    sam.sign_in("sam@loom.test")
    sam.go("/staff/money")
    return sam.page
