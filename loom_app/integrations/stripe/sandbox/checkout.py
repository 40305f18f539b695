"""Checkout sessions: the hosted page's state, from open to complete or expired."""

from typing import Any

from sqlalchemy import text

from loom_app.integrations.stripe.sandbox import cards, intents, objects
from loom_app.integrations.stripe.sandbox.addresses import page_url
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import invalid

SHORTEST, LONGEST = 30 * 60, 24 * 3600


async def create(book: Book, params: dict[str, Any]) -> dict[str, Any]:
    """An open session with the address of its page."""
    if params.get("mode") != "payment" or params.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("The sandbox knows mode payment on the hosted page.", param="mode")
    if not params.get("success_url"):
        raise invalid(
            "Missing required param: success_url.", param="success_url", code="parameter_missing"
        )
    expires = _expiry(params)
    items = [await _item(book, item) for item in params.get("line_items") or []]
    if not items:
        raise invalid("Missing required param: line_items.", param="line_items")
    total = sum(item["amount_total"] for item in items)
    intents.check_amount(total, "line_items")
    session = objects.make(
        "checkout.session",
        adaptive_pricing={"enabled": False},
        amount_subtotal=total,
        amount_total=total,
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        currency=items[0]["currency"],
        custom_fields=[],
        custom_text=dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        ),
        customer=params.get("customer"),
        customer_creation="if_required",
        customer_email=params.get("customer_email"),
        expires_at=expires,
        metadata=params.get("metadata") or {},
        mode="payment",
        payment_method_collection="if_required",
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=["card"],
        payment_status="unpaid",
        phone_number_collection={"enabled": False},
        shipping_options=[],
        status="open",
        success_url=params["success_url"],
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        ui_mode="hosted_page",
    )
    session["url"] = page_url(f"pay/{session['id']}")
    await book.put(session)
    # what the page needs and Stripe does not show: items, the intent's data, the intent itself
    await book.put(
        {
            "id": _inside(session["id"]),
            "object": "checkout.inside",
            "items": items,
            "intent_data": params.get("payment_intent_data") or {},
            "intent": None,
        }
    )
    return session


def _inside(session_id: str) -> str:
    return f"inside_{session_id}"


def _expiry(params: dict[str, Any]) -> int:
    now = objects.stamp()
    expires = params.get("expires_at", now + LONGEST)
    if not now + SHORTEST <= expires <= now + LONGEST:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.",
            param="expires_at",
        )
    return expires


async def _item(book: Book, item: dict[str, Any]) -> dict[str, Any]:
    data = item.get("price_data")
    if not data or "unit_amount" not in data:
        raise invalid(
            "The sandbox takes line items with price_data and unit_amount.", param="line_items"
        )
    quantity = item.get("quantity", 1)
    amount, currency = data["unit_amount"] * quantity, data["currency"].lower()
    price = objects.make(
        "price",
        active=False,
        billing_scheme="per_unit",
        currency=currency,
        product="prod_sandbox",
        tax_behavior="unspecified",
        type="one_time",
        unit_amount=data["unit_amount"],
        unit_amount_decimal=str(data["unit_amount"]),
    )
    return objects.make(
        "item",
        amount_discount=0,
        amount_subtotal=amount,
        amount_tax=0,
        amount_total=amount,
        currency=currency,
        description=data.get("product_data", {}).get("name"),
        price=await book.put(price),
        quantity=quantity,
    )


async def items(book: Book, key: str) -> list[dict[str, Any]]:
    await book.get("checkout.session", key, "session")
    return (await book.get("checkout.inside", _inside(key)))["items"]


async def expire(book: Book, key: str) -> dict[str, Any]:
    session = await book.get("checkout.session", key, "session")
    if session["status"] != "open":
        raise invalid(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}."
        )
    return await _expired(book, session)


async def _expired(book: Book, session: dict[str, Any]) -> dict[str, Any]:
    session |= {"status": "expired", "url": None}
    await book.put(session)
    await book.happened("checkout.session.expired", session)
    return session


async def current(book: Book, key: str) -> dict[str, Any]:
    """The session as it is by now: an open one whose time is over has expired."""
    session = await book.get("checkout.session", key, "session")
    if session["status"] == "open" and session["expires_at"] <= objects.stamp():
        return await _expired(book, session)
    return session


async def pay(
    book: Book,
    session: dict[str, Any],
    card: cards.TestCard,
    *,
    expiry: tuple[int, int],
    name: str,
    email: str,
) -> dict[str, Any]:
    """What the page's button does; returns the intent. A decline raises ApiError 402."""
    inside = await book.get("checkout.inside", _inside(session["id"]))
    method = intents.new_method(card, *expiry, name=name, email=email)
    await book.put(method)
    session["customer_details"] = {
        "address": method["billing_details"]["address"],
        "email": email,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    await book.put(session)
    if inside["intent"]:
        intent = await book.get("payment_intent", inside["intent"])
    else:
        data = {k: v for k, v in inside["intent_data"].items() if k in intents.COPIED}
        intent = intents.new(session["amount_total"], session["currency"], **data)
        await book.put(intent)
        await book.happened("payment_intent.created", intent)
        await book.put(inside | {"intent": intent["id"]})
    intent = await intents.attempt(book, intent, method, return_url=session["url"])
    if intent["status"] == "succeeded":
        await complete(book, session, intent)
    return intent


async def complete(book: Book, session: dict[str, Any], intent: dict[str, Any]) -> None:
    session |= {
        "status": "complete",
        "payment_status": "paid",
        "payment_intent": intent["id"],
        "url": None,
    }
    await book.put(session)
    await book.happened("checkout.session.completed", session)


async def of_intent(book: Book, intent_id: str) -> dict[str, Any] | None:
    """The session whose page made this intent."""
    found = await book.tx.db.scalar(
        text(
            "SELECT id FROM stripe_sandbox.objects"
            " WHERE kind = 'checkout.inside' AND data->>'intent' = :intent"
        ),
        {"intent": intent_id},
    )
    return await current(book, found.removeprefix("inside_")) if found else None
