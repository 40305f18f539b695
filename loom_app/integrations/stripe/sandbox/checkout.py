"""Checkout sessions: the hosted page's state, from open to complete or expired.

Two kinds: `payment` takes or holds money, `setup` keeps a card and takes none. What the page needs
and Stripe does not show stands under `_inside`.
"""

from typing import Any

from loom_app.integrations.stripe.sandbox import (
    cards,
    forms,
    intents,
    items,
    methods,
    objects,
    people,
    setups,
    times,
)
from loom_app.integrations.stripe.sandbox.addresses import page_url
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import invalid
from loom_app.kit import clock

Params = dict[str, Any]
SHORTEST, LONGEST = 30 * 60, times.DAY
_PLAYED = (
    "mode ui_mode success_url cancel_url client_reference_id customer customer_email currency"
    " line_items expires_at metadata payment_intent_data setup_intent_data"
    " saved_payment_method_options locale submit_type customer_creation"
    " allowed_payment_method_types"
)
# what the page plays, and the one currency that a bank account has
KINDS = {"card": "", "link": "", "us_bank_account": "usd", "sepa_debit": "eur"}


async def create(book: Book, _: dict[str, str], params: Params) -> Params:
    """An open session with the address of its page."""
    forms.heed(params, _PLAYED)
    if params.get("mode") not in ("payment", "setup"):
        raise invalid("The sandbox knows the modes payment and setup.", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("The sandbox knows the hosted page.", param="ui_mode")
    if not params.get("success_url"):
        raise invalid(
            "Missing required param: success_url.", param="success_url", code="parameter_missing"
        )
    forms.heed(
        params.get("payment_intent_data", {}), " ".join(intents.COPIED), "payment_intent_data"
    )
    if "customer" in params:
        await people.living(book, params["customer"])
    made = await (_for_setup if params["mode"] == "setup" else _for_payment)(book, params)
    expires = _expiry(params)
    kinds = params.get("allowed_payment_method_types") or ["card"]
    _check_kinds(kinds, made["currency"])
    session = objects.make(
        "checkout.session",
        adaptive_pricing={"enabled": False},
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        custom_fields=[],
        custom_text=dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        ),
        customer=params.get("customer"),
        customer_email=params.get("customer_email"),
        expires_at=expires,
        locale=params.get("locale"),
        metadata=params.get("metadata") or {},
        mode=params["mode"],
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=kinds,
        phone_number_collection={"enabled": False},
        saved_payment_method_options=_saved_options(params),
        shipping_options=[],
        status="open",
        submit_type=params.get("submit_type"),
        success_url=params["success_url"],
        ui_mode="hosted_page",
        # the caller's clock is the real one: an end it asks for is that far away on this one, too
        _due=expires + int(times.ahead()),
        **made,
    )
    session["url"] = page_url(f"pay/{session['id']}")
    await book.later(session["_due"])
    return await book.put(session)


def _check_kinds(kinds: list[str], currency: str) -> None:
    for kind in kinds:
        if kind not in KINDS or KINDS[kind] not in ("", currency):
            raise invalid(
                f"The payment method type `{kind}` is not possible with {currency}.",
                param="allowed_payment_method_types",
            )


async def _for_payment(book: Book, params: Params) -> Params:
    bought = [await items.new(book, item) for item in params.get("line_items") or []]
    if not bought:
        raise invalid("Missing required param: line_items.", param="line_items")
    currency = bought[0]["currency"]
    if any(item["currency"] != currency for item in bought):
        raise invalid("All line items must have the same currency.", param="line_items")
    total = sum(item["amount_total"] for item in bought)
    intents.check_amount(total, "line_items")
    return {
        "amount_subtotal": total,
        "amount_total": total,
        "currency": currency,
        "customer_creation": None if params.get("customer") else "if_required",
        "payment_method_collection": "if_required",
        "payment_status": "unpaid",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "_inside": {
            "items": bought,
            "intent_data": params.get("payment_intent_data") or {},
            "intent": None,
        },
    }


async def _for_setup(book: Book, params: Params) -> Params:
    if params.get("line_items"):
        raise invalid("You cannot pass `line_items` in `setup` mode.", param="line_items")
    if "currency" not in params:
        raise invalid(
            "Missing required param: currency.", param="currency", code="parameter_missing"
        )
    data = params.get("setup_intent_data") or {}
    forms.heed(data, "description metadata", "setup_intent_data")
    intent = setups.new(customer=params.get("customer"), **data)
    await book.put(intent)
    await book.happened("setup_intent.created", intent)
    return {
        "currency": params["currency"].lower(),
        "payment_method_collection": "always",
        "payment_status": "no_payment_required",
        "setup_intent": intent["id"],
        "_inside": {"items": [], "intent_data": {}, "intent": intent["id"]},
    }


def _saved_options(params: Params) -> Params | None:
    options = params.get("saved_payment_method_options") or {}
    if params["mode"] == "setup" or not params.get("customer"):
        return None
    filters = options.get("allow_redisplay_filters") or ["always"]
    return {
        "allow_redisplay_filters": filters,
        "payment_method_remove": "disabled",
        "payment_method_save": options.get("payment_method_save"),
    }


def _expiry(params: Params) -> int:
    now = int(clock.now().timestamp())
    expires = params.get("expires_at", now + LONGEST)
    if not now + SHORTEST <= expires <= now + LONGEST:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.",
            param="expires_at",
        )
    return expires


async def read(book: Book, path: dict[str, str], _: Params) -> Params:
    return await current(book, path["id"])


async def expire_now(book: Book, path: dict[str, str], _: Params) -> Params:
    session = await current(book, path["id"])
    if session["status"] != "open":
        raise invalid(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}."
        )
    return await expire(book, session)


async def expire(book: Book, session: Params) -> Params:
    session.pop("_due", None)
    session |= {"status": "expired", "url": None}
    await book.put(session)
    await book.happened("checkout.session.expired", session)
    return session


async def current(book: Book, key: str) -> Params:
    """The session as it is by now: an open one whose time is over has expired."""
    session = await book.get("checkout.session", key, "session")
    if session["status"] == "open" and session["_due"] <= objects.stamp():
        return await expire(book, session)
    return session


async def offered(book: Book, session: Params) -> list[Params]:
    """The saved cards that the page shows, newest first."""
    options = session["saved_payment_method_options"]
    if not options:
        return []
    return [
        method
        for method in reversed(await people.saved(book, session["customer"]))
        if method["allow_redisplay"] in options["allow_redisplay_filters"]
    ]


async def pay(
    book: Book,
    session: Params,
    card: cards.TestCard,
    *,
    expiry: tuple[int, int],
    name: str,
    email: str,
) -> Params:
    """The page's button with a typed card; returns the intent. A decline is an ApiError 402."""
    method = methods.new(card, *expiry, name=name, email=email)
    await book.put(method)
    return await pay_with(book, session, method)


async def pay_with(book: Book, session: Params, method: Params) -> Params:
    """The page's button with a card that was typed or saved before."""
    details = method["billing_details"]
    session["customer_details"] = {
        "address": details["address"],
        "email": details["email"],
        "name": details["name"],
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    intent = await _intent(book, session)
    await book.put(session)
    act = setups.attempt if session["mode"] == "setup" else intents.attempt
    intent = await act(book, intent, method, return_url=session["url"])
    if intent["status"] in ("succeeded", "requires_capture", "processing"):
        await complete(book, session, intent)
    return intent


async def _intent(book: Book, session: Params) -> Params:
    """What the page works on: made at the first try, and used again after a decline."""
    inside = session["_inside"]
    if inside["intent"]:
        kind = "setup_intent" if session["mode"] == "setup" else "payment_intent"
        return await book.get(kind, inside["intent"])
    data = inside["intent_data"]
    if not session["customer"] and data.get("setup_future_usage"):
        details = session["customer_details"]
        made = await people.new(book, name=details["name"], email=details["email"])
        session["customer"] = made["id"]
    kinds = session["payment_method_types"]
    intent = intents.new(
        session["amount_total"], session["currency"], payment_method_types=kinds, **data
    )
    intent |= {"customer": session["customer"], "_session": session["id"]}
    await book.put(intent)
    await book.happened("payment_intent.created", intent)
    inside["intent"] = intent["id"]
    return intent


async def complete(book: Book, session: Params, intent: Params) -> None:
    """Paid, held, on its way or saved: the page is closed. Only what is paid is not unpaid."""
    session.pop("_due", None)
    session |= {"status": "complete", "url": None}
    if session["mode"] == "payment":
        paid = intent["status"] == "succeeded"
        session |= {
            "payment_status": "paid" if paid else "unpaid",
            "payment_intent": intent["id"],
        }
    await book.put(session)
    await book.happened("checkout.session.completed", session)


async def answered(book: Book, intent: Params) -> None:
    """The bank has answered about a debit that was begun on a page."""
    session = await of_intent(book, intent)
    if session is None:
        return
    paid = intent["status"] == "succeeded"
    if paid:
        session["payment_status"] = "paid"
        await book.put(session)
    kind = "async_payment_succeeded" if paid else "async_payment_failed"
    await book.happened(f"checkout.session.{kind}", session)


async def of_intent(book: Book, intent: Params) -> Params | None:
    """The session whose page made this intent."""
    if intent["object"] == "payment_intent":
        key = intent.get("_session")
        return await current(book, key) if key else None
    found = await book.every(
        "checkout.session", "data->>'setup_intent' = :intent", intent=intent["id"]
    )
    return await current(book, found[0]["id"]) if found else None
