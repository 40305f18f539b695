"""A whole booking with one thumb: with much to choose from, no step is longer than a phone."""

import json
import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from sqlalchemy import create_engine, text

from loom_app.kit import clock
from tests.e2e.conftest import DEMO_PASSWORD, Server

pytestmark = pytest.mark.e2e

PHONES: tuple[ViewportSize, ...] = ({"width": 390, "height": 844}, {"width": 360, "height": 740})
TIME = re.compile(r"^\d\d:\d\d")
LONG = {"kind": "long", "required": False, "choices": []}
QUESTIONS = json.dumps(
    [
        {"key": "q1", "label": "What would make it worth it?", **LONG, "required": True},
        {"key": "q2", "label": "Have you worked with a coach before?", **LONG},
    ]
)
# a coach who sells eight things, is open on every day from nine to five, for an hour at each
# quarter: 29 times; and is away on the third and the seventh of the weeks that follow
BUSY = (
    (
        "UPDATE offerings SET slot_interval = 15, buffer_after = 0, window_days = 300,"
        " questions = CAST(:questions AS jsonb) WHERE id = :offering"
    ),
    "DELETE FROM weekly_hours WHERE coach_id = :coach",
    (
        "INSERT INTO weekly_hours (coach_id, weekday, start_minute, end_minute)"
        " SELECT :coach, day, 540, 1020 FROM generate_series(0, 6) day"
    ),
    (
        "INSERT INTO offerings (coach_id, name, description, duration_minutes, price_minor,"
        " currency, place) SELECT :coach, 'Career change, part ' || n,"
        " 'From a first idea to a plan that you believe in, with homework between.',"
        " 50, 9000 + 500 * n, 'EUR', 'video'"
        " FROM generate_series((SELECT count(*) FROM offerings WHERE coach_id = :coach) + 1, 8) n"
    ),
    (
        "INSERT INTO time_off (coach_id, first_day, last_day)"
        " SELECT :coach, CAST(:day AS date) + 7 * n, CAST(:day AS date) + 7 * n"
        " FROM unnest(ARRAY[2, 6]) n"
    ),
)


@pytest.fixture
def busy(server: Server) -> tuple[int, str]:
    """Of Ada: what has 29 times on a day, and that day, of a week when nothing is booked."""
    ((coach, offering),) = server.query(
        "SELECT o.coach_id, o.id FROM offerings o JOIN users u ON u.id = o.coach_id"
        " WHERE u.name = 'Ada Lindqvist' AND o.name = 'Clarity session'"
    )
    last: date
    ((last,),) = server.query(
        "SELECT max(starts_at)::date FROM coaching_sessions WHERE coach_id = :coach", coach=coach
    )
    day = max(last, clock.now().date()) + timedelta(days=14)
    day -= timedelta(days=day.weekday() - 1)  # a Tuesday
    about = {
        "coach": coach,
        "offering": offering,
        "day": f"{day}",
        "questions": QUESTIONS,
    }
    engine = create_engine(server.database)
    with engine.begin() as connection:
        for statement in BUSY:
            connection.execute(text(statement), about)
    engine.dispose()
    return offering, f"{day}"


def too_long(page: Page) -> dict[str, int]:
    """By how many pixels the page is longer than each phone, where it is."""
    expect(page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)
    found = {}
    for phone in PHONES:
        page.set_viewport_size(phone)
        over = page.evaluate("document.documentElement.scrollHeight - innerHeight")
        if over > 0:
            found[f"{phone['width']} x {phone['height']}"] = over
    page.set_viewport_size(PHONES[0])
    return found


def test_each_step_is_one_screen(person, busy):  # noqa: PLR0915 - one journey
    offering, day = busy
    mia = person(viewport=PHONES[0], is_mobile=True, has_touch=True, timezone_id="Europe/London")
    page: Page = mia.page
    over: dict[str, dict[str, int]] = {}

    mia.go("/book/ada-lindqvist")
    expect(page.get_by_role("listitem").filter(has=page.locator("h3"))).to_have_count(8)
    over["offering"] = too_long(page)
    page.get_by_role("button", name="More about Clarity session").click()
    sheet = page.get_by_role("dialog", name="Clarity session")
    expect(sheet.get_by_text(re.compile("One decision"))).to_be_visible()
    sheet.get_by_role("link", name="Choose a time").click()
    page.wait_for_url(re.compile("/time"))

    mia.go(f"/book/ada-lindqvist/time?offering={offering}&day={day}")
    expect(page.get_by_role("radio", name="Morning, 16 free times")).to_be_checked()
    expect(page.get_by_role("button", name=TIME)).to_have_count(16)
    over["time"] = too_long(page)
    page.get_by_role("link", name=re.compile("Show the whole month")).click()
    expect(page.get_by_role("button", name=TIME)).to_have_count(0)
    over["month"] = too_long(page)
    page.get_by_role("link", name=re.compile("Show one week")).click()
    page.wait_for_url(re.compile(f"day={day}$"))
    page.get_by_role("radio", name="Morning").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name=TIME)).to_have_count(13)

    # somebody takes a time of the morning: the afternoon stays open under the thumb
    leo = person(timezone_id="Europe/London")
    leo.go(f"/book/ada-lindqvist/time?offering={offering}&day={day}")
    leo.page.get_by_role("button", name="10:00").click()
    leo.page.wait_for_url(re.compile("/details"))
    expect(page.get_by_role("radio", name="Morning, 9 free times")).to_be_visible()
    expect(page.get_by_role("radio", name="Afternoon")).to_be_checked()
    expect(page.get_by_role("button", name=TIME)).to_have_count(13)
    expect(page.get_by_role("button", name="Wait for a taken time")).to_be_visible()
    over["time, with some taken"] = too_long(page)

    page.get_by_role("button", name="14:00").click()
    page.wait_for_url(re.compile("/details"))
    expect(page.get_by_role("textbox")).to_have_count(3)
    over["details"] = too_long(page)
    page.get_by_role("link", name="Repeat this session").click()
    page.get_by_label("How many sessions").select_option("12")
    expect(page.get_by_text("Always Tuesday, 15:00 on your coach's clock.")).to_be_visible()
    expect(page.get_by_label(re.compile("^Instead of"))).to_have_count(2)
    over["repeat"] = too_long(page)
    page.get_by_role("button", name="Only the first").click()
    page.wait_for_url(re.compile("/details"))
    expect(page.get_by_role("textbox")).to_have_count(3)
    for box in page.get_by_role("textbox").all():
        box.fill("A new job, and whether I want it.")
    page.get_by_role("button", name="Go to review").click()
    page.wait_for_url(re.compile("/review"))
    expect(page.get_by_role("link", name="Create an account")).to_be_visible()
    over["review, not signed in"] = too_long(page)

    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Email").fill("ben@loom.test")
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/review"))
    expect(page.get_by_role("button", name=re.compile("^Pay .* and book"))).to_be_visible()
    expect(page.get_by_text("If you fall ill, write to me")).to_be_visible()
    over["review"] = too_long(page)

    mia.go(f"/book/ada-lindqvist/repeat?offering={offering}&times=12")
    expect(page.get_by_label(re.compile("^Instead of"))).to_have_count(2)
    for choice in page.get_by_label(re.compile("^Instead of")).all():
        choice.select_option(index=1)
    page.get_by_role("button", name="Keep 12 sessions").click()
    page.wait_for_url(re.compile("/details"))
    page.get_by_role("button", name="Go to review").click()
    page.wait_for_url(re.compile("/review"))
    page.get_by_role("button", name="All dates").click()
    dates = page.get_by_role("dialog", name="12 sessions, every week")
    expect(dates.get_by_role("listitem")).to_have_count(12)
    page.keyboard.press("Escape")
    # on the smaller phone what twelve sessions cost and when is more than a screen; the way on
    # stays in sight
    assert set(too_long(page)) <= {"360 x 740"}
    page.set_viewport_size(PHONES[1])
    expect(page.get_by_role("button", name=re.compile("^Pay .* and book"))).to_be_in_viewport()
    assert {step: found for step, found in over.items() if found} == {}
