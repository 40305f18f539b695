"""What the SDK's types cannot say: words that are a closed list, and fields that are always there.

To the SDK a nullable field and an absent one are the same type. Stripe sends almost all of them,
null or not; `SOMETIMES` names those it leaves out, and every other field of an object's class must
be in each answer.
"""

import re
from functools import cached_property
from typing import Any

from tests.integrations.stripe.contract.schema import Description, Module, Schema

# plain strings in Stripe's description, whose values are a closed list in its words
CLOSED: dict[str, dict[str, set[str | None]]] = {
    "balance_transaction": {
        "status": {"available", "pending"},
        "reporting_category": {
            "charge", "refund", "refund_failure", "dispute", "dispute_reversal", "transfer",
            "transfer_reversal", "payout", "payout_reversal", "fee",
        },
    },
    "bank_account": {"status": {"new", "validated", "verified", "verification_failed", "errored"}},
    "payout": {
        "status": {"pending", "in_transit", "paid", "failed", "canceled"},
        "method": {"standard", "instant"},
        "source_type": {"card", "bank_account", "fpx"},
        "failure_code": {
            None, "account_closed", "account_frozen", "bank_account_restricted",
            "bank_ownership_changed", "could_not_process", "debit_not_authorized", "declined",
            "insufficient_funds", "invalid_account_number", "invalid_currency", "no_account",
            "unsupported_card",
        },
    },
    "dispute": {
        "reason": {
            "bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated",
            "debit_not_authorized", "duplicate", "fraudulent", "general",
            "incorrect_account_details",
            "insufficient_funds", "noncompliant", "product_not_received", "product_unacceptable",
            "subscription_canceled", "unrecognized",
        },
    },
    "refund": {"status": {"pending", "requires_action", "succeeded", "failed", "canceled"}},
    "setup_intent": {"usage": {"off_session", "on_session"}},
    "transfer": {"source_type": {"card", "bank_account", "fpx"}},
    "webhook_endpoint": {"status": {"enabled", "disabled"}},
}  # fmt: skip

# fields that Stripe sends only when they were expanded, asked for, or mean something
SOMETIMES: dict[str, set[str]] = {
    "account": {
        "company", "controller", "created", "deleted", "external_accounts", "future_requirements",
        "groups", "individual", "requirements", "settings", "tos_acceptance",
    },
    "balance": {
        "connect_reserved", "instant_available", "issuing", "refund_and_dispute_prefunding",
    },
    "bank_account": {"customer", "deleted"},
    "charge": {
        "authorization_code", "level3", "presentment_details", "refunds", "source",
    },
    "checkout.session": {
        "line_items", "name_collection", "optional_items", "presentment_details",
    },
    "customer": {"cash_balance", "deleted", "sources", "subscriptions", "tax", "tax_ids"},
    "dispute": {"intended_submission_method", "network_reason_code"},
    "event": {"account", "context", "reason"},
    "payment_intent": {"amount_details", "hooks", "presentment_details", "source"},
    "payment_method": set(),  # one field for each way to pay: only its own, see `_expected`
    "price": {"currency_options", "deleted", "tiers"},
    "refund": {
        "failure_balance_transaction", "failure_reason", "instructions_email", "next_action",
    },
    "setup_intent": {"managed_payments"},
    "v2.core.event": {"data", "related_object"},
    "webhook_endpoint": {"deleted", "secret"},
}  # fmt: skip
_EVERY_METHOD = {
    "allow_redisplay", "billing_details", "created", "customer", "customer_account", "id",
    "livemode", "metadata", "object", "type",
}  # fmt: skip


class Rules:
    def __init__(self, description: Description) -> None:
        self.description = description
        self._fields: dict[str, set[str]] = {}

    @cached_property
    def _places(self) -> dict[str, tuple[str, str]]:
        """Each object's name to the module and class that describe it."""
        found: dict[str, tuple[str, str]] = {}
        for file in self.description.root.rglob("_*.py"):
            if "params" in file.parts or file.name.endswith("_service.py"):
                continue
            source = file.read_text()
            for cls, name in _CLASS.findall(source):
                parts = file.relative_to(self.description.root).with_suffix("").parts
                found.setdefault(name, ("stripe." + ".".join(parts), cls))
        return found

    def fields(self, kind: str) -> set[str]:
        """All fields of an object's class, or none for an object of no known class."""
        if kind not in self._fields:
            self._fields[kind] = set()
            if kind in self._places:
                name = self.schema(kind)["$ref"].removeprefix("#/$defs/")
                self._fields[kind] = set(self.description.defs[name]["properties"])
        return self._fields[kind]

    def schema(self, kind: str) -> Schema:
        """An object's class as a schema; no known class takes anything."""
        if kind not in self._places:
            return {}
        name, cls = self._places[kind]
        module: Module = self.description.module(name)
        place = self.description.find(cls, module, ())
        assert place
        return self.description.reference(place)

    def problems(self, answer: Any) -> list[str]:
        """Both rules, for each object in the answer."""
        if isinstance(answer, list):
            return [e for item in answer for e in self.problems(item)]
        if not isinstance(answer, dict):
            return []
        kind = answer.get("object")
        own: list[str] = []
        if isinstance(kind, str) and not answer.get("deleted") and kind != "list":
            own = self._of(kind, answer)
        return own + [e for value in answer.values() for e in self.problems(value)]

    def _of(self, kind: str, answer: dict[str, Any]) -> list[str]:
        if not self.fields(kind):
            return [f"an object of no known kind: {kind}"]
        return [
            *(f"{kind}.{name} is missing" for name in sorted(self._expected(kind, answer))),
            *(
                f"{kind}.{name}: {answer.get(name)} is not a known value"
                for name, known in CLOSED.get(kind, {}).items()
                if answer.get(name) not in list(known)
            ),
        ]

    def _expected(self, kind: str, answer: dict[str, Any]) -> set[str]:
        if kind == "payment_method":
            return (_EVERY_METHOD | {str(answer.get("type"))}) - answer.keys()
        return self.fields(kind) - SOMETIMES.get(kind, set()) - answer.keys()


_CLASS = re.compile(
    r"^class (\w+)\([^:]*?\):.*?^    OBJECT_NAME: ClassVar\[\s*Literal\[\"([\w.]+)\"\]\s*\] = ",
    re.MULTILINE | re.DOTALL,
)
