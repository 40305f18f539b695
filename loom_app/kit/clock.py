"""The one place that asks what time it is, so that tests can answer."""

from datetime import UTC, datetime


def now() -> datetime:
    """Aware UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one allowed call
