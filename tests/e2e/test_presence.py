"""What two people see of each other while they are here: presence, typing, times to choose from."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def talk(one, other: str) -> None:
    one.go("/messages")
    one.page.get_by_role("link", name=re.compile(other)).first.click()
    expect(one.page.get_by_label("Message", exact=True)).to_be_visible()


def here(one):
    """What the head of the thread says of the other."""
    return one.page.get_by_role("main").locator("header p")


@pytest.fixture
def ada(person):
    one = person(timezone_id="Europe/Berlin")
    one.sign_in("ada@loom.test")
    return one


@pytest.fixture
def ben(person):
    one = person()
    one.page.clock.install()
    one.sign_in("ben@loom.test")
    return one


def test_five_idle_minutes_are_away_on_any_page_and_closing_is_gone(ada, ben):
    talk(ada, "Ben Okafor")
    ben.go("/coaches")
    expect(here(ada)).to_have_text("Online")
    ben.page.clock.fast_forward("05:01")
    expect(here(ada)).to_have_text("Away")
    ben.page.reload()
    expect(here(ada)).to_have_text("Online")
    ben.page.clock.fast_forward("05:01")
    expect(here(ada)).to_have_text("Away")
    ben.page.mouse.wheel(0, 100)
    expect(here(ada)).to_have_text("Online")
    ben.page.goto("about:blank")
    expect(here(ada)).to_contain_text("Last here")


def test_who_hides_is_not_seen_and_does_not_see(ada, ben):
    talk(ada, "Ben Okafor")
    expect(here(ada)).to_have_text("Online")
    ben.go("/settings")
    box = ben.page.get_by_label("Show when I am here")
    box.click()
    expect(ben.page.get_by_text("Nobody sees when you are here.")).to_be_visible()
    expect(here(ada)).to_have_text("")
    talk(ben, "Ada Lindqvist")
    expect(here(ben)).to_have_text("")
    ben.go("/settings")
    expect(box).not_to_be_checked()
    box.click()
    expect(box).to_be_checked()
    expect(here(ada)).to_have_text("Online")


def test_typing_is_seen_and_ends_with_the_message_or_by_itself(ada, person):
    ben = person()
    ben.sign_in("ben@loom.test")
    talk(ada, "Ben Okafor")
    talk(ben, "Ada Lindqvist")
    line = ada.page.get_by_test_id("typing")
    box = ben.page.get_by_label("Message", exact=True)
    box.press_sequentially("hm")
    expect(line).to_have_text("Ben is typing …")
    expect(line).to_have_text("")
    box.press_sequentially("m, yes")
    expect(line).to_have_text("Ben is typing …")
    box.press("Enter")
    expect(line).to_have_text("")


def test_a_proposed_time_is_chosen_in_the_chat_and_kept(ada, person):
    ben = person()
    ben.sign_in("ben@loom.test")
    talk(ada, "Ben Okafor")
    talk(ben, "Ada Lindqvist")
    ada.page.get_by_role("button", name="Propose times").click()
    dialog = ada.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Clarity session").click()
    dialog.get_by_role("button", name="Later").click()
    dialog.get_by_role("button", name="Later").click()
    for number in (0, 3):
        dialog.locator("section").last.get_by_role("button").nth(number).click()
    dialog.get_by_role("button", name="Send 2 times").click()
    expect(dialog).to_have_count(0)

    mine = ada.page.get_by_role("listitem").filter(has_text="Waiting for Ben Okafor to choose")
    theirs = ben.page.get_by_role("listitem").filter(has_text="Choose a time")
    expect(mine.last).to_be_visible()
    theirs.last.get_by_role("button", name=re.compile(r"\d\d:\d\d")).first.click()
    ben.page.wait_for_url(re.compile("/book/.*/details"))
    expect(mine.last.get_by_text("Taken")).to_have_count(1)
