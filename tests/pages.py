"""Every page opened as the people who use it, and what each asked the database.

`python -m tests.pages` (a part of `make bench`) does it at the large practice, 1,000,000 messages,
100,000 sessions, 10,000 people, and ends with 1 where a statement took 100 ms or longer, where one
is repeated for every row, or where a page asked more often than `MOST` allows. The test of the same
is `tests/ui/test_statements.py`. Chat's own fast path (`loom_app/kit/db/direct.py`) is no part.
"""

import asyncio
import contextlib
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, text

from loom_app.kit.actor import Actor
from loom_app.kit.db import engine

LIMIT_MS = 100.0
TRIES = 3  # what is slow is opened again: a machine that does something else is no slow statement
MOST = 45  # statements of one opening of a page, with the frame around it
REPEATED = 5  # times of one statement in one opening; the settings of staff have five areas
_PARAMETER = re.compile(r"\[(\w+)\]")
# said by every transaction, and by what counts and remembers beside the page
_BESIDE = ("SELECT set_config", "SAVEPOINT", "RELEASE", "EXPLAIN")


@dataclass(slots=True)
class Opened:
    """A page as one of its people opened it: statements with their milliseconds, in order."""

    who: str
    path: str
    statements: list[tuple[str, float]] = field(default_factory=list)

    @property
    def slowest(self) -> float:
        return max((ms for _, ms in self.statements), default=0.0)

    @property
    def repeated(self) -> dict[str, int]:
        """Statements that were sent more often than `REPEATED`."""
        sent = Counter(words for words, _ in self.statements)
        return {words: n for words, n in sent.items() if n > REPEATED}


@contextlib.asynccontextmanager
async def noting(found: Opened) -> AsyncIterator[None]:
    """Statements of this process within the block, with the time each took."""
    bound = engine.sessions().kw["bind"].sync_engine

    def before(connection: Any, *_: Any) -> None:
        connection.info["opened_at"] = time.perf_counter()

    def after(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        took = (time.perf_counter() - connection.info["opened_at"]) * 1000
        if not statement.startswith(_BESIDE):
            found.statements.append((" ".join(statement.split()), took))

    event.listen(bound, "before_cursor_execute", before)
    event.listen(bound, "after_cursor_execute", after)
    try:
        yield
    finally:
        event.remove(bound, "before_cursor_execute", before)
        event.remove(bound, "after_cursor_execute", after)


async def open_all(
    people: dict[str, Actor], ids: dict[str, dict[str, Any]], only: Sequence[Any] = ()
) -> list[Opened]:
    """Each page, or `only` these, as each of its people, twice, of which the second counts: the
    first fills what a process remembers. `ids`: by person, what stands for the parts of addresses;
    a page with a part that is not there is left out."""
    from loom_app.loom_app import app  # noqa: PLC0415 - Reflex takes seconds to import
    from loom_app.ui.routes import routes  # noqa: PLC0415 - as above
    from tests.ui.tab import Tab  # noqa: PLC0415 - as above

    found: list[Opened] = []
    for name, me in people.items():
        for route in only or routes():
            parts = _PARAMETER.findall(route.path)
            known = ids.get(name, {})
            if not _opens(me, route.who) or any(known.get(part) is None for part in parts):
                continue
            path = _PARAMETER.sub(lambda part, known=known: str(known[part.group(1)]), route.path)
            opened = Opened(name, path)
            async with Tab(app, me) as tab:
                await tab.visit(path, *route.on_load)
                for _ in range(TRIES):
                    opened.statements.clear()
                    async with noting(opened):
                        await tab.visit(path, *route.on_load)
                    if opened.slowest < LIMIT_MS:
                        break
            found.append(opened)
    return found


def _opens(me: Actor, who: str) -> bool:
    if who == "staff":
        return bool(me.powers)
    if who == "coach":
        return "coach" in me.roles
    return who == "everyone" or me.person_id is not None


def actor(person_id: int, *roles: str, **more: Any) -> Actor:
    return Actor(person_id=person_id, zone="Europe/Berlin", roles=frozenset(roles), **more)


def ids_of(url: str, coach: int, client: int) -> dict[str, Any]:
    """One of everything that the coach and the client share; None where there is nothing."""
    asked = {
        "slug": "SELECT slug FROM coach_profiles WHERE user_id = :coach",
        "conversation": "SELECT c.id FROM conversations c JOIN engagements e"
        " ON e.id = c.engagement_id WHERE e.coach_id = :coach AND e.client_id = :client",
        "session_id": "SELECT s.session_id FROM seats s WHERE s.coach_id = :coach"
        " AND s.client_id = :client AND s.status = 'confirmed' ORDER BY s.starts_at LIMIT 1",
        "offering_id": "SELECT min(id) FROM offerings WHERE coach_id = :coach",
        "charge_id": "SELECT min(id) FROM charges WHERE coach_id = :coach AND payer_id = :client",
        "template_id": "SELECT min(id) FROM session_templates WHERE coach_id = :coach",
        "offer_id": "SELECT min(id) FROM package_offers WHERE coach_id = :coach",
        "package_id": "SELECT min(id) FROM packages WHERE coach_id = :coach"
        " AND client_id = :client",
        "place_id": "SELECT min(id) FROM places WHERE owner_id = :coach",
        "coach_id": "SELECT CAST(:coach AS bigint)",
    }
    owner = create_engine(url)
    with owner.connect() as connection:
        values = {"coach": coach, "client": client}
        found = {
            name: connection.execute(text(sql), values).scalar() for name, sql in asked.items()
        }
    owner.dispose()
    return found | {"step": "time"}


def judged(opened: list[Opened]) -> list[str]:
    """What is wrong, in lines."""
    wrong: list[str] = []
    for one in opened:
        where = f"{one.path} ({one.who})"
        if len(one.statements) > MOST:
            wrong.append(f"{where}: {len(one.statements)} statements")
        wrong += [f"{where}: {n} times {words[:160]}" for words, n in one.repeated.items()]
    return wrong


def slow(opened: list[Opened]) -> list[str]:
    """Statements that took as long as the limit, in lines."""
    return [
        f"{one.path} ({one.who}): {ms:.0f} ms {words[:300]}"
        for one in opened
        for words, ms in one.statements
        if ms >= LIMIT_MS
    ]


def print_all(opened: list[Opened]) -> None:
    for one in sorted(opened, key=lambda one: -one.slowest):
        total = sum(ms for _, ms in one.statements)
        print(
            f"{one.path:<34} {one.who:<8} {len(one.statements):>3} statements"
            f"  slowest {one.slowest:>6.1f} ms  all {total:>7.1f} ms"
        )


def main() -> int:
    from loom_app.cli import large  # noqa: PLC0415 - only when measuring
    from loom_app.cli.bench import database  # noqa: PLC0415 - as above
    from loom_app.kit.permissions import names  # noqa: PLC0415 - as above
    from loom_app.kit.settings import settings  # noqa: PLC0415 - as above

    url = database.prepare(people=2)
    before = os.environ.get("DATABASE_URL")
    try:
        os.environ["DATABASE_URL"] = database.plain_url(url)
        settings.cache_clear()
        large.main()
        coach, client, staff = _people(url)
        ids = ids_of(url, coach, client)
        people = {
            "coach": actor(coach, "coach"),
            "client": actor(client, "client"),
            "staff": actor(staff, "client", powers=names(), mfa=True),
            "visitor": Actor(visitor="bench", zone="UTC"),
        }
        opened = asyncio.run(_measure(people, dict.fromkeys(people, ids)))
    finally:
        os.environ.pop("DATABASE_URL", None)
        if before is not None:
            os.environ["DATABASE_URL"] = before
        settings.cache_clear()
        database.drop()
    print_all(opened)
    found = [*judged(opened), *slow(opened)]
    print("\n".join(found) or f"\n{len(opened)} openings; every statement under {LIMIT_MS:.0f} ms")
    if len(sys.argv) > 1:
        rows = [
            {"path": o.path, "who": o.who, "statements": len(o.statements), "slowest": o.slowest}
            for o in opened
        ]
        Path(sys.argv[1]).write_text(json.dumps(rows, indent=1))
    return int(bool(found))


async def _measure(people: dict[str, Actor], ids: dict[str, dict[str, Any]]) -> list[Opened]:
    from loom_app import wiring  # noqa: PLC0415 - as above
    from loom_app.cli.staff import appoint  # noqa: PLC0415 - as above
    from loom_app.domains.accounts.actions.roles import OWNER  # noqa: PLC0415 - as above

    wiring.wire()
    try:
        await appoint("sam@bench.test", role=OWNER, staff=True)
        return await open_all(people, ids)
    finally:
        await engine.dispose()


def _people(url: str) -> tuple[int, int, int]:
    """The busiest coach, the client with whom they have sessions to come, and an owner."""
    owner = create_engine(url)
    with owner.begin() as connection:
        coach, client = connection.execute(
            text(
                "SELECT coach_id, client_id FROM seats WHERE status = 'confirmed'"
                " GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1"
            )
        ).one()
        staff = connection.execute(
            text(
                "INSERT INTO users (name, zone, roles, verified_at)"
                " VALUES ('Sam', 'UTC', '{}', now()) RETURNING id"
            )
        ).scalar_one()
        connection.execute(
            text(
                "INSERT INTO credentials (user_id, email, email_key, password_hash)"
                " VALUES (:id, 'sam@bench.test', 'sam@bench.test', '!')"
            ),
            {"id": staff},
        )
    owner.dispose()
    return coach, client, staff


if __name__ == "__main__":
    sys.exit(main())
