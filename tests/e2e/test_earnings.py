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


class Bank:
    """Everybody outside, by the sandbox's control."""

    def __init__(self, page: Page, origin: str) -> None:
        self.request, self.origin = page.request, origin
        self.headers = {"Authorization": "Bearer sk_test_bank", "Origin": origin}

    def newest(self, kind: str, account: str = "", **fields: object) -> str:
        """The id of the newest object of a kind with these fields."""
        more = {"Stripe-Account": account} if account else {}
        answer = self.request.get(
            f"{self.origin}/sandbox/stripe/{kind}?limit=100", headers=self.headers | more
        )
        assert answer.ok, answer.text()
        found = answer.json()["data"]
        return next(
            one["id"] for one in found if fields.items() <= {k: one.get(k) for k in fields}.items()
        )

    def act(self, what: str, **values: object) -> None:
        url = f"{self.origin}/sandbox/stripe/control"
        answer = self.request.post(url, headers=self.headers, data={"act": what} | values)
        assert answer.ok, answer.text()


def test_a_dispute_is_answered_and_a_payout_arrives(person):
    """Chloé has sold "Studio hour" and been paid for it; a client's bank asks, and is told."""
    chloe = person()
    chloe.sign_in("chloe@loom.test")
    page: Page = chloe.page
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Earnings").click()
    page.get_by_role("button", name="Pay out now").click()
    expect(page.get_by_text("Your payout is being prepared.")).to_be_visible()
    page.get_by_role("link", name="Payouts").click()
    first = page.get_by_role("list", name="Payouts").get_by_role("listitem").first
    expect(first.get_by_text("On the way")).to_be_visible()
    bank = Bank(page, chloe.url)
    account = bank.newest("v2/core/accounts", display_name="Chloé Martin")
    for _ in range(2):  # on its way, arrived
        bank.act("move_payout", id=bank.newest("v1/payouts", account))
    expect(first.get_by_text("Paid out")).to_be_visible()  # by itself
    page.get_by_role("link", name="Disputes").click()
    expect(page.get_by_text("No payment of yours is disputed")).to_be_visible()
    bank.act(
        "open_dispute", id=bank.newest("v1/charges", description="Studio hour", refunded=False)
    )
    one = page.get_by_role("list", name="Disputes").get_by_role("listitem")
    expect(one).to_contain_text("Answer needed")
    one.get_by_role("button", name="Say what happened").click()
    one.get_by_label("What happened").fill("We met as booked, for the whole hour.")
    one.get_by_role("button", name="Send to the bank").click()
    expect(one).to_contain_text("Your answer")
    expect(one).to_contain_text("We met as booked")
    bank.act("decide_dispute", id=bank.newest("v1/disputes"), won=True)
    expect(one.get_by_text("Won")).to_be_visible()
