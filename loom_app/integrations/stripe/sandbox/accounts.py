"""Accounts v2: coaches as recipients. What was given and decided decides what may be done.

The row keeps facts (`_given`, `_verdict`); requirements and capability states are computed from
them, and every change of those is an event.
"""

from typing import Any

from loom_app.integrations.stripe.sandbox import (
    banks,
    forms,
    happenings,
    money,
    objects,
    schedules,
    times,
)
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import ApiError, invalid
from loom_app.integrations.stripe.sandbox.requirements import (
    VERDICTS,
    capability,
    entries,
    missing_items,
    summary,
)

Params = dict[str, Any]
REVIEW_SECONDS = 10 * 60
_INCLUDABLE = ("configuration", "defaults", "future_requirements", "identity", "requirements")
_COUNTRIES = frozenset(
    [
        *("at", "au", "be", "ca", "ch", "de", "dk", "es", "fi", "fr", "gb", "ie"),
        *("it", "jp", "kw", "lu", "nl", "no", "nz", "pt", "se", "us"),
    ]
)


async def create(book: Book, _: dict[str, str], params: Params) -> Params:
    """POST /v2/core/accounts: a recipient with an Express dashboard, as stripe.md 2.1 chose."""
    forms.heed(
        params,
        "contact_email display_name dashboard identity configuration defaults metadata include",
    )
    _check(params)
    country = params["identity"]["country"].lower()
    account = objects.make(
        "v2.core.account",
        applied_configurations=["recipient"],
        closed=False,
        contact_email=params.get("contact_email"),
        dashboard="express",
        display_name=params.get("display_name"),
        metadata=params.get("metadata") or {},
        _asked=_asked(params),
        _country=country,
        _currency=params["defaults"].get("currency", "usd").lower(),
        _given={},
        _verdict=None,
    )
    await book.put(account)
    await schedules.start(book.of(account["id"]))
    await happenings.account_changed(book, ".created", account["id"])
    return view(account, params.get("include", []))


def _check(params: Params) -> None:
    identity = params.get("identity") or {}
    recipient = (params.get("configuration") or {}).get("recipient")
    forms.heed(params.get("configuration") or {}, "recipient", "configuration")
    forms.heed(identity, "country entity_type", "identity")
    if params.get("dashboard") != "express":
        raise invalid("The sandbox plays accounts with an Express dashboard.", param="dashboard")
    if recipient is None:
        raise invalid("The sandbox plays recipients.", param="configuration.recipient")
    if identity.get("country", "").lower() not in _COUNTRIES:
        raise invalid("The sandbox does not know this country.", param="identity.country")
    if identity.get("entity_type", "individual") != "individual":
        raise invalid("The sandbox plays individuals.", param="identity.entity_type")
    responsible = (params.get("defaults") or {}).get("responsibilities") or {}
    if set(responsible.values()) != {"application"}:
        raise invalid(
            "Express accounts that receive transfers need fees_collector and losses_collector"
            " `application`.",
            param="defaults.responsibilities",
        )


def _asked(params: Params) -> bool:
    """Whether transfers to this account were requested."""
    capabilities = params["configuration"]["recipient"].get("capabilities") or {}
    forms.heed(capabilities, "stripe_balance", "configuration.recipient.capabilities")
    transfers = (capabilities.get("stripe_balance") or {}).get("stripe_transfers") or {}
    return bool(transfers.get("requested"))


async def get(book: Book, path: dict[str, str], params: Params) -> Params:
    account = await book.get("v2.core.account", path["id"])
    return view(account, params.get("include", []))


async def page(book: Book, _: dict[str, str], params: Params) -> Params:
    """GET /v2/core/accounts: the newest hundred at most, on one page."""
    found = await book.every("v2.core.account")
    newest = [view(account, []) for account in reversed(found)]
    limit = int(params.get("limit", 100))
    return {"data": newest[:limit], "next_page_url": None, "previous_page_url": None}


async def update(book: Book, path: dict[str, str], params: Params) -> Params:
    """POST /v2/core/accounts/{id}: words, and asking for the capability."""
    forms.heed(params, "contact_email display_name metadata configuration include")
    account = await living(book, path["id"])
    before = _states(account)
    account |= {k: params[k] for k in ("contact_email", "display_name") if k in params}
    account["metadata"] = account["metadata"] | (params.get("metadata") or {})
    if "configuration" in params:
        forms.heed(params["configuration"], "recipient", "configuration")
        account["_asked"] = _asked(params)
    await book.put(account)
    await happenings.account_changed(book, ".updated", account["id"])
    await _tell(book, account, before)
    return view(account, params.get("include", []))


async def close(book: Book, path: dict[str, str], _: Params) -> Params:
    """POST /v2/core/accounts/{id}/close: not while money is in it."""
    account = await living(book, path["id"])
    found = await money.sums(book.of(account["id"]))
    if any(amount for part in found.values() for amount in part.values()):
        raise invalid(
            "This account has a balance: pay it out before closing it.",
            code="account_has_balance",
        )
    before = _states(account)
    account |= {"closed": True, "applied_configurations": []}
    await book.put(account)
    await happenings.account_changed(book, ".closed", account["id"])
    await _tell(book, account, before)
    return view(account, [])


async def living(book: Book, key: str) -> Params:
    """An account that is not closed."""
    account = await book.get("v2.core.account", key, "account")
    if account["closed"]:
        raise ApiError(400, "invalid_request_error", "This account is closed.", code="closed")
    return account


async def give(book: Book, account: Params, given: Params) -> Params:
    """The owner filled in a step of onboarding."""
    before = _states(account)
    account["_given"] = account["_given"] | given
    await book.put(account)
    await happenings.account_changed(book, "[identity].updated", account["id"])
    await _tell(book, account, before)
    return account


async def give_bank(book: Book, account: Params, bank: banks.TestBank) -> Params:
    """Where payouts go from now on."""
    given = account["_given"]
    name = f"{given.get('given_name', '')} {given.get('surname', '')}".strip()
    await banks.attach(
        book.of(account["id"]),
        bank,
        country=account["_country"],
        currency=account["_currency"],
        name=name or account["display_name"] or "",
    )
    return await give(book, account, {"bank": bank.last4})


async def decide(book: Book, account: Params, verdict: str) -> Params:
    """What Stripe makes of it: one of `requirements.VERDICTS`. Review ends by itself, well."""
    if verdict not in VERDICTS:
        raise invalid("No such verdict.", param="verdict")
    before = _states(account)
    account.pop("_due", None)
    account["_verdict"] = verdict
    if verdict == "pending":
        account["_due"] = times.stamp() + REVIEW_SECONDS
        await book.later(account["_due"])
    await book.put(account)
    await _tell(book, account, before)
    return account


async def due(book: Book, account: Params) -> None:
    """A review is over."""
    await decide(book, account, "approved")


def may_receive(account: Params) -> bool:
    return capability(account)["status"] == "active"


def is_submitted(account: Params) -> bool:
    """Onboarding was gone through to the end."""
    return account["_verdict"] is not None and not missing_items(account)


def _states(account: Params) -> tuple[str, tuple[str, ...]]:
    return capability(account)["status"], tuple(e["description"] for e in entries(account))


async def _tell(book: Book, account: Params, before: tuple[str, tuple[str, ...]]) -> None:
    status, open_items = _states(account)
    if open_items != before[1]:
        await happenings.account_changed(book, "[requirements].updated", account["id"])
    if status != before[0] and account["_asked"]:
        for name in ("stripe_balance.stripe_transfers", "stripe_balance.payouts"):
            await happenings.account_changed(
                book,
                "[configuration.recipient].capability_status_updated",
                account["id"],
                data={"updated_capability": name},
            )


def view(account: Params, include: list[str]) -> Params:
    """As API v2 answers: parts that were not asked for are null."""
    shown = account | dict.fromkeys(_INCLUDABLE)
    if "configuration.recipient" in include:
        shown["configuration"] = {
            "customer": None,
            "merchant": None,
            "recipient": _recipient(account),
        }
    if "defaults" in include:
        shown["defaults"] = {
            "currency": account["_currency"],
            "locales": [],
            "payout_methods": None,
            "profile": None,
            "responsibilities": {
                "fees_collector": "application",
                "losses_collector": "application",
                "requirements_collector": "stripe",
            },
        }
    if "identity" in include:
        shown["identity"] = {
            "attestations": None,
            "business_details": None,
            "country": account["_country"],
            "entity_type": "individual",
            "individual": None,
        }
    for name in ("requirements", "future_requirements"):
        if name in include:
            items = entries(account) if name == "requirements" else []
            shown[name] = {"alternatives": None, "entries": items, "summary": summary(items)}
    return shown


def _recipient(account: Params) -> Params:
    state = capability(account) if account["_asked"] else None
    capabilities = {
        "bank_accounts": None,
        "cards": None,
        "stripe_balance": {"payouts": state, "stripe_transfers": state} if state else None,
    }
    return {"applied": not account["closed"], "capabilities": capabilities}
