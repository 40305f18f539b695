"""The calendar's pure parts, and where a payment may send a person."""

from datetime import UTC, date, datetime

import pytest

from loom_app.kit.errors import Invalid
from loom_app.ui.booking import times
from loom_app.ui.booking.calendar import zones_words
from loom_app.ui.booking.leaving import may_leave_for
from loom_app.ui.booking.month import (
    Asked,
    asked_of,
    by_day,
    day_parts,
    first_of,
    month_cells,
    part_of,
)
from loom_app.ui.booking.occurrences import elsewhere
from loom_app.ui.directory.rows import TimeRow

NOVEMBER = date(2026, 11, 1)


def test_a_month_is_whole_weeks_with_blank_edges() -> None:
    cells = month_cells(NOVEMBER, {}, chosen=None, today=date(2026, 11, 21), base="/b?o=1")
    assert len(cells) == 42
    assert [cell.kind for cell in cells[:6]] == ["outside"] * 6
    assert cells[6].number == "1"
    assert sum(cell.today for cell in cells) == 1
    assert [cell.over for cell in cells] == [True] * 21 + [False] * 21, "weeks before today's"


def test_a_month_that_starts_on_monday_wastes_no_row() -> None:
    cells = month_cells(date(2027, 2, 1), {}, chosen=None, today=NOVEMBER, base="")
    assert len(cells) == 28


def test_a_free_day_says_how_many_times_it_has() -> None:
    at = datetime(2026, 11, 24, 13, tzinfo=UTC)
    free = {date(2026, 11, 24): [at, at]}
    cells = month_cells(NOVEMBER, free, chosen=None, today=NOVEMBER, base="/b?o=1")
    [cell] = [cell for cell in cells if cell.kind == "free"]
    assert cell.label == "Tue 24 November, 2 times"
    assert cell.href == "/b?o=1&day=2026-11-24"


def test_an_evening_in_berlin_is_the_next_day_in_tokyo() -> None:
    late = datetime(2026, 11, 24, 17, tzinfo=UTC)
    assert list(by_day([late], "Europe/Berlin")) == [date(2026, 11, 24)]
    assert list(by_day([late], "Asia/Tokyo")) == [date(2026, 11, 25)]


@pytest.mark.parametrize(
    ("mine", "theirs", "said"),
    [
        ("America/New_York", "Europe/Berlin", "11:00"),
        ("Asia/Tokyo", "Pacific/Pago_Pago", "Mon 23 November, 23:00"),
        ("Europe/Paris", "Europe/Berlin", ""),
    ],
)
def test_one_clock_is_shown_where_two_show_the_same(mine: str, theirs: str, said: str) -> None:
    at = datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert elsewhere(at, mine, theirs) == said
    assert ("Ada lives in" in zones_words(mine, theirs, "Ada", at)) == bool(said)


def test_two_clocks_may_part_at_the_end_of_summer() -> None:
    """Lagos has none: in winter it is with Berlin, in July an hour behind."""
    for month, parted in ((1, False), (7, True)):
        at = datetime(2027, month, 5, 10, tzinfo=UTC)
        words = zones_words("Africa/Lagos", "Europe/Berlin", "Ada", at)
        assert ("their time stands below" in words, "GMT+1" in words) == (parted, True)


@pytest.mark.parametrize("later", [-11, -1, 0, 1, 2, 14])
def test_months_are_counted_over_the_year(later: int) -> None:
    month = first_of(date(2026, 11, 30), later)
    assert month.day == 1
    assert (month.year - 2026) * 12 + month.month - 11 == later


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ({"day": "2026-11-24"}, Asked(day=date(2026, 11, 24))),
        ({"day": "2026-11-24", "week": "2026-12-07"}, Asked(day=date(2026, 11, 24))),
        ({"week": "2026-12-10"}, Asked(week=date(2026, 12, 7))),
        ({"week": "2026-11-02"}, Asked(week=date(2026, 11, 16))),
        ({"month": "2026-11"}, Asked(only_month=NOVEMBER, whole=True)),
        (
            {"month": "2026-11", "day": "2026-11-24"},
            Asked(day=date(2026, 11, 24), whole=True),
        ),
        ({"day": "<script>", "week": "2026-13-01", "month": "13"}, Asked()),
        ({}, Asked()),
    ],
)
def test_nonsense_in_the_address_is_no_day(query: dict[str, str], asked: Asked) -> None:
    assert asked_of(query, date(2026, 11, 21)) == asked


@pytest.mark.parametrize(
    ("week", "month"),
    [("2026-11-30", date(2026, 12, 1)), ("2026-12-28", date(2026, 12, 1))],
)
def test_a_week_over_two_months_is_shown_whole_in_the_one_of_its_thursday(week, month) -> None:
    asked = asked_of({"week": week}, date(2026, 11, 21))
    assert asked.month == month
    free = {date(2026, 11, 30): [datetime(2026, 11, 30, 9, tzinfo=UTC)]}
    cells = month_cells(
        month, free, chosen=None, today=date(2026, 11, 21), base="", week=asked.week
    )
    shown = [cell for cell in cells if cell.in_week]
    assert len(shown) == 7
    assert "outside" not in {cell.kind for cell in shown}
    beside = [cell.iso[:7] for cell in shown if cell.beside]
    assert beside
    assert "2026-12" not in beside


def test_a_day_has_the_parts_in_which_it_has_times() -> None:
    rows = [
        TimeRow(instant=f"{hour}", label=f"{hour}", free=hour != 9, part=part_of(at))
        for hour in (9, 10, 11, 17, 20)
        for at in [datetime(2026, 11, 24, hour, 30, tzinfo=UTC)]
    ]
    assert [(one.label, one.count, one.opened) for one in day_parts(rows, "evening")] == [
        ("Morning", "2", False),
        ("Evening", "2", True),
    ]
    assert part_of(datetime(2026, 11, 24, 12, tzinfo=UTC)) == "afternoon"


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-11-24T10:00", "9" * 60])
def test_a_forged_instant_is_refused_in_words(text: str) -> None:
    with pytest.raises(Invalid, match="from the list"):
        times.read_instant(text)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/pay",
        "http://checkout.stripe.com/c",
        "https://checkout.stripe.com.evil.example/c",
        "javascript:alert(1)",
        "//evil.example",
        "",
    ],
)
def test_nobody_is_sent_to_a_strange_host(url: str) -> None:
    assert not may_leave_for(url)


def test_stripes_page_and_our_own_may_be_opened() -> None:
    assert may_leave_for("https://checkout.stripe.com/c/pay/cs_test_1")
