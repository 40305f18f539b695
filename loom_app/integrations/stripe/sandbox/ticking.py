"""Time passes: whatever has fallen due by the sandbox's clock happens, in order, before a call.

An object that waits for a time says when in `_due`. Every request first lets happen what is due; a
job does the same for those that nobody asks about (`Book.later`).
"""

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from sqlalchemy import text

from loom_app.integrations.stripe.sandbox import (
    accounts,
    checkout,
    disputes,
    intents,
    money,
    objects,
    payouts,
    schedules,
    times,
)
from loom_app.integrations.stripe.sandbox.book import Book, opened

Params = dict[str, Any]
MOST = 500

_DUE = text(
    "SELECT id, kind, data FROM stripe_sandbox.objects"
    " WHERE data ? '_due' AND (data->>'_due')::bigint <= :now"
    " ORDER BY (data->>'_due')::bigint, seq LIMIT 1 FOR UPDATE SKIP LOCKED"
)
_NEXT = text(
    "SELECT min((data->>'_due')::bigint) FROM stripe_sandbox.objects"
    " WHERE data ? '_due' AND (data->>'_due')::bigint > :now"
)


async def _available(book: Book, movement: Params) -> None:
    """Money is there. One event tells of all that came at the same time."""
    movement.pop("_due")
    await book.put(movement)
    left = await book.every(
        "balance_transaction",
        "data ? '_due' AND (data->>'_due')::bigint <= :now",
        now=times.stamp(),
    )
    if not left:
        await book.happened("balance.available", await money.balance(book))


async def _intent(book: Book, intent: Params) -> None:
    """A hold lapses; a bank answers about a debit."""
    if intent["status"] == "processing":
        await checkout.answered(book, await intents.answered(book, intent))
    else:
        await intents.end(book, intent, "automatic")


async def _expire(book: Book, session: Params) -> None:
    await checkout.expire(book, session)


_HANDLERS: dict[str, Callable[[Book, Params], Awaitable[None]]] = {
    "balance_transaction": _available,
    "checkout.session": _expire,
    "dispute": disputes.due,
    "payment_intent": _intent,
    "payout": payouts.due,
    "sandbox.settings": schedules.due,
    "v2.core.account": accounts.due,
}


async def run(book: Book) -> int:
    """Let happen what is due, oldest first; returns how much it was."""
    for done in range(MOST):
        row = (await book.tx.db.execute(_DUE, {"now": times.stamp()})).first()
        if row is None:
            return done
        kind, _, account = row.kind.partition("@")
        await _HANDLERS[kind](book.of(account), objects.by_now(row.data))
    return MOST


async def plan(book: Book) -> None:
    """After the clock was moved: the job for what comes next is due at another real time."""
    coming = await book.tx.db.scalar(_NEXT, {"now": times.stamp()})
    if coming is not None:
        await book.tx.enqueue(
            "stripe_sandbox.tick",
            {},
            at=times.real(coming),
            key=f"stripe_sandbox.tick:{coming}:{int(times.ahead())}",
        )


@contextlib.asynccontextmanager
async def opened_now(
    *, request_id: str = "", key: str | None = None, account: str = ""
) -> AsyncGenerator[Book]:
    """The book, after everything that is due has happened."""
    async with opened() as book:
        await run(book)
    async with opened(request_id=request_id, key=key, account=account) as book:
        yield book
