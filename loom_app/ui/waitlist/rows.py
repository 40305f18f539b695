"""What the waitlist draws: wishes, offers and the coach's line, in words and the reader's zone."""

from dataclasses import dataclass
from datetime import datetime

from loom_app.domains.scheduling.queries import OfferView, WaitingView, WaitView, wish_text
from loom_app.kit.i18n import times
from loom_app.kit.text import t, tn


@dataclass(frozen=True)
class WaitRow:
    """Something one waits for."""

    id: int = 0
    title: str = ""
    wish: str = ""
    place: str = ""
    note: str = ""
    coach: str = ""
    initials: str = ""
    hue: int = 0
    avatar_url: str = ""
    href: str = ""


@dataclass(frozen=True)
class OfferRow:
    """A time that is kept for the reader, for so many seconds still."""

    id: int = 0
    title: str = ""
    when: str = ""
    coach: str = ""
    initials: str = ""
    hue: int = 0
    avatar_url: str = ""
    seconds: int = 0


@dataclass(frozen=True)
class LineRow:
    """Somebody who waits for the reader."""

    id: int = 0
    number: str = ""
    name: str = ""
    initials: str = ""
    hue: int = 0
    avatar_url: str = ""
    wish: str = ""
    since: str = ""
    offered: str = ""


def place_words(position: int) -> str:
    return t("First in line") if position == 1 else t("Number {n} in line", n=position)


def wait_row(one: WaitView, zone: str) -> WaitRow:
    day = f"&day={times.local(one.since, zone).date().isoformat()}" if one.since else ""
    missed = tn("One offer was missed", "{n} offers were missed", one.missed)
    return WaitRow(
        id=one.id,
        title=one.offering_name,
        wish=wish_text(one.since, zone, one_time=one.one_time, group=one.group),
        place=place_words(one.position),
        note=missed if one.missed else "",
        coach=one.coach.name,
        initials=one.coach.initials,
        hue=one.coach.hue,
        avatar_url=one.coach.avatar_url,
        href=f"/book/{one.slug}/time?offering={one.offering_id}{day}",
    )


def offer_row(one: OfferView, zone: str, now: datetime) -> OfferRow:
    label = times.zone_label(zone, one.starts_at)
    return OfferRow(
        id=one.id,
        title=one.offering_name,
        when=f"{times.time_range(one.starts_at, one.ends_at, zone)}, {label}",
        coach=one.coach.name,
        initials=one.coach.initials,
        hue=one.coach.hue,
        avatar_url=one.coach.avatar_url,
        seconds=max(1, int((one.until - now).total_seconds())),
    )


def line_rows(line: list[WaitingView], zone: str) -> list[LineRow]:
    return [
        LineRow(
            id=one.id,
            number=str(number),
            name=one.client.name,
            initials=one.client.initials,
            hue=one.client.hue,
            avatar_url=one.client.avatar_url,
            wish=f"{one.offering_name} · {_wish(one, zone)}",
            since=t("Since {when}", when=times.when(one.joined_at, zone)),
            offered=_offered(one, zone),
        )
        for number, one in enumerate(line, 1)
    ]


def _wish(one: WaitingView, zone: str) -> str:
    return wish_text(one.since, zone, one_time=one.one_time, group=one.group)


def _offered(one: WaitingView, zone: str) -> str:
    if one.offered is None or one.offered_until is None:
        return ""
    until = times.clock_time(one.offered_until, zone)
    return t("Offered {when}, until {until}", when=times.when(one.offered, zone), until=until)
