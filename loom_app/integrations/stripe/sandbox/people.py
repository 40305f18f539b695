"""Customers and their payment methods."""

from typing import Any

from loom_app.integrations.stripe.sandbox import cards, forms, methods, objects
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import ApiError, invalid, missing

Params = dict[str, Any]
_KEPT = ("name", "email", "phone", "description", "metadata")


async def create(book: Book, _: dict[str, str], params: Params) -> Params:
    """POST /v1/customers."""
    forms.heed(params, " ".join(_KEPT))
    return await new(book, **params)


async def new(book: Book, **fields: Any) -> Params:
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
        **fields,
    )
    await book.put(customer)
    await book.happened("customer.created", customer)
    return customer


async def get(book: Book, path: dict[str, str], _: Params) -> Params:
    return await book.get("customer", path["id"])


async def page(book: Book, _: dict[str, str], params: Params) -> Params:
    """Deleted customers are found by their id and listed no more."""
    found = await book.page("customer", params, "/v1/customers")
    found["data"] = [c for c in found["data"] if not c.get("deleted")]
    return found


async def living(book: Book, key: str) -> Params:
    """A customer that something new can be done for."""
    customer = await book.get("customer", key, "customer")
    if customer.get("deleted"):
        raise missing("customer", key, "customer")
    return customer


async def update(book: Book, path: dict[str, str], params: Params) -> Params:
    forms.heed(params, f"invoice_settings {' '.join(_KEPT)}")
    customer = await living(book, path["id"])
    params["metadata"] = customer["metadata"] | (params.get("metadata") or {})
    customer |= {name: params[name] for name in _KEPT if name in params}
    settings = params.get("invoice_settings") or {}
    if "default_payment_method" in settings:
        key = settings["default_payment_method"]
        method = await book.get("payment_method", key, "payment_method") if key else None
        if method is not None and method["customer"] != customer["id"]:
            raise invalid(
                f"The customer does not have a payment method with the ID {key}. The payment"
                " method must be attached to the customer.",
                param="invoice_settings[default_payment_method]",
                code="resource_missing",
            )
        customer["invoice_settings"]["default_payment_method"] = key or None
    await book.put(customer)
    await book.happened("customer.updated", customer)
    return customer


async def delete(book: Book, path: dict[str, str], _: Params) -> Params:
    """A stub stays; the cards are nobody's and cannot be charged."""
    customer = await living(book, path["id"])
    for method in await saved(book, customer["id"]):
        await _release(book, method)
    await book.happened("customer.deleted", customer)
    return await book.put({"id": customer["id"], "object": "customer", "deleted": True})


async def saved(book: Book, customer: str) -> list[Params]:
    """The customer's cards, oldest first."""
    return await book.every("payment_method", "data->>'customer' = :customer", customer=customer)


async def methods_of(book: Book, path: dict[str, str], params: Params) -> Params:
    """GET /v1/customers/{id}/payment_methods."""
    await living(book, path["id"])
    return await book.page(
        "payment_method",
        params | {"customer": path["id"]},
        f"/v1/customers/{path['id']}/payment_methods",
    )


async def method_of(book: Book, path: dict[str, str], _: Params) -> Params:
    method = await book.get("payment_method", path["method"], "payment_method")
    if method["customer"] != path["id"]:
        raise missing("payment_method", path["method"], "payment_method")
    return method


async def new_method(book: Book, _: dict[str, str], params: Params) -> Params:
    """POST /v1/payment_methods: the number is looked up and forgotten."""
    forms.heed(params, "type card billing_details metadata allow_redisplay")
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
    return await book.put(methods.new(card, typed["exp_month"], typed["exp_year"]))


async def change(book: Book, path: dict[str, str], params: Params) -> Params:
    """POST /v1/payment_methods/{id}: a new date on the same card, as after a renewal."""
    forms.heed(params, "card metadata allow_redisplay")
    method = await book.get("payment_method", path["id"])
    card = params.pop("card", None) or {}
    forms.heed(card, "exp_month exp_year", "card")
    method["card"] |= card
    await book.put(method | params)
    await book.happened("payment_method.updated", method | params)
    return method | params


async def attach(book: Book, path: dict[str, str], params: Params) -> Params:
    customer = await living(book, params["customer"])
    method = await methods.named(book, path["id"]) or {}
    methods.belongs(method, customer["id"])
    why = methods.refusal(method)
    if why and method["card"]["last4"] != "0341":  # that one attaches, and is declined later
        raise methods.declined(why)
    return await methods.keep(
        book, method, customer["id"], authenticated=False, redisplay="unspecified"
    )


async def detach(book: Book, path: dict[str, str], _: Params) -> Params:
    method = await book.get("payment_method", path["id"])
    if method["customer"] is None:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is"
            " impossible.",
            param="payment_method",
        )
    customer = await book.find("customer", method["customer"], lock=True)
    settings = (customer or {}).get("invoice_settings") or {}
    if customer and settings.get("default_payment_method") == method["id"]:
        settings["default_payment_method"] = None
        await book.put(customer)
    return await _release(book, method)


async def _release(book: Book, method: Params) -> Params:
    method |= {"customer": None, "_spent": True}
    await book.put(method)
    await book.happened("payment_method.detached", method)
    return method
