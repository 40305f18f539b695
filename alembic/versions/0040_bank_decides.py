"""What a payer's bank holds or took of a charge; payments that nothing was owed for; refunds that
wait for a bank."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

ME = "(SELECT loom_person())"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE charges ADD COLUMN disputed bigint NOT NULL DEFAULT 0,"
        " ADD COLUMN lost bigint NOT NULL DEFAULT 0,"
        " ADD COLUMN surplus boolean NOT NULL DEFAULT false,"
        " ADD CONSTRAINT ck_charges_disputed CHECK (disputed >= 0 AND lost >= 0)"
    )
    op.execute(
        "UPDATE charges c SET disputed = d.disputed, lost = d.lost FROM ("
        " SELECT charge_id, coalesce(sum(amount) FILTER (WHERE closed_at IS NULL"
        "  AND status NOT LIKE 'warning%'), 0) AS disputed,"
        "  coalesce(sum(amount) FILTER (WHERE status = 'lost'), 0) AS lost"
        " FROM disputes GROUP BY 1) d WHERE d.charge_id = c.id"
    )
    op.execute(
        "UPDATE charges c SET surplus = true WHERE EXISTS (SELECT 1 FROM refunds r"
        " WHERE r.charge_id = c.id AND r.reason IN ('duplicate', 'credit_gone', 'not_due'))"
    )
    op.execute(
        """
        CREATE TABLE waiting_refunds (
            charge_id bigint NOT NULL
                CONSTRAINT fk_waiting_refunds_charge_id REFERENCES charges (id),
            keep bigint NOT NULL,
            amount bigint,
            as_credit boolean NOT NULL DEFAULT false,
            reason text NOT NULL,
            created_at timestamptz NOT NULL,
            done_at timestamptz,
            CONSTRAINT pk_waiting_refunds PRIMARY KEY (charge_id, as_credit),
            CONSTRAINT ck_waiting_refunds_keep CHECK (keep >= 0 AND amount > 0)
        )
        """
    )
    op.execute("ALTER TABLE waiting_refunds ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY waiting_refunds_system ON waiting_refunds"
        " USING ((SELECT loom_system()) LIKE 'payments.%')"
        " WITH CHECK ((SELECT loom_system()) LIKE 'payments.%')"
    )
    op.execute(
        "CREATE POLICY waiting_refunds_parties ON waiting_refunds FOR SELECT USING (EXISTS"
        " (SELECT 1 FROM charges c WHERE c.id = waiting_refunds.charge_id"
        f"  AND {ME} IN (c.payer_id, c.coach_id)))"
    )
    op.execute("ALTER TABLE packages ADD COLUMN lost_minor bigint NOT NULL DEFAULT 0")
    op.execute("GRANT UPDATE (lost_minor) ON packages TO loom_app")
    op.execute(
        "UPDATE packages p SET lost_minor = c.lost FROM charges c"
        " WHERE c.id = p.charge_id AND c.lost > 0"
    )
    op.execute("REVOKE DELETE ON waiting_refunds FROM loom_app")


def downgrade() -> None:
    op.execute("ALTER TABLE packages DROP COLUMN lost_minor")
    op.execute("DROP TABLE waiting_refunds")
    op.execute("ALTER TABLE charges DROP COLUMN disputed, DROP COLUMN lost, DROP COLUMN surplus")
