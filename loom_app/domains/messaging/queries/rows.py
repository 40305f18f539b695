"""Messages as stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

# the columns of `messages` in the order of MessageRow
COLUMNS = (
    "id", "number", "change", "sender_id", "client_id", "kind", "body", "facts", "sent_at",
    "edited_at", "deleted_at", "reply_to", "reply_count", "reactions", "files", "hidden_for",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that another one answers, as it is now."""

    id: int
    number: int
    sender_id: int | None
    body: str
    deleted: bool
    files: list[dict[str, Any]]
    hidden_for: list[int]


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as stored; `reactions` are [emoji, [people]] in the order of their first use."""

    id: int
    number: int
    change: int
    sender_id: int | None
    client_id: str | None
    kind: str
    body: str
    facts: dict[str, Any] | None
    sent_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    reply_to: int | None = None
    reply_count: int = 0
    reactions: list[Any] | None = None
    files: list[dict[str, Any]] | None = None
    hidden_for: list[int] | None = None
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class MemberMark:
    """How far a member has received and read, and from where on they see the history."""

    user_id: int
    read_number: int
    delivered_number: int
    receipts: bool
    first_number: int
    change: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What came after the change number `after`, up to `change`. `members` maps who may know to the
    first number that they may see; `whole` says that more was missed than is told."""

    after: int
    change: int
    messages: list[MessageRow]
    marks: list[MemberMark]
    members: dict[int, int]
    whole: bool = False
