"""The control page: move the clock, play the bank, the cardholder and Stripe, and cause trouble.

For whoever tries Loom out on their own machine. It needs no key: the sandbox stands in development
only, and the gate in front of the server refuses posts from other sites.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loom_app.integrations.stripe.sandbox import banks, control, disputes, times
from loom_app.integrations.stripe.sandbox.addresses import MOUNT
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.drawing import amount, away, page, posted
from loom_app.integrations.stripe.sandbox.errors import ApiError
from loom_app.integrations.stripe.sandbox.express import day
from loom_app.integrations.stripe.sandbox.requirements import VERDICTS, capability
from loom_app.integrations.stripe.sandbox.ticking import opened_now
from loom_app.kit.text import t

Params = dict[str, Any]
SHOWN = 12
_HERE = f"{MOUNT}/panel"
_JUMPS = {3600: "1 hour", times.DAY: "1 day", 3 * times.DAY: "3 days", 10 * times.DAY: "10 days"}
_MODES = ("500", "429", "409", "timeout", "lost_answer")


async def show(request: Request) -> Response:
    return await _page({})


async def submit(request: Request) -> Response:
    """One button: an action of `control`, a jump of the clock, or the switches."""
    form = await posted(request)
    what = form.pop("do", "")
    try:
        if what == "advance":
            await control.advance(float(form.get("seconds", "0")))
        elif what == "switches":
            await control.switch(**_switches(form))
        else:
            await control.act(what, **form)
    except ApiError as error:
        return await _page({"said": error.body["error"]["message"]})
    except (ValueError, KeyError):
        return await _page({"said": t("That does not work. Check what you entered.")})
    return away(_HERE)


def _switches(form: dict[str, str]) -> Params:
    mode, calls = form.get("mode", ""), int(form.get("calls") or 0)
    if mode and mode not in _MODES:
        raise ValueError(mode)
    values: Params = {name: form.get(name) == "on" or None for name in ("drop", "duplicate")}
    values["reorder"] = form.get("reorder") == "on" or None
    values["delay_seconds"] = min(max(int(form.get("delay_seconds") or 0), 0), 3600) or None
    values["outage"] = {"mode": mode, "calls": min(calls, 1000)} if mode and calls > 0 else None
    return values


async def _page(notice: dict[str, str]) -> Response:
    async with opened_now() as book:
        coaches = await book.every("v2.core.account")
        values = {
            "now": times.now(),
            "ahead": times.ahead(),
            "jumps": _JUMPS,
            "modes": _MODES,
            "switches": await book.switches(),
            "charges": await _newest(book, "charge"),
            "disputes": await _newest(book, "dispute"),
            "refunds": await _newest(book, "refund"),
            "payouts": await _payouts(book, coaches),
            "coaches": [
                c | {"_state": capability(c)["status"]} for c in coaches[: -SHOWN - 1 : -1]
            ],
            "events": (await book.page("v2.core.event", {"limit": SHOWN}, ""))["data"],
        }
    return page(
        "panel.html",
        422 if notice else 200,
        here=_HERE,
        notice=notice,
        amount=amount,
        day=day,
        reasons=disputes.REASONS,
        verdicts=VERDICTS,
        failures=list(banks.FAILURES),
        **values,
    )


async def _newest(book: Book, kind: str) -> list[Params]:
    return (await book.page(kind, {"limit": SHOWN}, ""))["data"]


async def _payouts(book: Book, coaches: list[Params]) -> list[Params]:
    """Of Loom and of every coach, newest first, with whose they are."""
    found: list[Params] = []
    for account in ("", *[coach["id"] for coach in coaches]):
        names = {coach["id"]: coach["display_name"] for coach in coaches}
        made = await _newest(book.of(account), "payout")
        found += [payout | {"_whose": names.get(account) or "Loom"} for payout in made]
    return sorted(found, key=lambda payout: -payout["created"])[:SHOWN]


routes = [
    Route("/panel", show, methods=["GET"]),
    Route("/panel", submit, methods=["POST"]),
]
