"""The Express page: a coach's balance, payouts and bank account. A login link opens it once."""

from datetime import UTC, datetime
from typing import Any

from babel.dates import format_date
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loom_app.integrations.stripe.sandbox import accounts, banks, links, money, schedules
from loom_app.integrations.stripe.sandbox.addresses import MOUNT
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.drawing import amount, away, message, page, posted
from loom_app.integrations.stripe.sandbox.requirements import capability, entries
from loom_app.integrations.stripe.sandbox.ticking import opened_now
from loom_app.kit.text import language, t

Params = dict[str, Any]
SHOWN = 20


async def start(request: Request) -> Response:
    async with opened_now() as book:
        _, token = await links.spend(book, "sandbox.login", request.path_params["token"])
    return _over() if token is None else away(f"{MOUNT}/express/{token}")


def _over() -> Response:
    words = t("Go back to Loom and open your Stripe page again.")
    return message(t("This page is no longer open"), words, status=410)


async def show(request: Request) -> Response:
    async with opened_now() as book:
        visit = await links.visit(book, "sandbox.login", request.path_params["token"])
        return _over() if visit is None else await _page(book, visit, {})


async def submit(request: Request) -> Response:
    """A new bank account, in place of the one before."""
    form = await posted(request)
    async with opened_now() as book:
        visit = await links.visit(book, "sandbox.login", request.path_params["token"])
        if visit is None:
            return _over()
        account = await accounts.living(book, visit["account"])
        bank = banks.find(form.get("number", ""), account["_country"])
        if bank is None:
            words = t("Only the test accounts listed on this page work here.")
            return await _page(book, visit, {"number": words})
        await accounts.give_bank(book, account, bank)
    return away(f"{MOUNT}/express/{visit['id']}")


async def _page(book: Book, visit: Params, errors: dict[str, str]) -> Response:
    account = await book.get("v2.core.account", visit["account"])
    there = book.of(account["id"])
    sums = await money.sums(there)
    payouts = await there.page("payout", {"limit": SHOWN}, "")
    moves = await there.page("balance_transaction", {"limit": SHOWN}, "")
    schedule = (await schedules.stored(there))["settings"]["payments"]["payouts"]["schedule"]
    own = account["_currency"]
    return page(
        "express.html",
        422 if errors else 200,
        account=account,
        action=f"{MOUNT}/express/{visit['id']}",
        state=capability(account)["status"],
        waiting=len(entries(account)),
        balances=[
            {"available": amount(sums[True][c], c), "pending": amount(sums[False][c], c)}
            for c in sorted({own, *sums[True]}, key=lambda c: (c != own, c))
        ],
        schedule=_SCHEDULES[schedule["interval"]](),
        bank=await banks.of(there),
        banks=banks.numbers(account["_country"]),
        national=account["_country"] == "us",
        payouts=[_payout(p) for p in payouts["data"]],
        moves=[_move(m) for m in moves["data"]],
        errors=errors,
    )


_SCHEDULES = {
    "manual": lambda: t("Loom decides when you are paid out."),
    "daily": lambda: t("You are paid out every day."),
    "weekly": lambda: t("You are paid out every week."),
    "monthly": lambda: t("You are paid out every month."),
}
_STATES = {
    "pending": lambda: t("Pending"),
    "in_transit": lambda: t("On its way"),
    "paid": lambda: t("Paid"),
    "failed": lambda: t("Failed"),
    "canceled": lambda: t("Canceled"),
}
_KINDS = {
    "payment": lambda: t("Payment from Loom"),
    "payment_refund": lambda: t("Returned to Loom"),
    "payout": lambda: t("Payout"),
    "payout_cancel": lambda: t("Payout canceled"),
    "payout_failure": lambda: t("Payout returned by the bank"),
}


def day(stamp: int) -> str:
    return format_date(datetime.fromtimestamp(stamp, UTC), "medium", locale=language())


def _payout(payout: Params) -> Params:
    return {
        "amount": amount(payout["amount"], payout["currency"]),
        "state": _STATES[payout["status"]](),
        "status": payout["status"],
        "arrives": day(payout["arrival_date"]),
        "why": payout["failure_message"],
    }


def _move(move: Params) -> Params:
    kind = _KINDS.get(move["type"], lambda: move["type"].replace("_", " "))
    return {
        "kind": kind(),
        "when": day(move["created"]),
        "net": amount(move["net"], move["currency"]),
        "pending": move["status"] == "pending",
        "available": day(move["available_on"]),
    }


routes = [
    Route("/express/start/{token}", start, methods=["GET"]),
    Route("/express/{token}", show, methods=["GET"]),
    Route("/express/{token}", submit, methods=["POST"]),
]
