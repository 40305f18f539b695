"""The calendar's pure parts, and where a payment may send a person."""

from datetime import UTC, date, datetime

import pytest

from loom_app.kit.errors import Invalid
from loom_app.ui.booking import times
from loom_app.ui.booking.leaving import may_leave_for
from loom_app.ui.booking.occurrences import elsewhere

NOVEMBER = date(2026, 11, 1)


def test_a_month_is_whole_weeks_with_blank_edges() -> None:
    cells = times.month_cells(NOVEMBER, {}, chosen=None, today=date(2026, 11, 21), base="/b?o=1")
    assert len(cells) == 42
    assert [cell.kind for cell in cells[:6]] == ["outside"] * 6
    assert cells[6].number == "1"
    assert sum(cell.today for cell in cells) == 1
    assert [cell.over for cell in cells] == [True] * 21 + [False] * 21, "weeks before today's"


def test_a_month_that_starts_on_monday_wastes_no_row() -> None:
    cells = times.month_cells(date(2027, 2, 1), {}, chosen=None, today=NOVEMBER, base="")
    assert len(cells) == 28


def test_a_free_day_says_how_many_times_it_has() -> None:
    at = datetime(2026, 11, 24, 13, tzinfo=UTC)
    free = {date(2026, 11, 24): [at, at]}
    cells = times.month_cells(NOVEMBER, free, chosen=None, today=NOVEMBER, base="/b?o=1")
    [cell] = [cell for cell in cells if cell.kind == "free"]
    assert cell.label == "Tue 24 November, 2 times"
    assert cell.href == "/b?o=1&day=2026-11-24"


def test_an_evening_in_berlin_is_the_next_day_in_tokyo() -> None:
    late = datetime(2026, 11, 24, 17, tzinfo=UTC)
    assert list(times.by_day([late], "Europe/Berlin")) == [date(2026, 11, 24)]
    assert list(times.by_day([late], "Asia/Tokyo")) == [date(2026, 11, 25)]


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
    assert ("Ada lives in" in times.zones_words(mine, theirs, "Ada", at)) == bool(said)


def test_two_clocks_may_part_at_the_end_of_summer() -> None:
    """Lagos has none: in winter it is with Berlin, in July an hour behind."""
    for month, parted in ((1, False), (7, True)):
        at = datetime(2027, month, 5, 10, tzinfo=UTC)
        words = times.zones_words("Africa/Lagos", "Europe/Berlin", "Ada", at)
        assert ("their time stands below" in words, "GMT+1" in words) == (parted, True)


@pytest.mark.parametrize("later", [-11, -1, 0, 1, 2, 14])
def test_months_are_counted_over_the_year(later: int) -> None:
    month = times.first_of(date(2026, 11, 30), later)
    assert month.day == 1
    assert (month.year - 2026) * 12 + month.month - 11 == later


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ({"day": "2026-11-24"}, (date(2026, 11, 24), NOVEMBER)),
        ({"month": "2026-11"}, (None, NOVEMBER)),
        ({"day": "<script>", "month": "13"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_nonsense_in_the_address_is_no_day(
    query: dict[str, str], asked: tuple[object, ...]
) -> None:
    assert times.asked_day(query) == asked


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
