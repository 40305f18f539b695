"""Errors in Stripe's shape."""

from typing import Any

DOCS = "https://docs.stripe.com/error-codes/"


class ApiError(Exception):
    """An answer that is an error; `executed` ones are kept under their idempotency key."""

    def __init__(self, status: int, kind: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.status = status
        self.executed = bool(fields.pop("executed", False))
        self.retry: bool | None = fields.pop("retry", None)  # the SDK's `stripe-should-retry`
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


def unexpected(thing: dict[str, Any], verb: str, code: str | None = None) -> ApiError:
    """The object's state does not allow it."""
    name = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}[thing["object"]]
    return ApiError(
        400,
        "invalid_request_error",
        f"You cannot {verb} this {name} because it has a status of {thing['status']}.",
        code=code or f"{thing['object']}_unexpected_state",
        **{thing["object"]: thing},
    )
