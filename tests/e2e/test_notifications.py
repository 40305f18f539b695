"""The bell and the centre in two tabs at once, and a choice that holds."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.e2e
TEST = "This is a test"


def bell(page: Page):
    return page.get_by_role("banner").get_by_role("link", name=re.compile("Notifications"))


def test_what_comes_is_seen_at_once_in_every_tab_and_read_in_all(person):
    ben = person()
    ben.sign_in("ben@loom.test")
    first, second = ben.page, ben.tab()
    second.goto(f"{ben.server.url}/notifications")
    expect(second.get_by_role("heading", name="Notifications")).to_be_visible()
    second.get_by_role("button", name="Mark all as read").click()
    expect(second.get_by_text("Everything is marked as read.")).to_be_visible()
    ben.go("/settings/notifications")
    expect(bell(first)).not_to_contain_text("new")
    first.get_by_role("button", name="Send me a test").click()
    for page in (first, second):
        expect(bell(page)).to_contain_text("1")
    line = second.get_by_role("link", name=TEST, exact=True).first
    expect(line).to_be_visible()
    line.click()
    expect(second).to_have_url(re.compile("/settings/notifications"))
    for page in (first, second):
        expect(bell(page)).not_to_contain_text("new")
    assert "You asked for it in the settings." in ben.mail("ben@loom.test", TEST)


def test_a_square_that_is_switched_off_stays_off(person):
    ben = person(viewport={"width": 390, "height": 844})
    ben.sign_in("ben@loom.test")
    ben.go("/settings/notifications")
    square = ben.page.get_by_label("Packages: Mail")
    expect(square).to_be_checked()
    square.click()
    expect(ben.page.get_by_text("Saved.")).to_be_visible()
    ben.page.reload()
    expect(square).not_to_be_checked()
    ben.go("/notifications?show=unread")
    unread = ben.page.get_by_role("button", name="Unread", exact=True)
    expect(unread).to_have_attribute("aria-pressed", "true")
