"""payments: which movement of the ledger stands for a balance transaction; the platform's bank."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ACCOUNTS = (
    "'stripe_platform', 'stripe_fee_expense', 'deferred', 'coach_pending', 'coach_payable',"
    " 'coach_held', 'coach_balance', 'stripe_connected', 'platform_fee_income',"
    " 'dispute_receivable', 'dispute_fee_expense', 'loss_expense', 'client_credit',"
    " 'credit_expired'"
)


def upgrade() -> None:
    op.execute("ALTER TABLE processor_movements ADD COLUMN ledger_ref text")
    op.execute("CREATE INDEX ix_processor_movements_ledger_ref ON processor_movements (ledger_ref)")
    _accounts(f"{ACCOUNTS}, 'bank'")


def _accounts(kinds: str) -> None:
    op.execute("ALTER TABLE ledger_accounts DROP CONSTRAINT ck_ledger_accounts_kind")
    op.execute(
        "ALTER TABLE ledger_accounts ADD CONSTRAINT ck_ledger_accounts_kind"
        f" CHECK (kind IN ({kinds}))"
    )


def downgrade() -> None:
    _accounts(ACCOUNTS)
    op.execute("ALTER TABLE processor_movements DROP COLUMN ledger_ref")
