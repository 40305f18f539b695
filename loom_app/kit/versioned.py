"""A memory of what was worked out, each value good for one version of what it was made from.

The version is read from the database in the transaction that uses the value, so that nothing here
has to hear of a change: another version is another value, in this process as in all others.
"""

from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Versioned(Generic[Value]):
    """Holds at most `most` values; those that nobody asked for longest leave first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[Hashable, tuple[Hashable, Value]] = {}

    def get(self, key: Hashable, version: Hashable) -> Value | None:
        """What is held of this version; None where nothing is, or of another."""
        held = self._held.pop(key, None)
        if held is None or held[0] != version:
            return None
        self._held[key] = held  # asked for last
        return held[1]

    def keep(self, key: Hashable, version: Hashable, value: Value) -> Value:
        """Hold it in place of any other version; returns it."""
        self._held.pop(key, None)
        self._held[key] = (version, value)
        if len(self._held) > self._most:
            del self._held[next(iter(self._held))]
        return value
