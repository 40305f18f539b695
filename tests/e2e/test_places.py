"""A coach makes a place with a room and offers a session there; the room is taken once at a time,
also for another coach's client, who is offered other times."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from loom_app.kit import clock
from tests.e2e.conftest import Person, Server

pytestmark = pytest.mark.e2e
TIME = re.compile(r"^\d\d:\d\d$")


def make_place(ada: Person) -> None:
    """With a room that holds nobody first, which is refused."""
    ada.go("/offerings")
    ada.page.get_by_role("link", name="Places").click()
    ada.page.get_by_role("link", name="New place").click()
    for label, words in (
        ("Name", "Atelier Nord"),
        ("Street and number", "Badstraße 20"),
        ("City", "Berlin"),
        ("Getting there", "The blue door."),
    ):
        ada.page.get_by_label(label).fill(words)
    ada.page.get_by_label("Country", exact=True).select_option("DE")
    ada.page.get_by_label("Time zone", exact=True).select_option("Europe/Berlin")
    ada.page.get_by_label("Other coaches meet here, too").check()
    ada.page.get_by_role("button", name="Add a room").click()
    ada.page.get_by_label("Room", exact=True).fill("Blue room")
    ada.page.get_by_label("Persons").fill("0")
    ada.page.get_by_role("button", name="Save place").click()
    expect(ada.page.get_by_text("the coach is one of them")).to_be_visible()
    expect(ada.page.get_by_label("Persons")).to_be_focused()
    ada.page.get_by_label("Persons").fill("2")
    ada.page.get_by_role("button", name="Save place").click()
    ada.page.wait_for_url(re.compile(r"/places$"))
    expect(ada.page.get_by_text("Badstraße 20, Berlin, Germany")).to_be_visible()


def offer_there(coach: Person, name: str) -> str:
    """A free session at the place; returns the offering's number."""
    page = coach.page
    coach.go("/offerings/new")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Minutes", exact=True).fill("60")
    page.locator("#field-price_minor").fill("0")
    page.get_by_label("Where you meet").select_option("in_person")
    page.get_by_label("Place", exact=True).select_option(label="Atelier Nord")
    expect(page.get_by_label("It needs a room")).to_be_checked()
    page.get_by_role("button", name="Save offering").click()
    page.wait_for_url(re.compile(r"/offerings$"))
    row = page.get_by_role("link", name=re.compile(name))
    return (row.get_attribute("href") or "").rsplit("/", 1)[-1]


def labels(page: Page) -> list[str]:
    """The times that are free on the day that is shown."""
    times = page.get_by_role("button", name=TIME)
    times.first.wait_for()
    return [words.split("\n")[0] for words in times.all_inner_texts()]  # below: the clock there


def test_a_room_is_booked_in_person_and_taken_for_everybody_else(
    person: Callable[..., Person], server: Server
) -> None:
    ((zone,),) = server.query(
        "SELECT zone FROM users u JOIN credentials c ON c.user_id = u.id"
        " WHERE c.email = 'ben@loom.test'"
    )
    ada, other, ben, guest = person(), person(), person(), person(timezone_id=zone)
    ((email, slug),) = server.query(
        "SELECT c.email, p.slug FROM coach_profiles p JOIN credentials c USING (user_id)"
        " JOIN users u ON u.id = p.user_id WHERE u.zone = 'Europe/Paris' ORDER BY u.id LIMIT 1"
    )
    ada.sign_in("ada@loom.test")
    make_place(ada)
    hers = offer_there(ada, "At the atelier")
    other.sign_in(email)
    theirs = offer_there(other, "Working side by side")

    today = clock.now().date()
    day = next(day for n in range(15, 30) if (day := today + timedelta(days=n)).weekday() == 1)
    guest.go(f"/book/{slug}/time?offering={theirs}&day={day}")
    ben.sign_in("ben@loom.test")
    ben.go(f"/book/ada-lindqvist/time?offering={hers}&day={day}")
    free = [labels(one.page) for one in (guest, ben)]
    common = sorted(set(free[0]) & set(free[1]))
    at, after = common[0], common[-1]  # the minutes after it take the room as well
    ben.page.get_by_role("button", name=at, exact=True).click()
    ben.page.wait_for_url(re.compile("/details"))
    # gone at once for who looks at another coach's times in that room
    expect(guest.page.get_by_role("button", name=f"{at}, just taken")).to_be_disabled()
    expect(guest.page.get_by_role("button", name=after, exact=True)).to_be_enabled()
    ben.page.get_by_role("button", name="Go to review").click()
    expect(ben.page.get_by_text("The blue door.")).to_be_visible()
    ben.page.get_by_role("button", name="Book session").click()
    expect(ben.page.get_by_text("You are booked")).to_be_visible()
    where = "Atelier Nord, Badstraße 20, Berlin, Germany (Blue room)"
    expect(ben.page.get_by_text(where)).to_be_visible()
    ben.page.get_by_role("link", name="See the session").click()
    expect(ben.page.get_by_text(where)).to_be_visible()
    assert where in ben.mail("ben@loom.test", "Booked")
