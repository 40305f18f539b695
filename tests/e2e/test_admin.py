"""The admin page in a browser: it has its look and its scripts, and every list opens."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def test_staff_open_every_list_and_find_somebody(person):
    sam = person(reduced_motion="reduce")
    sam.sign_in("sam@loom.test")
    sam.go("/admin")
    page = sam.page
    expect(page.get_by_role("heading", name="Admin")).to_be_visible()
    # its style is ours: without it headings are the browser's own
    font = page.get_by_role("heading", name="Admin").evaluate(
        "heading => getComputedStyle(heading).fontFamily"
    )
    assert "Fraunces" in font
    links = page.locator("a[href$='/list']").evaluate_all("all => all.map(one => one.href)")
    assert len(set(links)) >= 10
    keys = {re.sub(r".*/admin/(.*)/list", r"\1", link) for link in links}
    assert {"payments", "refunds", "payouts", "packages", "conversations"} <= keys
    for link in sorted(set(links)):
        answer = page.goto(link)
        assert answer is not None
        assert (link, answer.status) == (link, 200)
        expect(page.locator("table, .empty").first).to_be_visible()
    sam.go("/admin/people/list?q=Okafor")
    page.locator("tr").filter(has_text="Ben Okafor").first.click()
    expect(page).to_have_url(re.compile("/admin/people/detail"))
    expect(page.get_by_text("ben@loom.test").first).to_be_visible()
    # from a person to a conversation of theirs, and on to whom they talk with
    page.get_by_role("link", name="Their conversations").click()
    page.locator("tr").filter(has_text="Ada Lindqvist").first.click()
    expect(page).to_have_url(re.compile("/admin/conversations/detail"))
    page.get_by_role("link", name=re.compile(r"^Person \d+$")).first.click()
    expect(page).to_have_url(re.compile("/admin/people/detail"))


def test_staff_come_to_it_from_the_side_of_their_pages(person):
    sam = person(reduced_motion="reduce")
    sam.sign_in("sam@loom.test")
    sam.go("/staff/book")
    page = sam.page
    side = page.get_by_role("navigation", name="Main")
    side.get_by_role("link", name="Admin", exact=True).click()
    expect(page).to_have_url(re.compile(r"/admin/?$"))
    expect(page.get_by_role("heading", name="Admin")).to_be_visible()


def test_staff_cancel_a_session_for_its_people(person):
    sam = person(reduced_motion="reduce")
    sam.sign_in("sam@loom.test")
    sam.go("/admin/sessions/list?filter=status__eq=confirmed&sort=starts_at__desc")
    page = sam.page
    page.locator("tbody tr").first.click()
    page.get_by_role("link", name="Cancel or note").click()
    expect(page).to_have_url(re.compile(r"/staff/sessions/\d+"))
    page.get_by_label("Note").fill("The client rang.")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("The client rang.").last).to_be_visible()
    page.get_by_role("button", name="Cancel session").click()
    dialog = page.get_by_role("alertdialog")
    dialog.get_by_text("The client's: their policy holds").click()
    dialog.get_by_label("A word to everybody").fill("The room is flooded.")
    dialog.get_by_label("Reason").fill("Asked by phone")
    dialog.get_by_role("button", name="Cancel session").click()
    expect(page.get_by_text("Cancelled by our team")).to_be_visible()
    expect(page.get_by_text("The room is flooded.")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel session")).to_have_count(0)


def test_a_client_finds_nothing_there(person):
    ben = person()
    ben.sign_in("ben@loom.test")
    ben.go("/admin/people/list")
    expect(ben.page.get_by_text("There is nothing here.")).to_be_visible()
    expect(ben.page.get_by_text("Ada Lindqvist")).to_have_count(0)
