"""A coach's hours: drawn with the mouse, copied, away for some days, and explained."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from loom_app.kit import clock

pytestmark = pytest.mark.e2e


def drag(page: Page, day: int, start: float, end: float, to_day: int | None = None) -> None:
    """From an hour of a day's column to another hour, of the same or another day."""
    height = 576
    box = page.locator(f"[data-day='{day}']").bounding_box()
    goal = page.locator(f"[data-day='{day if to_day is None else to_day}']").bounding_box()
    assert box
    assert goal
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + height * start / 24)
    page.mouse.down()
    page.mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + height * end / 24, steps=5)
    page.mouse.up()


def go_away(page: Page) -> None:
    """Off for three weeks, in which there are sessions."""
    first = clock.now().date() + timedelta(days=1)
    page.get_by_role("button", name="Add time off").click()
    page.get_by_label("First day").fill(first.isoformat())
    page.get_by_label("Last day").fill((first + timedelta(days=20)).isoformat())
    page.get_by_label("Reason").fill("A long walk")
    page.get_by_role("button", name="Save time off").click()
    expect(page.get_by_text("A long walk")).to_be_visible()
    expect(page.get_by_text(re.compile("booked in this time"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^Move")).first).to_be_visible()


def test_hours_are_drawn_moved_undone_and_explained(person):
    ada = person(viewport={"width": 1280, "height": 1400})
    ada.sign_in("ada@loom.test")
    ada.go("/availability")
    page = ada.page
    saturday = page.locator("[data-day='5'] [data-at]")
    expect(page.locator("[data-day='0'] [data-at]").first).to_be_visible()
    expect(saturday).to_have_count(0)
    drag(page, 5, 10.02, 12)
    expect(saturday).to_have_text("10:00–12:00")
    drag(page, 5, 11.9, 13)  # the lower edge
    expect(saturday).to_have_text("10:00–13:00")
    drag(page, 5, 11, 13, to_day=6)
    expect(page.locator("[data-day='6'] [data-at]")).to_have_text("12:00–15:00")
    page.get_by_role("button", name="Undo").click()
    expect(saturday).to_have_text("10:00–13:00")
    page.get_by_role("button", name="Copy Saturday to other days").click()
    dialog = page.get_by_role("dialog")
    for name in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
        dialog.get_by_label(name).uncheck()
    dialog.get_by_label("Sunday").check()
    dialog.get_by_role("button", name="Copy").click()
    expect(page.locator("[data-day='6'] [data-at]")).to_have_text("10:00–13:00")
    page.get_by_role("button", name="Save hours").click()
    expect(page.get_by_text("Your hours are saved")).to_be_visible()

    go_away(page)
    page.get_by_role("link", name="Why is a time closed?").click()
    expect(page.get_by_role("heading", name="Why is a time closed?")).to_be_visible()
    page.get_by_role("link", name="The week after").click()
    expect(page.get_by_text("Time off").first).to_be_visible()
    page.reload()
    expect(page.get_by_text("Time off").first).to_be_visible()
