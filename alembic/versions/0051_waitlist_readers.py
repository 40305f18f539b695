"""Who waits is read by scheduling alone, no longer by every system actor.

Found by tests/architecture/test_row_security.py, which tries every system's name.
"""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

ME = "(SELECT loom_person())"
SCHEDULING = "(SELECT loom_system()) LIKE 'scheduling.%'"
ANY_SYSTEM = "(SELECT loom_system()) IS NOT NULL"


def _read_by(system: str) -> None:
    op.execute(
        "ALTER POLICY waitlist_entries_read ON waitlist_entries"
        f" USING (client_id = {ME} OR coach_id = {ME} OR {system})"
    )
    op.execute(
        f"ALTER POLICY waitlist_offers_read ON waitlist_offers USING ({system} OR"
        " EXISTS (SELECT 1 FROM waitlist_entries e WHERE e.id = entry_id"
        f" AND (e.client_id = {ME} OR e.coach_id = {ME})))"
    )


def upgrade() -> None:
    _read_by(SCHEDULING)


def downgrade() -> None:
    _read_by(ANY_SYSTEM)
