"""The HTTP API: authentication, accounts, idempotency, expansion. One transaction a call."""

import asyncio
import hashlib
import json
import secrets
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from loom_app.integrations.stripe.sandbox import forms, objects, ticking, times
from loom_app.integrations.stripe.sandbox.book import Book, opened
from loom_app.integrations.stripe.sandbox.endpoints import ENDPOINTS, Endpoint
from loom_app.integrations.stripe.sandbox.errors import ApiError, invalid

Params = dict[str, Any]

KEY_SECONDS = times.DAY
PATIENCE_SECONDS = 25  # longer than the client waits
DEEPEST = 4
_SAME_KEY = (
    "Keys for idempotent requests can only be used with the same parameters they were first used"
    " with."
)


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


def route(endpoint: Endpoint) -> Route:
    async def serve(request: Request) -> Response:
        key = request.headers.get("idempotency-key")
        headers = {
            "Request-Id": "req_" + secrets.token_hex(7),
            "Stripe-Version": request.headers.get("stripe-version", ""),
            **({"Idempotency-Key": key} if key else {}),
        }
        try:
            authorise(request)
            status, body, replayed = await _perform(endpoint, request, headers["Request-Id"])
        except ApiError as error:
            if error.retry is not None:
                headers["Stripe-Should-Retry"] = str(error.retry).lower()
            return JSONResponse(objects.shown(error.body), error.status, headers)
        if replayed:
            headers["Idempotent-Replayed"] = "true"
        return JSONResponse(objects.shown(body), status, headers)

    return Route(endpoint.path, serve, methods=[endpoint.method])


async def _perform(
    endpoint: Endpoint, request: Request, request_id: str
) -> tuple[int, Params, bool]:
    trouble = await before_a_call()
    raw = await request.body() if request.method == "POST" else request.url.query.encode()
    params = _read(endpoint, request, raw)
    expansions = params.pop("expand", [])
    key = request.headers.get("idempotency-key") if request.method != "GET" else None
    account = _account(endpoint, request)
    async with opened(request_id=request_id, key=key, account=account) as book:
        await _known(book)
        before = await replay(book, _fingerprint(request, account, raw)) if key else None
        status, body = before or await _act(endpoint, book, request, params)
        if status == 200:
            for path in expansions:
                await expand(book, body, path.split("."))
        if key and not before:
            await remember(book, status, objects.shown(body))
    if trouble == "lost_answer":
        raise ApiError(500, "api_error", "The answer was lost.")
    return status, body, before is not None


def _read(endpoint: Endpoint, request: Request, raw: bytes) -> Params:
    """Typed parameters: a form or a query in API v1, JSON in v2's writes."""
    if endpoint.path.startswith("/v2/") and request.method == "POST":
        try:
            given = json.loads(raw or b"{}")
        except ValueError:
            raise invalid("The request body is not JSON.") from None
        if not isinstance(given, dict):
            raise invalid("The request body is not an object.")
        return forms.typed(forms.tree(given), endpoint.shape)
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True)
    except UnicodeDecodeError:
        raise invalid("The request is not UTF-8.") from None
    nested = forms.nest(pairs)
    cursor = nested.pop("page", None) if endpoint.path == "/v2/core/events" else None
    params = forms.typed(nested, endpoint.shape)
    return params | ({"page": cursor} if str(cursor).isdigit() else {})


def _account(endpoint: Endpoint, request: Request) -> str:
    account = request.headers.get("stripe-account") or request.headers.get("stripe-context") or ""
    if account and not endpoint.connected:
        raise invalid("The sandbox does not play this call on connected accounts.")
    return account


async def _known(book: Book) -> None:
    if book.account and await book.of("").find("v2.core.account", book.account) is None:
        raise ApiError(
            403,
            "invalid_request_error",
            f"The provided key does not have access to account '{book.account}' (or that account"
            " does not exist).",
            code="account_invalid",
        )


async def _act(
    endpoint: Endpoint, book: Book, request: Request, params: Params
) -> tuple[int, Params]:
    try:
        return 200, await endpoint.action(book, dict(request.path_params), params)
    except ApiError as error:
        if not error.executed:
            raise
        return error.status, error.body


def _fingerprint(request: Request, account: str, raw: bytes) -> str:
    whole = f"{request.method} {request.url.path} {account} ".encode() + raw
    return hashlib.sha256(whole).hexdigest()


def _scoped_key(book: Book) -> str:
    return f"{book.account}:{book.key}" if book.account else str(book.key)


async def replay(book: Book, fingerprint: str) -> tuple[int, Params] | None:
    """What this idempotency key answered before, for a day. A twin still at work: 409."""
    key = _scoped_key(book)
    free = await book.tx.db.scalar(
        text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 7341))"), {"key": key}
    )
    if not free:
        raise ApiError(
            409,
            "idempotency_error",
            "There is currently another in-progress request using this idempotent key.",
            code="idempotency_key_in_use",
            retry=True,
        )
    values = {"key": key, "print": fingerprint, "now": times.now()}
    await book.tx.db.execute(
        text(
            "DELETE FROM stripe_sandbox.idempotency WHERE key = :key"
            f" AND made_at < CAST(:now AS timestamptz) - interval '{KEY_SECONDS} seconds'"
        ),
        values,
    )
    found = await book.tx.db.execute(
        text(
            "INSERT INTO stripe_sandbox.idempotency (key, fingerprint, made_at)"
            " VALUES (:key, :print, :now) ON CONFLICT (key) DO NOTHING RETURNING key"
        ),
        values,
    )
    if found.first() is not None:
        return None
    row = (
        await book.tx.db.execute(
            text(
                "SELECT fingerprint, status, body FROM stripe_sandbox.idempotency WHERE key = :key"
            ),
            {"key": key},
        )
    ).one()
    if row.fingerprint != fingerprint:
        raise ApiError(400, "idempotency_error", _SAME_KEY)
    return row.status, row.body


async def remember(book: Book, status: int, body: Params) -> None:
    await book.tx.db.execute(
        text(
            "UPDATE stripe_sandbox.idempotency SET status = :status, body = CAST(:body AS jsonb)"
            " WHERE key = :key"
        ),
        {"key": _scoped_key(book), "status": status, "body": json.dumps(body)},
    )


async def before_a_call() -> str | None:
    """Let time pass; then raise the planned trouble of this call ("lost_answer" comes after it).

    `{"mode": "500" | "409" | "429" | "timeout" | "lost_answer", "calls": 2}`; timeout waits
    `seconds`.
    """
    async with opened() as book:
        await ticking.run(book)
        planned = (await book.switches()).get("outage")
        if not planned or planned["calls"] < 1:
            return None
        await book.flip({"outage": planned | {"calls": planned["calls"] - 1}})
    mode = planned["mode"]
    if mode == "timeout":
        await asyncio.sleep(float(planned.get("seconds", PATIENCE_SECONDS)))
        raise ApiError(500, "api_error", "The sandbox was told to be slow.")
    if mode in _TROUBLES:
        raise ApiError(*_TROUBLES[mode][:3], code=_TROUBLES[mode][3], retry=_TROUBLES[mode][4])
    return mode


_TROUBLES: dict[str, tuple[int, str, str, str | None, bool | None]] = {
    "409": (409, "invalid_request_error", "Try again.", "lock_timeout", True),
    "429": (429, "invalid_request_error", "Too many requests.", "rate_limit", None),
    "500": (500, "api_error", "The sandbox was told to be away.", None, None),
}


async def expand(book: Book, thing: Any, path: list[str]) -> None:
    """Replace an id by its object, along a path; lists are walked."""
    if len(path) > DEEPEST + 1:
        raise invalid("You cannot expand more than 4 levels of a property.", param="expand")
    if isinstance(thing, list):
        for item in thing:
            await expand(book, item, path)
        return
    name, *rest = path
    if name not in thing:
        raise invalid(f"This property cannot be expanded ({name}).", param="expand")
    value = thing[name]
    if isinstance(value, str):
        kinds = (kind for start, kind in objects.EXPANDABLE.items() if value.startswith(start))
        kind = next(kinds, None)
        found = await book.find_anywhere(kind, value) if kind else None
        if found is None:
            raise invalid(f"This property cannot be expanded ({name}).", param="expand")
        thing[name] = value = found
    if value is not None and rest:
        await expand(book, value, rest)


async def unknown(request: Request) -> Response:
    error = ApiError(
        404,
        "invalid_request_error",
        f"Unrecognized request URL ({request.method}: {request.url.path}).",
    )
    return JSONResponse(error.body, error.status)


routes = [
    *(route(endpoint) for endpoint in ENDPOINTS),
    Route("/v1/{rest:path}", unknown, methods=["GET", "POST", "DELETE"]),
    Route("/v2/{rest:path}", unknown, methods=["GET", "POST", "DELETE"]),
]
