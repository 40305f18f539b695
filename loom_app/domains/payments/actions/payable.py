"""What is paid for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Payable:
    """A kind and a number that payments never look behind."""

    kind: str
    id: int
