"""Keys and webhook secrets: from the environment, or the sandbox's own."""

from loom_app.kit.security.tokens import seal
from loom_app.kit.settings import settings

SANDBOX_KEY = "sk_test_sandbox"


def api_key() -> str:
    return settings().stripe_secret_key or SANDBOX_KEY


def sandbox_webhook_secret() -> str:
    """Derived from the app's key: the sandbox signs with it, the receiver knows it."""
    return "whsec_" + seal("webhook", "stripe.sandbox")


def sandbox_connect_secret() -> str:
    """What the sandbox signs events of connected accounts with: Stripe has a second endpoint."""
    return "whsec_" + seal("webhook", "stripe.sandbox.connect")


def webhook_secrets() -> list[str]:
    """Of the endpoint for Loom's own account, two during a rotation. Empty: it is off.

    One address may serve both of Stripe's endpoints: then the list has the secrets of both.
    """
    if settings().stripe_sandbox:
        return [sandbox_webhook_secret(), sandbox_connect_secret()]
    return _listed(settings().stripe_webhook_secret)


def connect_secrets() -> list[str]:
    """Of the endpoint for coaches' accounts, where it has an address of its own."""
    if settings().stripe_sandbox:
        return [sandbox_connect_secret()]
    return _listed(settings().stripe_connect_webhook_secret)


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]
