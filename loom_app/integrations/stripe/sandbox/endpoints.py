"""Which call goes where, with the SDK's own type of its parameters."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import stripe.params as p
import stripe.params.v2.core as v2
from stripe.params import checkout as pc

from loom_app.integrations.stripe.sandbox import (
    accounts,
    checkout,
    destinations,
    disputes,
    happenings,
    intents,
    items,
    links,
    money,
    payouts,
    people,
    platform,
    refunds,
    schedules,
    setups,
    transfers,
)
from loom_app.integrations.stripe.sandbox.book import Book

Params = dict[str, Any]
Action = Callable[[Book, dict[str, str], Params], Awaitable[Params]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`connected`: may be called for a connected account, by `Stripe-Account` or a context."""

    method: str
    path: str
    shape: Any
    action: Action
    connected: bool = False


def _get(kind: str, param: str = "id") -> Action:
    async def action(book: Book, path: dict[str, str], _: Params) -> Params:
        return await book.get(kind, path["id"], param)

    return action


def _page(kind: str) -> Action:
    async def action(book: Book, path: dict[str, str], params: Params) -> Params:
        return await book.page(kind, params, f"/v1/{_URLS[kind]}")

    return action


_URLS = {
    "balance_transaction": "balance_transactions",
    "charge": "charges",
    "checkout.session": "checkout/sessions",
    "customer": "customers",
    "dispute": "disputes",
    "event": "events",
    "payment_intent": "payment_intents",
    "payout": "payouts",
    "refund": "refunds",
    "setup_intent": "setup_intents",
    "transfer": "transfers",
    "webhook_endpoint": "webhook_endpoints",
}

_PEOPLE = (
    Endpoint("POST", "/v1/customers", p.CustomerCreateParams, people.create),
    Endpoint("GET", "/v1/customers", p.CustomerListParams, people.page),
    Endpoint("GET", "/v1/customers/{id}", p.CustomerRetrieveParams, people.get),
    Endpoint("POST", "/v1/customers/{id}", p.CustomerUpdateParams, people.update),
    Endpoint("DELETE", "/v1/customers/{id}", p.CustomerDeleteParams, people.delete),
    Endpoint(
        "GET",
        "/v1/customers/{id}/payment_methods",
        p.CustomerPaymentMethodListParams,
        people.methods_of,
    ),
    Endpoint(
        "GET",
        "/v1/customers/{id}/payment_methods/{method}",
        p.CustomerPaymentMethodRetrieveParams,
        people.method_of,
    ),
    Endpoint("POST", "/v1/payment_methods", p.PaymentMethodCreateParams, people.new_method),
    Endpoint(
        "GET", "/v1/payment_methods/{id}", p.PaymentMethodRetrieveParams, _get("payment_method")
    ),
    Endpoint("POST", "/v1/payment_methods/{id}", p.PaymentMethodUpdateParams, people.change),
    Endpoint("POST", "/v1/payment_methods/{id}/attach", p.PaymentMethodAttachParams, people.attach),
    Endpoint("POST", "/v1/payment_methods/{id}/detach", p.PaymentMethodDetachParams, people.detach),
    Endpoint("POST", "/v1/setup_intents", p.SetupIntentCreateParams, setups.create),
    Endpoint("GET", "/v1/setup_intents", p.SetupIntentListParams, _page("setup_intent")),
    Endpoint(
        "GET", "/v1/setup_intents/{id}", p.SetupIntentRetrieveParams, _get("setup_intent", "intent")
    ),
    Endpoint("POST", "/v1/setup_intents/{id}/confirm", p.SetupIntentConfirmParams, setups.confirm),
    Endpoint("POST", "/v1/setup_intents/{id}/cancel", p.SetupIntentCancelParams, setups.cancel),
)
_PAYMENTS = (
    Endpoint("POST", "/v1/payment_intents", p.PaymentIntentCreateParams, intents.create),
    Endpoint("GET", "/v1/payment_intents", p.PaymentIntentListParams, _page("payment_intent")),
    Endpoint(
        "GET",
        "/v1/payment_intents/{id}",
        p.PaymentIntentRetrieveParams,
        _get("payment_intent", "intent"),
    ),
    Endpoint("POST", "/v1/payment_intents/{id}", p.PaymentIntentUpdateParams, intents.update),
    Endpoint(
        "POST", "/v1/payment_intents/{id}/confirm", p.PaymentIntentConfirmParams, intents.confirm
    ),
    Endpoint(
        "POST", "/v1/payment_intents/{id}/capture", p.PaymentIntentCaptureParams, intents.capture
    ),
    Endpoint(
        "POST", "/v1/payment_intents/{id}/cancel", p.PaymentIntentCancelParams, intents.cancel
    ),
    Endpoint("GET", "/v1/charges", p.ChargeListParams, _page("charge"), connected=True),
    Endpoint("GET", "/v1/charges/{id}", p.ChargeRetrieveParams, _get("charge"), connected=True),
    Endpoint("POST", "/v1/refunds", p.RefundCreateParams, refunds.create),
    Endpoint("GET", "/v1/refunds", p.RefundListParams, _page("refund"), connected=True),
    Endpoint("GET", "/v1/refunds/{id}", p.RefundRetrieveParams, _get("refund"), connected=True),
    Endpoint("POST", "/v1/refunds/{id}", p.RefundUpdateParams, refunds.update),
    Endpoint("POST", "/v1/checkout/sessions", pc.SessionCreateParams, checkout.create),
    Endpoint("GET", "/v1/checkout/sessions", pc.SessionListParams, _page("checkout.session")),
    Endpoint("GET", "/v1/checkout/sessions/{id}", pc.SessionRetrieveParams, checkout.read),
    Endpoint(
        "POST", "/v1/checkout/sessions/{id}/expire", pc.SessionExpireParams, checkout.expire_now
    ),
    Endpoint(
        "GET",
        "/v1/checkout/sessions/{id}/line_items",
        pc.SessionListLineItemsParams,
        items.line_items,
    ),
    Endpoint("GET", "/v1/disputes", p.DisputeListParams, _page("dispute")),
    Endpoint("GET", "/v1/disputes/{id}", p.DisputeRetrieveParams, disputes.get),
    Endpoint("POST", "/v1/disputes/{id}", p.DisputeUpdateParams, disputes.update),
    Endpoint("POST", "/v1/disputes/{id}/close", p.DisputeCloseParams, disputes.close),
)
_BALANCES = (
    Endpoint("GET", "/v1/balance", p.BalanceRetrieveParams, money.read, connected=True),
    Endpoint(
        "GET",
        "/v1/balance_transactions",
        p.BalanceTransactionListParams,
        _page("balance_transaction"),
        connected=True,
    ),
    Endpoint(
        "GET",
        "/v1/balance_transactions/{id}",
        p.BalanceTransactionRetrieveParams,
        _get("balance_transaction"),
        connected=True,
    ),
    Endpoint(
        "GET",
        "/v1/balance_settings",
        p.BalanceSettingsRetrieveParams,
        schedules.read,
        connected=True,
    ),
    Endpoint(
        "POST",
        "/v1/balance_settings",
        p.BalanceSettingsUpdateParams,
        schedules.update,
        connected=True,
    ),
    Endpoint("POST", "/v1/transfers", p.TransferCreateParams, transfers.create),
    Endpoint("GET", "/v1/transfers", p.TransferListParams, _page("transfer")),
    Endpoint("GET", "/v1/transfers/{id}", p.TransferRetrieveParams, _get("transfer")),
    Endpoint("POST", "/v1/transfers/{id}", p.TransferUpdateParams, transfers.update),
    Endpoint(
        "POST", "/v1/transfers/{id}/reversals", p.TransferReversalCreateParams, transfers.reverse
    ),
    Endpoint(
        "GET", "/v1/transfers/{id}/reversals", p.TransferReversalListParams, transfers.reversals
    ),
    Endpoint("POST", "/v1/payouts", p.PayoutCreateParams, payouts.create, connected=True),
    Endpoint("GET", "/v1/payouts", p.PayoutListParams, _page("payout"), connected=True),
    Endpoint("GET", "/v1/payouts/{id}", p.PayoutRetrieveParams, payouts.get, connected=True),
    Endpoint(
        "POST", "/v1/payouts/{id}/cancel", p.PayoutCancelParams, payouts.cancel, connected=True
    ),
)
_ACCOUNTS = (
    Endpoint("GET", "/v1/account", p.AccountRetrieveCurrentParams, platform.own),
    Endpoint("POST", "/v2/core/accounts", v2.AccountCreateParams, accounts.create),
    Endpoint("GET", "/v2/core/accounts", v2.AccountListParams, accounts.page),
    Endpoint("GET", "/v2/core/accounts/{id}", v2.AccountRetrieveParams, accounts.get),
    Endpoint("POST", "/v2/core/accounts/{id}", v2.AccountUpdateParams, accounts.update),
    Endpoint("POST", "/v2/core/accounts/{id}/close", v2.AccountCloseParams, accounts.close),
    Endpoint("POST", "/v2/core/account_links", v2.AccountLinkCreateParams, links.create),
    Endpoint("POST", "/v1/accounts/{id}/login_links", p.AccountLoginLinkCreateParams, links.login),
)
_EVENTS = (
    Endpoint("GET", "/v1/events", p.EventListParams, happenings.snapshots, connected=True),
    Endpoint("GET", "/v1/events/{id}", p.EventRetrieveParams, _get("event"), connected=True),
    Endpoint("GET", "/v2/core/events", v2.EventListParams, happenings.page, connected=True),
    Endpoint("GET", "/v2/core/events/{id}", v2.EventRetrieveParams, happenings.one, connected=True),
    *destinations.endpoints(Endpoint),
)
ENDPOINTS = (*_PEOPLE, *_PAYMENTS, *_BALANCES, *_ACCOUNTS, *_EVENTS)
