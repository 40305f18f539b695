"""Coaches' accounts at Stripe: Accounts v2 as recipients, with onboarding and an Express page.

Fees and losses are collected by Loom's platform, as separate charges and transfers require
(stripe.md 2.1). Coming back from onboarding proves nothing: read the account again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loom_app.integrations.stripe.connection import ask, maybe, options, ref, sdk

INCLUDE = ("configuration.recipient", "defaults", "identity", "requirements")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a capability is not active.

    `code` as requirements_past_due or rejected_other; `resolution` is provide_info,
    contact_stripe or no_resolution.
    """

    code: str
    resolution: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something Stripe wants to know. `awaiting` is user or stripe.

    `what` is Stripe's path, as `identity.individual.date_of_birth`; `deadline` is currently_due,
    eventually_due or past_due; `errors` are Stripe's sentences about what was given.
    """

    what: str
    deadline: str
    awaiting: str
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """A connected account. `transfers` decides whether it can be sent money.

    `transfers` and `payouts` are active, pending, restricted, rejected, unsupported, or "none"
    where the capability was never asked for. `currency` is upper case.
    """

    id: str
    email: str | None
    name: str | None
    country: str | None
    currency: str | None
    transfers: str
    payouts: str
    problems: tuple[Problem, ...]
    requirements: tuple[Requirement, ...]
    deadline: str | None
    deadline_at: datetime | None
    closed: bool
    coach_ref: str | None

    @property
    def can_receive(self) -> bool:
        """Transfers to it work now."""
        return self.transfers == "active" and not self.closed

    @property
    def needs_owner(self) -> bool:
        """Something waits for the coach: offer `account_link`."""
        return any(
            due.awaiting == "user" and due.deadline != "eventually_due" for due in self.requirements
        )


@dataclass(frozen=True, slots=True)
class AccountLink:
    """A page for the owner alone: works once, and not for long. Never store or mail it."""

    url: str
    expires_at: datetime


async def create_account(
    *, key: str, coach_id: int, email: str, name: str, country: str, currency: str
) -> Account:
    """An account of an individual that can receive transfers once onboarded.

    `country` is ISO 3166 alpha-2 in any case, `currency` ISO 4217.
    """
    params: Any = {
        "contact_email": email,
        "display_name": name,
        "dashboard": "express",
        "identity": {"country": country.lower(), "entity_type": "individual"},
        "configuration": {
            "recipient": {
                "capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}
            }
        },
        "defaults": {
            "currency": currency.lower(),
            "responsibilities": {
                "fees_collector": "application",
                "losses_collector": "application",
            },
        },
        "metadata": {"loom_coach": str(coach_id)},
        "include": list(INCLUDE),
    }
    return _account(await ask(sdk().v2.core.accounts.create_async(params, options(key=key))))


async def account(account_id: str) -> Account:
    """The account as it is now. Unknown: PaymentRefused with code resource_missing or not_found."""
    params: Any = {"include": list(INCLUDE)}
    return _account(await ask(sdk().v2.core.accounts.retrieve_async(account_id, params)))


async def close_account(account_id: str, *, key: str) -> Account:
    """End it. Refused while it holds a balance."""
    params: Any = {"applied_configurations": ["recipient"]}
    await ask(sdk().v2.core.accounts.close_async(account_id, params, options(key=key)))
    return await account(account_id)


async def account_link(
    account_id: str, *, key: str, refresh_url: str, return_url: str, update: bool = False
) -> AccountLink:
    """A page on which the coach tells Stripe who they are and where money should go.

    `refresh_url` is where Stripe leads when the link is spent or old: make a new one there, with
    a new key. `update` opens what was given before, for changes.
    """
    use = "account_update" if update else "account_onboarding"
    wanted: Any = {
        "account": account_id,
        "use_case": {"type": use, use: {"refresh_url": refresh_url, "return_url": return_url}},
    }
    made = await ask(sdk().v2.core.account_links.create_async(wanted, options(key=key)))
    return AccountLink(url=made.url, expires_at=datetime.fromisoformat(made.expires_at))


async def login_link(account_id: str, *, key: str) -> str:
    """The address of the coach's Express page: works once. Refused before onboarding is done."""
    call = sdk().v1.accounts.login_links.create_async(account_id, {}, options(key=key))
    return (await ask(call)).url


def _account(found: Any) -> Account:
    balance = maybe(found, "configuration", "recipient", "capabilities", "stripe_balance")
    transfers = maybe(balance, "stripe_transfers")
    details = maybe(transfers, "status_details") or []
    summary = maybe(found, "requirements", "summary", "minimum_deadline")
    time = maybe(summary, "time")
    currency, country = maybe(found, "defaults", "currency"), maybe(found, "identity", "country")
    return Account(
        id=found.id,
        email=maybe(found, "contact_email"),
        name=maybe(found, "display_name"),
        country=country.upper() if country else None,
        currency=currency.upper() if currency else None,
        transfers=maybe(transfers, "status") or "none",
        payouts=maybe(balance, "payouts", "status") or "none",
        problems=tuple(Problem(d.code, d.resolution) for d in details),
        requirements=tuple(
            Requirement(
                entry.description,
                entry.minimum_deadline.status,
                entry.awaiting_action_from,
                tuple(error.description for error in maybe(entry, "errors") or []),
            )
            for entry in maybe(found, "requirements", "entries") or []
        ),
        deadline=maybe(summary, "status"),
        deadline_at=datetime.fromisoformat(time) if time else None,
        closed=bool(maybe(found, "closed")),
        coach_ref=ref(found, "loom_coach"),
    )
