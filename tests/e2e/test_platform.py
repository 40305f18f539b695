"""What staff decides is there at once on pages that are open: two browsers, and nobody reloads."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import STAFF, Person

pytestmark = pytest.mark.e2e


def decide(sam: Person, area: str, why: str) -> None:
    """Compare what is filled in, say why, and save."""
    sam.page.get_by_role("button", name=f"Review changes of {area}").click()
    asked = sam.page.get_by_role("dialog")
    asked.get_by_label("Why").fill(why)
    asked.get_by_role("button", name="Save").click()
    expect(asked).to_be_hidden()


def announce(sam: Person, ben: Person) -> None:
    sam.go("/staff/notices")
    sam.page.get_by_label("Words").fill("On Sunday we move to a new loom")
    decide(sam, "Announcement", "The move")
    words = ben.page.get_by_text("On Sunday we move to a new loom")
    expect(words).to_be_visible()
    chat = ben.tab()
    chat.goto(f"{ben.url}/messages")
    chat.get_by_role("link", name=re.compile("Ada Lindqvist")).first.click()
    expect(chat.get_by_text("On Sunday we move to a new loom")).to_be_visible()
    expect(chat.get_by_label("Message", exact=True)).to_be_in_viewport(ratio=1)
    chat.close()
    ben.page.get_by_role("button", name="Put away").click()
    expect(words).to_be_hidden()
    ben.page.reload()
    expect(ben.page.get_by_role("heading", name="Packages")).to_be_visible()
    expect(words).to_be_hidden()


def kill_and_bring_back(sam: Person, packages: Locator) -> None:
    sam.go("/staff/flags")
    form = sam.page.locator("form", has=sam.page.locator("[value='flag:packages']"))
    form.get_by_label("On", exact=True).uncheck()
    decide(sam, "Sale of packages", "They are sold twice")
    expect(packages).to_be_hidden()
    sam.page.get_by_role("button", name="History of Sale of packages").click()
    sam.page.get_by_role("button", name="Go back to this").click()
    asked = sam.page.get_by_role("dialog")
    asked.get_by_label("Why").fill("Mended")
    asked.get_by_role("button", name="Save").click()
    expect(packages).to_be_visible()


def close_and_open(sam: Person, ben: Person) -> None:
    name = ben.page.get_by_label("Name", exact=True)
    name.fill("Ben, still typing")
    sam.go("/staff/notices")
    sam.page.get_by_label("Closed").check()
    sam.page.get_by_label("What people read").fill("We string the loom anew.")
    decide(sam, "Maintenance", "The move")
    cover = ben.page.get_by_role("alertdialog")
    expect(cover).to_contain_text("We string the loom anew.")
    answer = ben.context.request.get(f"{ben.url}/sessions", headers={"accept": "text/html"})
    assert (answer.status, "We string the loom anew." in answer.text()) == (503, True)
    for path in ("live", "ready"):
        assert ben.context.request.get(f"{ben.url}/health/{path}").status == 200
    sam.go("/staff/notices")
    expect(sam.page.get_by_text("You are let in")).to_be_visible()
    sam.page.get_by_label("Closed").uncheck()
    decide(sam, "Maintenance", "Done")
    expect(cover).to_be_hidden()
    expect(name).to_have_value("Ben, still typing")


def test_staff_announces_turns_a_feature_off_and_closes_and_open_pages_follow(
    person: Callable[..., Person],
) -> None:
    sam, ben = person(), person()
    ben.sign_in("ben@loom.test")
    ben.go("/coaches")
    ben.page.get_by_role("link", name=re.compile("Ada Lindqvist")).first.click()
    packages = ben.page.get_by_role("heading", name="Packages")
    expect(packages).to_be_visible()
    sam.sign_in(STAFF)
    announce(sam, ben)
    kill_and_bring_back(sam, packages)
    ben.go("/settings")
    close_and_open(sam, ben)
