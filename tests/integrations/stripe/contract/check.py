"""Strict validation of recorded exchanges with Stripe's API, as the SDK's version describes it."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from jsonschema import Draft202012Validator

from tests.integrations.stripe.contract.schema import Description, Schema

# plain strings in Stripe's description, whose values are a closed list in its words
CLOSED = {
    "refund": {"status": {"pending", "requires_action", "succeeded", "failed", "canceled"}},
    "balance_transaction": {"status": {"available", "pending"}},
}
# optional to the SDK's types, and yet always there: what a sandbox must not forget
ALWAYS = {
    "charge": {"balance_transaction", "payment_intent", "payment_method_details", "outcome"},
    "payment_intent": {"latest_charge", "last_payment_error", "client_secret", "next_action"},
    "checkout.session": {"url", "payment_intent", "amount_total", "currency", "status", "ui_mode"},
    "refund": {"status", "charge", "payment_intent", "balance_transaction", "metadata", "reason"},
    "balance_transaction": {"source"},
    "payment_method": {"card", "customer", "metadata"},
    "customer": {"email", "name", "balance", "metadata", "invoice_settings"},
}


@dataclass(slots=True)
class Exchange:
    method: str
    url: str
    headers: dict[str, str]
    body: str
    status: int
    answer: Any


@dataclass(slots=True)
class Contract:
    description: Description = field(default_factory=Description)
    _validators: dict[int, Draft202012Validator] = field(default_factory=dict)

    def problems(self, exchange: Exchange) -> list[str]:
        """Everything in which an exchange differs from the description; empty is conforming."""
        path = re.sub(r"^.*?(?=/v[12]/)", "", urlsplit(exchange.url).path)
        found = self._operation(exchange.method, path)
        if found is None:
            return [f"no such operation: {exchange.method} {path}"]
        params, answer = found
        errors = [] if exchange.status in (400, 404) else self._request(exchange, params)
        if exchange.status >= 400:
            return errors + self._error_shape(exchange.answer)
        if exchange.answer.get("object") == "v2.core.event":
            return errors + self._thin(answer, exchange.answer)
        if exchange.answer.get("deleted") is True:  # a stub, which the SDK's types leave out
            return errors + [k for k in exchange.answer if k not in ("id", "object", "deleted")]
        return errors + self.against(answer, exchange.answer) + _extra(exchange.answer)

    def _thin(self, schema: Schema, answer: dict[str, Any]) -> list[str]:
        """Each type of thin event adds its own related object to what all of them have."""
        related = answer.get("related_object")
        if not isinstance(related, dict) or set(related) != {"id", "type", "url"}:
            return ["related_object: id, type and url are expected"]
        return self.against(schema, {k: v for k, v in answer.items() if k != "related_object"})

    def _operation(self, method: str, path: str) -> tuple[Schema | None, Schema] | None:
        for (verb, template), schemas in self.description.operations.items():
            pattern = re.sub(r"{\w+}", "[^/]+", template)
            if verb == method and re.fullmatch(pattern, path):
                return schemas
        return None

    def _request(self, exchange: Exchange, params: Schema | None) -> list[str]:
        errors = []
        headers = {k.lower() for k in exchange.headers}
        if "authorization" not in headers:
            errors.append("no Authorization")
        if exchange.method == "POST" and "idempotency-key" not in headers:
            errors.append("a write without Idempotency-Key")
        raw = exchange.body if exchange.method == "POST" else urlsplit(exchange.url).query
        data = nested(parse_qsl(raw, keep_blank_values=True))
        if params is None:
            return [*errors, f"parameters where none are known: {data}"] if data else errors
        typed = self._typed(data, params)
        return [*errors, *(f"request: {e}" for e in self.against(params, typed))]

    def against(self, schema: Schema, data: Any) -> list[str]:
        key = id(schema)
        if key not in self._validators:
            self._validators[key] = Draft202012Validator({**schema, "$defs": self.description.defs})
        return [
            f"{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}"
            for e in self._validators[key].iter_errors(data)
        ]

    def _error_shape(self, answer: Any) -> list[str]:
        module = self.description.module("stripe._error_object")
        found = self.description.find("ErrorObject", module, ())
        assert found
        schema = self.description.reference(found)
        if set(answer) != {"error"}:
            return ["an error answer holds `error` alone"]
        return [f"error: {e}" for e in self.against(schema, answer["error"])]

    def _typed(self, value: Any, schema: Schema) -> Any:
        """Form strings have no types: give each the one the description asks for."""
        while "$ref" in schema:
            schema = self.description.defs[schema["$ref"].removeprefix("#/$defs/")]
        if "anyOf" in schema:
            tried = [(branch, self._typed(value, branch)) for branch in schema["anyOf"]]
            return next((typed for at, typed in tried if not self.against(at, typed)), value)
        if isinstance(value, dict):
            return self._container(value, schema)
        kind = schema.get("type")
        if kind == "integer" and re.fullmatch(r"-?\d+", value):
            return int(value)
        return {"true": True, "false": False}.get(value, value) if kind == "boolean" else value

    def _container(self, value: dict[str, Any], schema: Schema) -> Any:
        if schema.get("type") == "array" and set(value) == {str(i) for i in range(len(value))}:
            return [self._typed(value[str(i)], schema["items"]) for i in range(len(value))]
        properties = schema.get("properties", {})
        rest = schema.get("additionalProperties") or {}
        return {k: self._typed(v, properties.get(k, rest)) for k, v in value.items()}


def nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for key, value in pairs:
        *parents, last = re.findall(r"[^\[\]]+", key)
        here = root
        for part in parents:
            here = here.setdefault(part, {})
        here[last] = value
    return root


def _extra(answer: Any) -> list[str]:
    """The two rules that types cannot say, for each object in the answer."""
    if isinstance(answer, list):
        return [e for item in answer for e in _extra(item)]
    if not isinstance(answer, dict):
        return []
    kind = answer.get("object")
    problems = [] if not isinstance(kind, str) or answer.get("deleted") else _rules(kind, answer)
    return problems + [e for value in answer.values() for e in _extra(value)]


def _rules(kind: str, answer: dict[str, Any]) -> list[str]:
    forgotten = ALWAYS.get(kind, set()) - answer.keys()
    wrong = [
        f"{kind}.{name}: {answer.get(name)} is not a known value"
        for name, known in CLOSED.get(kind, {}).items()
        if answer.get(name) not in list(known)
    ]
    return [f"{kind}.{name} is missing" for name in sorted(forgotten)] + wrong


class Recorder(httpx.AsyncBaseTransport):
    """Stands between the SDK and the sandbox and keeps every exchange."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner = inner
        self.exchanges: list[Exchange] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.inner.handle_async_request(request)
        raw = await response.aread()
        self.exchanges.append(
            Exchange(
                request.method,
                str(request.url),
                dict(request.headers),
                request.content.decode(),
                response.status_code,
                json.loads(raw),
            )
        )
        return httpx.Response(response.status_code, headers=response.headers, content=raw)
