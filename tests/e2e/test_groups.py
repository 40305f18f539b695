"""A group from the editor to a seat given back: two take seats, each sees the other's, one
cancels, and the other's stays."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Person

pytestmark = pytest.mark.e2e


def make_group(coach: Person, name: str = "Harbour circle") -> None:
    coach.sign_in("ada@loom.test")
    coach.go("/offerings/new")
    coach.page.get_by_label("Name").fill(name)
    coach.page.locator("#field-price_minor").fill("0")
    coach.page.locator("#field-capacity").fill("3")
    coach.page.get_by_role("button", name="Save offering").click()
    coach.page.wait_for_url(re.compile("/offerings$"))


def look_at_times(client: Person, name: str = "Harbour circle") -> Page:
    client.go("/coaches/ada-lindqvist")
    client.page.get_by_role("link", name=re.compile(f"^{name}")).click()
    client.page.wait_for_url(re.compile("/time"))
    return client.page


def book_on(page: Page, *, share: bool) -> str:
    """From the details to the session's page; its address."""
    page.wait_for_url(re.compile("/details"))
    if share:
        page.get_by_label("Show my name to the others in the group").check()
    page.get_by_role("button", name="Go to review").click()
    page.wait_for_url(re.compile("/review"))
    page.get_by_role("button", name="Book session").click()
    page.wait_for_url(re.compile("/confirmed"))
    page.get_by_role("link", name="See the session").click()
    page.wait_for_url(re.compile(r"/sessions/\d+$"))
    return re.sub(r".*(/sessions/)", r"\1", page.url)


def test_two_take_seats_in_a_group_and_one_gives_theirs_back(person):
    ada, ben, cleo = person(timezone_id="Europe/Berlin"), person(), person()
    make_group(ada)
    ben.sign_in("ben@loom.test")
    ((email,),) = ada.server.query(
        "SELECT c.email FROM engagements e JOIN credentials c ON c.user_id = e.client_id"
        " JOIN credentials a ON a.user_id = e.coach_id WHERE a.email = 'ada@loom.test'"
        " AND c.email <> 'ben@loom.test' ORDER BY c.user_id LIMIT 1"
    )
    cleo.sign_in(email)
    theirs, mine = look_at_times(ben), look_at_times(cleo)
    for page in (theirs, mine):
        expect(page.get_by_role("button", name=re.compile("3 seats left")).first).to_be_visible()
    theirs.get_by_role("button", name=re.compile("3 seats left")).first.click()
    # taken by one, it is gone from the other's page while they look; each has a clock of their own
    seat = mine.get_by_role("button", name=re.compile("2 seats left"))
    expect(seat).to_be_visible()
    session = book_on(theirs, share=True)
    expect(theirs.get_by_text("Nobody else has booked yet.")).to_be_visible()

    seat.click()
    assert book_on(mine, share=False) == session
    expect(mine.get_by_role("listitem").filter(has_text="Ben Okafor")).to_be_visible()
    expect(theirs.get_by_text("1 other person comes.")).to_be_visible()

    ada.go(session)
    expect(ada.page.get_by_text("2 of 3 seats booked").first).to_be_visible()
    mine.get_by_role("button", name="Give your seat back").click()
    mine.get_by_role("alertdialog").get_by_role("button", name="Give it back").click()
    expect(ada.page.get_by_text("1 of 3 seats booked").first).to_be_visible()
    expect(theirs.get_by_text("Nobody else has booked yet.")).to_be_visible()
    expect(theirs.get_by_text("Confirmed").first).to_be_visible()
    expect(mine.get_by_text("Cancelled").first).to_be_visible()


def test_a_long_name_is_cut_on_a_phone_and_widens_no_step(person):
    ada, phone = person(), person(viewport={"width": 390, "height": 844}, is_mobile=True)
    make_group(
        ada, "A circle for people whose plans have names that are longer than a phone is wide"
    )
    page = look_at_times(phone, "A circle for people")
    page.get_by_role("button", name=re.compile("3 seats left")).first.click()
    page.wait_for_url(re.compile("/details"))
    expect(page.get_by_role("button", name="Go to review")).to_be_in_viewport()
    assert page.evaluate("window.innerWidth") == 390
