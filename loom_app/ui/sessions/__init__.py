"""One's sessions: the list, and each with everything about it."""
