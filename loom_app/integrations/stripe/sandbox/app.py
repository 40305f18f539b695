"""The sandbox as an ASGI app, to be mounted at `/sandbox/stripe`."""

from starlette.applications import Starlette

from loom_app.integrations.stripe.sandbox import (
    api,
    control,
    delivery,
    express,
    onboarding,
    pages,
    panel,
)
from loom_app.kit.settings import settings

__all__ = ["SandboxRefused", "delivery", "sandbox_app"]


class SandboxRefused(Exception):
    """The sandbox must never stand where real money could be meant."""


def sandbox_app() -> Starlette:
    """Raises SandboxRefused in production and beside a live key."""
    if settings().production:
        raise SandboxRefused("the Stripe sandbox does not run in production")
    if settings().stripe_secret_key.startswith(("sk_live", "rk_live")):
        raise SandboxRefused("the Stripe sandbox does not run with a live key")
    return Starlette(
        routes=[
            *pages.routes,
            *onboarding.routes,
            *express.routes,
            *panel.routes,
            *control.routes,
            *api.routes,
        ]
    )
