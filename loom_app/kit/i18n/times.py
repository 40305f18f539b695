"""One instant, said one way everywhere: page, mail, calendar file and message call these."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import (
    format_date,
    format_datetime,
    format_time,
    format_timedelta,
    get_timezone_location,
)

from loom_app.kit import clock
from loom_app.kit.errors import Invalid
from loom_app.kit.text import language, t


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    return frozenset(zone for zone in available_timezones() if "/" in zone or zone == "UTC")


def check_zone(name: str) -> str:
    """Raises Invalid for what is no IANA zone."""
    if name not in available_timezones():
        raise Invalid(t("Choose a time zone from the list."), field="zone")
    return name


def local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone))


def day(on: date) -> str:
    """ "Tue 24 November" """
    return format_date(on, "EEE d MMMM", locale=language())


def weekday(on: date) -> str:
    """ "Tuesday" """
    return format_date(on, "EEEE", locale=language())


def month(on: date) -> str:
    """ "November" """
    return format_date(on, "LLLL", locale=language())


def instant(words: str) -> datetime:
    """An ISO 8601 moment with its offset, as facts keep it."""
    return datetime.fromisoformat(words)


def day_and_year(instant: datetime, zone: str) -> str:
    """ "21 November 2026": for papers and lists that look back."""
    return format_date(local(instant, zone).date(), "d MMMM y", locale=language())


def numbers(instant: datetime, zone: str) -> str:
    """ "2026-11-21": for narrow columns that look back."""
    return local(instant, zone).date().isoformat()


def clock_time(instant: datetime, zone: str) -> str:
    """ "14:00" """
    return format_time(local(instant, zone), "HH:mm", locale=language())


def when(instant: datetime, zone: str) -> str:
    """ "Tue 24 November, 14:00"; another year is named."""
    here = local(instant, zone)
    pattern = (
        "EEE d MMMM, HH:mm" if here.year == local(clock.now(), zone).year else "EEE d MMMM y, HH:mm"
    )
    return format_datetime(here, pattern, locale=language())


def when_brief(instant: datetime, zone: str) -> str:
    """ "Tue 24 Nov, 14:00": among others of its kind, whose order says the year."""
    return format_datetime(local(instant, zone), "EEE d MMM, HH:mm", locale=language())


def time_range(start: datetime, end: datetime, zone: str) -> str:
    """ "Tue 24 November, 14:00–14:50" """
    return f"{when(start, zone)}–{clock_time(end, zone)}"


def relative_day(instant: datetime, zone: str) -> str:
    """ "Today", "Tomorrow", "Yesterday" or the day."""
    here = local(instant, zone).date()
    today = local(clock.now(), zone).date()
    if here == today:
        return t("Today")
    if here == today + timedelta(days=1):
        return t("Tomorrow")
    if here == today - timedelta(days=1):
        return t("Yesterday")
    return day(here)


def zone_label(zone: str, at: datetime | None = None) -> str:
    """ "Berlin (GMT+1)": a place people know and its offset at that instant."""
    offset = local(at or clock.now(), zone).utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    sign = "+" if minutes >= 0 else "−"
    hours, rest = divmod(abs(minutes), 60)
    clock_part = f"GMT{sign}{hours}" + (f":{rest:02d}" if rest else "")
    # browsers still say "Asia/Calcutta"
    city = get_timezone_location(zone, locale=language(), return_city=True).rsplit("/", 1)[-1]
    return f"{city} ({clock_part})"


def local_day(epoch: int, zone: str) -> int:
    """The calendar day of an instant in a zone, as an ordinal."""
    return datetime.fromtimestamp(epoch, ZoneInfo(zone)).toordinal()


def short(instant: datetime, zone: str) -> str:
    """For lists: the time today, the weekday within a week, else the date."""
    here, now = local(instant, zone), local(clock.now(), zone)
    if here.date() == now.date():
        return clock_time(instant, zone)
    if timedelta() < now.date() - here.date() < timedelta(days=7):
        return format_date(here, "EEE", locale=language())
    return format_date(here, "d MMM", locale=language())


def span(length: timedelta) -> str:
    """ "10 minutes", "1 hour", "1 day": how long in the largest unit that fits, rounded."""
    return format_timedelta(length, granularity="minute", locale=language())


def ago(instant: datetime) -> str:
    """ "5 minutes ago", for what was not long ago; coarse on purpose."""
    passed = min(instant - clock.now(), timedelta(seconds=-1))  # never "in 0 seconds"
    return format_timedelta(passed, add_direction=True, locale=language())
