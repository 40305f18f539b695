"""What staff chose for the platform."""

from dataclasses import dataclass

from loom_app.kit.events import Event


@dataclass(frozen=True, slots=True)
class DefaultRateGone(Event):
    """There is to be no price of an hour any more; who needs it says so, and nothing is chosen."""
