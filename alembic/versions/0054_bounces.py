"""Addresses that take no mail, and mails that came back."""

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

SYSTEM = "(SELECT loom_system()) LIKE 'notifications.%'"
STATUS = "ALTER TABLE deliveries DROP CONSTRAINT ck_deliveries_status, ADD CONSTRAINT"
NOW = "('queued', 'gathered', 'sent', 'failed', 'dropped', 'bounced', 'complained')"
BEFORE = "('queued', 'gathered', 'sent', 'failed', 'dropped')"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE mail_suppressions (
            digest text NOT NULL CONSTRAINT pk_mail_suppressions PRIMARY KEY,
            reason text NOT NULL CONSTRAINT ck_mail_suppressions_reason
                CHECK (reason IN ('bounced', 'complained')),
            detail text NOT NULL,
            at timestamptz NOT NULL
        )
        """
    )
    op.execute("ALTER TABLE mail_suppressions ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY mail_suppressions_system ON mail_suppressions"
        f" USING ({SYSTEM}) WITH CHECK ({SYSTEM})"
    )
    op.execute(
        "INSERT INTO privacy.catalogue (name, step, mine, fate, blank, exported, hidden) VALUES"
        " ('mail_suppressions', 0, 'false', 'none', '{}', '{}', '{digest,reason,detail,at}')"
    )
    op.execute(f"{STATUS} ck_deliveries_status CHECK (status IN {NOW})")


def downgrade() -> None:
    op.execute("UPDATE deliveries SET status = 'sent' WHERE status IN ('bounced', 'complained')")
    op.execute(f"{STATUS} ck_deliveries_status CHECK (status IN {BEFORE})")
    op.execute("DELETE FROM privacy.catalogue WHERE name = 'mail_suppressions'")
    op.execute("DROP TABLE mail_suppressions")
