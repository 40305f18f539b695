"""What is paid for."""

from dataclasses import dataclass

# who owns these counts what was used of them, and gives the money back
COUNTED = ("package",)


@dataclass(frozen=True, slots=True)
class Payable:
    """A kind and a number that payments never look behind."""

    kind: str
    id: int
