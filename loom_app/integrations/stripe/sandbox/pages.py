"""The pages a payer sees: Checkout, 3-D Secure, receipt. Server-rendered, no script."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from loom_app.integrations.stripe.sandbox import cards, checkout, intents
from loom_app.integrations.stripe.sandbox.addresses import MOUNT
from loom_app.integrations.stripe.sandbox.book import SANDBOX, Book
from loom_app.integrations.stripe.sandbox.errors import ApiError
from loom_app.kit import clock
from loom_app.kit.db.transaction import transaction
from loom_app.kit.money import Money
from loom_app.kit.text import language, t

HERE = Path(__file__).parent
_pages = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(default=True)
)
_pages.globals.update(t=t, language=language, mount=MOUNT, test_cards=cards.listed)

# no frame may hold a page that asks for a card, and nothing runs on it
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_EXPIRY = re.compile(r"(\d{1,2})\s*[/\s-]?\s*(\d{2}|\d{4})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _page(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    return HTMLResponse(_pages.get_template(name).render(**values), status, HEADERS)


def _away(url: str) -> RedirectResponse:
    return RedirectResponse(url, 303, HEADERS)


def _gone(words: str, back: str | None = None) -> HTMLResponse:
    return _page("message.html", 410, title=t("This payment is closed"), words=words, back=back)


def _amount(minor: int, currency: str) -> str:
    return Money(minor, currency.upper()).format()


def _success_url(session: dict[str, Any]) -> str:
    return session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])


async def _open(book: Book, key: str) -> tuple[dict[str, Any] | None, Response | None]:
    """The open session, or the answer that ends the visit."""
    try:
        session = await checkout.current(book, key)
    except ApiError:
        return None, _page(
            "message.html", 404, title=t("We could not find that payment"), words="", back=None
        )
    if session["status"] == "complete":
        return None, _away(_success_url(session))
    if session["status"] == "expired":
        words = t("The time to pay has run out. Nothing was charged.")
        return None, _gone(words, session["cancel_url"])
    return session, None


async def _form(
    book: Book, session: dict[str, Any], *, errors: dict[str, str], values: dict[str, str]
) -> HTMLResponse:
    items = [
        {"name": item["description"], "amount": _amount(item["amount_total"], item["currency"])}
        for item in await checkout.items(book, session["id"])
    ]
    return _page(
        "checkout.html",
        422 if errors else 200,
        session=session,
        items=items,
        total=_amount(session["amount_total"], session["currency"]),
        errors=errors,
        values={"email": session["customer_email"] or "", **values},
        year=clock.now().year,
    )


async def show(request: Request) -> Response:
    async with transaction(SANDBOX) as tx:
        book = Book(tx)
        session, end = await _open(book, request.path_params["id"])
        return end or await _form(book, session or {}, errors={}, values={})


async def submit(request: Request) -> Response:
    """Pay. The card number lives in this function only: never stored, logged or shown again."""
    form = {
        k: str(v).replace("\x00", "")
        for k, v in (await request.form(max_fields=10, max_part_size=4096)).items()
    }
    kept = {k: form.get(k, "")[:200].strip() for k in ("email", "name")}
    async with transaction(SANDBOX) as tx:
        book = Book(tx)
        session, end = await _open(book, request.path_params["id"])
        if session is None:
            return end or _gone("")
        card, expiry, errors = _read_card(form, kept)
        if errors or card is None:
            return await _form(book, session, errors=errors, values=kept)
        try:
            intent = await checkout.pay(book, session, card, expiry=expiry, **kept)
        except ApiError as error:
            words = {"card": t(error.body["error"]["message"])}
            return await _form(book, session, errors=words, values=kept)
        if intent["status"] == "requires_action":
            return _away(intent["next_action"]["redirect_to_url"]["url"])
        return _away(_success_url(session))


def _read_card(
    form: dict[str, str], kept: dict[str, str]
) -> tuple[cards.TestCard | None, tuple[int, int], dict[str, str]]:
    errors: dict[str, str] = {}
    if not _EMAIL.fullmatch(kept["email"]):
        errors["email"] = t("Enter an email address, like name@example.com.")
    if not kept["name"]:
        errors["name"] = t("Enter the name on the card.")
    card: cards.TestCard | None = None
    try:
        card = cards.find(form.get("number", ""))
    except cards.NotATestCard:
        errors["card"] = t(
            "Only the test cards listed on this page work here. No real card can be charged."
        )
    expiry = _read_expiry(form.get("expiry", ""))
    if expiry is None:
        errors["expiry"] = t("Enter the month and year on the card, like 12 / 34.")
    elif expiry[::-1] < (clock.now().year, clock.now().month):
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
    async with transaction(SANDBOX) as tx:
        book = Book(tx)
        intent = await book.find("payment_intent", key, lock=True)
        if intent is None or intent["status"] != "requires_action":
            return await _answered_before(book, key)
        session = await checkout.of_intent(book, key)
        if request.method == "GET":
            amount = _amount(intent["amount"], intent["currency"])
            return _page("challenge.html", amount=amount, intent=intent, session=session)
        agreed = (await request.form()).get("answer") == "confirm"
        return await _answered(book, intent, session, agreed=agreed)


async def _answered_before(book: Book, key: str) -> Response:
    """Somebody went back to the bank's page: on to where the payment stands."""
    session = await checkout.of_intent(book, key)
    if session is None:
        return _gone(t("This confirmation has been used already."))
    return _away(f"{MOUNT}/pay/{session['id']}")  # which leads on, or says that it is closed


async def _answered(
    book: Book, intent: dict[str, Any], session: dict[str, Any] | None, *, agreed: bool
) -> Response:
    method = await book.get("payment_method", intent["payment_method"])
    if session is not None and session["status"] != "open":
        return _gone(t("The time to pay has run out. Nothing was charged."), session["cancel_url"])
    if agreed:
        intent = await intents.attempt(book, intent, method, authenticated=True)
        if session is not None:
            await checkout.complete(book, session, intent)
            return _away(_success_url(session))
    else:
        await intents.decline(book, intent, method, ("payment_intent_authentication_failure", None))
        if session is not None:
            words = {
                "card": t("Your bank did not confirm the payment. Try again or use another card.")
            }
            return await _form(book, session, errors=words, values={})
    return _page(
        "message.html", title=t("Thank you"), words=t("You can close this page."), back=None
    )


async def receipt(request: Request) -> Response:
    async with transaction(SANDBOX) as tx:
        charge = await Book(tx).find("charge", request.path_params["id"])
    if charge is None:
        return _page(
            "message.html", 404, title=t("We could not find that receipt"), words="", back=None
        )
    words = t(
        "{amount} paid with a card ending in {last4}.",
        amount=_amount(charge["amount"], charge["currency"]),
        last4=charge["payment_method_details"]["card"]["last4"],
    )
    return _page("message.html", title=t("Receipt"), words=words, back=None)


routes = [
    Route("/pay/{id}", show, methods=["GET"]),
    Route("/pay/{id}", submit, methods=["POST"]),
    Route("/3ds/{id}", challenge, methods=["GET", "POST"]),
    Route("/receipts/{id}", receipt, methods=["GET"]),
    Mount("/static", StaticFiles(directory=HERE / "static")),
]
