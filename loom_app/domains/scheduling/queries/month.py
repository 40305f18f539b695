"""What somebody did in a month, for a report of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from loom_app.kit.db.transaction import Tx

_WHO = text(
    "SELECT DISTINCT u.id FROM seats s JOIN users u ON u.id IN (s.coach_id, s.client_id)"
    " WHERE s.status = 'completed' AND s.starts_at >= :since AND s.starts_at < :until"
    " AND u.zone = ANY(:zones) ORDER BY u.id"
)
_DONE = text(
    "SELECT count(DISTINCT session_id) FILTER (WHERE coach_id = :person) AS given,"
    " count(DISTINCT client_id) FILTER (WHERE coach_id = :person) AS clients,"
    " count(DISTINCT session_id) FILTER (WHERE client_id = :person) AS taken"
    " FROM seats WHERE :person IN (coach_id, client_id) AND status = 'completed'"
    " AND starts_at >= :since AND starts_at < :until"
)
_RATED = text(
    "SELECT count(*) AS ratings, coalesce(avg(stars), 0)::float AS stars FROM session_ratings"
    " WHERE coach_id = :person AND rated_at >= :since AND rated_at < :until"
)


@dataclass(frozen=True, slots=True)
class Month:
    """Sessions that took place: `given` as the coach to so many `clients`, `taken` as a client.
    `stars` is the average of the month's ratings, 0 without one."""

    given: int
    clients: int
    taken: int
    ratings: int
    stars: float


async def took_part(tx: Tx, zones: Collection[str], since: datetime, until: datetime) -> list[int]:
    """Who of these zones had a session then, acting as scheduling."""
    values = {"zones": list(zones), "since": since, "until": until}
    return list(await tx.db.scalars(_WHO, values))


async def month_of(tx: Tx, person_id: int, since: datetime, until: datetime) -> Month:
    """Acting as scheduling."""
    values = {"person": person_id, "since": since, "until": until}
    done = (await tx.db.execute(_DONE, values)).one()
    rated = (await tx.db.execute(_RATED, values)).one()
    return Month(done.given, done.clients, done.taken, rated.ratings, rated.stars)
