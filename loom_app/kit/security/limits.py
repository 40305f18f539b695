"""Named limits, counted by the `limits` library (sliding window).

Doors (`admit`) are counted in PostgreSQL, for all processes and over restarts. All else (`allow`)
is counted in this process without a round trip; what is used here is told to other processes,
which count it as used there (`loom_app.kit.realtime.bus`). So it holds across processes but for
what happens within the few milliseconds that a word travels. Names in `HERE` are floods that each
process stops by itself.

Whatever is counted while a request is answered stands in its headers (`headers`).
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from limits import (
    RateLimitItem,
    RateLimitItemPerDay,
    RateLimitItemPerHour,
    RateLimitItemPerMinute,
    RateLimitItemPerSecond,
)
from limits.aio import strategies as aio
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from loom_app.kit.realtime import signals
from loom_app.kit.security.counters import Counters
from loom_app.kit.settings import on_choice, settings
from loom_app.kit.text import t

FORGET_SECONDS = 10.0
USES_KEPT = 50_000
HERE = frozenset({"asset", "machine", "event", "slow_words", "knock"})


class _Storage(MemoryStorage):
    """Forgets what ran out every ten seconds. The library looks through all keys up to a hundred
    times a second, in a thread of its own, which with a thousand people stalls the event loop;
    what ran out is not counted in any case."""

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802 - the library's private name
        if not self.timer.is_alive():
            forget: Callable[[], None] = getattr(self, "_MemoryStorage__expire_events")  # noqa: B009
            self.timer = threading.Timer(FORGET_SECONDS, forget)
            self.timer.daemon = True
            self.timer.start()

    def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        """As `Counters` does, a part of one counts whole; the library would cut it off, and let
        one more through at a window's first moment."""
        before, left, used, _ = self.get_sliding_window(key, expiry)
        if ceil(before * left / expiry) + used + amount > limit:
            return False
        return super().acquire_sliding_window_entry(key, limit, expiry, amount)


class _Whole:
    """What is told of a limit counts as both stores do."""

    def _weighted_count(
        self,
        item: RateLimitItem,
        previous_count: int,
        previous_expires_in: float,
        current_count: int,
    ) -> float:
        return ceil(previous_count * previous_expires_in / item.get_expiry()) + current_count


class _Sliding(_Whole, SlidingWindowCounterRateLimiter):
    """In this process."""


class _Doors(_Whole, aio.SlidingWindowCounterRateLimiter):
    """In the database."""


_storage = _Storage()
_sliding = _Sliding(_storage)
_doors = _Doors(Counters())
_uses: OrderedDict[tuple[str, str, str], None] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Spent:
    """What is left of a limit: `amount` uses in `window` seconds, `left` until `reset` seconds."""

    name: str
    amount: int
    window: int
    left: int
    reset: int


_spent: ContextVar[list[Spent] | None] = ContextVar("spent", default=None)


@cache
def _items() -> dict[str, tuple[RateLimitItem, ...]]:
    chosen = settings()
    return {
        "sign_up": (RateLimitItemPerHour(chosen.signups_per_hour),),
        "sign_in": (RateLimitItemPerMinute(chosen.signins_per_10_minutes, 10),),
        "way": (RateLimitItemPerMinute(30, 10),),
        "verify": (RateLimitItemPerMinute(20, 10),),
        "link": (RateLimitItemPerHour(10),),
        "forgot": (RateLimitItemPerHour(10),),
        "appeal": (RateLimitItemPerHour(10),),
        "code": (RateLimitItemPerMinute(chosen.signins_per_10_minutes, 10),),
        "handshake": (RateLimitItemPerSecond(chosen.handshakes_per_10s, 10),),
        "knock": (RateLimitItemPerSecond(chosen.knocks_per_10s, 10),),
        "message": (
            RateLimitItemPerSecond(chosen.messages_burst, 20),
            RateLimitItemPerMinute(max(chosen.messages_per_minute * 5, chosen.messages_burst), 5),
        ),
        "hold": (RateLimitItemPerMinute(30),),
        "search": (RateLimitItemPerMinute(120),),
        "book": (RateLimitItemPerMinute(20),),
        "save": (RateLimitItemPerMinute(120),),
        "service": (RateLimitItemPerMinute(10),),
        "phone": (RateLimitItemPerHour(5),),
        "phone_number": (RateLimitItemPerDay(5),),
        "phone_code": (RateLimitItemPerHour(30),),
        "test_notice": (RateLimitItemPerHour(5),),
        "draft": (RateLimitItemPerMinute(120),),
        "react": (RateLimitItemPerMinute(120),),
        "judge": (RateLimitItemPerMinute(120),),
        "answer": (RateLimitItemPerMinute(30),),
        "sheet": (RateLimitItemPerHour(30),),
        "avatar": (RateLimitItemPerHour(20),),
        "upload": (RateLimitItemPerHour(chosen.uploads_per_hour),),
        "page": (RateLimitItemPerMinute(600),),
        "asset": (RateLimitItemPerMinute(6000),),
        "machine": (RateLimitItemPerMinute(3000),),
        "event": (RateLimitItemPerSecond(chosen.events_per_10s, 10),),
        "slow_words": (RateLimitItemPerSecond(1, 10),),
        "csp": (RateLimitItemPerMinute(20),),
        "browser_error": (RateLimitItemPerMinute(5),),
    }


on_choice(_items.cache_clear)


@lru_cache(maxsize=4096)
def place(key: str) -> str:
    """Who is counted: of an IPv6 address the first 64 bits, since whoever has one has them all
    (RFC 6177); anything else as it is."""
    front, colon, address = key.partition("address:")
    address = address if colon else front
    if address.count(":") < 2:
        return key
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return key
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        found = mapped or ip_network((found, 64), strict=False).network_address
    return f"{front}{colon}{found}" if colon else str(found)


def allow(name: str, key: str, use: str = "") -> bool:
    """Count one use; False when it is one too many. `use` names what is done: trying the same
    again, as after a lost connection, is not counted again."""
    key = place(key)
    if use and (name, key, use) in _uses:
        return True
    allowed = _count(name, key)
    if (noted := _spent.get()) is not None:
        for item in _items()[name]:
            noted.append(_left(name, item, _sliding.get_window_stats(item, name, key)))
    if allowed and name not in HERE:
        signals.forward([signals.Signal(f"limit:{name}:{key}", 1)])
    if allowed and use:
        _uses[name, key, use] = None
        if len(_uses) > USES_KEPT:
            _uses.popitem(last=False)
    return allowed


async def admit(name: str, key: str) -> bool:
    """Count one use of a door, in the database; False when it is one too many."""
    items, key = _items()[name], place(key)
    allowed = all([await _doors.hit(item, name, key) for item in items])
    if (noted := _spent.get()) is not None:
        for item in items:
            noted.append(_left(name, item, await _doors.get_window_stats(item, name, key)))
    return allowed


def watch() -> None:
    """From here on, what is counted for this request is noted."""
    _spent.set([])


def _left(name: str, item: RateLimitItem, stats: tuple[float, int]) -> Spent:
    reset_at, left = stats
    reset = max(0, ceil(reset_at - time.time()))
    return Spent(name, item.amount, item.get_expiry(), left, reset)


def headers() -> dict[str, str]:
    """RateLimit-Policy and RateLimit of what this request used.

    Source: draft-ietf-httpapi-ratelimit-headers-10, which wants one item a name: the strictest.
    """
    by_name: dict[str, Spent] = {}
    for one in _spent.get() or ():
        if one.name not in by_name or one.left < by_name[one.name].left:
            by_name[one.name] = one
    if not by_name:
        return {}
    found = by_name.values()
    return {
        "ratelimit-policy": ", ".join(f'"{o.name}";q={o.amount};w={o.window}' for o in found),
        "ratelimit": ", ".join(f'"{o.name}";r={o.left};t={o.reset}' for o in found),
    }


def _count(name: str, key: str) -> bool:
    return all(_sliding.hit(item, name, key) for item in _items()[name])


def heard(signal: signals.Signal) -> None:
    """Another process counted uses."""
    _, name, key = signal.topic.split(":", 2)
    if name in _items():
        for _ in range(min(signal.number, 1000)):
            _count(name, key)


def retry_after(name: str, key: str) -> int:
    """Seconds until the next use is allowed."""
    key = place(key)
    item = _items()[name][0]
    return max(1, item.get_expiry() if not _sliding.test(item, name, key) else 1)


def words(name: str) -> str:
    """What is said to whom a limit stops."""
    if name == "message":
        return t("You are writing very fast. Wait a moment and send it again.")
    if name == "upload":
        return t("You have attached many files within an hour. Try again a little later.")
    return t("That was a lot at once. Wait a moment and try again.")


def reset() -> None:
    """Forget all counts: for tests, and when settings change."""
    _storage.reset()
    _uses.clear()
    _items.cache_clear()
