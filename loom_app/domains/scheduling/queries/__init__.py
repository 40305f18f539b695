"""Reads of scheduling."""

from loom_app.domains.scheduling.queries.availability import month_slots, next_free
from loom_app.domains.scheduling.queries.draft import DraftView, HoldView, draft

__all__ = ["DraftView", "HoldView", "draft", "month_slots", "next_free"]
