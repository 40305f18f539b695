"""Everything that pays runs against the sandbox, under the contract check."""

import pytest

from loom_app.domains.payments import events
from loom_app.kit.actor import Actor
from loom_app.kit.events import Event, _reactions
from tests.domains.payments.helpers import Payments
from tests.factories.accounts import make_user
from tests.integrations.stripe.fixtures import Sandbox, contract, sandbox

__all__ = ["contract", "sandbox"]


@pytest.fixture
async def ada(db: str) -> Actor:
    return await make_user(name="Ada", roles=["coach"])


@pytest.fixture
async def ben(db: str) -> Actor:
    return await make_user(name="Ben")


@pytest.fixture
async def cleo(db: str) -> Actor:
    return await make_user(name="Cleo")


@pytest.fixture
async def payments(sandbox: Sandbox, ada: Actor, ben: Actor) -> Payments:
    return Payments(sandbox, ada, ben)


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Every event of payments, in order; nobody else reacts."""
    told: list[Event] = []

    async def keep(_tx: object, event: Event) -> None:
        told.append(event)

    for kind in (
        events.PaymentSucceeded,
        events.PaymentFailed,
        events.PaymentUnderWay,
        events.CheckoutExpired,
        events.PaymentRefunded,
        events.RefundFailed,
        events.DueAnnounced,
        events.DueFailed,
        events.CardExpiring,
        events.CreditExpiring,
        events.RefundAsked,
        events.RefundDecided,
        events.CoachAccountChanged,
        events.PayoutPaid,
        events.PayoutFailed,
        events.PayoutWaits,
        events.DisputeOpened,
        events.DisputeClosed,
    ):
        monkeypatch.setitem(_reactions, kind, [keep])
    monkeypatch.setitem(_reactions, events.DocumentIssued, [])  # a paper follows each payment
    return told
