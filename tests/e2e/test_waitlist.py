"""A coach books for two clients, the group is full, a third waits, is offered a seat, and books."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, text

from loom_app.kit import clock
from tests.e2e.conftest import Person, Server

pytestmark = pytest.mark.e2e

Circle = tuple[str, str, int, list[tuple[int, str, str]]]
NEW = (
    "INSERT INTO offerings (coach_id, name, description, duration_minutes, price_minor, currency,"
    " place, capacity, slot_interval) SELECT user_id, 'Small circle', '', 30, 0, 'EUR', 'video', 2,"
    " 30 FROM coach_profiles WHERE user_id = :coach RETURNING id"
)


@pytest.fixture
def circle(server: Server) -> Circle:
    """A coach's mail address and slug, a group of two of theirs, and three of their clients."""
    ((coach,),) = server.query(
        "SELECT e.coach_id FROM engagements e JOIN credentials c ON c.user_id = e.coach_id"
        " WHERE c.email <> 'ada@loom.test' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    ((email, slug),) = server.query(
        "SELECT c.email, p.slug FROM credentials c JOIN coach_profiles p USING (user_id)"
        " WHERE user_id = :coach",
        coach=coach,
    )
    clients = server.query(
        "SELECT u.id, u.name, c.email FROM engagements e JOIN users u ON u.id = e.client_id"
        " JOIN credentials c ON c.user_id = u.id"
        " WHERE e.coach_id = :coach AND c.email <> 'ben@loom.test' ORDER BY u.id LIMIT 3",
        coach=coach,
    )
    engine = create_engine(server.database)
    with engine.begin() as connection:
        offering = connection.execute(text(NEW), {"coach": coach}).scalar_one()
    engine.dispose()
    return email, slug, offering, [(one[0], one[1], one[2]) for one in clients]


def book_for(coach: Person, client: int, offering: int, at: str, *, why: str = "") -> None:
    """`why`: for a time that is on no grid."""
    coach.go(f"/sessions/new?client={client}&offering={offering}&at={at}")
    coach.page.get_by_role("radio", name=re.compile("Free of charge")).click()
    coach.page.get_by_role("button", name="Book for the client").click()
    if why:
        coach.page.get_by_label("Why all the same").fill(why)
        coach.page.get_by_role("button", name="Book for the client").click()
    coach.page.wait_for_url(re.compile(r"/sessions/\d+$"))


def test_the_first_in_line_gets_the_seat_that_is_given_back(
    person: Callable[..., Person], circle: Circle
) -> None:
    email, slug, offering, (first, second, third) = circle
    today = clock.now().date()
    day = next(day for n in range(4, 11) if (day := today + timedelta(days=n)).weekday() == 3)
    coach, leaving, waiting = person(), person(), person()
    coach.sign_in(email)
    book_for(coach, first[0], offering, f"{day}T12:10", why="A circle of our own")
    book_for(coach, second[0], offering, f"{day}T12:10")
    session = coach.page.url.rsplit("/", 1)[-1]
    expect(coach.page.get_by_text("2 of 2 seats booked")).to_be_visible()

    waiting.sign_in(third[2])
    waiting.go(f"/book/{slug}/time?offering={offering}&day={day}")
    waiting.page.get_by_role("button", name=re.compile("Wait for a seat at")).click()
    expect(waiting.page.get_by_text("First in line")).to_be_visible()

    leaving.sign_in(first[2])
    leaving.go(f"/sessions/{session}")
    expect(leaving.page.get_by_text("Booked by the coach for the client")).to_be_visible()
    leaving.page.get_by_role("button", name="Give your seat back").click()
    leaving.page.get_by_role("alertdialog").get_by_role("button", name="Give it back").click()

    waiting.page.get_by_role("link", name="A time is kept for you").click()
    waiting.page.get_by_role("button", name="Book this time").click()
    waiting.page.wait_for_url(re.compile("/details"))
    waiting.page.get_by_role("button", name="Go to review").click()
    waiting.page.wait_for_url(re.compile("/review"))
    waiting.page.get_by_role("button", name="Book session").click()
    waiting.page.wait_for_url(re.compile("/confirmed"))
    coach.go(f"/sessions/{session}")
    expect(coach.page.get_by_text("2 of 2 seats booked")).to_be_visible()
    expect(coach.page.get_by_text(third[1])).to_be_visible()
