"""Nobody's page is shown who is suspended or about to leave; appeals of what was taken back end."""

from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

VERIFIED = """NOT EXISTS (SELECT 1 FROM public.coach_standings s
              WHERE s.coach_id = NEW.user_id AND s.verified_at IS NOT NULL
              AND s.hidden_at IS NULL)"""
PRESENT = """EXISTS (SELECT 1 FROM public.suspensions s
              WHERE s.person_id = NEW.user_id AND s.ended_at IS NULL
              AND (s.until_at IS NULL OR s.until_at > now()))
            OR EXISTS (SELECT 1 FROM public.account_deletions d
              WHERE d.user_id = NEW.user_id AND d.done_at IS NULL)"""


def upgrade() -> None:
    _guard(f"{VERIFIED} OR {PRESENT}")
    # what slipped through before: out of the directory, as it would have been
    op.execute(
        "UPDATE coach_profiles p SET status = 'suspended' WHERE status = 'published' AND EXISTS"
        " (SELECT 1 FROM suspensions s WHERE s.person_id = p.user_id AND s.ended_at IS NULL"
        " AND (s.until_at IS NULL OR s.until_at > now()))"
    )
    op.execute(
        "UPDATE coach_profiles p SET status = 'draft' WHERE status <> 'draft' AND EXISTS"
        " (SELECT 1 FROM account_deletions d WHERE d.user_id = p.user_id AND d.done_at IS NULL)"
    )
    op.execute(
        "UPDATE appeals a SET status = 'lifted', decided_at = d.withdrawn_at,"
        " answer = 'We had taken the decision back already.' FROM moderation_decisions d"
        " WHERE d.id = a.decision_id AND a.status = 'open' AND d.withdrawn_at IS NOT NULL"
    )


def _guard(refused: str) -> None:
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION loom_guard_coach() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
        BEGIN
          IF NEW.status = 'published' AND ({refused}) THEN
            RAISE EXCEPTION 'this coach may not be published'
              USING ERRCODE = '23514', CONSTRAINT = 'ck_coach_profiles_verified';
          END IF;
          RETURN NEW;
        END $$
        """
    )


def downgrade() -> None:
    _guard(VERIFIED)
