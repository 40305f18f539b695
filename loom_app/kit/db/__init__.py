"""PostgreSQL: one transaction per intention, as a role that row-level security binds."""
