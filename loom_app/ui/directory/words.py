"""From views of the domains to rows in words, in the reader's zone."""

from collections.abc import Collection, Sequence
from datetime import datetime

from babel.dates import format_date

from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.scheduling.queries import CoachCard
from loom_app.kit import clock
from loom_app.kit.i18n import times
from loom_app.kit.text import language, t, tn
from loom_app.ui.directory.coach_card import CoachRow
from loom_app.ui.directory.rows import OfferingRow


def offering_row(view: OfferingView, slug: str, *, sells: Collection[str]) -> OfferingRow:
    """`sells`: the currencies that its coach can be paid in; what is free can be booked anyway."""
    return OfferingRow(
        id=view.id,
        name=view.name,
        description=view.description,
        duration=duration_words(view),
        place=view.address or view.place_text,
        place_icon=view.place,
        site_id=view.site.id if view.site else 0,
        site_name=view.site.name if view.site else "",
        site_zone=view.site.zone if view.site else "",
        directions=view.site.directions if view.site else "",
        price=view.price_text,
        terms=" · ".join(words for words in (view.terms_text, minimum_words(view)) if words),
        minimum=minimum_words(view),
        free=view.price_minor == 0,
        closed=bool(view.price_minor) and view.currency not in sells,
        href=f"/book/{slug}/time?offering={view.id}",
    )


def duration_words(view: OfferingView) -> str:
    """How long, and for a group with how many."""
    if view.capacity == 1:
        return view.duration_text
    group = t("group of up to {n}", n=view.capacity)
    return f"{view.duration_text} · {group}"


def minimum_words(view: OfferingView) -> str:
    """Whether a group takes place, where that depends on how many book."""
    if view.min_seats == 1:
        return ""
    hours = tn("{n} hour", "{n} hours", view.decide_hours)
    return t(
        "Takes place if {n} have booked {hours} before, else you get everything back",
        n=view.min_seats,
        hours=hours,
    )


def closed_note(name: str, offerings: Sequence[OfferingRow], sells: Collection[str]) -> str:
    """Why some of what a coach offers cannot be booked, or nothing."""
    if not any(one.closed for one in offerings):
        return ""
    if sells:
        return t("Some prices are in a currency that cannot be paid here. Ask {name}.", name=name)
    if all(one.closed for one in offerings):
        return t("{name} does not take bookings yet.", name=name)
    return t("{name} does not take paid bookings yet. What is free can be booked.", name=name)


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


def coach_row(card: CoachCard, zone: str) -> CoachRow:
    rating, reviews = rating_words(card.rating_avg, card.rating_count)
    price = card.price_text
    return CoachRow(
        slug=card.slug,
        name=card.name,
        initials=card.initials,
        hue=card.hue,
        avatar_url=card.avatar_url,
        headline=card.headline,
        specialties=card.specialties[:3],
        price=t("From {price}", price=price) if card.price_from_minor else price,
        free_intro=card.free_intro,
        next_free=soon(card.next_free, zone) if card.next_free else "",
        closed=not card.bookable,
        rating=rating,
        reviews=reviews,
    )
