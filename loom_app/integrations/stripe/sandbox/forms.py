"""Requests as Stripe reads them: nested forms, checked and typed against the SDK's own parameters.

The SDK's TypedDicts are generated from Stripe's description, so an unknown, missing or wrongly
typed parameter is refused here as it is there.
"""

import functools
import re
import types
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

from stripe._request_options import RequestOptions
from typing_extensions import is_typeddict

from loom_app.integrations.stripe.sandbox.errors import ApiError, invalid

_PART = re.compile(r"[^\[\]]+|\[\]")
_OPTIONS = frozenset(RequestOptions.__annotations__)
_SCALARS = (str, int, bool, float, datetime, Decimal, Any)
_INTEGER = re.compile(r"-?\d{1,18}")


def nest(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """`a[b][0]=c` becomes {"a": {"b": {"0": "c"}}}; lists are told from the schema later."""
    root: dict[str, Any] = {}
    for key, value in pairs:
        parts = _PART.findall(key) or [key]
        here = root
        for part in parts[:-1]:
            name = str(len(here)) if part == "[]" else part
            deeper = here.setdefault(name, {})
            if not isinstance(deeper, dict):
                raise invalid(f"Invalid object: {key}", param=key)
            here = deeper
        last = str(len(here)) if parts[-1] == "[]" else parts[-1]
        here[last] = value
    return root


def tree(value: Any) -> Any:
    """JSON of API v2 in the words of a form, so that one reader checks both; null is left out."""
    if isinstance(value, dict):
        return {name: tree(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return {str(n): tree(item) for n, item in enumerate(value)}
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def heed(params: Mapping[str, Any], known: str, at: str = "") -> None:
    """Refuse what Stripe takes and the sandbox would not act on, rather than ignore it."""
    for name in params.keys() - set(known.split()):
        where = f"{at}[{name}]" if at else name
        raise invalid(f"The sandbox does not play this parameter: {where}", param=where)


@functools.cache
def _hints(shape: type) -> Mapping[str, Any]:
    """The types of the parameters; the SDK mixes its request options into the same class."""
    own = {name: hint for name, hint in shape.__annotations__.items() if name not in _OPTIONS}
    plain = type("Plain", (), {"__annotations__": own, "__module__": shape.__module__})
    return get_type_hints(plain, include_extras=True)


def typed(data: Mapping[str, Any], shape: type, at: str = "") -> dict[str, Any]:
    """The parameters with their types, or ApiError as Stripe words it."""
    hints = _hints(shape)
    result: dict[str, Any] = {}
    for name, value in data.items():
        where = f"{at}[{name}]" if at else name
        if name not in hints:
            raise invalid(
                f"Received unknown parameter: {where}", param=where, code="parameter_unknown"
            )
        result[name] = _value(value, hints[name], where)
    for name, hint in hints.items():
        if get_origin(hint) is not NotRequired and name not in result:
            where = f"{at}[{name}]" if at else name
            raise invalid(
                f"Missing required param: {where}.", param=where, code="parameter_missing"
            )
    return result


def _value(value: Any, hint: Any, where: str) -> Any:
    origin = get_origin(hint)
    if origin is NotRequired:
        return _value(value, get_args(hint)[0], where)
    if origin is Literal:
        return _one_of(value, get_args(hint), where)
    if origin in _KINDS:
        return _KINDS[origin](value, get_args(hint), where)
    if is_typeddict(hint):
        if not isinstance(value, dict):
            raise invalid(f"Invalid object: {where}", param=where)
        return typed(value, hint, where)
    return _scalar(value, hint, where)


def _one_of(value: Any, choices: Sequence[Any], where: str) -> Any:
    if value not in choices:
        raise invalid(f"Invalid {where}: must be one of {', '.join(choices)}", param=where)
    return value


def _either(value: Any, hints: Sequence[Any], where: str) -> Any:
    problem: ApiError | None = None
    for hint in hints:
        if hint is type(None):
            continue
        try:
            return _value(value, hint, where)
        except ApiError as error:
            problem = problem or error
    raise problem or invalid(f"Invalid {where}", param=where)


def _list(value: Any, hints: Sequence[Any], where: str) -> list[Any]:
    if not isinstance(value, dict) or set(value) != {str(i) for i in range(len(value))}:
        raise invalid(f"Invalid array: {where}", param=where)
    return [_value(value[str(i)], hints[0], f"{where}[{i}]") for i in range(len(value))]


def _object(value: Any, hints: Sequence[Any], where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid(f"Invalid object: {where}", param=where)
    return {name: _value(item, hints[1], f"{where}[{name}]") for name, item in value.items()}


_KINDS: dict[Any, Any] = {
    Union: _either,
    types.UnionType: _either,
    list: _list,
    Sequence: _list,
    dict: _object,
    Mapping: _object,
}


def _scalar(value: Any, hint: Any, where: str) -> Any:
    if isinstance(value, dict) or hint not in _SCALARS:
        raise invalid(f"Invalid {where}", param=where)
    if hint is int or hint is datetime:
        if not _INTEGER.fullmatch(str(value)):
            raise invalid(
                f"Invalid integer: {value}", param=where, code="parameter_invalid_integer"
            )
        return int(value)
    if hint is bool:
        if value not in ("true", "false"):
            raise invalid(f"Invalid boolean: {value}", param=where)
        return value == "true"
    return value
