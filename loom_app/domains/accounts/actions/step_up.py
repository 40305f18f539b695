"""Before money and security change: was it proven lately that the person themselves is there?"""

from datetime import datetime, timedelta

from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx

FRESH = timedelta(minutes=15)


def require_step_up(now: Tx | datetime, me: Actor) -> None:
    """Raises StepUpNeeded unless this sign-in proved who is there within the last 15 minutes,
    Forbidden for visitors. Jobs of the system need no proof."""
    if me.system is not None:
        return
    me.require_person()
    moment = now.now if isinstance(now, Tx) else now
    if me.stepped_up_at is None or moment - me.stepped_up_at > FRESH:
        raise StepUpNeeded(proof_of(me))


def proof_of(me: Actor) -> str:
    """By what somebody proves that they are there: "code", "password" or "provider"."""
    if me.mfa:
        return "code"
    return "password" if me.has_password else "provider"
