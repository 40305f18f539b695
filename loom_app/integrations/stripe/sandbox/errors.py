"""Errors in Stripe's shape."""

from typing import Any

DOCS = "https://docs.stripe.com/error-codes/"


class ApiError(Exception):
    """An answer that is an error; `executed` ones are kept under their idempotency key."""

    def __init__(self, status: int, kind: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.status = status
        self.executed = bool(fields.pop("executed", False))
        error: dict[str, Any] = {"message": message, "type": kind}
        error.update({name: value for name, value in fields.items() if value is not None})
        if "code" in error:
            error["doc_url"] = DOCS + str(error["code"]).replace("_", "-")
        self.body = {"error": error}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    return ApiError(400, "invalid_request_error", message, param=param, code=code)


def missing(kind: str, key: str, param: str = "id") -> ApiError:
    return ApiError(
        404,
        "invalid_request_error",
        f"No such {kind.replace('.', ' ')}: '{key}'",
        param=param,
        code="resource_missing",
    )
