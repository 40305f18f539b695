"""Bank debits: the ways that a page offers, and what waits for a bank that takes days."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


KIND = (
    "ALTER TABLE payment_methods DROP CONSTRAINT ck_payment_methods_kind,"
    " ADD CONSTRAINT ck_payment_methods_kind"
)


def upgrade() -> None:
    op.execute("ALTER TABLE charges ADD COLUMN methods text NOT NULL DEFAULT 'card'")
    op.execute("ALTER TABLE charges ADD COLUMN under_way_at timestamptz")
    op.execute(f"{KIND} CHECK (kind IN ('card', 'us_bank_account', 'sepa_debit', 'link'))")
    # one hold a client: a time that waits for a bank keeps nobody from booking another
    op.execute("ALTER TABLE seats ADD COLUMN under_way boolean NOT NULL DEFAULT false")
    for owner in ("client_id", "visitor"):
        op.execute(f"DROP INDEX uq_seats_hold_{owner}")
        op.execute(
            f"CREATE UNIQUE INDEX uq_seats_hold_{owner} ON seats ({owner})"
            " WHERE status = 'held' AND NOT under_way"
        )


def downgrade() -> None:
    for owner in ("client_id", "visitor"):
        op.execute(f"DROP INDEX uq_seats_hold_{owner}")
        op.execute(
            f"CREATE UNIQUE INDEX uq_seats_hold_{owner} ON seats ({owner}) WHERE status = 'held'"
        )
    op.execute("ALTER TABLE seats DROP COLUMN under_way")
    op.execute("DELETE FROM payment_methods WHERE kind <> 'card'")  # a copy of what Stripe has
    op.execute(f"{KIND} CHECK (kind IN ('card', 'bank', 'wallet'))")
    op.execute("ALTER TABLE charges DROP COLUMN under_way_at")
    op.execute("ALTER TABLE charges DROP COLUMN methods")
