"""The pages a payer sees: Checkout, 3-D Secure, receipt."""

import contextlib
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from loom_app.integrations.stripe.sandbox import (
    cards,
    charges,
    checkout,
    intents,
    items,
    setups,
    times,
)
from loom_app.integrations.stripe.sandbox.addresses import MOUNT
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.drawing import HERE, amount, away, message, page, posted
from loom_app.integrations.stripe.sandbox.errors import ApiError
from loom_app.integrations.stripe.sandbox.ticking import opened_now
from loom_app.kit.text import t

Params = dict[str, Any]
_EXPIRY = re.compile(r"(\d{1,2})\s*[/\s-]?\s*(\d{2}|\d{4})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NOT_CONFIRMED = "payment_intent_authentication_failure"


def _gone(words: str, back: str | None = None) -> Response:
    return message(t("This payment is closed"), words, status=410, back=back)


def _success_url(session: Params) -> str:
    return session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])


def _too_late(session: Params) -> Response:
    words = t("The time to pay has run out. Nothing was charged.")
    if session["mode"] == "setup":
        words = t("The time to save a card has run out. Nothing was saved.")
    return _gone(words, session["cancel_url"])


async def _open(book: Book, key: str) -> tuple[Params | None, Response | None]:
    """The open session, or the answer that ends the visit."""
    try:
        session = await checkout.current(book, key)
    except ApiError:
        return None, message(t("We could not find that payment"), status=404)
    if session["status"] == "complete":
        return None, away(_success_url(session))
    if session["status"] == "expired":
        return None, _too_late(session)
    return session, None


async def _form(
    book: Book, session: Params, *, errors: dict[str, str], values: dict[str, str]
) -> Response:
    bought = (await items.line_items(book, {"id": session["id"]}, {}))["data"]
    lines = [
        {"name": item["description"], "amount": amount(item["amount_total"], item["currency"])}
        for item in bought
    ]
    saved = await checkout.offered(book, session)
    data = session["_inside"]["intent_data"]
    chosen = values.get("saved") or (saved[0]["id"] if saved and not errors else "")
    return page(
        "checkout.html",
        422 if errors else 200,
        session=session,
        lines=lines,
        total=amount(session["amount_total"] or 0, session["currency"]),
        saved=[_shown(method) for method in saved],
        chosen=chosen,
        keeps=session["mode"] == "setup" or bool(data.get("setup_future_usage")),
        holds=data.get("capture_method") == "manual",
        kinds=_choices(session),
        tests=cards.listed(session["payment_method_types"]),
        errors=errors,
        values={"email": session["customer_email"] or "", **values},
    )


def _shown(method: Params) -> dict[str, str]:
    card = method.get("card")
    until = f"{card['exp_month']:02} / {card['exp_year'] % 100:02}" if card else ""
    return {"id": method["id"], "name": _name(method), "until": until}


def _name(method: Params) -> str:
    """A payment method, or what a charge says of its own, in words."""
    kind = method["type"]
    known = method[kind]
    if kind == "link":
        return "Link"
    name = {"us_bank_account": t("bank account"), "sepa_debit": t("SEPA account")}.get(kind)
    name = name or _BRANDS[known["brand"]]
    return t("{brand} ending in {last4}", brand=name, last4=known["last4"])


def _choices(session: Params) -> list[tuple[str, str]]:
    """The ways to pay that this page plays; none where it is cards alone. Link is for Stripe's."""
    names = {
        "card": t("Card"),
        "us_bank_account": t("US bank account"),
        "sepa_debit": t("SEPA debit"),
    }
    found = [(kind, names[kind]) for kind in session["payment_method_types"] if kind in names]
    return found if len(found) > 1 else []


_BRANDS = {"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express"}


async def show(request: Request) -> Response:
    async with opened_now() as book:
        session, end = await _open(book, request.path_params["id"])
        return end or await _form(book, session or {}, errors={}, values={})


async def submit(request: Request) -> Response:
    """Pay. The card number lives in this function only: never stored, logged or shown again."""
    form = await posted(request)
    kept = {k: form.get(k, "")[:200].strip() for k in ("email", "name", "saved", "kind")}
    async with opened_now() as book:
        session, end = await _open(book, request.path_params["id"])
        if session is None:
            return end or _gone("")
        try:
            intent, errors = await _try(book, session, form, kept)
        except ApiError as error:
            # the words of Stripe about a card; whatever else it says is not for the payer
            words = error.body["error"]["message"] if error.status == 402 else ""
            errors, intent = {"card": t(words or "This card cannot be used here.")}, None
        if intent is None:
            return await _form(book, session, errors=errors, values=kept)
        if intent["status"] == "requires_action":
            return away(intent["next_action"]["redirect_to_url"]["url"])
        return away(_success_url(session))


async def _try(
    book: Book, session: Params, form: dict[str, str], kept: dict[str, str]
) -> tuple[Params | None, dict[str, str]]:
    """Pay with the saved card that is chosen, or with the one that was typed."""
    offered = {method["id"]: method for method in await checkout.offered(book, session)}
    if kept["saved"] in offered:
        return await checkout.pay_with(book, session, offered[kept["saved"]]), {}
    kinds = session["payment_method_types"]
    kind = kept["kind"] if kept["kind"] in kinds else kinds[0]
    card, expiry, errors = _read_card(form, kept, kind)
    if errors or card is None:
        return None, errors
    who = {"name": kept["name"], "email": kept["email"]}
    return await checkout.pay(book, session, card, expiry=expiry, **who), {}


def _read_card(
    form: dict[str, str], kept: dict[str, str], kind: str
) -> tuple[cards.TestCard | None, tuple[int, int], dict[str, str]]:
    errors: dict[str, str] = {}
    if not _EMAIL.fullmatch(kept["email"]):
        errors["email"] = t("Enter an email address, like name@example.com.")
    if not kept["name"]:
        errors["name"] = t("Enter the name on the card or account.")
    card: cards.TestCard | None = None
    with contextlib.suppress(cards.NotATestCard):
        card = cards.find(form.get("number", ""))
    if card is None or card.kind != kind:
        errors["card"] = t(
            "Only the test cards and accounts listed on this page work here. No real one can be"
            " charged."
        )
    if kind != "card":
        return card, (12, 2034), errors
    expiry = _read_expiry(form.get("expiry", ""))
    now = times.now()
    if expiry is None:
        errors["expiry"] = t("Enter the month and year on the card, like 12 / 34.")
    elif expiry[::-1] < (now.year, now.month):
        errors["expiry"] = t("This date has passed. Check the month and year on the card.")
    if not re.fullmatch(r"\d{3,4}", form.get("cvc", "").strip()):
        errors["cvc"] = t("Enter the 3 or 4 digits of the security code.")
    return card, expiry or (0, 0), errors


def _read_expiry(written: str) -> tuple[int, int] | None:
    found = _EXPIRY.fullmatch(written.strip())
    if not found or not 1 <= int(found[1]) <= 12:
        return None
    year = int(found[2])
    return int(found[1]), year if year > 99 else 2000 + year


async def challenge(request: Request) -> Response:
    """The bank's page: shows what is asked, or takes the answer."""
    key = request.path_params["id"]
    kind = "setup_intent" if key.startswith("seti_") else "payment_intent"
    async with opened_now() as book:
        intent = await book.find(kind, key, lock=True)
        if intent is None or intent["status"] != "requires_action":
            return await _answered_before(book, intent)
        session = await checkout.of_intent(book, intent)
        if request.method == "GET":
            total = amount(intent["amount"], intent["currency"]) if "amount" in intent else ""
            return page("challenge.html", amount=total)
        agreed = (await posted(request)).get("answer") == "confirm"
        return await _answered(book, intent, session, agreed=agreed)


async def _answered_before(book: Book, intent: Params | None) -> Response:
    """Somebody went back to the bank's page: on to where the payment stands."""
    session = await checkout.of_intent(book, intent) if intent else None
    if session is None:
        return _gone(t("This confirmation has been used already."))
    return away(f"{MOUNT}/pay/{session['id']}")  # which leads on, or says that it is closed


async def _answered(
    book: Book, intent: Params, session: Params | None, *, agreed: bool
) -> Response:
    method = await book.get("payment_method", intent["payment_method"])
    if session is not None and session["status"] != "open":
        return _too_late(session)
    ours = setups if intent["object"] == "setup_intent" else intents
    if agreed:
        try:
            intent = await ours.attempt(book, intent, method, authenticated=True)
        except ApiError:  # the bank knew its customer, and declined all the same
            agreed = False
    elif ours is setups:
        await setups.decline(book, intent, method, ("setup_intent_authentication_failure", None))
    else:
        await charges.decline(book, intent, method, (_NOT_CONFIRMED, None))
    if session is None:
        return message(t("Thank you"), t("You can close this page."))
    if agreed:
        await checkout.complete(book, session, intent)
        return away(_success_url(session))
    words = t("Your bank did not confirm the payment. Try again or use another card.")
    if ours is setups:
        words = t("Your bank did not confirm the card. Try again or use another card.")
    return await _form(book, session, errors={"card": words}, values={})


async def receipt(request: Request) -> Response:
    async with opened_now() as book:
        charge = await book.find("charge", request.path_params["id"])
    if charge is None:
        return message(t("We could not find that receipt"), status=404)
    words = t(
        "{amount} paid with {way}.",
        amount=amount(charge["amount_captured"] or charge["amount"], charge["currency"]),
        way=_name(charge["payment_method_details"]),
    )
    return message(t("Receipt"), words)


routes = [
    Route("/pay/{id}", show, methods=["GET"]),
    Route("/pay/{id}", submit, methods=["POST"]),
    Route("/3ds/{id}", challenge, methods=["GET", "POST"]),
    Route("/receipts/{id}", receipt, methods=["GET"]),
    Mount("/static", StaticFiles(directory=HERE / "static")),
]
