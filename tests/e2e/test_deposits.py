"""A deposit when booking, the rest seen coming and paid, a hold for who may not come."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import open_late_day
from tests.e2e.test_client_books_and_pays import pay

pytestmark = pytest.mark.e2e


def sell_with_deposit(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.locator("#field-price_minor").fill("100")
    page.get_by_label("Deposit", exact=True).select_option("percent")
    page.get_by_label("Percent").fill("30")
    page.get_by_role("button", name="Save offering").click()
    page.wait_for_url(re.compile("/offerings$"))
    expect(page.get_by_text("€30 when booking, the rest before the session")).to_be_visible()


def choose_late_time(page: Page, name: str) -> None:
    """A time in another week, so that the rest is still to come."""
    page.get_by_role("link", name=re.compile(f"^{name}")).click()
    page.wait_for_url(re.compile("/time"))
    page.get_by_role("button", name=re.compile(r"^\d\d:\d\d")).first.wait_for()
    day = date.fromisoformat(open_late_day(page))
    expect(page.get_by_text(f"{day:%a} {day.day} {day:%B}").first).to_be_visible()
    page.get_by_role("button", name=re.compile(r"^\d\d:\d\d")).first.click()
    page.wait_for_url(re.compile("/details"))
    page.get_by_role("button", name="Go to review").click()
    page.wait_for_url(re.compile("/review"))


def test_a_deposit_books_and_the_rest_is_seen_coming_and_paid(person):
    ada, ben = person(timezone_id="Europe/Berlin"), person()
    ada.sign_in("ada@loom.test")
    ada.go("/offerings/new")
    sell_with_deposit(ada.page, "Deep dive")

    ben.sign_in("ben@loom.test")
    ben.go("/coaches/ada-lindqvist")
    page: Page = ben.page
    choose_late_time(page, "Deep dive")
    expect(page.get_by_text(re.compile("€30 now, €70 from your card on"))).to_be_visible()
    expect(page.get_by_text("The card is saved, as a part is taken from it later.")).to_be_visible()
    page.get_by_role("button", name="Pay €30 and book").click()
    page.wait_for_url(re.compile("/sandbox/stripe/pay/"))
    pay(page)
    page.wait_for_url(re.compile("/confirmed"))
    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()

    ben.go("/payments")
    coming = page.get_by_role("region", name="Upcoming").get_by_role("listitem")
    expect(coming).to_contain_text("Deep dive: the rest")
    expect(coming).to_contain_text("Visa ···· 4242")
    coming.get_by_role("link", name="Pay now").click()
    page.get_by_role("button", name="Pay €70 now").click()
    page.wait_for_url(re.compile("/sandbox/stripe/pay/"))
    page.get_by_role("button", name=re.compile("^Pay")).click()
    page.wait_for_url(re.compile("/sessions/"))
    expect(page.get_by_text("€70 is paid.")).to_be_visible()
    page.get_by_role("link", name="The rest: receipt and refunds").click()
    # the deposit has a receipt too, and its mail may be the newest for a moment
    paper = page.get_by_text(re.compile(r"^Receipt \S*\d$")).first.inner_text()
    assert "Deep dive: the rest" in ben.mail("ben@loom.test", paper)
