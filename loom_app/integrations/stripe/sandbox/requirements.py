"""What Stripe wants to know of an individual, and what follows while it does not."""

from typing import Any

Params = dict[str, Any]
VERDICTS = ("approved", "pending", "restricted", "rejected")

# what onboarding asks for, step by step: (what it is called in `_given`, Stripe's description)
ASKED: dict[str, tuple[tuple[str, str], ...]] = {
    "you": (
        ("given_name", "identity.individual.given_name"),
        ("surname", "identity.individual.surname"),
        ("phone", "identity.individual.phone"),
        ("born", "identity.individual.date_of_birth"),
    ),
    "home": (
        ("line1", "identity.individual.address.line1"),
        ("city", "identity.individual.address.city"),
        ("postal_code", "identity.individual.address.postal_code"),
    ),
    "bank": (("bank", "external_account"),),
    "terms": (("terms", "identity.attestations.terms_of_service.account.date"),),
}
DOCUMENT = "identity.individual.documents.primary_verification"
_FAILED = {
    "code": "verification_document_not_readable",
    "description": "The identity document could not be read. Upload a new, sharper picture of it.",
}


def missing_items(account: Params) -> list[tuple[str, str]]:
    """(step, description) of everything that was not given yet."""
    given = account["_given"]
    return [
        (step, description)
        for step, items in ASKED.items()
        for name, description in items
        if not given.get(name)
    ]


def first_step(account: Params) -> str:
    """Where onboarding goes on."""
    open_items = missing_items(account)
    return open_items[0][0] if open_items else "document" if wants_document(account) else "done"


def wants_document(account: Params) -> bool:
    return account["_verdict"] == "restricted" and not account["_given"].get("document")


def entries(account: Params) -> list[Params]:
    """The requirements, as API v2 lists them."""
    if account["closed"] or not account["_asked"] or account["_verdict"] == "rejected":
        return []
    if wants_document(account) and not missing_items(account):
        return [_entry(DOCUMENT, "past_due", errors=[_FAILED])]
    waiting = account["_verdict"] == "pending"
    found = [_entry(description, "currently_due") for _, description in missing_items(account)]
    if not found and waiting:
        found = [_entry(DOCUMENT, "currently_due", awaiting="stripe")]
    return found


def _entry(
    description: str, deadline: str, *, awaiting: str = "user", errors: list[Params] | None = None
) -> Params:
    restricts = [
        {
            "capability": f"stripe_balance.{name}",
            "configuration": "recipient",
            "deadline": {"status": deadline},
        }
        for name in ("stripe_transfers", "payouts")
    ]
    reason = "routine_verification" if description == DOCUMENT else "routine_onboarding"
    return {
        "awaiting_action_from": awaiting,
        "description": description,
        "errors": errors or [],
        "impact": {"restricts_capabilities": restricts},
        "minimum_deadline": {"status": deadline},
        "reference": None,
        "requested_reasons": [{"code": reason}],
    }


def summary(items: list[Params]) -> Params:
    """The nearest deadline of all."""
    states = {item["minimum_deadline"]["status"] for item in items}
    nearest = next((s for s in ("past_due", "currently_due") if s in states), None)
    return {"minimum_deadline": {"status": nearest, "time": None} if nearest else None}


def capability(account: Params) -> Params:
    """The state of transfers to the account (and of payouts from it): status and why."""
    verdict = account["_verdict"]
    if account["closed"]:
        return _state("restricted", "restricted_other", "no_resolution")
    if verdict == "rejected":
        return _state("rejected", "rejected_other", "contact_stripe")
    if missing_items(account) or wants_document(account) or verdict is None:
        return _state("restricted", "requirements_past_due", "provide_info")
    if verdict == "pending":
        return _state("pending", "requirements_pending_verification", "no_resolution")
    return {"status": "active", "status_details": []}


def _state(status: str, code: str, resolution: str) -> Params:
    return {"status": status, "status_details": [{"code": code, "resolution": resolution}]}
