"""Onboarding: the pages on which a coach tells Stripe who they are and where money should go.

An account link leads here once and begins a visit of an hour. Each step is kept as it is sent, so
leaving and coming back by a new link goes on where something is missing.
"""

import re
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loom_app.integrations.stripe.sandbox import accounts, banks, happenings, links, times
from loom_app.integrations.stripe.sandbox.addresses import MOUNT
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.drawing import away, message, page, posted
from loom_app.integrations.stripe.sandbox.requirements import ASKED, VERDICTS, first_step
from loom_app.integrations.stripe.sandbox.ticking import opened_now
from loom_app.kit.text import t

Params = dict[str, Any]
STEPS = (*ASKED, "document")
_YOUNGEST = 18


async def start(request: Request) -> Response:
    """The link itself. Spent or old: to where a new one can be had, as Stripe does it."""
    async with opened_now() as book:
        link, token = await links.spend(book, "sandbox.link", request.path_params["token"])
        if link is None:
            return message(t("We could not find that page"), status=404)
        if token is None:
            return away(link["urls"]["refresh_url"])
        account = await accounts.living(book, link["account"])
        step = "you" if link["update"] else first_step(account)
    return away(f"{MOUNT}/onboarding/{token}/{step}")


async def show(request: Request) -> Response:
    """A step's form, with what was given before."""
    async with opened_now() as book:
        visit = await links.visit(book, "sandbox.link", request.path_params["token"])
        if visit is None:
            return _over()
        account = await book.get("v2.core.account", visit["account"])
        return _step(visit, account, request.path_params["step"], {}, {})


async def submit(request: Request) -> Response:
    """Keep a step and go to the next that misses something."""
    form = {k: v[:200].strip() for k, v in (await posted(request)).items()}
    step = request.path_params["step"]
    async with opened_now() as book:
        visit = await links.visit(book, "sandbox.link", request.path_params["token"])
        if visit is None:
            return _over()
        account = await accounts.living(book, visit["account"])
        if form.get("leave"):
            return await _leave(book, visit)
        given, errors = _READERS.get(step, _unknown)(form, account)
        if errors:
            return _step(visit, account, step, form, errors)
        await _keep(book, account, step, form, given)
        account = await book.get("v2.core.account", visit["account"])
        if step in ("terms", "document"):
            return await _leave(book, visit)
        return away(f"{MOUNT}/onboarding/{visit['id']}/{_next(account, step)}")


def _next(account: Params, step: str) -> str:
    missing = first_step(account)
    following = STEPS[STEPS.index(step) + 1]
    return missing if missing in ASKED else following


async def _keep(
    book: Book, account: Params, step: str, form: dict[str, str], given: Params
) -> None:
    if step == "bank":
        bank = banks.find(form["number"], account["_country"])
        if bank is not None:
            await accounts.give_bank(book, account, bank)
        return
    account = await accounts.give(book, account, given)
    if step == "terms":
        await accounts.decide(book, account, form.get("verdict", "approved"))
    elif step == "document":
        await accounts.decide(book, account, "approved")


async def _leave(book: Book, visit: Params) -> Response:
    """Back to Loom, done or not: only the account says which."""
    case = "account_update" if visit["update"] else "account_onboarding"
    data = {"account_id": visit["account"], "configurations": ["recipient"], "use_case": case}
    await happenings.account_changed(book, "_link.returned", visit["account"], data=data)
    return away(visit["urls"]["return_url"] or visit["urls"]["refresh_url"])


def _over() -> Response:
    words = t("Go back to Loom and open it again: what you entered is kept.")
    return message(t("This page is no longer open"), words, status=410)


def _step(
    visit: Params, account: Params, step: str, form: dict[str, str], errors: dict[str, str]
) -> Response:
    given = account["_given"]
    if step == "done" or step not in STEPS:
        step = "terms"
    born = str(given.get("born", "")).split("-")
    values = {**given, **dict(zip(("year", "month", "day"), born, strict=False)), **form}
    if step == "bank" and not form:
        values = {}  # the number is not kept, only its last digits
    return page(
        "onboarding.html",
        422 if errors else 200,
        step=step,
        number=min(STEPS.index(step) + 1, len(ASKED)),
        count=len(ASKED),
        action=f"{MOUNT}/onboarding/{visit['id']}/{step}",
        back=_before(visit, step),
        account=account,
        given=given,
        values=values,
        errors=errors,
        banks=banks.numbers(account["_country"]),
        national=account["_country"] == "us",
    )


def _before(visit: Params, step: str) -> str | None:
    at = STEPS.index(step)
    return f"{MOUNT}/onboarding/{visit['id']}/{STEPS[at - 1]}" if 0 < at < len(ASKED) else None


Read = tuple[Params, dict[str, str]]


def _needed(form: dict[str, str], names: dict[str, str]) -> Read:
    errors = {name: words for name, words in names.items() if not form.get(name)}
    return {name: form.get(name, "") for name in names}, errors


def _you(form: dict[str, str], _: Params) -> Read:
    given, errors = _needed(
        form,
        {
            "given_name": t("Enter your first name."),
            "surname": t("Enter your last name."),
            "phone": t("Enter a phone number we can reach you on."),
        },
    )
    if "phone" not in errors and not re.fullmatch(r"\+?[\d\s()./-]{6,25}", given["phone"]):
        errors["phone"] = t("Enter a phone number, like +1 555 0100.")
    try:
        born = date(*(int(form.get(part, "")) for part in ("year", "month", "day")))
    except ValueError:
        errors["born"] = t("Enter your date of birth, like 31 12 1990.")
        return given, errors
    today = times.now().date()
    if not born.year >= 1900 or _age(born, today) < _YOUNGEST:
        errors["born"] = t("You must be at least 18 to be paid.")
    return given | {"born": born.isoformat()}, errors


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _home(form: dict[str, str], _: Params) -> Read:
    return _needed(
        form,
        {
            "line1": t("Enter your street and number."),
            "city": t("Enter your town or city."),
            "postal_code": t("Enter your postal code."),
        },
    )


def _bank(form: dict[str, str], account: Params) -> Read:
    if banks.find(form.get("number", ""), account["_country"]) is None:
        words = t("Only the test accounts listed on this page work here.")
        return {}, {"number": words}
    return {}, {}


def _terms(form: dict[str, str], account: Params) -> Read:
    if first_step(account) in ("you", "home", "bank"):
        return {}, {"terms": t("Some steps before this one are not complete.")}
    if form.get("terms") != "yes":
        return {}, {"terms": t("Agree to the terms to be paid.")}
    if form.get("verdict", "approved") not in VERDICTS:
        return {}, {"terms": t("Choose what the sandbox should decide.")}
    return {"terms": times.iso(), "document": None}, {}


def _document(form: dict[str, str], _: Params) -> Read:
    if form.get("document") != "yes":
        return {}, {"document": t("Choose a document to send.")}
    return {"document": times.iso()}, {}


def _unknown(_: dict[str, str], __: Params) -> Read:
    return {}, {"terms": t("Start again from the first step.")}


_READERS = {"you": _you, "home": _home, "bank": _bank, "terms": _terms, "document": _document}

routes = [
    Route("/onboarding/start/{token}", start, methods=["GET"]),
    Route("/onboarding/{token}/{step}", show, methods=["GET"]),
    Route("/onboarding/{token}/{step}", submit, methods=["POST"]),
]
