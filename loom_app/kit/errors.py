"""Expected failures. Each carries words for people and never pages anyone.

DomainError
├── NotFound     unknown and forbidden answer alike
├── Forbidden    only where the person may know that the thing exists
├── Invalid      a field is wrong
├── Conflict     somebody was faster, or the state does not allow it
└── TooMany      slow down
"""

from loom_app.kit.text import t


class DomainError(Exception):
    """A fact with words for people; `field` names the input it belongs to."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFound(DomainError):
    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message or t("We could not find that."), field=field)


class Forbidden(DomainError):
    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message or t("Please sign in to do that."), field=field)


class Invalid(DomainError):
    pass


class Conflict(DomainError):
    pass


class TooMany(DomainError):
    """Raised by limits; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
