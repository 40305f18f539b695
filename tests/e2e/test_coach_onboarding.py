"""A client becomes a coach, is sent back, mends it, is approved, and is booked (COM-2, COM-3)."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Person
from tests.e2e.test_hours import drag

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

PDF = {"name": "passport.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\nAmelia Stone"}
AMELIA = "amelia@loom.test"


def test_a_coach_is_booked_after_staff_has_looked_and_not_before(person):
    amelia = person(viewport={"width": 1280, "height": 1400})
    sam, ben = person(), person()
    amelia.sign_in(AMELIA)
    page: Page = amelia.page
    _fill_in(amelia)
    amelia.go("/become-a-coach/proofs")
    _prove(page, "Passport")
    amelia.go("/become-a-coach")
    page.get_by_role("button", name="Submit for a check").click()
    expect(page.get_by_role("heading", name="Our team is looking at it")).to_be_visible()
    ben.go("/coaches/amelia-stone")
    expect(ben.page.get_by_text("Career change")).to_have_count(0)

    sam.sign_in("sam@loom.test")
    _send_back(sam)

    # the open page of the coach follows
    expect(page.get_by_text("The scan cannot be read.").first).to_be_visible()
    assert "The scan cannot be read." in amelia.mail(AMELIA, "Something has to change")
    amelia.go("/become-a-coach/proofs")
    _prove(page, "Passport, larger")
    amelia.go("/become-a-coach")
    page.get_by_role("button", name="Submit once more").click()
    expect(page.get_by_role("heading", name="Our team is looking at it")).to_be_visible()

    _approve(sam)
    expect(page.get_by_role("heading", name="You are verified")).to_be_visible()
    amelia.mail(AMELIA, "You are verified as a coach")

    _book(ben)


def _fill_in(one: Person) -> None:
    """Everything but the proofs, each in its own editor."""
    page: Page = one.page
    one.go("/become-a-coach")
    page.get_by_role("button", name="Become a coach").click()
    page.wait_for_url(re.compile("/profile"))
    page.get_by_label("Headline").fill("Steady through change")
    page.get_by_label("About you").fill("Twelve years beside people who change their work.")
    page.get_by_label("Specialties").fill("Career change")
    page.get_by_label("Public address").fill("amelia-stone")
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)

    one.go("/offerings/new")
    page.get_by_label("Name").fill("First talk")
    page.get_by_label("Minutes", exact=True).fill("60")
    page.locator("#field-price_minor").fill("0")
    page.get_by_role("button", name="Save offering").click()
    page.wait_for_url(re.compile(r"/offerings$"))
    one.go("/availability")
    expect(page.locator("[data-day='0']")).to_be_visible()
    for day in range(5):
        drag(page, day, 9.02, 17)
    page.get_by_role("button", name="Save hours").click()
    expect(page.get_by_text("Your hours are saved")).to_be_visible()


def _prove(page: Page, title: str) -> None:
    page.get_by_role("button", name="Add a proof").click()
    page.get_by_label("What does it show?").select_option("identity")
    page.get_by_label("Name of the document").fill(title)
    page.get_by_role("button", name="Go on to the document").click()
    expect(page.get_by_role("dialog", name=f"Document: {title}")).to_be_visible()
    page.locator("#proof-document").set_input_files(PDF)
    expect(page.get_by_text("The document is there.").first).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def _send_back(one: Person) -> None:
    one.go("/staff/coaches")
    one.page.get_by_role("link", name=re.compile("Amelia Stone")).click()
    one.page.get_by_role("button", name="Ask for changes").click()
    one.page.get_by_label("Words to the coach").fill("The scan cannot be read. Add it again.")
    one.page.get_by_role("button", name="Send back").click()
    expect(one.page.get_by_text("They have a mail with your words.")).to_be_visible()


def _approve(one: Person) -> None:
    expect(one.page.get_by_text("Changed since the time before").first).to_be_visible()
    for box in one.page.get_by_role("checkbox").all():
        box.check()
    one.page.get_by_role("button", name="Approve").click()
    expect(one.page.get_by_text(re.compile("^Verified since"))).to_be_visible()


def _book(one: Person) -> None:
    one.sign_in("ben@loom.test")
    one.go("/coaches/amelia-stone")
    one.page.get_by_role("link", name=re.compile("^First talk")).click()
    one.page.get_by_role("button", name=re.compile(r"^\d\d:\d\d")).first.click()
    one.page.wait_for_url(re.compile("/(details|review)"))
