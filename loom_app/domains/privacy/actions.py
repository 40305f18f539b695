"""Taking out one's data, and leaving."""

from loom_app.domains.privacy.exporting import ask_export, clear_old, download, make
from loom_app.domains.privacy.leaving import GRACE, ask_deletion, erase_due, keep_account

__all__ = [
    "GRACE",
    "ask_deletion",
    "ask_export",
    "clear_old",
    "download",
    "erase_due",
    "keep_account",
    "make",
]
