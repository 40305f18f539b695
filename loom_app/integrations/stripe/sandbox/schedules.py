"""Balance settings: when an account's balance leaves by itself.

As at Stripe a connected account starts with daily payouts: who wants to decide says `manual`.
Loom's own account starts manual here, as its owner would have set it by hand.
"""

from datetime import UTC, datetime
from typing import Any

from loom_app.integrations.stripe.sandbox import banks, forms, money, payouts, times
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import invalid

Params = dict[str, Any]
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _key(book: Book) -> str:
    return f"settings_{book.account}"


async def read(book: Book, _: dict[str, str], __: Params) -> Params:
    """GET /v1/balance_settings."""
    return (await stored(book))["settings"]


async def stored(book: Book) -> Params:
    found = await book.find("sandbox.settings", _key(book), lock=True)
    return found or await start(book)


async def start(book: Book) -> Params:
    """The settings that an account begins with."""
    interval = "daily" if book.account else "manual"
    settings: Params = {
        "object": "balance_settings",
        "payments": {
            "debit_negative_balances": bool(book.account),
            "payouts": {
                # no automatic_transfer_rules_by_currency: the SDK cannot read a null there
                "minimum_balance_by_currency": None,
                "schedule": {"interval": interval},
                "statement_descriptor": None,
                "status": "enabled",
            },
            "settlement_timing": {"delay_days": money.DELAY_DAYS},
        },
    }
    kept = {"id": _key(book), "object": "sandbox.settings", "settings": settings}
    return await _keep(book, kept)


async def _keep(book: Book, kept: Params) -> Params:
    kept.pop("_due", None)
    if kept["settings"]["payments"]["payouts"]["schedule"]["interval"] != "manual":
        kept["_due"] = times.midnight(1)
        await book.later(kept["_due"])
    return await book.put(kept)


async def update(book: Book, _: dict[str, str], params: Params) -> Params:
    """POST /v1/balance_settings."""
    payments = params.get("payments") or {}
    forms.heed(payments, "debit_negative_balances payouts", "payments")
    wanted = payments.get("payouts") or {}
    forms.heed(wanted, "schedule statement_descriptor", "payments[payouts]")
    kept = await stored(book)
    settings = kept["settings"]["payments"]
    if "debit_negative_balances" in payments:
        settings["debit_negative_balances"] = payments["debit_negative_balances"]
    settings["payouts"] |= {k: v for k, v in wanted.items() if k != "schedule"}
    if "schedule" in wanted:
        settings["payouts"]["schedule"] = _schedule(wanted["schedule"])
    await _keep(book, kept)
    await book.happened("balance_settings.updated", kept["settings"])
    return kept["settings"]


def _schedule(wanted: Params) -> Params:
    interval, at = wanted.get("interval"), "payments[payouts][schedule]"
    if interval not in ("manual", "daily", "weekly", "monthly"):
        raise invalid("Invalid interval.", param=f"{at}[interval]")
    for name, needed in (("weekly_payout_days", "weekly"), ("monthly_payout_days", "monthly")):
        if bool(wanted.get(name)) != (interval == needed):
            raise invalid(f"{name} belongs to the interval {needed}.", param=f"{at}[{name}]")
    if any(not 1 <= day <= 31 for day in wanted.get("monthly_payout_days", [])):
        raise invalid("Days of the month are 1 to 31.", param=f"{at}[monthly_payout_days]")
    return wanted


async def due(book: Book, kept: Params) -> None:
    """A new day: pay out what is available, if it is a day for it."""
    schedule = kept["settings"]["payments"]["payouts"]["schedule"]
    if _is_day(schedule, datetime.fromtimestamp(times.stamp(), UTC)):
        for currency, amount in (await money.sums(book))[True].items():
            if amount > 0 and await banks.of(book, currency) is not None:
                made = await payouts.send(book, amount, currency, {}, automatic=True)
                await _attribute(book, made)
    await _keep(book, kept)


def _is_day(schedule: Params, today: datetime) -> bool:
    if schedule["interval"] == "weekly":
        return _DAYS[today.weekday()] in schedule["weekly_payout_days"]
    if schedule["interval"] == "monthly":
        return today.day in schedule["monthly_payout_days"]
    return True


async def _attribute(book: Book, payout: Params) -> None:
    """What an automatic payout is made of: every available movement no payout had before."""
    movements = await book.every(
        "balance_transaction",
        "data->>'_payout' IS NULL AND data->>'currency' = :currency"
        " AND (data->>'available_on')::bigint <= :now",
        currency=payout["currency"],
        now=times.stamp(),
    )
    for movement in movements:
        await book.put(movement | {"_payout": payout["id"]})
