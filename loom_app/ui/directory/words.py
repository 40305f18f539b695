"""From views of the domains to rows in words, in the reader's zone."""

from datetime import datetime

from babel.dates import format_date

from loom_app.domains.coaches.queries import OfferingView
from loom_app.kit import clock
from loom_app.kit.i18n import times
from loom_app.kit.text import language
from loom_app.ui.directory.rows import OfferingRow


def offering_row(view: OfferingView, slug: str) -> OfferingRow:
    return OfferingRow(
        id=view.id,
        name=view.name,
        description=view.description,
        duration=view.duration_text,
        place=view.address or view.place_text,
        place_icon=view.place,
        price=view.price_text,
        href=f"/book/{slug}/time?offering={view.id}",
    )


def soon(instant: datetime, zone: str) -> str:
    """ "Tomorrow, 14:00" or "Wed 25 Nov, 14:00": as short as a button wants it."""
    here = times.local(instant, zone).date()
    days = (here - times.local(clock.now(), zone).date()).days
    day = (
        times.relative_day(instant, zone)
        if days in (0, 1)
        else format_date(here, "EEE d MMM", locale=language())
    )
    return f"{day}, {times.clock_time(instant, zone)}"


def rating_words(average: float, count: int) -> tuple[str, str]:
    """ "4.9" and "(32)", or nothing before the first review."""
    return (f"{average:.1f}", f"({count})") if count else ("", "")
