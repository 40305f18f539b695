"""Lists of sessions where a practice has a hundred thousand: time, statements, and what is read
from end to end."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import create_engine, text

from loom_app.cli.bench import plans
from loom_app.cli.large import Large, Sizes
from loom_app.domains.scheduling import queries
from loom_app.domains.scheduling.queries import SessionFilters
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction

SIZES = Sizes(messages=20_000)
BUSY = 5_000  # sessions of one coach, who has been at it for years


def fill(url: str) -> tuple[Actor, Actor]:
    """A large practice beside what is there; returns its busiest coach and a client of theirs."""
    owner = create_engine(url)
    with owner.begin() as connection:
        raw: Any = connection.connection.driver_connection
        large = Large(raw, SIZES)
        large.write()
        coach = large.users
        # one coach took over the finished sessions of fifty others
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        moved = {"coach": coach, "last": coach + BUSY // 100 * 2}
        for table in ("seats", "coaching_sessions"):
            connection.execute(
                text(
                    f"UPDATE {table} SET coach_id = :coach WHERE coach_id BETWEEN :coach AND :last"
                    " AND status = 'completed'"
                ),
                moved,
            )
        client, name = connection.execute(
            text(
                "SELECT u.id, u.name FROM engagements e JOIN users u ON u.id = e.client_id"
                " WHERE e.coach_id = :coach ORDER BY u.id LIMIT 1"
            ),
            moved,
        ).one()
    with owner.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    owner.dispose()
    return (
        Actor(person_id=coach, zone="Europe/Berlin", roles=frozenset({"coach"})),
        Actor(person_id=client, name=name, zone="America/New_York", roles=frozenset({"client"})),
    )


async def run(
    url: str, timed: Callable[[Callable[[], Awaitable[object]], int], Awaitable[dict[str, float]]]
) -> dict[str, Any]:
    """By list: p50 and p99 in ms, statements, and big tables read from end to end (none)."""
    coach, client = fill(url)
    since = clock.now()

    def of(filters: SessionFilters, me: Actor) -> Callable[[Tx], Awaitable[object]]:
        async def read(tx: Tx) -> object:
            found = await queries.sessions(tx, me, filters)
            assert found.total  # noqa: S101 - an empty list would be quick and prove nothing
            return found

        return read

    cases = {
        "coach, to come": (coach, of(SessionFilters(), coach)),
        "coach, past": (coach, of(SessionFilters(view="past"), coach)),
        "coach, past, page 100": (coach, of(SessionFilters(view="past", page=100), coach)),
        "coach, past, by name": (coach, of(SessionFilters(view="past", person=client.name), coach)),
        "client, past": (client, of(SessionFilters(view="past"), client)),
        "coach, a month": (
            coach,
            lambda tx: queries.sessions_between(tx, coach, since, since + timedelta(days=42)),
        ),
    }
    figures: dict[str, Any] = {}
    for name, (me, read) in cases.items():

        async def once(me: Actor = me, read: Callable[[Tx], Awaitable[object]] = read) -> None:
            async with transaction(me) as tx:
                await read(tx)

        figures[name] = {**await timed(once, 30), **await plans.judged(me, read)}
    return figures
