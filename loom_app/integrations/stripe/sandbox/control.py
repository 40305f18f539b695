"""Trouble and time on demand, for tests and the control page.

`switch` delays, doubles, shuffles or loses webhooks and plans outages; `act` moves the clock and
plays banks, cardholders and Stripe's reviewers.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from loom_app.integrations.stripe.sandbox import (
    accounts,
    disputes,
    payouts,
    refunds,
    ticking,
    times,
)
from loom_app.integrations.stripe.sandbox.api import authorise
from loom_app.integrations.stripe.sandbox.book import Book, opened
from loom_app.integrations.stripe.sandbox.errors import ApiError, invalid, missing

SWITCHES = frozenset({"delay_seconds", "duplicate", "reorder", "drop", "outage"})
LONGEST_DAYS = 400


async def switch(**values: Any) -> dict[str, Any]:
    """Flip switches; None turns one off. `outage={"mode": "500", "calls": 2}`."""
    unknown = values.keys() - SWITCHES
    if unknown:
        raise ValueError(f"no such switch: {', '.join(sorted(unknown))}")
    async with opened() as book:
        return await book.flip(values)


async def replay(event_id: str) -> None:
    """Deliver a thin event once more, whatever the switches say."""
    async with opened() as book:
        await book.tx.enqueue("stripe_sandbox.deliver", {"event_id": event_id})


async def advance(seconds: float) -> float:
    """Move the sandbox's clock ahead and let happen what falls due; 0 seconds sets it right.

    Returns by how much it is ahead. Only the sandbox's clock moves: Loom's own does not.
    """
    async with opened() as book:
        moved = times.ahead() + seconds if seconds else 0
        if not 0 <= moved <= LONGEST_DAYS * times.DAY:
            raise ValueError("the clock goes ahead only, by at most 400 days")
        await book.flip({"ahead_seconds": moved or None})
    async with opened() as book:
        await ticking.run(book)
        await ticking.plan(book)
    return moved


async def _dispute_of(book: Book, values: dict[str, Any]) -> None:
    amount = values.get("amount")
    await disputes.open_on(
        book,
        str(values["id"]),
        reason=str(values.get("reason", "fraudulent")),
        amount=int(amount) if amount else None,
    )


async def _decide(book: Book, values: dict[str, Any]) -> None:
    dispute = await book.get("dispute", str(values["id"]))
    await disputes.decide(book, dispute, won=values.get("won") in (True, "true"))


async def _refund(book: Book, values: dict[str, Any]) -> None:
    await refunds.fail(book, str(values["id"]))


async def _payout(book: Book, values: dict[str, Any]) -> None:
    there, payout = await find_payout(book, str(values["id"]))
    if values.get("to") == "failed":
        await payouts.fail(there, payout, str(values.get("code", "account_closed")))
    elif payout["status"] == "pending":
        await payouts.due(there, payout)
    elif payout["status"] == "in_transit":
        await payouts.pay(there, payout)


async def find_payout(book: Book, key: str) -> tuple[Book, dict[str, Any]]:
    """A payout of any account, with the book it stands in."""
    for account in ("", *[a["id"] for a in await book.every("v2.core.account")]):
        found = await book.of(account).find("payout", key, lock=True)
        if found:
            return book.of(account), found
    raise missing("payout", key)


async def _account(book: Book, values: dict[str, Any]) -> None:
    account = await book.get("v2.core.account", str(values["id"]))
    await accounts.decide(book, account, str(values.get("verdict", "approved")))


async def _redeliver(book: Book, values: dict[str, Any]) -> None:
    if await book.find_anywhere("v2.core.event", str(values["id"])) is None:
        raise missing("event", str(values["id"]))
    await book.tx.enqueue("stripe_sandbox.deliver", {"event_id": values["id"]})


ACTIONS: dict[str, Callable[[Book, dict[str, Any]], Awaitable[None]]] = {
    "open_dispute": _dispute_of,
    "decide_dispute": _decide,
    "fail_refund": _refund,
    "move_payout": _payout,
    "judge_account": _account,
    "redeliver": _redeliver,
}


async def act(action: str, /, **values: Any) -> None:
    """Play an outsider. Raises ApiError where it cannot be.

    open_dispute(id, reason, amount), decide_dispute(id, won), fail_refund(id),
    move_payout(id, to="failed", code) or one step on, judge_account(id, verdict),
    redeliver(id).
    """
    if action not in ACTIONS:
        raise invalid(f"No such action: {action}", param="action")
    async with ticking.opened_now() as book:
        await ACTIONS[action](book, values)


async def control(request: Request) -> Response:
    """GET shows the switches, POST (JSON) flips them; a test key is needed as for the API.

    Also {"advance_seconds": 3600}, {"replay": "evt_…"} and {"act": "open_dispute", "id": "ch_…"}.
    """
    try:
        authorise(request)
        values = await request.json() if request.method == "POST" else {}
        if "act" in values:
            await act(str(values.pop("act")), **values)
            values = {}
        if "replay" in values:
            await replay(str(values.pop("replay")))
        if "advance_seconds" in values:
            await advance(float(values.pop("advance_seconds")))
        return JSONResponse(await switch(**values))
    except ApiError as error:
        return JSONResponse(error.body, error.status)
    except (ValueError, TypeError, KeyError) as error:
        return JSONResponse({"error": {"message": str(error)}}, 400)


routes = [Route("/control", control, methods=["GET", "POST"])]
