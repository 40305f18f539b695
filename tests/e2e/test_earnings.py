"""A new coach from their first visit to the money: account, sale, payout."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.e2e


def test_a_coach_sees_where_the_money_is_and_is_paid(person):
    ada = person()
    ada.sign_in("ada@loom.test")
    page: Page = ada.page
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Earnings").click()
    expect(page.get_by_role("heading", name="Available, EUR")).to_be_visible()
    page.get_by_role("link", name="This year").click()
    expect(page.get_by_role("region", name="By client")).to_contain_text("Ben Okafor")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    words = download.value.path().read_text(encoding="utf-8-sig")
    assert "Ben Okafor" in words
    page.get_by_role("button", name="Pay out now").click()
    expect(page.get_by_text("Your payout is being prepared.")).to_be_visible()
    page.get_by_role("link", name="Payouts").click()
    first = page.get_by_role("list", name="Payouts").get_by_role("listitem").first
    expect(first.get_by_text("On the way")).to_be_visible()
    first.locator("summary").click()
    expect(first).to_contain_text("Earned")
    page.get_by_role("link", name="Account").click()
    expect(page.get_by_text("Ready")).to_be_visible()
    page.get_by_label("How often").select_option("monthly")
    page.get_by_label("On day").select_option("15")
    page.get_by_role("button", name="Save schedule").click()
    expect(page.get_by_text("Your schedule is saved.")).to_be_visible()
    page.get_by_role("link", name="Open your Stripe page").click()
    page.wait_for_url(re.compile("/sandbox/stripe/"))
