"""GET /v1/account: Loom's own account, to which the key belongs."""

from typing import Any

from babel.numbers import get_territory_currencies

from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.kit.settings import settings

OWN_ID = "acct_testSandboxPlatform"


async def own(_book: Book, _path: dict[str, str], _: dict[str, Any]) -> dict[str, Any]:
    """A business in the country that the settings name, with everything enabled."""
    country = settings().platform_country.upper()
    return {
        "id": OWN_ID,
        "object": "account",
        "business_profile": None,
        "business_type": None,
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": country,
        "default_currency": get_territory_currencies(country)[0].lower(),
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
    }
