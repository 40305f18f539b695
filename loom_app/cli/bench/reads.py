"""Slots of a month, the directory of 1,000 coaches, the earnings of one who sold 5,000 times, and
200 people after one slot; lists of sessions where there are 100,000."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from loom_app import wiring
from loom_app.cli.bench import database, earnings, lists
from loom_app.cli.bench.chat import percentile
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.domains.scheduling.errors import SlotTaken
from loom_app.domains.scheduling.queries import Filters, availability
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db import engine
from loom_app.kit.db.transaction import transaction
from loom_app.kit.settings import settings

VISITOR = Actor(visitor="bench", zone="America/New_York")
OFFERING = 2_000_500
ATTEMPTS = 200


async def run(url: str, parts: list[str]) -> dict[str, Any]:
    """In this process, against the benchmark's database, as the app's restricted role."""
    before = os.environ.get("DATABASE_URL")
    os.environ["DATABASE_URL"] = database.plain_url(url)
    settings.cache_clear()
    wiring.wire()
    try:
        figures: dict[str, Any] = {}
        if "slots" in parts:
            figures["slots_rule_ms"] = await _timed(await _rule(), 200)
            figures["slots_month_ms"] = await _timed(_slots, 200)
        if "directory" in parts:
            asked = {
                "directory_ms": Filters(),
                "directory_soonest_ms": Filters(sort="soonest"),
                "directory_evenings_ms": Filters(parts=("evening",), sort="soonest"),
                "directory_narrow_ms": Filters(
                    parts=("evening",), zone="Asia/Kolkata", specialties=("Focus",), price_to=150
                ),
            }
            for name, filters in asked.items():
                figures[name] = await _timed(partial(_directory, filters), 30)
        if "earnings" in parts:
            figures["earnings_ms"] = await _timed(earnings.page, 30)
        if "race" in parts:
            figures["race"] = await _race()
        if "sessions" in parts:
            figures["sessions_ms"] = await lists.run(url, _timed)
        return figures
    finally:
        await engine.dispose()
        os.environ.pop("DATABASE_URL")
        if before is not None:
            os.environ["DATABASE_URL"] = before
        settings.cache_clear()


async def _timed(what: Callable[[], Awaitable[object]], times: int) -> dict[str, float]:
    took: list[float] = []
    for n in range(times + 3):
        start = time.perf_counter()
        await what()
        if n >= 3:  # the first few fill caches
            took.append((time.perf_counter() - start) * 1000)
    took.sort()
    return {"p50": percentile(took, 50), "p99": percentile(took, 99)}


async def _slots() -> None:
    first = clock.now().date()
    async with transaction(VISITOR) as tx:
        found = await queries.month_slots(tx, VISITOR, OFFERING, first, first + timedelta(days=30))
    assert found  # noqa: S101 - an empty month would be quick and prove nothing


async def _rule() -> Callable[[], Awaitable[None]]:
    """The slot rule alone over a month, with what it needs read before."""
    first = clock.now()
    last = first + timedelta(days=30)
    async with transaction(VISITOR) as tx:
        view = await coaches.offering(tx, VISITOR, OFFERING)
        hours = (await availability.hours_of(tx, [view.coach_id]))[view.coach_id]
        taken = await availability.taken_of(tx, view, first, last)
    offer = availability.offer_of(view)
    now, until = availability.ceil(first), availability.ceil(last)

    async def month() -> None:
        fresh = replace(hours, _days={})  # days that were worked out are not taken over
        assert availability.starts(fresh, offer, taken, now=now, first=now, last=until)  # noqa: S101 - as above

    return month


async def _directory(filters: Filters) -> None:
    async with transaction(VISITOR) as tx:
        page = await queries.directory(tx, VISITOR, filters)
    assert page.cards and all(card.next_free for card in page.cards)  # noqa: S101, PT018 - as above


async def _race() -> dict[str, int]:
    first = clock.now().date() + timedelta(days=3)
    async with transaction(VISITOR) as tx:
        slots = await queries.month_slots(tx, VISITOR, OFFERING, first, first + timedelta(days=14))
    outcomes = {"attempts": ATTEMPTS, "won": 0, "refused": 0, "errors": 0}

    async def attempt(number: int) -> None:
        me = Actor(visitor=f"{number:064d}", zone="UTC")
        try:
            async with transaction(me) as tx:
                await scheduling.hold(tx, me, offering_id=OFFERING, starts_at=slots[0])
        except SlotTaken:
            outcomes["refused"] += 1
        except Exception:  # noqa: BLE001 - whatever it is, it is counted
            outcomes["errors"] += 1
        else:
            outcomes["won"] += 1

    await asyncio.gather(*(attempt(n) for n in range(ATTEMPTS)))
    return outcomes
