"""Counts of the `limits` library in PostgreSQL: for doors, where a restart must not forget.

The sliding window counter of the library: this window's count and, by how much of it still lies in
the span, the last window's.
"""

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from limits.aio.storage.base import SlidingWindowCounterSupport, Storage
from sqlalchemy import Column, Integer, Text, delete, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, col

from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.base import Base, instant
from loom_app.kit.db.transaction import transaction
from loom_app.kit.security import tokens

COUNTING = Actor.system_job("kit.limits")
# one statement, so that two at once wait for one row; what would be too much writes nothing
_HIT = text(
    "INSERT INTO rate_counters AS c (key, used, ends_at) SELECT :key, :amount, :ends"
    " WHERE :before + :amount <= :most ON CONFLICT (key) DO UPDATE SET used = c.used + :amount"
    " WHERE c.used + :before + :amount <= :most RETURNING used"
)
_USED = text("SELECT key, used FROM rate_counters WHERE key IN (:now, :last)")


class RateCounter(Base, table=True):
    """How often something was done within one window; by digest, since keys hold addresses."""

    __tablename__ = "rate_counters"

    key: str = Field(sa_column=Column(Text, primary_key=True))
    used: int = Field(sa_column=Column(Integer, nullable=False))
    ends_at: datetime = Field(sa_column=instant(index=True))


class Counters(SlidingWindowCounterSupport, Storage):
    """What the library asks of a store, for one strategy alone."""

    STORAGE_SCHEME = ["loom"]

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    async def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        before, left, _, ends = await self.get_sliding_window(key, expiry)
        values = {
            "key": _window(key, expiry, 0)[0],
            "amount": amount,
            "most": limit,
            # a part of one counts whole, or a window's first moment would let one more through
            "before": ceil(before * left / expiry),
            # the next window still asks about this one
            "ends": clock.now() + timedelta(seconds=ends + expiry),
        }
        async with transaction(COUNTING) as tx:
            return await tx.db.scalar(_HIT, values) is not None

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        (now, ends), (last, _) = _window(key, expiry, 0), _window(key, expiry, 1)
        async with transaction(COUNTING) as tx:
            rows = (await tx.db.execute(_USED, {"now": now, "last": last})).all()
        used: dict[str, int] = {row.key: row.used for row in rows}
        return used.get(last, 0), ends, used.get(now, 0), ends

    async def clear_sliding_window(self, key: str, expiry: int) -> None:
        windows = [_window(key, expiry, ago)[0] for ago in (0, 1)]
        async with transaction(COUNTING) as tx:
            await tx.db.execute(delete(RateCounter).where(col(RateCounter.key).in_(windows)))

    async def check(self) -> bool:
        async with transaction(COUNTING) as tx:
            return await tx.db.scalar(text("SELECT true")) is True

    async def reset(self) -> int | None:
        async with transaction(COUNTING) as tx:
            gone: Any = await tx.db.execute(delete(RateCounter))
        return gone.rowcount

    # of the library's other strategies, which count here as little as anywhere in Loom
    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        raise NotImplementedError

    async def get(self, key: str) -> int:
        raise NotImplementedError

    async def get_expiry(self, key: str) -> float:
        raise NotImplementedError

    async def clear(self, key: str) -> None:
        raise NotImplementedError


async def forget() -> None:
    """Windows that nobody asks about any more."""
    async with transaction(COUNTING) as tx:
        await tx.db.execute(delete(RateCounter).where(col(RateCounter.ends_at) < tx.now))


def _window(key: str, expiry: int, ago: int) -> tuple[str, float]:
    """The key of this window or of one before it, and in how many seconds this one ends."""
    number, spent = divmod(clock.now().timestamp(), expiry)
    return tokens.digest(f"{key}/{int(number) - ago}"), expiry - spent
