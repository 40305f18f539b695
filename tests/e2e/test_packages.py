"""A package: offered by a coach, bought by a client, and booked against."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_client_books_and_pays import GOOD, give_details, pay

pytestmark = pytest.mark.e2e


def test_a_client_buys_a_package_and_books_with_it(person):  # noqa: PLR0915 - one long journey
    name = f"Circle of five {uuid.uuid4().hex[:6]}"
    ada, ben = person(), person()
    ada.sign_in("ada@loom.test")
    ada.go("/offerings")
    page: Page = ada.page
    page.get_by_role("link", name="Packages").click()
    page.get_by_role("link", name="New package").first.click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Price of all").fill("500.02")
    page.get_by_label(re.compile("^Clarity session")).check()
    page.get_by_role("button", name="Save package").click()
    offer = page.get_by_role("link", name=re.compile(name))
    expect(offer).to_contain_text("€100")

    ben.sign_in("ben@loom.test")
    ben.go("/coaches/ada-lindqvist")
    page = ben.page
    page.get_by_role("link", name=re.compile(name)).click()
    page.wait_for_url(re.compile("/packages/buy/"))
    if page.get_by_label("Another card").count():
        page.get_by_label("Another card").check()
    page.get_by_role("button", name="Pay €500.02").click()
    page.wait_for_url(re.compile("/sandbox/stripe/pay/"))
    pay(page, GOOD)
    page.wait_for_url(re.compile(r"/packages/\d+"))
    expect(page.get_by_text("5 of 5 left")).to_be_visible()
    package = page.url.partition("?")[0]

    ben.go("/coaches/ada-lindqvist")
    page.get_by_role("link", name=re.compile("^Clarity")).click()
    page.get_by_role("button", name=re.compile(r"^\d\d:\d\d")).first.click()
    page.wait_for_url(re.compile("/details"))
    give_details(page)
    page.get_by_label("Use your package: 5 of 5 left").check()
    page.get_by_role("button", name="Book session").click()
    page.wait_for_url(re.compile("/confirmed"))
    page.goto(package)
    expect(page.get_by_text("4 of 5 left")).to_be_visible()

    # as found: nothing of it is left, and nobody else can buy it
    ada.page.goto(package)
    ada.page.get_by_role("button", name="Give back").click()
    ada.page.get_by_role("dialog").get_by_role("button", name="Give back").click()
    expect(ada.page.get_by_text("0 of 5 left")).to_be_visible()
    ada.go("/offerings/packages")
    ada.page.get_by_role("link", name=re.compile(name)).click()
    ada.page.get_by_role("button", name="Archive").click()
    ada.page.get_by_role("alertdialog").get_by_role("button", name="Archive").click()
    ada.page.wait_for_url(re.compile("/offerings/packages$"))
