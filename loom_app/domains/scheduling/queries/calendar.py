"""A session as an iCalendar file (RFC 5545): one stable UID, a sequence that grows with changes."""

from datetime import UTC, timedelta
from urllib.parse import urlsplit

from icalendar import Alarm, Calendar, Event

from loom_app.domains.scheduling.queries.facts import SessionFacts, session_facts
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.settings import settings
from loom_app.kit.text import t

AHEAD = timedelta(minutes=10)


async def calendar_file(tx: Tx, session_id: int, for_user: int) -> bytes:
    """The file of one of its two people. Raises NotFound for anybody else."""
    facts = await session_facts(tx, session_id)
    if for_user not in (facts.coach_id, facts.client_id):
        raise NotFound
    return calendar_of(facts, for_user)


def calendar_of(facts: SessionFacts, for_user: int) -> bytes:
    """Published, not requested: nobody has to answer. Instants are UTC, which every client shows
    in its own zone, so that no zone table can be wrong."""
    calendar = Calendar()
    calendar.add("prodid", "-//Loom//Coaching sessions//EN")
    calendar.add("version", "2.0")
    cancelled = facts.status == "cancelled"
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(_event(facts, for_user, cancelled=cancelled))
    return calendar.to_ical()


def _event(facts: SessionFacts, for_user: int, *, cancelled: bool) -> Event:
    base = settings().base_url
    other = facts.client if for_user == facts.coach_id else facts.coach
    url = f"{base}/sessions/{facts.session_id}"
    event = Event()
    event.add("uid", f"session-{facts.session_id}@{urlsplit(base).hostname}")
    event.add("sequence", facts.sequence)
    event.add("dtstamp", facts.changed_at.astimezone(UTC))
    event.add("last-modified", facts.changed_at.astimezone(UTC))
    event.add("dtstart", facts.starts_at.astimezone(UTC))
    event.add("dtend", facts.ends_at.astimezone(UTC))
    event.add("summary", t("{offering} with {name}", offering=facts.offering_name, name=other.name))
    event.add("location", facts.where)
    event.add("description", "\n\n".join(part for part in (facts.agenda, url) if part))
    event.add("url", url)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if not cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", facts.offering_name)
        alarm.add("trigger", -AHEAD)
        event.add_component(alarm)
    return event
