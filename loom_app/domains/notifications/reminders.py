"""Reminders of sessions: what is due follows from the sessions as they stand now.

Nothing is planned ahead, so nothing has to be called back when a session moves or is cancelled.
Each minute the sessions to come are looked through; a delivery's key is session, start, person and
lead time, so that each reminder is sent once for each time that the session had.

A reminder that is late (the worker slept) is still sent while more than half of its lead time is
left, and of several that are due together only the nearest one is. One whose moment lay before the
session was booked or moved is never sent: the confirmation has just said it.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import text

from loom_app.domains.notifications.actions import keys_of, notify, stored_key
from loom_app.domains.scheduling import queries as scheduling
from loom_app.domains.scheduling.queries import Coming
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.text import t

EVENT = "session.reminder"
# minutes before the start that can be chosen
CHOICES = (10, 15, 30, 60, 120, 1440, 2880, 10080)
DEFAULT = (10, 60, 1440)
REMINDER = Actor.system_job("notifications.remind")

_CHOSEN = text("SELECT minutes FROM reminder_times WHERE user_id = :me")
_CHOSEN_OF = text("SELECT user_id, minutes FROM reminder_times WHERE user_id = ANY(:people)")
_SAVE = text(
    "INSERT INTO reminder_times (user_id, minutes) VALUES (:me, :minutes)"
    " ON CONFLICT (user_id) DO UPDATE SET minutes = excluded.minutes"
)
_SENT = text("SELECT key FROM deliveries WHERE key = ANY(:keys)")


def due(lead: int, coming: Coming, now: datetime) -> bool:
    """Whether a reminder so many minutes ahead is to be sent now, unless it was already."""
    ahead, left = timedelta(minutes=lead), coming.starts_at - now
    return ahead / 2 < left <= ahead and coming.starts_at - ahead > coming.agreed_at


def key_of(coming: Coming, lead: int) -> str:
    """Unique with the person, who is added when it is stored."""
    return f"{coming.session_id}:{int(coming.starts_at.timestamp())}:{lead}"


async def remind(tx: Tx) -> int:
    """Owe every reminder that is due; returns how many. As often as one likes."""
    found = await scheduling.coming(tx, tx.now + timedelta(minutes=max(CHOICES)))
    wanted = await _chosen_of(tx, {person for one in found for person in one.people})
    owed = {
        stored_key(EVENT, key_of(one, lead), person): (one, person, lead)
        for one in found
        for person in one.people
        for lead in _nearest(wanted.get(person, DEFAULT), one, tx.now)
    }
    told = {key: stored for stored in owed for key in keys_of(stored)}
    sent = {told[key] for key in await tx.db.scalars(_SENT, {"keys": list(told)})}
    for stored, (one, person, lead) in owed.items():
        if stored not in sent:
            about = {"session_id": one.session_id, "starts_at": one.starts_at.isoformat()}
            await notify(tx, person, EVENT, key=key_of(one, lead), facts=about)
    return len(owed.keys() - sent)


def _nearest(leads: Iterable[int], coming: Coming, now: datetime) -> list[int]:
    return sorted(lead for lead in leads if due(lead, coming, now))[:1]


async def _chosen_of(tx: Tx, people: Collection[int]) -> Mapping[int, list[int]]:
    rows = await tx.db.execute(_CHOSEN_OF, {"people": list(people)})
    return {row.user_id: row.minutes for row in rows}


async def reminder_times(tx: Tx, person_id: int) -> list[int]:
    """Minutes ahead at which a person is reminded, the farthest first; empty where never."""
    chosen = await tx.db.scalar(_CHOSEN, {"me": person_id})
    return sorted(DEFAULT if chosen is None else chosen, reverse=True)


async def save_reminder_times(tx: Tx, me: Actor, minutes: Collection[int]) -> None:
    """Choose when to be reminded; none is a choice, too. Raises Invalid."""
    if not set(minutes) <= set(CHOICES):
        raise Invalid(t("Choose times from the list."), field="minutes")
    await tx.db.execute(_SAVE, {"me": me.require_person(), "minutes": sorted(set(minutes))})
