"""Focus returns from a dialog to what had it before: Radix does so only for one with a trigger."""

from typing import Any

import reflex as rx

_LEAVE = "(e) => { e.currentTarget.loom_from = document.activeElement; }"
_RETURN = """(e) => {
  const from = e.currentTarget.loom_from;
  if (from?.isConnected && from !== document.body) { e.preventDefault(); from.focus(); }
}"""


def focus_back() -> dict[str, Any]:
    """Attributes for a dialog's content."""
    return {"onOpenAutoFocus": rx.Var(_LEAVE), "onCloseAutoFocus": rx.Var(_RETURN)}
