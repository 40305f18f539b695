"""Where the sandbox lives: mounted in Loom's own server."""

from loom_app.kit.settings import settings

MOUNT = "/sandbox/stripe"


def page_url(path: str) -> str:
    """A page of the sandbox, for a browser."""
    return f"{settings().base_url}{MOUNT}/{path}"


def webhook_url() -> str:
    """Where the sandbox delivers events: Loom's own receiver."""
    return f"{settings().base_url}/webhooks/stripe"
