"""The lists of the admin page: what each shows, who may see it, and which system reads it.

Statements only read, and join what several domains keep; whatever changes a row is an action of
the domain that it belongs to.
"""

from functools import cache

from loom_app.domains.operations import money_lists
from loom_app.domains.operations.listing import Column, Link, Listing
from loom_app.kit.text import t


def _people() -> Listing:
    return Listing(
        "people",
        t("People"),
        t("People"),
        t("Person"),
        "people.see",
        "accounts.admin",
        "SELECT u.id, u.name, coalesce(c.email, '') AS email,"
        " array_to_string(u.roles, ', ') AS roles, coalesce((SELECT string_agg(r.name, ', '"
        " ORDER BY r.name) FROM staff_members m JOIN staff_roles r ON r.id = m.role_id"
        " WHERE m.user_id = u.id), '') AS staff, f.confirmed_at IS NOT NULL AS factor, u.zone,"
        " CASE WHEN 'coach' = ANY(u.roles) THEN u.id END AS coach, u.verified_at, u.created_at"
        " FROM users u LEFT JOIN credentials c ON c.user_id = u.id"
        " LEFT JOIN second_factors f ON f.user_id = u.id",
        (
            Column("name", t("Name"), found=True),
            Column("email", t("Mail address"), found=True),
            Column("roles", t("Roles")),
            Column("staff", t("Staff roles"), found=True),
            Column("factor", t("Second factor"), "yes"),
            Column("zone", t("Time zone"), wide=True),
            Column("coach", t("Number as a coach"), "number", wide=True),
            Column("verified_at", t("Address confirmed"), "time", wide=True),
            Column("created_at", t("Since"), "time"),
        ),
        personal="user",
        links=(
            Link(t("Their sessions"), "sessions", column="people"),
            Link(t("Their conversations"), "conversations", column="people"),
            Link(t("What they paid"), "payments", column="payer_id"),
            Link(t("Packages they bought"), "packages", column="client_id"),
            Link(t("Their page as a coach"), "coaches", "coach"),
        ),
        page=("sessions.override", t("What they have coming"), "/staff/call-off/"),
    )


def _coaches() -> Listing:
    return Listing(
        "coaches",
        t("Content"),
        t("Coaches"),
        t("Coach"),
        "content.keep",
        "coaches.admin",
        "SELECT p.user_id AS id, u.name, p.slug, p.status, p.headline, p.bio, p.currency,"
        " p.rating_avg, p.rating_count, p.published_at FROM coach_profiles p"
        " JOIN users u ON u.id = p.user_id",
        (
            Column("name", t("Name"), found=True),
            Column("slug", t("Page"), found=True),
            Column("status", t("Status")),
            Column("headline", t("Headline"), found=True),
            Column("bio", t("About"), found=True, wide=True),
            Column("currency", t("Currency"), wide=True),
            Column("rating_avg", t("Stars"), "decimal"),
            Column("rating_count", t("Ratings"), "number", wide=True),
            Column("published_at", t("Published"), "time"),
        ),
        links=(
            Link(t("The person"), "people"),
            Link(t("What was paid to them"), "payments", column="coach_id"),
            Link(t("Their payouts"), "payouts", column="coach_id"),
            Link(t("Packages they sold"), "packages", column="coach_id"),
        ),
    )


def _offerings() -> Listing:
    return Listing(
        "offerings",
        t("Content"),
        t("Offerings"),
        t("Offering"),
        "content.keep",
        "coaches.admin",
        "SELECT o.id, o.name, u.name AS coach, o.description, o.duration_minutes,"
        " o.price_minor AS price, o.currency, o.capacity, o.archived_at, o.created_at"
        " FROM offerings o JOIN users u ON u.id = o.coach_id",
        (
            Column("name", t("Name"), found=True),
            Column("coach", t("Coach"), found=True),
            Column("description", t("Words"), found=True, wide=True),
            Column("duration_minutes", t("Minutes"), "number"),
            Column("price", t("Price"), "money"),
            Column("currency", t("Currency"), wide=True),
            Column("capacity", t("Seats"), "number", wide=True),
            Column("archived_at", t("Off sale since"), "time"),
            Column("created_at", t("Made"), "time", wide=True),
        ),
    )


def _reports() -> Listing:
    return Listing(
        "reports",
        t("Content"),
        t("Reports"),
        t("Report"),
        "content.keep",
        "moderation.admin",
        "SELECT r.id, r.status, r.reason, r.words, r.excerpt, coalesce(a.name, '') AS about,"
        " coalesce(b.name, '') AS reporter, r.created_at FROM reports r"
        " LEFT JOIN users a ON a.id = r.person_id LEFT JOIN users b ON b.id = r.reporter_id"
        " WHERE r.person_id IS DISTINCT FROM :me",
        (
            Column("status", t("Status")),
            Column("reason", t("Reason")),
            Column("words", t("Words"), found=True),
            Column("excerpt", t("The message"), found=True, wide=True),
            Column("about", t("About"), found=True),
            Column("reporter", t("By"), found=True),
            Column("created_at", t("When"), "time"),
        ),
        personal="report",
        blind=True,
    )


def _sessions() -> Listing:
    return Listing(
        "sessions",
        t("Sessions"),
        t("Sessions"),
        t("Session"),
        "sessions.override",
        "scheduling.admin",
        "SELECT s.id, s.title, u.name AS coach, coalesce((SELECT string_agg(DISTINCT c.name, ', ')"
        " FROM seats x JOIN users c ON c.id = x.client_id WHERE x.session_id = s.id), '')"
        " AS clients, s.status, s.starts_at, s.ends_at, s.place, s.capacity,"
        " coalesce(s.cancelled_by, '') AS cancelled_by, s.missed_by,"
        " s.coach_id || ARRAY(SELECT DISTINCT"
        " x.client_id FROM seats x WHERE x.session_id = s.id AND x.client_id IS NOT NULL)"
        " AS people, s.created_at"
        " FROM coaching_sessions s JOIN users u ON u.id = s.coach_id",
        (
            Column("title", t("Title"), found=True),
            Column("coach", t("Coach"), found=True),
            Column("clients", t("Clients"), found=True),
            Column("status", t("Status")),
            Column("starts_at", t("Starts"), "time"),
            Column("ends_at", t("Ends"), "time", wide=True),
            Column("place", t("Place")),
            Column("capacity", t("Seats"), "number", wide=True),
            Column("cancelled_by", t("Cancelled by"), wide=True),
            Column("missed_by", t("Did not come"), wide=True),
            Column("people", t("Numbers of the people"), "numbers", wide=True),
            Column("created_at", t("Made"), "time", wide=True),
        ),
        links=(
            Link(t("What was paid for it"), "payments", column="session"),
            Link(t("Person"), "people", "people"),
        ),
        page=("sessions.override", t("Cancel or note"), "/staff/sessions/"),
    )


def _conversations() -> Listing:
    """Who is in them, how many messages and since when: what is written there moderators read
    through a case alone."""
    return Listing(
        "conversations",
        t("People"),
        t("Conversations"),
        t("Conversation"),
        "conversations.see",
        "messaging.admin",
        "SELECT c.id, c.kind, c.title, coalesce((SELECT string_agg(u.name, ', ' ORDER BY m.user_id)"
        " FROM conversation_members m JOIN users u ON u.id = m.user_id"
        " WHERE m.conversation_id = c.id), '') AS members, ARRAY(SELECT m.user_id"
        " FROM conversation_members m WHERE m.conversation_id = c.id ORDER BY 1) AS people,"
        " c.message_count AS messages, c.created_at, c.last_message_at FROM conversations c",
        (
            Column("kind", t("Kind")),
            Column("title", t("Title"), found=True),
            Column("members", t("Members"), found=True),
            Column("people", t("Numbers of the people"), "numbers", wide=True),
            Column("messages", t("Messages"), "number"),
            Column("created_at", t("Begun"), "time"),
            Column("last_message_at", t("Last message"), "time"),
        ),
        personal="conversation",
        links=(Link(t("Person"), "people", "people"),),
    )


def _deliveries() -> Listing:
    return Listing(
        "deliveries",
        t("Queues"),
        t("Notifications"),
        t("Notification"),
        "queues.keep",
        "notifications.admin",
        "SELECT d.id, u.name AS person, d.event, d.channel, d.status, d.attempts,"
        " coalesce(d.last_error, '') AS why, d.created_at, d.due_at, d.sent_at"
        " FROM deliveries d JOIN users u ON u.id = d.user_id",
        (
            Column("person", t("To"), found=True),
            Column("event", t("About"), found=True),
            Column("channel", t("Way")),
            Column("status", t("Status")),
            Column("attempts", t("Tries"), "number"),
            Column("why", t("Last problem"), found=True),
            Column("created_at", t("Made"), "time"),
            Column("due_at", t("Due"), "time", wide=True),
            Column("sent_at", t("Sent"), "time", wide=True),
        ),
    )


def _texts() -> Listing:
    """What text messages cost, by month and topic."""
    return Listing(
        "texts",
        t("Queues"),
        t("Text messages"),
        t("Text messages"),
        "queues.keep",
        "notifications.admin",
        "SELECT row_number() OVER (ORDER BY month, topic) AS id, m.* FROM (SELECT"
        " to_char(sent_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, topic, count(*) AS sent,"
        " count(*) FILTER (WHERE status = 'delivered') AS delivered,"
        " count(*) FILTER (WHERE status IN ('undelivered', 'failed')) AS failed,"
        " count(*) FILTER (WHERE price_micros IS NULL AND status <> 'failed') AS unpriced,"
        " (coalesce(sum(price_micros), 0) / 10000)::bigint AS cost,"
        " coalesce(currency, 'USD') AS currency FROM texts"
        " GROUP BY month, topic, coalesce(currency, 'USD')) m",
        (
            Column("month", t("Month"), found=True),
            Column("topic", t("About"), found=True),
            Column("sent", t("Sent"), "number"),
            Column("delivered", t("Arrived"), "number"),
            Column("failed", t("Failed"), "number"),
            Column("unpriced", t("Price not known yet"), "number"),
            Column("cost", t("Cost"), "money"),
            Column("currency", t("Currency")),
        ),
    )


def _jobs() -> Listing:
    return Listing(
        "jobs",
        t("Queues"),
        t("Failed work"),
        t("Work"),
        "queues.keep",
        "worker",
        "SELECT id, name, attempts, coalesce(last_error, '') AS why, created_at, failed_at"
        " FROM outbox_jobs WHERE failed_at IS NOT NULL AND done_at IS NULL",
        (
            Column("name", t("Work"), found=True),
            Column("attempts", t("Tries"), "number"),
            Column("why", t("Why it failed"), found=True),
            Column("created_at", t("Made"), "time", wide=True),
            Column("failed_at", t("Given up"), "time"),
        ),
    )


def _webhooks() -> Listing:
    return Listing(
        "webhooks",
        t("Queues"),
        t("Webhooks"),
        t("Webhook"),
        "events.replay",
        "payments.admin",
        "SELECT id, type, object_id, event_id, received_at, '' AS why FROM external_events"
        " WHERE handled_at IS NULL",
        (
            Column("type", t("What"), found=True),
            Column("object_id", t("About"), found=True),
            Column("event_id", t("At Stripe"), found=True, wide=True),
            Column("why", t("Why it waits")),
            Column("received_at", t("Received"), "time"),
        ),
    )


def _audit() -> Listing:
    return Listing(
        "audit",
        t("Oversight"),
        t("Audit trail"),
        t("Entry"),
        "audit.read",
        "audit.admin",
        "SELECT id, at, actor, verb, subject, subject_id, coalesce(before::text, '') AS before,"
        " coalesce(after::text, '') AS after, coalesce(reason, '') AS reason,"
        " coalesce(address, '') AS address, coalesce(agent, '') AS agent FROM audit_entries",
        (
            Column("at", t("When"), "time"),
            Column("actor", t("Who"), found=True),
            Column("verb", t("What"), found=True),
            Column("subject", t("On"), found=True),
            Column("subject_id", t("Number"), "number"),
            Column("before", t("Before"), wide=True),
            Column("after", t("After"), wide=True),
            Column("reason", t("Why"), found=True),
            Column("address", t("From"), found=True, wide=True),
            Column("agent", t("Browser"), wide=True),
        ),
    )


@cache
def listings() -> dict[str, Listing]:
    """All of them by key, in the order of the page."""
    found = (
        _people(),
        _conversations(),
        _coaches(),
        _offerings(),
        _reports(),
        _sessions(),
        money_lists.payments(),
        money_lists.refunds(),
        money_lists.payouts(),
        money_lists.packages(),
        money_lists.ledger(),
        _deliveries(),
        _texts(),
        _jobs(),
        _webhooks(),
        _audit(),
    )
    return {one.key: one for one in found}
