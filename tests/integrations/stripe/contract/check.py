"""Strict validation of recorded exchanges with Stripe's API, as the SDK's version describes it."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from jsonschema import Draft202012Validator

from tests.integrations.stripe.contract.rules import Rules
from tests.integrations.stripe.contract.schema import Description, Schema


@dataclass(slots=True)
class Exchange:
    method: str
    url: str
    headers: dict[str, str]
    body: str
    status: int
    answer: Any


@dataclass
class Contract:
    description: Description = field(default_factory=Description)
    _validators: dict[str | int, tuple[Schema, Draft202012Validator]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rules = Rules(self.description)

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
        if path == "/v2/core/events":
            (_, one) = self.description.operations["GET", "/v2/core/events/{id}"]
            page = {**exchange.answer, "data": []}
            return [
                *errors,
                *self.against(answer, page),
                *(e for event in exchange.answer["data"] for e in self._thin(one, event)),
            ]
        if exchange.answer.get("deleted") is True:  # a stub, which the SDK's types leave out
            return errors + [k for k in exchange.answer if k not in ("id", "object", "deleted")]
        return [
            *errors,
            *self.against(answer, exchange.answer),
            *self.rules.problems(exchange.answer),
            *self._snapshots(exchange.answer),
        ]

    def _snapshots(self, answer: dict[str, Any]) -> list[str]:
        """The object in an event may be of any kind to the SDK: it must be what it says it is."""
        events = answer["data"] if answer.get("object") == "list" else [answer]
        inside = [e["data"]["object"] for e in events if e.get("object") == "event"]
        return [
            problem
            for thing in inside
            if not thing.get("deleted")
            for problem in self.against(self.rules.schema(thing["object"]), thing)
        ]

    def _thin(self, schema: Schema, answer: dict[str, Any]) -> list[str]:
        """Each type of thin event adds a related object or data to what all of them have."""
        related = answer.get("related_object", {})
        plain = {k: v for k, v in answer.items() if k not in ("related_object", "data")}
        known = not related or {"type", "url"} <= set(related) <= {"id", "type", "url"}
        wrong = [] if known else ["related_object: id, type and url are expected"]
        if not related and not answer.get("data"):
            wrong.append("neither a related object nor data")
        return wrong + self.against(schema, plain) + self.rules.problems(plain)

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
        if exchange.method == "POST" and "/v2/" in exchange.url:
            data = json.loads(exchange.body or "{}")
            return [*errors, *(f"request: {e}" for e in self.against(params or {}, data))]
        raw = exchange.body if exchange.method == "POST" else urlsplit(exchange.url).query
        data = nested(parse_qsl(raw, keep_blank_values=True))
        if "/v2/" in exchange.url:
            data.pop("page", None)  # the cursor in `next_page_url`, which is no parameter
        if params is None:
            return [*errors, f"parameters where none are known: {data}"] if data else errors
        typed = self._typed(data, params)
        return [*errors, *(f"request: {e}" for e in self.against(params, typed))]

    def against(self, schema: Schema, data: Any) -> list[str]:
        key = schema.get("$ref") or id(schema)
        if key not in self._validators:
            # the schema is kept beside its validator: an id that is free again would be another's
            whole = Draft202012Validator({**schema, "$defs": self.description.defs})
            self._validators[key] = (schema, whole)
        return [
            f"{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}"
            for e in self._validators[key][1].iter_errors(data)
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
