"""Work that must happen: an outbox in PostgreSQL, and a clock that only ticks."""
