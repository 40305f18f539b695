"""Customers and their payment methods."""

from typing import Any

from loom_app.integrations.stripe.sandbox import cards, intents, objects
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import ApiError, invalid

Params = dict[str, Any]
_KEPT = ("name", "email", "phone", "description", "metadata")


async def create(book: Book, _: dict[str, str], params: Params) -> Params:
    customer = objects.make(
        "customer",
        balance=0,
        delinquent=False,
        invoice_prefix=objects.new_id("customer")[4:12].upper(),
        invoice_settings={
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        next_invoice_sequence=1,
        preferred_locales=[],
        tax_exempt="none",
        **{name: params[name] for name in _KEPT if name in params},
    )
    await book.put(customer)
    await book.happened("customer.created", customer)
    return customer


async def get(book: Book, path: dict[str, str], _: Params) -> Params:
    return await book.get("customer", path["id"])


async def update(book: Book, path: dict[str, str], params: Params) -> Params:
    customer = await book.get("customer", path["id"])
    customer |= {name: params[name] for name in _KEPT if name in params}
    settings = params.get("invoice_settings") or {}
    if "default_payment_method" in settings:
        method = await book.get("payment_method", settings["default_payment_method"])
        customer["invoice_settings"]["default_payment_method"] = method["id"]
    await book.put(customer)
    await book.happened("customer.updated", customer)
    return customer


async def delete(book: Book, path: dict[str, str], _: Params) -> Params:
    customer = await book.get("customer", path["id"])
    await book.happened("customer.deleted", customer)
    return await book.put({"id": customer["id"], "object": "customer", "deleted": True})


async def new_method(book: Book, _: dict[str, str], params: Params) -> Params:
    typed = params.get("card")
    if params.get("type") != "card" or not typed or "number" not in typed:
        raise invalid("The sandbox makes payment methods of type card.", param="type")
    card = cards.by_number(typed["number"])
    if card.decline and card.decline[0] == "incorrect_number":
        raise ApiError(
            402,
            "card_error",
            cards.MESSAGES["incorrect_number"],
            code="incorrect_number",
            param="number",
        )
    return await book.put(intents.new_method(card, typed["exp_month"], typed["exp_year"]))


async def attach(book: Book, path: dict[str, str], params: Params) -> Params:
    customer = await book.get("customer", params["customer"], "customer")
    ready_made = cards.by_alias(path["id"])
    method = (
        intents.new_method(ready_made, 12, 2034)
        if ready_made
        else await book.get("payment_method", path["id"])
    )
    card = cards.by_last4(method["card"]["last4"])
    if card.decline and card.last4 != "0341":  # that one attaches, and is declined later
        code, reason = card.decline
        raise ApiError(402, "card_error", cards.MESSAGES[code], code=code, decline_code=reason)
    await book.put(method | {"customer": customer["id"]})
    await book.happened("payment_method.attached", method | {"customer": customer["id"]})
    return method | {"customer": customer["id"]}


async def detach(book: Book, path: dict[str, str], _: Params) -> Params:
    method = await book.get("payment_method", path["id"])
    await book.put(method | {"customer": None})
    await book.happened("payment_method.detached", method | {"customer": None})
    return method | {"customer": None}
