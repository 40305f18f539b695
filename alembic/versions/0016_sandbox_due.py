"""stripe sandbox: find what falls due by its clock without reading everything."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_objects_due ON stripe_sandbox.objects (((data->>'_due')::bigint))"
        " WHERE data ? '_due'"
    )
    # what a session's page works on stands in the session itself now
    op.execute("DROP INDEX stripe_sandbox.ix_objects_intent")
    op.execute(
        """
        UPDATE stripe_sandbox.objects AS s
        SET data = s.data
            || jsonb_build_object('_due', s.data->'expires_at')
            || jsonb_build_object('_inside', (i.data - 'id') - 'object')
        FROM stripe_sandbox.objects AS i
        WHERE s.kind = 'checkout.session' AND i.id = 'inside_' || s.id
        """
    )
    op.execute(
        """
        UPDATE stripe_sandbox.objects SET data = data - '_due'
        WHERE kind = 'checkout.session' AND data->>'status' <> 'open'
        """
    )
    op.execute(
        """
        UPDATE stripe_sandbox.objects AS p SET data = p.data || jsonb_build_object('_session', s.id)
        FROM stripe_sandbox.objects AS s
        WHERE s.kind = 'checkout.session' AND s.data->'_inside'->>'intent' = p.id
          AND p.kind = 'payment_intent'
        """
    )
    op.execute("DELETE FROM stripe_sandbox.objects WHERE kind = 'checkout.inside'")


def downgrade() -> None:
    op.execute("DROP INDEX stripe_sandbox.ix_objects_due")
    op.execute(
        "CREATE INDEX ix_objects_intent ON stripe_sandbox.objects ((data->>'intent'))"
        " WHERE kind = 'checkout.inside'"
    )
