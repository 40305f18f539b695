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
    """Secrets that are valid now: of both endpoints, two each during a rotation.

    Both of Stripe's endpoints (Loom's own account, connected accounts) lead to one address, so
    `STRIPE_WEBHOOK_SECRET` lists the secrets of both. Empty: the endpoint is off.
    """
    if settings().stripe_sandbox:
        return [sandbox_webhook_secret(), sandbox_connect_secret()]
    return [part.strip() for part in settings().stripe_webhook_secret.split(",") if part.strip()]
