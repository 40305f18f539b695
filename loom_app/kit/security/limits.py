"""Named limits, counted in this process by the `limits` library (moving window and bursts)."""

from functools import cache

from limits import (
    RateLimitItem,
    RateLimitItemPerHour,
    RateLimitItemPerMinute,
    RateLimitItemPerSecond,
)
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from loom_app.kit.settings import settings
from loom_app.kit.text import t

_storage = MemoryStorage()
_sliding = SlidingWindowCounterRateLimiter(_storage)


@cache
def _items() -> dict[str, tuple[RateLimitItem, ...]]:
    chosen = settings()
    return {
        "sign_up": (RateLimitItemPerHour(chosen.signups_per_hour),),
        "sign_in": (RateLimitItemPerMinute(chosen.signins_per_10_minutes, 10),),
        "verify": (RateLimitItemPerMinute(20, 10),),
        "link": (RateLimitItemPerHour(10),),
        "handshake": (RateLimitItemPerSecond(chosen.handshakes_per_10s, 10),),
        "message": (
            RateLimitItemPerSecond(chosen.messages_burst, 20),
            RateLimitItemPerMinute(max(chosen.messages_per_minute * 5, chosen.messages_burst), 5),
        ),
        "hold": (RateLimitItemPerMinute(30),),
        "search": (RateLimitItemPerMinute(120),),
        "book": (RateLimitItemPerMinute(20),),
        "save": (RateLimitItemPerMinute(120),),
        "judge": (RateLimitItemPerMinute(120),),
        "avatar": (RateLimitItemPerHour(20),),
        "page": (RateLimitItemPerMinute(600),),
        "csp": (RateLimitItemPerMinute(20),),
        "browser_error": (RateLimitItemPerMinute(5),),
    }


def allow(name: str, key: str) -> bool:
    """Count one use; False when it is one too many."""
    return all(_sliding.hit(item, name, key) for item in _items()[name])


def retry_after(name: str, key: str) -> int:
    """Seconds until the next use is allowed."""
    item = _items()[name][0]
    return max(1, item.get_expiry() if not _sliding.test(item, name, key) else 1)


def words(name: str) -> str:
    """What is said to whom a limit stops."""
    if name == "message":
        return t("You are writing very fast. Wait a moment and send it again.")
    return t("That was a lot at once. Wait a moment and try again.")


def reset() -> None:
    """Forget all counts: for tests, and when settings change."""
    _storage.reset()
    _items.cache_clear()
