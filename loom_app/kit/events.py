"""What happened, told to whoever reacts, inside the transaction of its cause."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from loom_app.kit.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class Event:
    """Past tense, ids only. Subclasses are frozen dataclasses."""


E = TypeVar("E", bound=Event)
Reaction = Callable[["Tx", Any], Awaitable[None]]

_reactions: dict[type[Event], list[Reaction]] = defaultdict(list)


def on(
    kind: type[E],
) -> Callable[[Callable[["Tx", E], Awaitable[None]]], Callable[["Tx", E], Awaitable[None]]]:
    """Register a reaction: database only, same transaction, in the order of registration."""

    def register(reaction: Callable[["Tx", E], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        _reactions[kind].append(reaction)
        return reaction

    return register


def reactions_to(event: Event) -> tuple[Reaction, ...]:
    return tuple(_reactions.get(type(event), ()))
