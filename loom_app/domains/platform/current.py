"""What holds now, in this process's memory.

A change is signalled after its commit, and every process reads anew; and each reads every two
seconds anyway, so that a missed word costs two seconds. Beginnings and ends by the clock are
noticed in the same round. `NOW` tells the tabs of this process, after its memory is right.
"""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime
from typing import cast

import structlog
from sqlalchemy import text

from loom_app.domains.platform import areas
from loom_app.domains.platform.areas import Announcement, Area, FlagRule, Maintenance
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import signals
from loom_app.kit.settings import choose
from loom_app.kit.tasks import spawn

SECONDS = 2.0
COUNT_EVERY = 15  # rounds
CHANGED, NOW = "platform:changed", "platform:now"
_READER = Actor.system_job("platform.current")
_COUNTER = Actor.system_job("platform.count")

log = structlog.get_logger("platform")

_NEWEST = text(
    "SELECT DISTINCT ON (area) area, number, chosen FROM platform_versions"
    " ORDER BY area, number DESC"
)
_COUNT = text(
    "INSERT INTO flag_exposures (flag, day, enabled, uses) VALUES (:flag, :day, :enabled, :uses)"
    " ON CONFLICT (flag, day, enabled) DO UPDATE SET uses = flag_exposures.uses + :uses"
)

_numbers: dict[str, int] = {}
_found: dict[str, Area] = {}
_moment: tuple[object, ...] = ()
_uses: Counter[tuple[str, date, bool]] = Counter()


def announcement() -> Announcement | None:
    """What everybody reads now, if anything."""
    found = cast(Announcement, _area("announcement"))
    return found if found.text and _within(found.starts, found.ends) else None


def announced() -> int:
    """The number of the announcement's version: who put it away put this one away."""
    return _numbers.get("announcement", 0)


def maintenance() -> Maintenance | None:
    """While Loom is closed."""
    found = cast(Maintenance, _area("maintenance"))
    return found if found.on else None


def rule(flag: str) -> FlagRule:
    """Whom a declared feature is on for. Raises NotFound."""
    return cast(FlagRule, _area(f"{areas.FLAG}{flag}"))


def count(flag: str, answer: bool) -> None:
    """A feature was asked for."""
    _uses[flag, clock.now().astimezone(UTC).date(), answer] += 1


def _area(name: str) -> Area:
    if name not in _found:
        _found[name] = areas.whole(name, {})
    return _found[name]


def _within(starts: datetime | None, ends: datetime | None) -> bool:
    now = clock.now()
    return (starts is None or starts <= now) and (ends is None or now < ends)


async def refresh() -> None:
    """Read what holds, and tell the tabs of this process where it is another than before."""
    async with transaction(_READER) as tx:
        rows = list(await tx.db.execute(_NEWEST))
    if any(_numbers.get(row.area, 0) < row.number for row in rows):
        for row in rows:
            if row.area in areas.all_areas() and _numbers.get(row.area, 0) < row.number:
                _found[row.area] = areas.whole(row.area, row.chosen)
            _numbers[row.area] = max(row.number, _numbers.get(row.area, 0))
        choose(areas.overlay({name: one for name, one in _found.items() if name in areas.SETTINGS}))
    tell_if_moved()


def tell_if_moved() -> None:
    """By a version, or by the clock: what has begun or ended since the last look."""
    global _moment  # noqa: PLW0603 - what this process last told its tabs
    dates = [_area(f"{areas.FLAG}{name}") for name in areas.declared()]
    flags = tuple(_within(one.starts, one.ends) for one in cast(list[FlagRule], dates))
    moment = (tuple(sorted(_numbers.items())), announcement() is not None, flags)
    if moment != _moment:
        _moment = moment
        signals.deliver([signals.Signal(NOW)])


async def write_counts() -> None:
    """What was counted since the last time; it is kept where the database is away."""
    taken = dict(_uses)
    if not taken:
        return
    async with transaction(_COUNTER) as tx:
        for (flag, day, answer), uses in sorted(taken.items()):
            values = {"flag": flag, "day": day, "enabled": answer, "uses": uses}
            await tx.db.execute(_COUNT, values)
    for key, uses in taken.items():
        _uses[key] -= uses
        if not _uses[key]:
            del _uses[key]


async def keep_fresh() -> None:
    """As long as the process lives; its last counts are written at its end."""
    rounds = 0
    try:
        while True:
            await asyncio.sleep(SECONDS)
            rounds += 1
            try:
                await refresh()
                if rounds % COUNT_EVERY == 0:
                    await write_counts()
            except Exception:  # the database may be away; the next round tries again
                log.exception("platform.refresh_failed")
    finally:
        await write_counts()


def hear(signal: signals.Signal) -> None:
    """Somebody chose something, here or in another process."""
    if signal.topic == CHANGED:
        spawn(_at_once())


async def _at_once() -> None:
    try:
        await refresh()
    except Exception:  # keep_fresh tries again
        log.exception("platform.refresh_failed")


def reset() -> None:
    """Forget everything, as a process that begins; for tests."""
    global _moment  # noqa: PLW0603 - as above
    _numbers.clear()
    _found.clear()
    _uses.clear()
    _moment = ()
    choose({})
