"""Keys and webhook secrets: from the environment, or the sandbox's own."""

from loom_app.kit.security.tokens import seal
from loom_app.kit.settings import settings

SANDBOX_KEY = "sk_test_sandbox"


def api_key() -> str:
    return settings().stripe_secret_key or SANDBOX_KEY


def sandbox_webhook_secret() -> str:
    """Derived from the app's key: the sandbox signs with it, the receiver knows it."""
    return "whsec_" + seal("webhook", "stripe.sandbox")


def webhook_secrets() -> list[str]:
    """Secrets that are valid now: two during a rotation. Empty: the endpoint is off."""
    if settings().stripe_sandbox:
        return [sandbox_webhook_secret()]
    return [part.strip() for part in settings().stripe_webhook_secret.split(",") if part.strip()]
