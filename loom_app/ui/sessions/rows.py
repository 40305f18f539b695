"""What the session pages draw: everything already in words, in the reader's zone."""

from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil

from loom_app.domains.scheduling.queries import (
    Attendee,
    KeptSeat,
    SessionCard,
    SessionPage,
    add_links,
    opens_at,
    room_path,
    time_there,
)
from loom_app.kit import clock
from loom_app.kit.i18n import times
from loom_app.kit.text import t, tn
from loom_app.ui.booking.occurrences import elsewhere
from loom_app.ui.sessions.money_rows import (
    DueRow,
    MoneyRow,
    due_row,
    money_row,
    receipt_words,
)
from loom_app.ui.sessions.words import kept_words, waiting_words

TONES = {
    "confirmed": "good",
    "in_progress": "brand",
    "cancelled": "bad",
    "held": "warn",
    "completed": "plain",
}


@dataclass(frozen=True)
class SessionRow:
    """One line; `day` is set on the first of a day."""

    id: int = 0
    href: str = ""
    day: str = ""
    time: str = ""
    title: str = ""
    other: str = ""
    initials: str = ""
    hue: int = 0
    avatar_url: str = ""
    place: str = ""
    status: str = ""
    tone: str = "plain"
    missed: bool = False
    soon: bool = False
    join_href: str = ""
    series: str = ""


@dataclass(frozen=True)
class Said:
    """A question with its answer, or a moment with what happened."""

    what: str
    words: str


@dataclass(frozen=True)
class KeptRow:
    """A seat that is kept for somebody who has not paid yet."""

    seat_id: int = 0
    name: str = ""
    initials: str = ""
    hue: int = 0
    avatar_url: str = ""
    until: str = ""


@dataclass(frozen=True)
class PersonRow:
    """Somebody with a seat in a group, as its coach sees them; `missable`: it can be said that they
    did not come."""

    seat_id: int = 0
    person_id: int = 0
    name: str = ""
    initials: str = ""
    hue: int = 0
    avatar_url: str = ""
    payment: str = ""
    missed: bool = False
    missable: bool = False
    agenda: str = ""
    answers: list[Said] = field(default_factory=list)


@dataclass(frozen=True)
class SessionFull:
    """One session, as its coach or its client sees it."""

    id: int = 0
    title: str = ""
    status: str = ""
    status_key: str = ""
    tone: str = "plain"
    when: str = ""
    when_other: str = ""
    other_id: int = 0
    role: str = ""
    other: str = ""
    initials: str = ""
    hue: int = 0
    avatar_url: str = ""
    place_key: str = ""
    place: str = ""
    where: str = ""
    there: str = ""  # the time on the clock of the place, where that differs
    directions: str = ""
    join_href: str = ""
    opens: str = ""
    opens_in: int = 0
    agenda: str = ""
    answers: list[Said] = field(default_factory=list)
    price: str = ""
    payment: str = ""
    fee: str = ""
    earned: str = ""
    receipts: list[list[str]] = field(default_factory=list)
    dues: list[DueRow] = field(default_factory=list)
    can_miss: bool = False
    missed_text: str = ""
    absent_text: list[str] = field(default_factory=list)
    unpaid: str = ""
    cancelled: str = ""  # who cancelled it, or said that somebody did not come
    reason: str = ""
    can_cancel: bool = False
    can_rate: bool = False
    rating: int = 0
    rating_words: str = ""
    feedback: str = ""
    private_note: str = ""
    move_href: str = ""
    again_href: str = ""
    refund: str = ""
    calendar_href: str = ""
    calendar_links: list[Said] = field(default_factory=list)
    series: str = ""
    group: bool = False
    people: list[PersonRow] = field(default_factory=list)
    kept_seats: list[KeptRow] = field(default_factory=list)
    companions: list[str] = field(default_factory=list)
    others: str = ""
    minimum: str = ""
    waiting: str = ""
    kept: str = ""
    history: list[Said] = field(default_factory=list)
    money: list[MoneyRow] = field(default_factory=list)


def session_rows(cards: list[SessionCard], zone: str) -> list[SessionRow]:
    rows: list[SessionRow] = []
    last = ""
    for card in cards:
        day = times.relative_day(card.starts_at, zone)
        start, end = times.clock_time(card.starts_at, zone), times.clock_time(card.ends_at, zone)
        rows.append(
            SessionRow(
                id=card.id,
                href=f"/sessions/{card.id}",
                day="" if day == last else day,
                time=f"{start}–{end}",
                title=card.title,
                other=card.other.name,
                initials=card.other.initials,
                hue=card.other.hue,
                avatar_url=card.other.avatar_url,
                place=card.place_text,
                status=card.status_text,
                tone=TONES.get(card.status, "plain"),
                missed=card.status == "no_show",
                soon=card.status in {"confirmed", "in_progress"},
                join_href=_join(card),
                series=card.series_text,
            )
        )
        last = day
    return rows


def session_full(page: SessionPage, zone: str) -> SessionFull:
    other = page.client if page.coaching else page.coach
    return SessionFull(
        id=page.id,
        title=page.title,
        status=page.status_text,
        status_key=page.status,
        tone=TONES.get(page.status, "plain"),
        when=f"{times.time_range(page.starts_at, page.ends_at, zone)},"
        f" {times.zone_label(zone, page.starts_at)}",
        when_other="" if page.group and page.coaching else _elsewhere(page, zone, other.zone),
        role=_role(page),
        other_id=other.id,
        other=other.name,
        initials=other.initials,
        hue=other.hue,
        avatar_url=other.avatar_url,
        place_key=page.place,
        place=page.place_text,
        where=page.address,
        there=time_there(page.starts_at, page.ends_at, page.site.place_zone, zone),
        directions=page.site.directions,
        join_href=_join(page),
        opens=_opens(page, zone),
        opens_in=_opens_in(page),
        agenda=page.agenda,
        answers=[Said(one.question, one.answer) for one in page.answers],
        price=page.price_text,
        payment=page.payment_text,
        fee=page.fee_text,
        earned=page.earned_text,
        receipts=[[receipt_words(one.part), f"/payments/{one.charge_id}"] for one in page.receipts],
        dues=[due_row(one, zone, coaching=page.coaching) for one in page.dues],
        can_miss=page.can_miss and not page.group,
        missed_text=page.missed_text,
        absent_text=page.absent_text,
        series=page.series_text,
        group=page.group,
        people=[_person(one, page) for one in page.attendees],
        kept_seats=[_kept_seat(one, zone) for one in page.kept],
        companions=page.companions,
        others=page.others_text,
        waiting=waiting_words(page),
        kept=kept_words(page, zone),
        minimum=_minimum(page, zone),
        unpaid=page.unpaid_text,
        cancelled=_cancelled(page) or _missed(page),
        reason=page.cancel_reason,
        can_cancel=page.can_cancel,
        can_rate=page.rating.open,
        rating=page.rating.stars,
        rating_words=tn("{n} star", "{n} stars", page.rating.stars),
        feedback=page.rating.feedback,
        private_note=page.rating.private_note,
        move_href=f"/sessions/{page.id}/move" if page.can_move else "",
        again_href=page.again_path,
        refund=_refund(page),
        calendar_href=f"/calendar/{page.id}.ics" if page.can_cancel else "",
        calendar_links=_calendars(page, other.name),
        history=[Said(times.when(line.at, zone), line.words) for line in page.history],
        money=[
            money_row(one, zone, coaching=page.coaching, seat_alone=_seat_alone(page))
            for one in page.money
        ],
    )


def _role(page: SessionPage) -> str:
    if not page.coaching:
        return t("Your coach")
    return t("Your group") if page.group else t("Your client")


def _person(one: Attendee, page: SessionPage) -> PersonRow:
    who = one.person
    return PersonRow(
        seat_id=one.seat_id,
        person_id=who.id,
        name=who.name,
        initials=who.initials,
        hue=who.hue,
        avatar_url=who.avatar_url,
        payment=one.payment_text,
        missed=one.status == "no_show" and page.missed_by != "coach",
        missable=page.can_miss and one.status != "no_show",
        agenda=one.agenda,
        answers=[Said(said["question"], said["answer"]) for said in one.answers],
    )


def _kept_seat(one: KeptSeat, zone: str) -> KeptRow:
    who = one.person
    return KeptRow(
        seat_id=one.seat_id,
        name=who.name,
        initials=who.initials,
        hue=who.hue,
        avatar_url=who.avatar_url,
        until=t("Kept until {when}, not paid yet", when=times.when(one.until, zone)),
    )


def _minimum(page: SessionPage, zone: str) -> str:
    """When it is decided whether a group takes place, as long as it is open."""
    if page.decide_at is None or page.status != "confirmed":
        return ""
    return t(
        "Takes place if {n} have booked by {when}. Else everybody is refunded.",
        n=page.min_seats,
        when=times.when(page.decide_at, zone),
    )


def _join(page: SessionPage | SessionCard) -> str:
    open_now = page.place == "video" and page.door == "open"
    return room_path(page.id) if open_now else ""


def _opens(page: SessionPage, zone: str) -> str:
    """When one can join, on the day itself."""
    soon = page.door == "early" and page.starts_at - clock.now() < timedelta(hours=24)
    if page.place != "video" or not soon or page.status != "confirmed":
        return ""
    when = times.clock_time(opens_at(page.starts_at), zone)
    return t("You can join from {time}.", time=when)


def _opens_in(page: SessionPage) -> int:
    """Seconds until the door opens, for a page that waits for it; 0 where it does not."""
    left = (opens_at(page.starts_at) - clock.now()).total_seconds()
    return max(1, ceil(left)) if page.door == "early" and 0 <= left < 24 * 3600 else 0


def _calendars(page: SessionPage, other: str) -> list[Said]:
    crowd = page.group and page.coaching  # no name, but a number of seats
    title = page.title if crowd else t("{offering} with {name}", offering=page.title, name=other)
    where = page.address or page.place_text
    href = f"/sessions/{page.id}"
    links = add_links(title, page.starts_at, page.ends_at, where, href)
    return [Said(name, address) for name, address in links]


def _elsewhere(page: SessionPage, zone: str, theirs: str) -> str:
    """The other side's clock, where neither the reader's nor that of the place shows the same."""
    at, site = page.starts_at, page.site.place_zone
    other = elsewhere(at, zone, theirs)
    if not other or (site and not elsewhere(at, site, theirs)):
        return ""
    return f"{other}, {times.zone_label(theirs, at)}"


def _refund(page: SessionPage) -> str:
    if not page.refund_text or page.coaching or not page.group:
        return page.refund_text
    return f"{page.refund_text} {t('The others keep their seats.')}"


def _missed(page: SessionPage) -> str:
    if not page.missed_by:
        return ""
    if page.missed_by == "coach":
        return _coach_missed(page)
    if page.coaching:
        return t("You noted that your client did not come.")
    name = page.coach.name
    return t("{name} says that you did not come. If that is not right, write to them.", name=name)


def _coach_missed(page: SessionPage) -> str:
    name, card = page.coach.name, bool(page.receipts)
    if page.coaching:
        words = t("You did not come. Who had a seat gets everything back.")
    elif page.missed_back and card:
        words = t("{name} did not come. What you paid by card goes back.", name=name)
    elif page.missed_back or page.payment_status in ("free", "none"):
        words = t("{name} did not come.", name=name)
    else:
        words = t("{name} did not come. Everything you paid goes back.", name=name)
    return " ".join([words, *page.missed_back])


def _seat_alone(page: SessionPage) -> bool:
    """What ended for a client is their seat: the others go on."""
    return page.group and not page.coaching and not page.all_off


def _cancelled(page: SessionPage) -> str:
    if not page.cancelled_by:
        return ""
    by_others = {
        "minimum": t("Too few had booked, so it does not take place. Everything was given back."),
        "staff": t("Our team took your seat back.")
        if _seat_alone(page)
        else t("Our team cancelled this session."),
    }
    if page.cancelled_by in by_others:
        return by_others[page.cancelled_by]
    if page.group and page.coaching and page.cancelled_by == "client":
        return t("Everybody gave their seat back, so it does not take place.")
    mine = (page.cancelled_by == "coach") == page.coaching
    if mine and page.group and not page.coaching:
        return t("You gave your seat back.")
    if mine:
        return t("You cancelled this session.")
    other = page.client if page.coaching else page.coach
    return t("{name} cancelled this session.", name=other.name)
