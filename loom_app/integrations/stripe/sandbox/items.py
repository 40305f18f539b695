"""What a Checkout page sells: line items with a price of their own."""

from typing import Any

from loom_app.integrations.stripe.sandbox import objects
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import invalid

Params = dict[str, Any]


async def new(book: Book, item: Params) -> Params:
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


async def line_items(book: Book, path: dict[str, str], _: Params) -> Params:
    session = await book.get("checkout.session", path["id"], "session")
    url = f"/v1/checkout/sessions/{path['id']}/line_items"
    return objects.listing(url, session["_inside"]["items"])
