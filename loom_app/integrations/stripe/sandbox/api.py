"""The HTTP API: authentication, idempotency, typed parameters, expansion. One transaction each."""

import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import stripe.params as p
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from stripe.params import checkout as pc

from loom_app.integrations.stripe.sandbox import (
    checkout,
    forms,
    intents,
    money,
    objects,
    people,
    refunds,
)
from loom_app.integrations.stripe.sandbox.book import SANDBOX, Book
from loom_app.integrations.stripe.sandbox.errors import ApiError, invalid
from loom_app.kit.db.transaction import transaction

Params = dict[str, Any]
Action = Callable[[Book, dict[str, str], Params], Awaitable[Params]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    method: str
    path: str
    shape: Any
    action: Action


def _get(kind: str, param: str = "id") -> Action:
    async def action(book: Book, path: dict[str, str], _: Params) -> Params:
        return await book.get(kind, path["id"], param)

    return action


def _page(kind: str, url: str) -> Action:
    async def action(book: Book, _: dict[str, str], params: Params) -> Params:
        return await book.page(kind, params, url)

    return action


async def _new_session(book: Book, _: dict[str, str], params: Params) -> Params:
    return await checkout.create(book, params)


async def _session(book: Book, path: dict[str, str], _: Params) -> Params:
    return await checkout.current(book, path["id"])


async def _expire(book: Book, path: dict[str, str], _: Params) -> Params:
    return await checkout.expire(book, path["id"])


async def _items(book: Book, path: dict[str, str], _: Params) -> Params:
    url = f"/v1/checkout/sessions/{path['id']}/line_items"
    return objects.listing(url, await checkout.items(book, path["id"]))


async def _new_intent(book: Book, _: dict[str, str], params: Params) -> Params:
    return await intents.create(book, params)


async def _confirm(book: Book, path: dict[str, str], params: Params) -> Params:
    return await intents.confirm(book, path["id"], params)


async def _cancel(book: Book, path: dict[str, str], params: Params) -> Params:
    return await intents.cancel(book, path["id"], params)


async def _new_refund(book: Book, _: dict[str, str], params: Params) -> Params:
    return await refunds.create(book, params)


async def _balance(book: Book, _: dict[str, str], __: Params) -> Params:
    return await money.balance(book)


ENDPOINTS = (
    Endpoint("POST", "/v1/customers", p.CustomerCreateParams, people.create),
    Endpoint("GET", "/v1/customers", p.CustomerListParams, _page("customer", "/v1/customers")),
    Endpoint("GET", "/v1/customers/{id}", p.CustomerRetrieveParams, people.get),
    Endpoint("POST", "/v1/customers/{id}", p.CustomerUpdateParams, people.update),
    Endpoint("DELETE", "/v1/customers/{id}", p.CustomerDeleteParams, people.delete),
    Endpoint("POST", "/v1/payment_methods", p.PaymentMethodCreateParams, people.new_method),
    Endpoint(
        "GET", "/v1/payment_methods/{id}", p.PaymentMethodRetrieveParams, _get("payment_method")
    ),
    Endpoint("POST", "/v1/payment_methods/{id}/attach", p.PaymentMethodAttachParams, people.attach),
    Endpoint("POST", "/v1/payment_methods/{id}/detach", p.PaymentMethodDetachParams, people.detach),
    Endpoint("POST", "/v1/payment_intents", p.PaymentIntentCreateParams, _new_intent),
    Endpoint(
        "GET",
        "/v1/payment_intents",
        p.PaymentIntentListParams,
        _page("payment_intent", "/v1/payment_intents"),
    ),
    Endpoint(
        "GET",
        "/v1/payment_intents/{id}",
        p.PaymentIntentRetrieveParams,
        _get("payment_intent", "intent"),
    ),
    Endpoint("POST", "/v1/payment_intents/{id}/confirm", p.PaymentIntentConfirmParams, _confirm),
    Endpoint("POST", "/v1/payment_intents/{id}/cancel", p.PaymentIntentCancelParams, _cancel),
    Endpoint("GET", "/v1/charges", p.ChargeListParams, _page("charge", "/v1/charges")),
    Endpoint("GET", "/v1/charges/{id}", p.ChargeRetrieveParams, _get("charge")),
    Endpoint("POST", "/v1/refunds", p.RefundCreateParams, _new_refund),
    Endpoint("GET", "/v1/refunds", p.RefundListParams, _page("refund", "/v1/refunds")),
    Endpoint("GET", "/v1/refunds/{id}", p.RefundRetrieveParams, _get("refund")),
    Endpoint("POST", "/v1/checkout/sessions", pc.SessionCreateParams, _new_session),
    Endpoint(
        "GET",
        "/v1/checkout/sessions",
        pc.SessionListParams,
        _page("checkout.session", "/v1/checkout/sessions"),
    ),
    Endpoint("GET", "/v1/checkout/sessions/{id}", pc.SessionRetrieveParams, _session),
    Endpoint("POST", "/v1/checkout/sessions/{id}/expire", pc.SessionExpireParams, _expire),
    Endpoint("GET", "/v1/checkout/sessions/{id}/line_items", pc.SessionListLineItemsParams, _items),
    Endpoint("GET", "/v1/balance", p.BalanceRetrieveParams, _balance),
    Endpoint(
        "GET",
        "/v1/balance_transactions",
        p.BalanceTransactionListParams,
        _page("balance_transaction", "/v1/balance_transactions"),
    ),
    Endpoint(
        "GET",
        "/v1/balance_transactions/{id}",
        p.BalanceTransactionRetrieveParams,
        _get("balance_transaction"),
    ),
    Endpoint("GET", "/v1/events", p.EventListParams, _page("event", "/v1/events")),
    Endpoint("GET", "/v1/events/{id}", p.EventRetrieveParams, _get("event")),
)


def _fingerprint(request: Request, raw: bytes) -> str:
    account = request.headers.get("stripe-account", "")
    whole = f"{request.method} {request.url.path} {account} ".encode() + raw
    return hashlib.sha256(whole).hexdigest()


def authorise(request: Request) -> None:
    """Raises the 401 of Stripe; a live key is refused before anything is read."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        raise ApiError(
            401,
            "invalid_request_error",
            "You did not provide an API key in the Authorization header.",
        )
    if not key.startswith(("sk_test_", "rk_test_")):
        raise ApiError(
            401, "invalid_request_error", "Invalid API Key provided: the sandbox takes test keys."
        )


async def replay(book: Book, fingerprint: str) -> tuple[int, Params] | None:
    """What this idempotency key answered before; waits for a twin that is still at work."""
    found = await book.tx.db.execute(
        text(
            "INSERT INTO stripe_sandbox.idempotency (key, fingerprint, made_at)"
            " VALUES (:key, :print, :now) ON CONFLICT (key) DO NOTHING RETURNING key"
        ),
        {"key": book.key, "print": fingerprint, "now": book.tx.now},
    )
    if found.first() is not None:
        return None
    row = (
        await book.tx.db.execute(
            text(
                "SELECT fingerprint, status, body FROM stripe_sandbox.idempotency WHERE key = :key"
            ),
            {"key": book.key},
        )
    ).one()
    if row.fingerprint != fingerprint:
        raise ApiError(
            400,
            "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters they were"
            " first used with.",
        )
    return row.status, row.body


async def remember(book: Book, status: int, body: Params) -> None:
    await book.tx.db.execute(
        text(
            "UPDATE stripe_sandbox.idempotency SET status = :status, body = CAST(:body AS jsonb)"
            " WHERE key = :key"
        ),
        {"key": book.key, "status": status, "body": json.dumps(body)},
    )


async def outage() -> str | None:
    """The planned trouble for this call, counted down; "lost_answer" does the work and fails."""
    async with transaction(SANDBOX) as tx:
        book = Book(tx)
        planned = (await book.switches()).get("outage")
        if not planned or planned["calls"] < 1:
            return None
        await book.flip({"outage": planned | {"calls": planned["calls"] - 1}})
        return planned["mode"]


async def expand(book: Book, thing: Any, path: list[str]) -> None:
    """Replace an id by its object, along a path; lists are walked."""
    if isinstance(thing, list):
        for item in thing:
            await expand(book, item, path)
        return
    name, *rest = path
    if name not in thing:
        raise invalid(f"This property cannot be expanded ({name}).", param="expand")
    value = thing[name]
    if isinstance(value, str):
        kind = next((k for k, start in objects.PREFIXES.items() if value.startswith(start)), None)
        found = await book.find(kind, value) if kind else None
        if found is None:
            raise invalid(f"This property cannot be expanded ({name}).", param="expand")
        thing[name] = value = found
    if value is not None and rest:
        await expand(book, value, rest)


def route(endpoint: Endpoint) -> Route:
    async def serve(request: Request) -> Response:
        request_id = "req_" + secrets.token_hex(7)
        headers = {"Request-Id": request_id, "Stripe-Version": stripe_version(request)}
        try:
            authorise(request)
            status, body, replayed = await _perform(endpoint, request, request_id)
        except ApiError as error:
            return JSONResponse(error.body, error.status, headers)
        if replayed:
            headers["Idempotent-Replayed"] = "true"
        return JSONResponse(body, status, headers)

    return Route(endpoint.path, serve, methods=[endpoint.method])


def stripe_version(request: Request) -> str:
    return request.headers.get("stripe-version", "")


async def _perform(
    endpoint: Endpoint, request: Request, request_id: str
) -> tuple[int, Params, bool]:
    trouble = await outage()
    if trouble == "409":
        raise ApiError(409, "invalid_request_error", "Try again.", code="lock_timeout")
    if trouble == "500":
        raise ApiError(500, "api_error", "The sandbox was told to be away.")
    raw = await request.body() if request.method == "POST" else request.url.query.encode()
    params = forms.typed(
        forms.nest(parse_qsl(raw.decode(), keep_blank_values=True)), endpoint.shape
    )
    expansions = params.pop("expand", [])
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    async with transaction(SANDBOX) as tx:
        book = Book(tx, request_id=request_id, key=key)
        before = await replay(book, _fingerprint(request, raw)) if key else None
        status, body = before or await _act(endpoint, book, request, params)
        if status == 200:
            for path in expansions:
                await expand(book, body, path.split("."))
        if key and not before:
            await remember(book, status, body)
    if trouble == "lost_answer":
        raise ApiError(500, "api_error", "The answer was lost.")
    return status, body, before is not None


async def _act(
    endpoint: Endpoint, book: Book, request: Request, params: Params
) -> tuple[int, Params]:
    try:
        return 200, await endpoint.action(book, dict(request.path_params), params)
    except ApiError as error:
        if not error.executed:
            raise
        return error.status, error.body


async def v2_event(request: Request) -> Response:
    """Thin events by id, in API v2's own shape."""
    try:
        authorise(request)
        async with transaction(SANDBOX) as tx:
            thin = await Book(tx).get("v2.core.event", request.path_params["id"])
    except ApiError as error:
        return JSONResponse(error.body, error.status)
    return JSONResponse(thin)


async def unknown(request: Request) -> Response:
    error = ApiError(
        404,
        "invalid_request_error",
        f"Unrecognized request URL ({request.method}: {request.url.path}).",
    )
    return JSONResponse(error.body, error.status)


routes = [
    *(route(endpoint) for endpoint in ENDPOINTS),
    Route("/v2/core/events/{id}", v2_event, methods=["GET"]),
    Route("/v1/{rest:path}", unknown, methods=["GET", "POST", "DELETE"]),
    Route("/v2/{rest:path}", unknown, methods=["GET", "POST", "DELETE"]),
]
