"""My data: taking it out, and leaving. What every table holds of a person stands in one catalogue.

`privacy.catalogue` belongs to the owner of the database; the two functions at the end read it and
are the only ways by which the application takes out or erases. A migration that makes a table or a
column adds to the catalogue; `tests/architecture/test_privacy.py` fails until it does.
"""

import json

from alembic import op
from sqlalchemy import text

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

ME = "(SELECT loom_person())"
SYSTEM = "(SELECT loom_system())"
FUNCTIONS = ("loom_my_tables()", "loom_my_rows(text)", "loom_erase(bigint, timestamptz)")

# name, step (children before parents), which rows are a person's ($1 is their number, $2 their
# address: bound as values, never written into the statement), what becomes of them when the
# person leaves (delete, keep), what is put in place of a column that is kept, columns that are
# exported, columns that are not: secrets, inner workings, other people's
CATALOGUE: list[tuple[str, int, str, str, dict[str, str], str, str]] = [
    ("recovery_codes", 1, "user_id = $1", "delete", {}, "", "id user_id code_hash used_at"),
    (
        "second_factors",
        1,
        "user_id = $1",
        "delete",
        {},
        "user_id created_at confirmed_at",
        "secret pending last_step",
    ),
    (
        "second_steps",
        1,
        "user_id = $1",
        "delete",
        {},
        "",
        "id user_id token_hash remember return_to failures created_at expires_at",
    ),
    ("rate_counters", 0, "false", "none", {}, "", "key used ends_at"),
    ("uninvited_addresses", 0, "false", "none", {}, "", "digest since"),
    ("invitation_sheets", 1, "user_id = $1", "delete", {}, "user_id lines made_at", ""),
    (
        "invitations",
        1,
        "inviter_id = $1 OR accepted_by = $1 OR email_key = lower($2)",
        "delete",
        {},
        (
            "id inviter_id role_id email name note status mails mailed bounced created_at asked_at"
            " expires_at answered_at accepted_by"
        ),
        "email_key",
    ),
    (
        "account_deletions",
        9,
        "user_id = $1",
        "keep",
        {},
        "user_id asked_at due_at told_at done_at",
        "",
    ),
    (
        "audit_checkpoints",
        0,
        "false",
        "none",
        {},
        "",
        "id kind number hash at mac",
    ),
    (
        "audit_entries",
        9,
        ("actor = 'person:' || $1 OR (actor = 'visitor' AND subject = 'user' AND subject_id = $1)"),
        "keep",
        {},
        "id at actor verb subject subject_id address agent session_id reason",
        "before after",
    ),
    (
        "audit_flags",
        1,
        "person_id = $1",
        "delete",
        {},
        "id kind person_id address at seen_at",
        "key detail seen_by",
    ),
    (
        "audit_seals",
        0,
        "false",
        "none",
        {},
        "",
        "number entry_id hash sealed_at",
    ),
    (
        "auth_sessions",
        8,
        "user_id = $1",
        "delete",
        {},
        (
            "id user_id remember agent address created_at seen_at idle_until expires_at "
            "revoked_at proven_at mfa idle_minutes renewed_at"
        ),
        "token_hash former_hash former_until",
    ),
    (
        "billing_details",
        1,
        "user_id = $1",
        "delete",
        {},
        "user_id name address tax_id tax_name tax_bps updated_at",
        "",
    ),
    (
        "blocks",
        1,
        "blocker_id = $1 OR blocked_id = $1",
        "delete",
        {},
        "",
        "blocker_id blocked_id created_at",
    ),
    (
        "booking_drafts",
        1,
        "client_id = $1",
        "delete",
        {},
        "id client_id offering_id starts_at agenda answers share_name repeat updated_at",
        "visitor",
    ),
    (
        "calendar_feeds",
        1,
        "user_id = $1",
        "delete",
        {},
        "user_id made_at",
        "secret",
    ),
    (
        "charges",
        2,
        "payer_id = $1 OR coach_id = $1",
        "keep",
        {"description": "''"},
        (
            "id payer_id coach_id amount currency fee_bps fee_fixed fee credit part whole "
            "paid_with available_on receipt_url refunded disputed lost description status "
            "expires_at paid_at created_at updated_at"
        ),
        (
            "customer_id card_id checkout_id checkout_url intent_id return_path cancel_path "
            "methods under_way_at payable_kind payable_id used_card save_card surplus "
            "decline_code"
        ),
    ),
    (
        "coach_profiles",
        3,
        "user_id = $1",
        "keep",
        {
            "slug": "'deleted-' || user_id",
            "status": "'draft'",
            "headline": "''",
            "bio": "''",
            "specialties": "'{}'",
            "languages": "'{}'",
            "certifications": "'{}'",
            "video_url": "''",
            "cancellation_policy": "''",
            "published_at": "NULL",
        },
        (
            "user_id slug status headline bio specialties languages certifications years "
            "video_url cancellation_policy cancel_free_hours cancel_late_percent currency "
            "default_price_minor rating_avg rating_count published_at created_at"
        ),
        "",
    ),
    (
        "coaching_sessions",
        2,
        "coach_id = $1",
        "keep",
        {"title": "'Session'", "address": "''", "cancel_reason": "''"},
        (
            "id coach_id offering_id status starts_at ends_at series_id series_no title "
            "place address place_id room_id capacity min_seats decide_at sequence "
            "cancel_free_hours cancel_late_percent moved_by moved_at cancelled_by "
            "cancel_reason created_at changed_at booked_at cancelled_at"
        ),
        "blocked_from blocked_until",
    ),
    (
        "conversation_members",
        1,
        "user_id = $1",
        "keep",
        {},
        (
            "conversation_id user_id first_number read_number change unread "
            "delivered_number receipts joined_at"
        ),
        "",
    ),
    (
        "conversation_settings",
        1,
        "user_id = $1",
        "delete",
        {},
        "conversation_id user_id archived muted_until pinned_at marked_unread draft draft_at",
        "",
    ),
    (
        "conversations",
        1,
        "owner_id = $1",
        "keep",
        {"title": "''"},
        (
            "id engagement_id message_count change_count last_message_at kind title "
            "owner_id created_at"
        ),
        "",
    ),
    (
        "credentials",
        9,
        "user_id = $1",
        "delete",
        {},
        "user_id email changed_at",
        "email_key password_hash",
    ),
    (
        "credit_lots",
        2,
        "person_id = $1",
        "keep",
        {},
        "id person_id amount remaining currency expires_at created_at",
        "warned_at source source_id",
    ),
    (
        "credit_uses",
        2,
        "charge_id IN (SELECT id FROM charges WHERE payer_id = $1 OR coach_id = $1)",
        "keep",
        {},
        "charge_id lot_id amount",
        "",
    ),
    (
        "data_exports",
        1,
        "user_id = $1",
        "delete",
        {},
        "id user_id status done total bytes asked_at ready_at expires_at",
        "key",
    ),
    (
        "date_exceptions",
        1,
        "coach_id = $1",
        "delete",
        {},
        "id coach_id day intervals",
        "",
    ),
    (
        "deliveries",
        2,
        "user_id = $1",
        "keep",
        {
            "facts": "'{}'",
            "last_error": "NULL",
            "status": "CASE WHEN status = 'queued' THEN 'dropped' ELSE status END",
        },
        "id user_id event channel status created_at sent_at",
        "facts key last_error attempts",
    ),
    (
        "disputes",
        1,
        "charge_id IN (SELECT id FROM charges WHERE payer_id = $1 OR coach_id = $1)",
        "keep",
        {"evidence": "''"},
        ("id charge_id amount fee currency reason status due_by submitted_at opened_at closed_at"),
        "processor_id evidence",
    ),
    (
        "document_counters",
        2,
        "seller_id = $1",
        "keep",
        {},
        "seller_id last",
        "",
    ),
    (
        "documents",
        2,
        "payer_id = $1 OR seller_id = $1",
        "keep",
        {},
        ("id seller_id number kind payer_id charge_id refund_id total currency content issued_at"),
        "",
    ),
    (
        "dues",
        2,
        "payer_id = $1 OR coach_id = $1",
        "keep",
        {"description": "''"},
        (
            "id part how payer_id coach_id offering_id amount currency whole description "
            "due_at until_at release_at status charge_id held_at done_at created_at "
            "updated_at"
        ),
        "path problem attempts announced_at tried_at payable_kind payable_id",
    ),
    (
        "email_links",
        1,
        "user_id = $1",
        "delete",
        {},
        "id user_id purpose address created_at expires_at used_at",
        "visitor return_to",
    ),
    (
        "engagements",
        1,
        "coach_id = $1 OR client_id = $1",
        "keep",
        {"status": "'ended'"},
        "id coach_id client_id status created_at",
        "",
    ),
    (
        "external_events",
        2,
        (
            "handled_at IS NOT NULL AND"
            " position(lower(to_jsonb($2)::text) IN lower(payload::text)) > 0"
        ),
        "keep",
        {"payload": "'{}'"},
        "",
        (
            "id source event_id type object_type object_id account payload received_at "
            "handled_at outcome"
        ),
    ),
    (
        "external_identities",
        1,
        "user_id = $1",
        "delete",
        {},
        "id user_id provider issuer subject email linked_at used_at",
        "",
    ),
    (
        "fee_rules",
        2,
        "coach_id = $1",
        "keep",
        {},
        "id coach_id offering_id bps fixed created_at",
        "",
    ),
    (
        "filter_hits",
        1,
        "sender_id = $1 OR message_id IN (SELECT id FROM messages WHERE sender_id = $1)",
        "delete",
        {},
        "id message_id sender_id created_at",
        "rule explained status",
    ),
    (
        "holiday_calendars",
        1,
        "coach_id = $1",
        "delete",
        {},
        "coach_id country region working",
        "",
    ),
    (
        "learned_words",
        0,
        "false",
        "none",
        {},
        "",
        "up_to at",
    ),
    (
        "ledger_accounts",
        2,
        "person_id = $1",
        "keep",
        {},
        "id kind person_id",
        "",
    ),
    (
        "ledger_entries",
        2,
        "account_id IN (SELECT id FROM ledger_accounts WHERE person_id = $1)",
        "keep",
        {},
        "id transaction_id account_id amount currency occurred_at",
        "",
    ),
    (
        "ledger_transactions",
        2,
        (
            "id IN (SELECT e.transaction_id FROM ledger_entries e JOIN ledger_accounts a ON "
            "a.id = e.account_id WHERE a.person_id = $1)"
        ),
        "keep",
        {},
        "",
        (
            "id kind external_ref payable_kind payable_id charge_id payout_id reverses_id "
            "occurred_at created_at sealed_by"
        ),
    ),
    (
        "mailbox_messages",
        2,
        "lower(recipient) = lower($2)",
        "delete",
        {},
        "",
        "id reference recipient subject raw received_at",
    ),
    (
        "meeting_links",
        1,
        "coach_id = $1",
        "delete",
        {},
        "coach_id url",
        "",
    ),
    (
        "message_edits",
        1,
        "message_id IN (SELECT id FROM messages WHERE sender_id = $1)",
        "delete",
        {},
        "id message_id body edited_at",
        "",
    ),
    (
        "message_files",
        1,
        "uploader_id = $1",
        "delete",
        {},
        (
            "id conversation_id uploader_id message_id key name mime bytes kind width "
            "height duration_ms created_at"
        ),
        "thumb_key peaks",
    ),
    (
        "message_words",
        0,
        "false",
        "none",
        {},
        "",
        "id word",
    ),
    (
        "messages",
        3,
        "sender_id = $1",
        "keep",
        {
            "body": "''",
            "facts": "NULL",
            "files": "'[]'",
            "deleted_at": "coalesce(deleted_at, now())",
            "edited_at": "NULL",
        },
        (
            "id conversation_id number change sender_id kind body facts sent_at edited_at "
            "deleted_at reply_to reply_count reactions files"
        ),
        "client_id hidden_for",
    ),
    (
        "oauth_visits",
        1,
        "user_id = $1 OR email = $2",
        "delete",
        {},
        (
            "id provider purpose user_id created_at expires_at returned_at issuer subject "
            "email name settled_at"
        ),
        "state_hash visitor return_to",
    ),
    (
        "offerings",
        3,
        "coach_id = $1",
        "keep",
        {
            "name": "'Session'",
            "description": "''",
            "address": "''",
            "questions": "'[]'",
            "archived_at": "coalesce(archived_at, now())",
        },
        (
            "id coach_id name description duration_minutes price_minor currency place "
            "address place_id needs_room room_ids capacity min_seats decide_hours "
            "buffer_before buffer_after notice_minutes window_days slot_interval per_day "
            "per_week deposit_bps deposit_minor rest no_show_fee_minor intro questions "
            "archived_at created_at"
        ),
        "",
    ),
    (
        "outbox_jobs",
        0,
        "false",
        "none",
        {},
        "",
        (
            "id name payload key run_at attempts locked_until last_error done_at failed_at "
            "created_at"
        ),
    ),
    (
        "package_entries",
        2,
        "package_id IN (SELECT id FROM packages WHERE coach_id = $1 OR client_id = $1)",
        "keep",
        {"what": "''"},
        "id package_id kind sessions minor payable_kind payable_id what at",
        "path",
    ),
    (
        "package_offers",
        3,
        "coach_id = $1",
        "keep",
        {"name": "'Package'", "archived_at": "coalesce(archived_at, now())"},
        (
            "id coach_id name sessions price_minor currency months offering_ids archived_at "
            "created_at"
        ),
        "",
    ),
    (
        "packages",
        2,
        "coach_id = $1 OR client_id = $1",
        "keep",
        {"asked_why": "''", "answer": "''"},
        (
            "id offer_id coach_id client_id name sessions price_minor currency months "
            "offering_ids status remaining charge_id lost_minor bought_at expires_at "
            "asked_at asked_why answer created_at"
        ),
        "",
    ),
    (
        "payers",
        2,
        "user_id = $1",
        "keep",
        {},
        "user_id created_at",
        "customer_id",
    ),
    (
        "payment_methods",
        1,
        "user_id = $1",
        "delete",
        {},
        "id user_id kind brand last4 exp_month exp_year is_default created_at removed_at",
        "processor_id warned_at",
    ),
    (
        "payout_accounts",
        2,
        "user_id = $1",
        "keep",
        {"requirements": "'[]'"},
        "user_id status country currency interval anchor minimum synced_at created_at",
        "processor_id requirements",
    ),
    (
        "payout_items",
        2,
        "payout_id IN (SELECT id FROM payouts WHERE coach_id = $1)",
        "keep",
        {},
        "entry_id payout_id",
        "",
    ),
    (
        "payouts",
        2,
        "coach_id = $1",
        "keep",
        {},
        (
            "id coach_id amount currency status asked_by arrives_at created_at updated_at "
            "paid_at waits_since"
        ),
        "transfer_id processor_id attempts failure_code wait_told_at",
    ),
    (
        "places",
        3,
        "owner_id = $1",
        "keep",
        {
            "name": "'Place'",
            "street": "''",
            "city": "''",
            "postal_code": "''",
            "directions": "''",
            "shared": "false",
            "archived_at": "coalesce(archived_at, now())",
        },
        (
            "id owner_id name street city postal_code country zone directions hours days "
            "holidays shared archived_at created_at"
        ),
        "",
    ),
    (
        "presences",
        1,
        "user_id = $1",
        "delete",
        {},
        "user_id seen_at hidden",
        "",
    ),
    (
        "processes",
        0,
        "false",
        "none",
        {},
        "",
        "id beat_at people",
    ),
    (
        "processor_movements",
        0,
        "false",
        "none",
        {},
        "",
        (
            "id account type category amount fee net currency source_id status available_on "
            "made_at state ledger_ref"
        ),
    ),
    (
        "reconciliation_findings",
        0,
        "false",
        "none",
        {},
        "",
        "id kind ref detail found_at resolved_at",
    ),
    (
        "refund_requests",
        1,
        "charge_id IN (SELECT id FROM charges WHERE payer_id = $1 OR coach_id = $1)",
        "keep",
        {"reason": "''", "note": "''"},
        (
            "id charge_id asked_by amount currency reason as_credit status note refund_id "
            "created_at decided_at"
        ),
        "decided_by",
    ),
    (
        "refunds",
        2,
        "charge_id IN (SELECT id FROM charges WHERE payer_id = $1 OR coach_id = $1)",
        "keep",
        {},
        "id charge_id amount currency reason as_credit status created_at done_at",
        "processor_id problem credited_by",
    ),
    (
        "reminder_times",
        1,
        "user_id = $1",
        "delete",
        {},
        "user_id minutes",
        "",
    ),
    (
        "reports",
        1,
        # the reporter's alone: what is said of somebody who leaves is kept for who judges it
        "reporter_id = $1",
        "keep",
        {"words": "''", "excerpt": "''"},
        "id reason words created_at",
        "person_id excerpt conversation_id message_id reporter_id status",
    ),
    (
        "rooms",
        0,
        "false",
        "none",
        {},
        "",
        "id place_id name capacity archived_at",
    ),
    (
        "saved_filters",
        1,
        "user_id = $1",
        "delete",
        {},
        "id user_id page name query created_at",
        "",
    ),
    (
        "scheduled_messages",
        1,
        "sender_id = $1",
        "delete",
        {},
        "id conversation_id sender_id body due_at created_at",
        "client_id awake problem",
    ),
    (
        "seats",
        2,
        "client_id = $1 OR coach_id = $1",
        "keep",
        {
            "agenda": "''",
            "answers": "'[]'",
            "cancel_reason": "''",
            "address": "NULL",
            "share_name": "false",
            "visitor": "NULL",
        },
        (
            "id session_id coach_id client_id series_id follows status starts_at ends_at "
            "price_minor currency deposit_minor rest no_show_fee_minor charge_id package_id "
            "offered booked_by agenda answers share_name created_at booked_at cancelled_at "
            "cancelled_by cancel_reason address"
        ),
        "visitor hold_expires_at under_way",
    ),
    (
        "series",
        2,
        "coach_id = $1 OR client_id = $1",
        "keep",
        {},
        "id coach_id client_id every_weeks times created_at",
        "",
    ),
    (
        "session_moves",
        1,
        (
            "session_id IN (SELECT session_id FROM seats WHERE client_id = $1) OR "
            "session_id IN (SELECT id FROM coaching_sessions WHERE coach_id = $1 AND "
            "capacity = 1)"
        ),
        "keep",
        {"reason": "''"},
        "id session_id moved_by old_starts_at new_starts_at reason moved_at",
        "",
    ),
    (
        "session_ratings",
        1,
        "client_id = $1",
        "keep",
        {"feedback": "''", "private_note": "''"},
        "seat_id coach_id client_id stars feedback private_note rated_at changed_at",
        "",
    ),
    (
        "session_templates",
        2,
        "coach_id = $1",
        "delete",
        {},
        "id coach_id offering_id name duration_minutes price_minor agenda created_at",
        "",
    ),
    (
        "sign_in_throttles",
        0,
        "false",
        "none",
        {},
        "",
        "key failures last_at blocked_until",
    ),
    (
        "staff_members",
        1,
        "user_id = $1",
        "delete",
        {},
        "role_id user_id since",
        "",
    ),
    (
        "staff_roles",
        0,
        "false",
        "none",
        {},
        "",
        "id name permissions owner",
    ),
    (
        "time_off",
        1,
        "coach_id = $1",
        "delete",
        {},
        "id coach_id first_day start_minute last_day end_minute reason",
        "",
    ),
    (
        "users",
        9,
        "id = $1",
        "keep",
        {
            "name": "'Deleted person'",
            "pronouns": "''",
            "bio": "''",
            "zone": "'UTC'",
            "language": "'en'",
            "theme": "'system'",
            "avatar": "''",
            "roles": "'{}'",
            "verified_at": "NULL",
        },
        "id name pronouns bio zone language theme avatar roles verified_at created_at",
        "",
    ),
    (
        "waiting_refunds",
        2,
        "charge_id IN (SELECT id FROM charges WHERE payer_id = $1 OR coach_id = $1)",
        "keep",
        {},
        "charge_id keep amount as_credit reason created_at done_at",
        "",
    ),
    (
        "waitlist_entries",
        2,
        "client_id = $1 OR coach_id = $1",
        "delete",
        {},
        "id client_id coach_id offering_id since until status joined_at place",
        "",
    ),
    (
        "waitlist_offers",
        1,
        ("entry_id IN (SELECT id FROM waitlist_entries WHERE client_id = $1 OR coach_id = $1)"),
        "delete",
        {},
        "id entry_id seat_id starts_at made_at until answer",
        "",
    ),
    (
        "weekly_hours",
        1,
        "coach_id = $1",
        "delete",
        {},
        "id coach_id weekday start_minute end_minute every_weeks anchor valid_from valid_to",
        "",
    ),
]


def upgrade() -> None:
    _tables()
    op.execute("CREATE SCHEMA privacy")
    op.execute(
        """
        CREATE TABLE privacy.catalogue (
            name text PRIMARY KEY,
            step integer NOT NULL,
            mine text NOT NULL,
            fate text NOT NULL CHECK (fate IN ('delete', 'keep', 'none')),
            blank jsonb NOT NULL,
            exported text[] NOT NULL,
            hidden text[] NOT NULL
        )
        """
    )
    # new tables are granted to the app by default; this one is the owner's alone
    op.execute("REVOKE ALL ON privacy.catalogue FROM loom_app")
    for name, step, mine, fate, blank, exported, hidden in CATALOGUE:
        op.get_bind().execute(
            text(
                "INSERT INTO privacy.catalogue VALUES (:name, :step, :mine, :fate,"
                " CAST(:blank AS jsonb), :exported, :hidden)"
            ).bindparams(
                name=name,
                step=step,
                mine=mine,
                fate=fate,
                blank=json.dumps(blank),
                exported=exported.split(),
                hidden=hidden.split(),
            )
        )
    _functions()


def _tables() -> None:
    op.execute(
        """
        CREATE TABLE data_exports (
            id bigint GENERATED BY DEFAULT AS IDENTITY CONSTRAINT pk_data_exports PRIMARY KEY,
            user_id bigint NOT NULL CONSTRAINT fk_data_exports_user_id
                REFERENCES users (id) ON DELETE CASCADE,
            status text NOT NULL CONSTRAINT ck_data_exports_status
                CHECK (status IN ('queued', 'working', 'ready', 'over')),
            done integer NOT NULL DEFAULT 0,
            total integer NOT NULL DEFAULT 0,
            key text NOT NULL,
            bytes bigint NOT NULL DEFAULT 0,
            asked_at timestamptz NOT NULL,
            ready_at timestamptz,
            expires_at timestamptz
        )
        """
    )
    op.execute("CREATE INDEX ix_data_exports_user_id ON data_exports (user_id)")
    op.execute(
        """
        CREATE TABLE account_deletions (
            user_id bigint CONSTRAINT pk_account_deletions PRIMARY KEY
                CONSTRAINT fk_account_deletions_user_id REFERENCES users (id) ON DELETE CASCADE,
            asked_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            told_at timestamptz,
            done_at timestamptz
        )
        """
    )
    for table in ("data_exports", "account_deletions"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY {table}_own ON {table} FOR SELECT"
            f" USING (user_id = {ME} OR {SYSTEM} LIKE 'privacy.%')"
        )
        op.execute(
            f"CREATE POLICY {table}_work ON {table} USING ({SYSTEM} LIKE 'privacy.%')"
            f" WITH CHECK ({SYSTEM} LIKE 'privacy.%')"
        )


def _functions() -> None:
    op.execute(
        """
        CREATE FUNCTION privacy.address(person bigint) RETURNS text
        LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
          SELECT coalesce((SELECT email FROM public.credentials WHERE user_id = person), ' ')
        $$
        """
    )
    # a group's line names people beside their numbers; older ones have names alone
    op.execute(
        """
        CREATE FUNCTION privacy.unnamed(facts jsonb, person bigint, former text) RETURNS jsonb
        LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public AS $$
          SELECT facts
            || CASE WHEN facts -> 'by_id' = to_jsonb(person)
                 THEN '{"by": "Deleted person"}'::jsonb
                   || CASE WHEN facts ? 'title' THEN '{"title": "…"}' ELSE '{}'::jsonb END
                 WHEN NOT facts ? 'by_id' AND facts ->> 'by' = former
                 THEN '{"by": "Deleted person"}'::jsonb ELSE '{}'::jsonb END
            || CASE WHEN jsonb_typeof(facts -> 'people') = 'array'
                 THEN jsonb_build_object('people', (
                   SELECT coalesce(jsonb_agg(CASE WHEN p.one -> 'id' = to_jsonb(person)
                       THEN p.one || '{"name": "Deleted person"}'::jsonb
                       ELSE p.one END ORDER BY p.n), '[]')
                   FROM jsonb_array_elements(facts -> 'people') WITH ORDINALITY p (one, n)))
                 WHEN facts ? 'who' THEN jsonb_build_object('who', array_to_string(array_replace(
                   string_to_array(facts ->> 'who', ', '), former, 'Deleted person'), ', '))
                 ELSE '{}'::jsonb END
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION loom_my_tables() RETURNS SETOF text LANGUAGE sql STABLE
        SECURITY DEFINER SET search_path = pg_catalog, public AS $$
          SELECT name FROM privacy.catalogue WHERE exported <> '{}' ORDER BY name
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION loom_my_rows(what text) RETURNS SETOF jsonb LANGUAGE plpgsql STABLE
        SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        DECLARE one privacy.catalogue;
        BEGIN
          IF public.loom_system() IS DISTINCT FROM 'privacy.export'
             OR public.loom_person() IS NULL THEN
            RAISE EXCEPTION 'one takes out what is one''s own' USING ERRCODE = '42501';
          END IF;
          SELECT * INTO STRICT one FROM privacy.catalogue c
            WHERE c.name = what AND c.exported <> '{}';
          RETURN QUERY EXECUTE format(
            'SELECT (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(to_jsonb(t)) e'
            ' WHERE e.key = ANY (%L::text[])) FROM public.%I t WHERE %s ORDER BY t::text',
            one.exported, one.name, one.mine)
            USING public.loom_person(), privacy.address(public.loom_person());
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION loom_erase(person bigint, moment timestamptz) RETURNS text[]
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        DECLARE
          one privacy.catalogue; put text; keys text[]; former text; email text; lines bigint[];
        BEGIN
          IF public.loom_system() IS DISTINCT FROM 'privacy.erase' OR NOT EXISTS (
            SELECT 1 FROM public.account_deletions d
            WHERE d.user_id = person AND d.done_at IS NULL AND d.due_at <= moment) THEN
            RAISE EXCEPTION 'nobody asked for this' USING ERRCODE = '42501';
          END IF;
          SELECT name INTO former FROM public.users WHERE id = person;
          email := privacy.address(person);
          SELECT coalesce(array_agg(key), '{}') INTO keys
            FROM public.message_files WHERE uploader_id = person;
          -- lines of groups that name the person; where a line has no numbers, in their own alone
          SELECT coalesce(array_agg(m.id), '{}') INTO lines FROM public.messages m
            WHERE m.kind = 'system' AND m.facts ->> 'event' LIKE 'group.%'
            AND privacy.unnamed(m.facts, person, former) <> m.facts
            AND (m.facts ?| '{by_id,people}' OR m.conversation_id IN (
              SELECT c.conversation_id FROM public.conversation_members c WHERE c.user_id = person
              UNION SELECT s.conversation_id FROM public.messages s WHERE s.sender_id = person));
          -- words that only a search's forgiveness needs; those of others are learnt again
          LOCK TABLE public.learned_words IN EXCLUSIVE MODE;
          DELETE FROM public.learned_words;
          DELETE FROM public.message_words WHERE word IN (
            SELECT unnest(public.loom_split(b.body)) FROM (
              SELECT m.body FROM public.messages m WHERE m.sender_id = person OR m.id = ANY (lines)
              UNION ALL SELECT e.body FROM public.message_edits e
                JOIN public.messages m ON m.id = e.message_id WHERE m.sender_id = person) b);
          UPDATE public.messages m SET body = 'Group changed',
              facts = privacy.unnamed(m.facts, person, former)
            WHERE m.id = ANY (lines);
          -- mails to others that are out already, where they name the person
          UPDATE public.deliveries d SET facts = d.facts - ARRAY['client', 'coach']
            WHERE d.status <> 'queued' AND former IN (d.facts ->> 'client', d.facts ->> 'coach');
          FOR one IN SELECT * FROM privacy.catalogue c
              WHERE c.fate = 'delete' OR c.blank <> '{}' ORDER BY c.step, c.name LOOP
            IF one.fate = 'delete' THEN
              EXECUTE format('DELETE FROM public.%I WHERE %s', one.name, one.mine)
                USING person, email;
            ELSE
              SELECT string_agg(format('%I = %s', e.key, e.value), ', ') INTO put
                FROM jsonb_each_text(one.blank) e;
              EXECUTE format('UPDATE public.%I SET %s WHERE %s', one.name, put, one.mine)
                USING person, email;
            END IF;
          END LOOP;
          UPDATE public.account_deletions SET done_at = moment WHERE user_id = person;
          RETURN keys;
        END $$
        """
    )
    for function in FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO loom_app")
    for function in ("address(bigint)", "unnamed(jsonb, bigint, text)"):
        op.execute(f"REVOKE ALL ON FUNCTION privacy.{function} FROM PUBLIC")
    # what sees everything is called by the application alone, older ones included
    op.execute(
        """
        DO $$ DECLARE one regprocedure; BEGIN
          FOR one IN SELECT p.oid FROM pg_proc p
              WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
              AND p.prorettype <> 'trigger'::regtype LOOP
            EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', one);
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO loom_app', one);
          END LOOP;
        END $$
        """
    )


def downgrade() -> None:
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP SCHEMA privacy CASCADE")
    op.execute("DROP TABLE account_deletions")
    op.execute("DROP TABLE data_exports")
