"""Every week the same: chosen in one list, moved and cancelled from one on, none left over. And
what a coach books again and again, from a template."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import open_late_day

pytestmark = pytest.mark.e2e
TIME = re.compile(r"^\d\d:\d\d")


def offer(page: Page, name: str) -> None:
    """Free of charge, so that nothing is paid here."""
    page.get_by_label("Name").fill(name)
    page.locator("#field-price_minor").fill("0")
    page.get_by_role("button", name="Save offering").click()
    page.wait_for_url(re.compile("/offerings$"))


def test_a_series_is_booked_moved_and_cancelled_as_one(person):  # noqa: PLR0915 - one journey
    ada, ben = person(timezone_id="Europe/Berlin"), person()
    ada.sign_in("ada@loom.test")
    ada.go("/offerings/new")
    offer(ada.page, "Rhythm")

    ben.sign_in("ben@loom.test")
    ben.go("/coaches/ada-lindqvist")
    page: Page = ben.page
    page.get_by_role("link", name=re.compile("^Rhythm")).click()
    page.get_by_role("button", name=TIME).first.wait_for()
    open_late_day(page)
    page.get_by_role("button", name=TIME).first.click()
    page.wait_for_url(re.compile("/details"))
    page.get_by_role("link", name="Repeat this session").click()
    page.get_by_label("How many sessions").select_option("4")
    page.wait_for_url(re.compile("times=4"))
    keep = page.get_by_role("button", name=re.compile(r"^Keep \d sessions"))
    for choice in page.get_by_label(re.compile("^Instead of")).all():
        choice.select_option(index=1)
    expect(keep).to_have_text("Keep 4 sessions")
    keep.click()
    page.wait_for_url(re.compile("/details"))
    expect(page.get_by_text("4 sessions, every week").first).to_be_visible()
    page.get_by_label("What would you like to talk about?").fill("Our rhythm")  # at once
    page.get_by_role("button", name="Go to review").click()
    page.wait_for_url(re.compile("/review"))
    expect(page.get_by_text("Our rhythm")).to_be_visible()
    page.get_by_role("button", name="Book session").click()
    page.wait_for_url(re.compile("/confirmed"))
    expect(page.get_by_text(re.compile("1 of 4, weekly"))).to_be_visible()
    page.get_by_role("link", name="See the session").click()
    page.get_by_role("link", name="Move session").click()
    page.get_by_label("All 4 from here on").click()
    page.get_by_role("button", name=TIME).last.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_have_count(4)
    dialog.get_by_role("button", name="Move these sessions").click()
    expect(page.get_by_text(re.compile(r"\d sessions are moved"))).to_be_visible()

    page.wait_for_url(re.compile(r"/sessions/\d+$"))
    ben.go(page.url.removeprefix(ben.url))
    page.get_by_role("button", name="Cancel session").click()
    page.get_by_label("This and all following").click()
    page.get_by_role("button", name=re.compile(r"Cancel \d sessions")).click()
    expect(page.get_by_text(re.compile(r"\d sessions are cancelled"))).to_be_visible()
    ben.go("/sessions?view=cancelled")
    expect(page.get_by_role("link", name=re.compile("of 4, weekly"))).to_have_count(4)


def test_a_template_is_booked_in_two_clicks(person, server):
    """On a free time of the calendar: the template, then the booking, as the template has it."""
    ((ben,),) = server.query("SELECT user_id FROM credentials WHERE email = 'ben@loom.test'")
    ada = person(timezone_id="Europe/Berlin")
    ada.sign_in("ada@loom.test")
    page: Page = ada.page
    page.get_by_role("link", name="Calendar").click()
    for _ in range(7):  # where nothing is booked yet
        page.locator(".fc-next-button").click()
    ten = page.locator(".fc-timegrid-slot-lane[data-time='10:00:00']")
    ten.click(position={"x": 20, "y": 5}, force=True)  # on Monday, below what FullCalendar draws
    page.wait_for_url(re.compile("/sessions/new.at=.*T10:00"))
    client = page.get_by_label("Client", exact=True)
    expect(client).to_be_visible()
    page.evaluate(  # faster than the link can learn of the choice
        """(ben) => {
          const client = document.querySelector("select[name=client]");
          client.value = ben;
          client.dispatchEvent(new Event("change", { bubbles: true }));
          [...document.querySelectorAll("a")].find((a) => a.innerText === "Look back").click();
        }""",
        str(ben),
    )
    expect(page.get_by_text("Look back, 30 min, €60")).to_be_visible()
    expect(client).to_have_value(str(ben))
    page.get_by_role("button", name="Book for the client").click()
    page.wait_for_url(re.compile(r"/sessions/\d+$"))
    expect(page.get_by_text(re.compile("10:00–10:30")).first).to_be_visible()
    expect(page.get_by_text("What did you decide?")).to_be_visible()
