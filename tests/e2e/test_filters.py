"""Narrowing a list: in the address, kept under a name, in a drawer on a phone."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from loom_app.kit import clock

pytestmark = pytest.mark.e2e


def test_a_client_narrows_the_directory_and_keeps_the_filters(person):
    ben = person()
    ben.sign_in("ben@loom.test")
    ben.go("/coaches")
    page: Page = ben.page
    panel = page.get_by_role("complementary")
    panel.get_by_label("Leadership").click()
    page.wait_for_url(re.compile("specialty=Leadership"))
    panel.get_by_label("Keep these filters as").fill("Leaders")
    panel.get_by_role("button", name="Save filters").click()
    kept = panel.get_by_role("link", name="Leaders")
    expect(kept).to_be_visible()

    page.get_by_label("Order").select_option("rating")
    page.wait_for_url(re.compile("sort=rating"))
    panel.get_by_role("group", name="Price").get_by_label("To").fill("1")
    page.keyboard.press("Tab")
    page.wait_for_url(re.compile("max=1"))
    expect(page.get_by_text("Nobody matches all of this")).to_be_visible()
    kept.click()
    page.wait_for_url(re.compile(r"/coaches\?specialty=Leadership$"))
    expect(page.get_by_role("link", name="Ada Lindqvist")).to_be_visible()
    expect(panel.get_by_role("group", name="Price").get_by_label("To")).to_have_value("")
    panel.get_by_role("button", name="Clear filters").click()
    page.wait_for_url(re.compile("/coaches$"))


def test_a_day_is_typed_into_a_filter_by_the_keys(person):
    visitor = person(locale="en-US")
    visitor.go("/coaches")
    expect(visitor.page.get_by_role("link", name="Ada Lindqvist")).to_be_visible()  # alive
    field = visitor.page.locator("aside input[name=from]")
    field.focus()
    day = clock.now().date() + timedelta(days=9)
    for key in f"{day:%m%d%Y}":
        visitor.page.keyboard.press(key)
    visitor.page.wait_for_url(re.compile(f"from={day}"))
    expect(field).to_have_value(f"{day}")
    expect(field).to_be_focused()
    visitor.page.go_back()
    expect(field).to_have_value("")


def test_on_a_phone_the_filters_are_in_a_drawer(person):
    visitor = person(viewport={"width": 390, "height": 844})
    visitor.go("/coaches")
    page: Page = visitor.page
    page.get_by_role("button", name="Filters").click()
    drawer = page.get_by_role("dialog", name="Filters")
    drawer.get_by_label("Leadership").click()
    page.wait_for_url(re.compile("specialty=Leadership"))
    drawer.get_by_role("button", name=re.compile(r"Show \d+ result")).click()
    expect(drawer).to_be_hidden()
    expect(page.get_by_role("button", name="Filters · 1")).to_be_visible()
    expect(page.get_by_role("link", name="Ada Lindqvist")).to_be_visible()


@pytest.mark.parametrize("path", ["/sessions", "/payments"])
def test_other_lists_have_the_same_panel_with_filters_of_their_own(person, path):
    ben = person()
    ben.sign_in("ben@loom.test")
    ben.go(path)
    panel = ben.page.get_by_role("complementary")
    word = {"/sessions": "Clarity session", "/payments": "Paid"}[path]
    panel.get_by_role("button", name=word, exact=True).click()
    ben.page.wait_for_url(re.compile(r"\?(type|status)="))
    narrowed = ben.page.url
    panel.get_by_label("Keep these filters as").fill(f"Mine of {path}")
    panel.get_by_role("button", name="Save filters").click()
    kept = panel.get_by_role("link", name="Mine of")
    expect(kept).to_have_count(1)
    panel.get_by_role("button", name="Clear filters").click()
    ben.page.wait_for_url(re.compile(f"{path}$"))
    kept.click()
    ben.page.wait_for_url(narrowed)
    expect(panel.get_by_role("button", name=word, exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
