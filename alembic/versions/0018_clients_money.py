"""payments: how a charge is paid (saved card, page, credit), and which credit it took."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE charges ADD COLUMN customer_id text")
    op.execute("ALTER TABLE charges ADD COLUMN card_id text")
    op.execute("ALTER TABLE charges ADD COLUMN save_card boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE charges ADD COLUMN paid_with text NOT NULL DEFAULT ''")
    # the history of a payer is read page by page, newest first, what was paid or is on its way
    op.execute(
        "CREATE INDEX ix_charges_history ON charges (payer_id, id)"
        " WHERE status IN ('pending', 'succeeded', 'refunded', 'failed')"
    )
    op.execute(
        """
        CREATE TABLE credit_uses (
            charge_id bigint NOT NULL,
            lot_id bigint NOT NULL,
            amount bigint NOT NULL,
            CONSTRAINT pk_credit_uses PRIMARY KEY (charge_id, lot_id),
            CONSTRAINT fk_credit_uses_charge_id FOREIGN KEY(charge_id) REFERENCES charges (id),
            CONSTRAINT fk_credit_uses_lot_id FOREIGN KEY(lot_id) REFERENCES credit_lots (id),
            CONSTRAINT ck_credit_uses_amount CHECK (amount > 0)
        )
        """
    )
    op.execute("CREATE INDEX ix_credit_uses_lot_id ON credit_uses (lot_id)")
    op.execute("ALTER TABLE credit_uses ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY credit_uses_payments ON credit_uses"
        " USING ((SELECT loom_system()) LIKE 'payments.%')"
        " WITH CHECK ((SELECT loom_system()) LIKE 'payments.%')"
    )
    # a lot comes in once for each thing that gave it
    op.execute(
        "CREATE UNIQUE INDEX uq_credit_lots_source ON credit_lots (source, source_id)"
        " WHERE source_id IS NOT NULL"
    )
    op.execute("ALTER TABLE credit_lots ADD COLUMN warned_at timestamptz")
    # one receipt a charge, one credit note a refund, one note that a refund came to nothing
    op.execute(
        "CREATE UNIQUE INDEX uq_documents_cause ON documents"
        " (charge_id, kind, (coalesce(refund_id, 0)))"
    )


def downgrade() -> None:
    op.execute("DROP INDEX uq_documents_cause")
    op.execute("ALTER TABLE credit_lots DROP COLUMN warned_at")
    op.execute("DROP INDEX uq_credit_lots_source")
    op.execute("DROP TABLE credit_uses")
    op.execute("DROP INDEX ix_charges_history")
    for column in ("paid_with", "save_card", "card_id", "customer_id"):
        op.execute(f"ALTER TABLE charges DROP COLUMN {column}")
