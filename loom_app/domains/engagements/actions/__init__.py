"""Relations of coach and client: begun, strengthened, invited to."""

from loom_app.domains.engagements.actions.answering import (
    Guest,
    accept,
    check_guest,
    decline,
    join,
)
from loom_app.domains.engagements.actions.inviting import (
    invite,
    invite_staff,
    note_mailed,
    resend,
    withdraw,
    withdraw_staff,
)
from loom_app.domains.engagements.actions.relation import Status, ensure
from loom_app.domains.engagements.actions.sheets import drop_sheet, keep_sheet, send_sheet

__all__ = [
    "Guest",
    "Status",
    "accept",
    "check_guest",
    "decline",
    "drop_sheet",
    "ensure",
    "invite",
    "invite_staff",
    "join",
    "keep_sheet",
    "note_mailed",
    "resend",
    "send_sheet",
    "withdraw",
    "withdraw_staff",
]
