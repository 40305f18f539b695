"""Refusals of messaging, in words."""

from loom_app.kit.errors import DomainError, Forbidden
from loom_app.kit.text import t


class Blocked(Forbidden):
    """One of the two has blocked the other; it is not said who."""

    def __init__(self) -> None:
        super().__init__(t("You cannot write in this conversation."))


class Early(DomainError):
    """A message written before this one has not arrived yet; send both again, in order."""

    def __init__(self) -> None:
        super().__init__(t("This message is waiting for the one before it."))
