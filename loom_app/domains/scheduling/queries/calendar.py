"""Sessions as iCalendar (RFC 5545): one stable UID each, a sequence that grows with changes.

A file has one session; a feed, at a secret address that can be made anew, has all of a person's.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

from icalendar import Alarm, Calendar, Event
from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.scheduling.queries.facts import (
    SessionFacts,
    missed_words,
    other_words,
    session_facts,
    sessions_facts,
)
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.security import tokens
from loom_app.kit.settings import settings
from loom_app.kit.text import t

AHEAD = timedelta(minutes=10)
LOOK_BACK = timedelta(days=180)
FEED_READER = Actor.system_job("scheduling.feed")

_FEED = text("SELECT secret FROM calendar_feeds WHERE user_id = :person")


async def calendar_file(tx: Tx, session_id: int, for_user: int, also: Iterable[int] = ()) -> bytes:
    """The file of one of its two people. Raises NotFound for anybody else.

    `also`: all sessions of a series that something happened to at once. Each is an event of its
    own, so that each can go its own way; and only PUBLISH may carry several (RFC 5546).
    """
    facts = [
        await session_facts(tx, one, reader=for_user) for one in (tuple(also) or (session_id,))
    ]
    if any(for_user not in (one.coach_id, one.client_id) for one in facts):
        raise NotFound
    if len(facts) == 1:
        return calendar_of(facts[0], for_user)
    calendar = _calendar("PUBLISH")
    for one in facts:
        calendar.add_component(_event(one, for_user))
    return calendar.to_ical()


def calendar_of(facts: SessionFacts, for_user: int) -> bytes:
    """Published, not requested: nobody has to answer. Instants are UTC, which every client shows
    in its own zone, so that no zone table can be wrong."""
    calendar = _calendar("CANCEL" if _off(facts, for_user) else "PUBLISH")
    calendar.add_component(_event(facts, for_user))
    return calendar.to_ical()


async def feed_address(tx: Tx, me: Actor) -> str:
    """The secret address of the caller's feed; empty where there is none."""
    person_id = me.require_person()
    secret = await tx.db.scalar(_FEED, {"person": person_id})
    if secret is None:
        return ""
    token = tokens.signed(f"{person_id}-{secret}", "calendar-feed")
    return f"{settings().base_url}/calendar/feed/{token}.ics"


async def feed_owner(tx: Tx, token: str) -> int:
    """Whose feed it is, acting as `FEED_READER`. Raises NotFound for a token that is none, or none
    any more, and while its owner is suspended."""
    person, _, secret = (tokens.unsigned(token, "calendar-feed") or "").partition("-")
    if not person.isdecimal():
        raise NotFound
    if not secret or await tx.db.scalar(_FEED, {"person": int(person)}) != secret:
        raise NotFound
    if await accounts.is_suspended(tx, int(person)):
        raise NotFound
    return int(person)


async def calendar_feed(tx: Tx, me: Actor) -> bytes:
    """What one has booked, had booked and cancelled since half a year ago: the cancelled ones stay,
    as programs take out of a calendar only what they are told is off."""
    calendar = _calendar("PUBLISH")
    calendar.add("name", t("Loom sessions"))
    calendar.add("x-wr-calname", t("Loom sessions"))
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    shown: set[str] = set()
    for facts in reversed(await sessions_facts(tx, me.require_person(), tx.now - LOOK_BACK)):
        # a coach has a group once, however many seats it has
        if (uid := _uid(facts, me.require_person())) not in shown:
            shown.add(uid)
            calendar.add_component(_event(facts, me.require_person()))
    return calendar.to_ical()


def add_links(
    title: str, starts_at: datetime, ends_at: datetime, where: str, href: str
) -> list[tuple[str, str]]:
    """Name and address of calendars on the web that take a session by a link."""
    compact = "%Y%m%dT%H%M%SZ"
    utc = [at.astimezone(UTC) for at in (starts_at, ends_at)]
    url = settings().base_url + href
    google = {
        "action": "TEMPLATE",
        "text": title,
        "dates": "/".join(at.strftime(compact) for at in utc),
        "details": url,
        "location": where,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title,
        "startdt": utc[0].isoformat(),
        "enddt": utc[1].isoformat(),
        "body": url,
        "location": where,
    }
    return [
        ("Google Calendar", f"https://calendar.google.com/calendar/render?{urlencode(google)}"),
        ("Outlook", f"https://outlook.live.com/calendar/0/deeplink/compose?{urlencode(outlook)}"),
    ]


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Loom//Coaching sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _off(facts: SessionFacts, for_user: int) -> bool:
    """A coach's group goes on without the one who left it."""
    if facts.group and for_user == facts.coach_id:
        return facts.all_off
    return facts.status == "cancelled"


def _missed(facts: SessionFacts, for_user: int) -> str:
    """A coach's group took place without those who did not come."""
    alone = facts.group and for_user == facts.coach_id and facts.missed_by == "client"
    return "" if alone else missed_words(facts, for_user)


def _uid(facts: SessionFacts, for_user: int) -> str:
    """In a group each client has an event of their own seat, the coach one of the session."""
    own = facts.group and for_user != facts.coach_id
    what = f"seat-{facts.seat_id}" if own else f"session-{facts.session_id}"
    return f"{what}@{urlsplit(settings().base_url).hostname}"


def _event(facts: SessionFacts, for_user: int) -> Event:
    cancelled = _off(facts, for_user)
    missed = _missed(facts, for_user)
    base = settings().base_url
    other = other_words(facts, for_user)
    url = f"{base}/sessions/{facts.session_id}"
    event = Event()
    event.add("uid", _uid(facts, for_user))
    # of one seat alone the session's own number says nothing
    of_the_seat = (cancelled and not facts.all_off) or (facts.group and missed != "")
    event.add("sequence", facts.sequence + of_the_seat)
    event.add("dtstamp", facts.changed_at.astimezone(UTC))
    event.add("last-modified", facts.changed_at.astimezone(UTC))
    event.add("dtstart", facts.starts_at.astimezone(UTC))
    event.add("dtend", facts.ends_at.astimezone(UTC))
    event.add("summary", t("{offering} with {name}", offering=facts.offering_name, name=other))
    event.add("location", facts.where)
    agenda = "" if facts.group and for_user == facts.coach_id else facts.agenda
    about = (missed, agenda, facts.directions, url)
    event.add("description", "\n\n".join(part for part in about if part))
    event.add("url", url)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if not cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", facts.offering_name)
        alarm.add("trigger", -AHEAD)
        event.add_component(alarm)
    return event
