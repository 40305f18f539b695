"""Stripe's objects as they are made: every field of the SDK's class, optional ones null.

Fields that Stripe sends only when expanded are left out, because absent and null differ to the SDK.
"""

import functools
import secrets
import string
import types
from typing import Any, Union, get_args, get_origin

import stripe

from loom_app.integrations.stripe.sandbox import times

_ALPHABET = string.ascii_letters + string.digits
_ABSENT = {
    "charge": {"refunds", "level3", "authorization_code", "presentment_details", "source"},
    "customer": {"sources", "subscriptions", "tax", "tax_ids", "deleted", "cash_balance"},
    "checkout.session": {"line_items", "presentment_details", "name_collection", "optional_items"},
    "payment_intent": {"source", "presentment_details", "hooks", "amount_details"},
    "refund": {
        "failure_reason",
        "failure_balance_transaction",
        "instructions_email",
        "next_action",
    },
    "price": {"deleted", "tiers", "currency_options"},
    "setup_intent": {"automatic_payment_methods_options", "managed_payments"},
    "bank_account": {"customer", "deleted"},
    "webhook_endpoint": {"deleted", "secret"},
    "dispute": {"intended_submission_method", "network_reason_code"},
}
_CLASSES: dict[str, type] = {
    "charge": stripe.Charge,
    "customer": stripe.Customer,
    "checkout.session": stripe.checkout.Session,
    "payment_intent": stripe.PaymentIntent,
    "refund": stripe.Refund,
    "payment_method": stripe.PaymentMethod,
    "balance_transaction": stripe.BalanceTransaction,
    "price": stripe.Price,
    "item": stripe.LineItem,
    "setup_intent": stripe.SetupIntent,
    "transfer": stripe.Transfer,
    "transfer_reversal": stripe.TransferReversal,
    "payout": stripe.Payout,
    "dispute": stripe.Dispute,
    "bank_account": stripe.BankAccount,
    "webhook_endpoint": stripe.WebhookEndpoint,
    "v2.core.account": stripe.v2.core.Account,
    "v2.core.event_destination": stripe.v2.core.EventDestination,
}
PREFIXES = {
    "charge": "ch_",
    "customer": "cus_",
    "checkout.session": "cs_test_",
    "payment_intent": "pi_",
    "refund": "re_",
    "payment_method": "pm_",
    "balance_transaction": "txn_",
    "price": "price_",
    "item": "li_",
    "event": "evt_test_",
    "setup_intent": "seti_",
    "transfer": "tr_",
    "transfer_reversal": "trr_",
    "payout": "po_",
    "dispute": "du_",
    "bank_account": "ba_",
    "webhook_endpoint": "we_",
    "v2.core.account": "acct_",
    "v2.core.event_destination": "ed_test_",
    "person": "person_",
}
# what a transfer makes in the receiving account are a charge and a refund, under other prefixes
EXPANDABLE = {start: kind for kind, start in PREFIXES.items()} | {"py_": "charge", "pyr_": "refund"}


def new_id(kind: str) -> str:
    return PREFIXES[kind] + "".join(secrets.choice(_ALPHABET) for _ in range(24))


def stamp() -> int:
    return times.stamp()


def shown(thing: Any) -> Any:
    """Without the sandbox's own notes: what leaves it."""
    if isinstance(thing, dict):
        return {k: shown(v) for k, v in thing.items() if not k.startswith("_")}
    return [shown(item) for item in thing] if isinstance(thing, list) else thing


def by_now(thing: dict[str, Any]) -> dict[str, Any]:
    """An object as it is by the clock: a balance transaction becomes available in time."""
    if thing.get("object") == "balance_transaction" and thing["available_on"] <= stamp():
        thing["status"] = "available"
    return thing


@functools.cache
def _nullable(kind: str) -> tuple[str, ...]:
    absent = _ABSENT.get(kind, set())
    found: list[str] = []
    for name, hint in _CLASSES[kind].__annotations__.items():
        optional = get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)
        single = name in _SINGLE_METHOD.get(kind, ())
        if optional and not single and name not in absent:
            found.append(name)
    return tuple(found)


# A payment method has one field for each way to pay; Stripe sends only the one it is of.
_SINGLE_METHOD = {
    "payment_method": tuple(
        name
        for name in stripe.PaymentMethod.__annotations__
        if name
        not in {
            "allow_redisplay", "billing_details", "created", "customer", "customer_account", "id",
             "livemode", "metadata", "object", "type",
        }
    )
}  # fmt: skip


def make(kind: str, **fields: Any) -> dict[str, Any]:
    """A new object of a kind, with the fields that are known."""
    base: dict[str, Any] = dict.fromkeys(_nullable(kind))
    base |= {"id": new_id(kind), "object": kind}
    if "created" in _CLASSES[kind].__annotations__:
        base["created"] = times.iso() if kind.startswith("v2.") else stamp()
    if "livemode" in _CLASSES[kind].__annotations__:
        base["livemode"] = False
    if "metadata" in _CLASSES[kind].__annotations__:
        base["metadata"] = {}
    return base | fields


def listing(url: str, data: list[dict[str, Any]], *, more: bool = False) -> dict[str, Any]:
    return {"object": "list", "data": data, "has_more": more, "url": url}


def billing(name: str | None = None, email: str | None = None) -> dict[str, Any]:
    return {
        "address": {
            "city": None,
            "country": None,
            "line1": None,
            "line2": None,
            "postal_code": None,
            "state": None,
        },
        "email": email,
        "name": name,
        "phone": None,
        "tax_id": None,
    }
