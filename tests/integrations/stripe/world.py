"""Short ways into the situations that the sandbox's tests begin in."""

from typing import Any

from loom_app.integrations.stripe import client
from loom_app.kit.money import Money
from tests.integrations.stripe.fixtures import Sandbox

BACK = "http://localhost:8000"
STEPS: dict[str, dict[str, str]] = {
    "you": {
        "given_name": "Maya",
        "surname": "Lindqvist",
        "phone": "+1 555 0100",
        "day": "4",
        "month": "7",
        "year": "1988",
    },
    "home": {"line1": "12 Elm Street", "city": "Portland", "postal_code": "97201"},
    "bank": {"number": "000123456789"},
    "terms": {"terms": "yes", "verdict": "approved"},
}


async def account(coach_id: int = 7, country: str = "US", currency: str = "USD") -> client.Account:
    return await client.create_account(
        key=f"loom:account:{coach_id}",
        coach_id=coach_id,
        email=f"coach{coach_id}@loom.test",
        name="Maya Lindqvist",
        country=country,
        currency=currency,
    )


async def link(account_id: str, attempt: int = 1, **more: Any) -> client.AccountLink:
    return await client.account_link(
        account_id,
        key=f"loom:link:{account_id}:{attempt}",
        refresh_url=f"{BACK}/earnings/again",
        return_url=f"{BACK}/earnings",
        **more,
    )


async def onboard(sandbox: Sandbox, account_id: str, attempt: int = 1, **changes: Any) -> str:
    """Walk through all steps; `terms` or another step may differ. Returns where it ended."""
    made = await link(account_id, attempt)
    answer = await sandbox.open(made.url)
    while "/onboarding/" in answer.headers.get("location", ""):
        url = answer.headers["location"]
        step = url.rsplit("/", 1)[1]
        shown = await sandbox.open(url)
        assert shown.status_code == 200, url
        answer = await sandbox.browser.post(url, data=STEPS[step] | changes.get(step, {}))
        assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def coach(sandbox: Sandbox, coach_id: int = 7, **changes: Any) -> str:
    """The id of an account that may be paid, and is paid out by hand."""
    made = await account(coach_id)
    await onboard(sandbox, made.id, **changes)
    await client.set_payout_schedule(made.id, key=f"loom:manual:{made.id}", interval="manual")
    return made.id


async def charge(
    amount: int = 12000, currency: str = "usd", card: str = "pm_card_bypassPending"
) -> Any:
    """A payment on Loom's own account, by default with the money available at once."""
    params: Any = {
        "amount": amount,
        "currency": currency,
        "payment_method": card,
        "confirm": True,
        "return_url": BACK,
    }
    return await client.sdk().v1.payment_intents.create_async(params)


async def sent(account_id: str, minor: int = 5000, number: int = 1, **more: Any) -> client.Transfer:
    return await client.transfer(
        key=f"loom:transfer:{number}",
        transfer_id=number,
        account_id=account_id,
        amount=Money(minor, "USD"),
        **more,
    )


async def person(number: int = 3) -> str:
    return await client.create_customer(
        key=f"loom:customer:{number}", email="ben@loom.test", name="Ben Okafor", person_id=number
    )


async def saved(customer_id: str, card: str = "pm_card_visa", number: int = 1) -> client.Card:
    return await client.attach_card(card, customer_id, key=f"loom:attach:{customer_id}:{number}")


async def everything(pages: Any) -> list[Any]:
    return [item async for item in pages]
