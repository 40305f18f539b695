"""Search over a million messages: by a coach of 200 clients, and in one conversation of 100,000.

In this process, as the app's restricted role, through the same query that the pages use.
"""

import os
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import create_engine

from loom_app import wiring
from loom_app.cli.bench import database
from loom_app.cli.bench.chat import percentile
from loom_app.cli.large import WORDS_INDEX
from loom_app.domains.messaging import queries
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db import engine
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.settings import settings

MESSAGES = 1_000_000
LONG = 100_000
TALKS, EACH_COACH = 10_000, 200
FIRST = 5_000_000  # ids of people and conversations of this part
COACH, WRITER, LONG_TALK = FIRST, FIRST + 1, FIRST
TIMES = 40
COMMON = (
    "the of and to in is you that it was for on are with they be this have from by but not what"
    " all were when your can said there each which she do how will up other about out many then"
    " them these so some her would make like him into time has look two more write go see no way"
    " could people my than first call who its now find long down day did get come made may part"
    " thank session coach focus habit morning weekly goal review notes stress sleep energy plan"
    " next step again helpful question answer clarity courage tomorrow yesterday thursday"
)


async def run(url: str, times: int = TIMES) -> dict[str, Any]:
    """Fill the benchmark's database, then measure; milliseconds by kind of search."""
    _fill(url)
    before = os.environ.get("DATABASE_URL")
    os.environ["DATABASE_URL"] = database.plain_url(url)
    settings.cache_clear()
    wiring.wire()
    try:
        await outbox.registered()["messaging.learn_words"]({})
        coach, writer = Actor(person_id=COACH), Actor(person_id=WRITER)
        cases: dict[str, Callable[[], Awaitable[bool]]] = {
            "rare word": lambda: _search(coach, _rare(Random(7))[:4]),  # noqa: S311 - made up
            "common word": lambda: _search(coach, "thank"),
            "two words": lambda: _search(coach, "thursday cour"),
            "two letters": lambda: _search(coach, "th"),
            "mistyped": lambda: _search(coach, "toomorow"),
            "by person": lambda: _people(coach, "reader 17"),
            "long talk, common word": lambda: _search(writer, "thank", LONG_TALK),
            "long talk, two letters": lambda: _search(writer, "th", LONG_TALK),
        }
        return {"search_ms": {name: await _timed(case, times) for name, case in cases.items()}}
    finally:
        await engine.dispose()
        os.environ.pop("DATABASE_URL")
        if before is not None:
            os.environ["DATABASE_URL"] = before
        settings.cache_clear()


async def _timed(case: Callable[[], Awaitable[bool]], times: int) -> dict[str, float]:
    took: list[float] = []
    found = False
    for n in range(times + 2):
        start = time.perf_counter()
        found = await case()
        if n >= 2:  # the first few fill caches
            took.append((time.perf_counter() - start) * 1000)
    assert found  # noqa: S101 - finding nothing would be quick and prove nothing
    took.sort()
    return {"p50": percentile(took, 50), "p99": percentile(took, 99)}


async def _search(me: Actor, words: str, conversation_id: int = 0) -> bool:
    async with transaction(me) as tx:
        found = await queries.search(tx, me, words, conversation_id)
    return bool(found.hits)


async def _people(me: Actor, words: str) -> bool:
    async with transaction(me) as tx:
        ids = await queries.conversations_named(tx, me, words)
        return bool(await queries.cards(tx, me, ids))


def _rare(pick: Random) -> str:
    return "".join(pick.choice("bcdfghklmnprstvz") + pick.choice("aeiou") for _ in range(4))


def _fill(url: str) -> None:
    """By COPY as the owner; the index of words is made once at the end, as a restore would."""
    pick, began, now = Random(7), time.perf_counter(), clock.now()  # noqa: S311 - made up
    common, rare = COMMON.split(), [_rare(pick) for _ in range(30_000)]
    owner = create_engine(url)
    with owner.begin() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("DROP INDEX ix_messages_words")
        with raw.cursor() as cursor:
            _people_and_talks(cursor, now)
            counts: dict[int, int] = {}
            with cursor.copy(
                "COPY messages (conversation_id, number, change, sender_id, body, sent_at)"
                " FROM STDIN"
            ) as copy:
                for n in range(MESSAGES):
                    talk = LONG_TALK if n % 10 == 0 else FIRST + 1 + n % TALKS
                    number = counts[talk] = counts.get(talk, 0) + 1
                    words = [
                        pick.choice(rare) if pick.random() < 0.1 else pick.choice(common)
                        for _ in range(10)
                    ]
                    at = now - timedelta(seconds=MESSAGES - n)
                    copy.write_row((talk, number, number, None, " ".join(words), at))
        raw.execute(WORDS_INDEX)
    with owner.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE messages, conversations, conversation_members")
    owner.dispose()
    print(f"search: {MESSAGES} messages in {time.perf_counter() - began:.0f} s", flush=True)


def _people_and_talks(cursor: Any, now: Any) -> None:
    """The coach talks with 200 readers; the writer has the long conversation."""
    with cursor.copy("COPY users (id, name, zone, roles, verified_at) FROM STDIN") as copy:
        for n in range(TALKS + 2):
            copy.write_row((FIRST + n, f"Reader {n}", "Europe/Berlin", ["client"], now))
    with cursor.copy(
        "COPY conversations (id, message_count, change_count, last_message_at) FROM STDIN"
    ) as copy:
        for n in range(TALKS + 1):
            count = LONG if n == 0 else MESSAGES // TALKS
            copy.write_row((FIRST + n, count, count, now - timedelta(minutes=n)))
    with cursor.copy("COPY conversation_members (conversation_id, user_id) FROM STDIN") as copy:
        copy.write_row((LONG_TALK, WRITER))
        for n in range(TALKS):
            copy.write_row((FIRST + 1 + n, FIRST + 2 + n))
            if n % (TALKS // EACH_COACH) == 1:  # every tenth number goes to the long talk
                copy.write_row((FIRST + 1 + n, COACH))
