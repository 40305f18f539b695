"""Names that the gate and the UI agree on."""

SESSION_HEADER = "x-loom-session"
VISITOR_HEADER = "x-loom-visitor"
