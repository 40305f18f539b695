"""Whose every row is: the one declared table that row-level security is tried against.

A rule says of a row and a kind of person whether they may. Systems (`acting_as_system`) are not
tried here: every write that is nobody's below is done by one of them, in an action that asks first.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.architecture.row_world import Row, Who, World

Rule = Callable[[Row, Who, World], bool]


def nobody(row: Row, who: Who, world: World) -> bool:
    return False


def anybody(row: Row, who: Who, world: World) -> bool:
    return True


def own(*columns: str) -> Rule:
    """One of the columns is the person."""
    return lambda row, who, _: who.person is not None and who.person in [row[c] for c in columns]


def is_(column: str, *values: object) -> Rule:
    return lambda row, _, __: row[column] in values


def either(*rules: Rule) -> Rule:
    return lambda row, who, world: any(rule(row, who, world) for rule in rules)


def both(*rules: Rule) -> Rule:
    return lambda row, who, world: all(rule(row, who, world) for rule in rules)


def via(column: str, table: str, rule: Rule, key: str = "id") -> Rule:
    """The rule holds for a row of that table whose key is in the column."""
    return lambda row, who, world: any(
        rule(other, who, world) for other in world[table] if other[key] == row[column]
    )


def visitors(row: Row, who: Who, world: World) -> bool:
    return who.visitor is not None and row["visitor"] == who.visitor


def signed_in(row: Row, who: Who, world: World) -> bool:
    return who.person is not None


def was_there(row: Row, who: Who, world: World) -> bool:
    """The person was a member when the message was sent."""
    return any(
        member["conversation_id"] == row["conversation_id"]
        and member["user_id"] == who.person
        and row["number"] >= member["first_number"]
        for member in world["conversation_members"]
    )


def not_hidden(row: Row, who: Who, world: World) -> bool:
    return who.person not in row["hidden_for"]


def both_show(row: Row, who: Who, world: World) -> bool:
    """Who hides their presence sees nobody else's."""
    return not any(
        one["hidden"]
        for one in world["presences"]
        if one["user_id"] in (row["user_id"], who.person)
    )


def of_audit(row: Row, who: Who, world: World) -> bool:
    """What the person did, and what was done to their account."""
    if who.person is None:
        return False
    about = row["subject"] in ("user", "person") and row["subject_id"] == who.person
    return about or row["actor"] == f"person:{who.person}"


def engaged(column: str) -> Rule:
    return either(
        via(column, "engagements", own("coach_id", "client_id"), "coach_id"),
        via(column, "engagements", own("coach_id", "client_id"), "client_id"),
    )


def published(column: str) -> Rule:
    return via(column, "coach_profiles", is_("status", "published"), "user_id")


MINE = own("user_id")
COACHS = own("coach_id")
PARTIES = own("coach_id", "client_id")
OF_CHARGE = via("charge_id", "charges", own("payer_id", "coach_id"))
MEMBER = via("conversation_id", "conversation_members", MINE, "conversation_id")
TOGETHER = via("id", "conversation_members", MEMBER, "user_id")
OFFERED = either(COACHS, published("coach_id"))
SEATED = either(own("client_id", "coach_id"), visitors)
SESSIONS = either(COACHS, via("id", "seats", SEATED, "session_id"))
PLACES = either(
    own("owner_id"),
    both(is_("shared", True), signed_in),
    via("id", "offerings", OFFERED, "place_id"),
    via("id", "coaching_sessions", SESSIONS, "place_id"),
)
ACCOUNT = via("account_id", "ledger_accounts", own("person_id"))


@dataclass(frozen=True)
class Table:
    """Who may read a row and who may write it; `insert` and `delete` where they differ."""

    read: Rule = nobody
    write: Rule = nobody
    insert: Rule | None = None
    delete: Rule | None = None
    why: str = ""  # it is wider than one would expect


SYSTEMS = Table()
ALL_MINE = Table(MINE, MINE)
SEE_MINE = Table(MINE)
LEAVE = "anybody's transaction may leave one; what it says is the application's word"

TABLES: dict[str, Table] = {
    "account_deletions": SEE_MINE,
    "appeals": SYSTEMS,
    "audit_checkpoints": SYSTEMS,
    "audit_entries": Table(of_audit, insert=anybody, why=LEAVE),
    "audit_flags": SYSTEMS,
    "audit_seals": SYSTEMS,
    "auth_sessions": SEE_MINE,
    "billing_details": ALL_MINE,
    "blocks": Table(own("blocker_id"), own("blocker_id")),
    "booking_drafts": Table(either(own("client_id"), visitors), either(own("client_id"), visitors)),
    "calendar_feeds": ALL_MINE,
    "call_off_parts": SYSTEMS,
    "call_offs": SYSTEMS,
    "charges": Table(own("payer_id", "coach_id")),
    "coach_credentials": Table(COACHS),
    "coach_decisions": Table(COACHS),
    "coach_standings": Table(COACHS),
    "coach_profiles": Table(either(MINE, is_("status", "published")), MINE, delete=nobody),
    "coaching_sessions": Table(SESSIONS),
    "conversation_members": Table(either(MINE, MEMBER)),
    "conversation_settings": ALL_MINE,
    "conversations": Table(via("id", "conversation_members", MINE, "conversation_id")),
    "credentials": SEE_MINE,
    "credit_lots": Table(own("person_id")),
    "credit_uses": SYSTEMS,
    "data_exports": SEE_MINE,
    "date_exceptions": Table(OFFERED, COACHS),
    "deliveries": Table(MINE, insert=anybody, why=LEAVE),
    "disputes": Table(via("charge_id", "charges", COACHS)),
    "document_counters": SYSTEMS,
    "documents": Table(own("seller_id", "payer_id")),
    "dues": Table(own("payer_id", "coach_id")),
    "email_links": SYSTEMS,
    "engagements": Table(PARTIES),
    "external_events": SYSTEMS,
    "external_identities": SEE_MINE,
    "fee_rules": SYSTEMS,
    "filter_hits": SYSTEMS,
    "flag_exposures": SYSTEMS,
    "hidden_messages": SYSTEMS,
    "holiday_calendars": Table(OFFERED, COACHS),
    "invitation_sheets": ALL_MINE,
    "invitations": Table(own("inviter_id")),
    "learned_words": SYSTEMS,
    "ledger_accounts": Table(own("person_id")),
    "ledger_entries": Table(ACCOUNT),
    "ledger_transactions": Table(via("id", "ledger_entries", ACCOUNT, "transaction_id")),
    "mail_suppressions": SYSTEMS,
    "mailbox_messages": SYSTEMS,
    "meeting_links": Table(COACHS, COACHS),
    "message_edits": SYSTEMS,
    "message_notices": SYSTEMS,
    "message_files": Table(
        either(
            both(is_("message_id", None), own("uploader_id")),
            via("message_id", "messages", both(was_there, not_hidden, is_("deleted_at", None))),
        ),
        insert=both(is_("message_id", None), own("uploader_id"), MEMBER),
    ),
    "message_words": SYSTEMS,
    "messages": Table(both(was_there, not_hidden), insert=both(own("sender_id"), was_there)),
    "moderation_decisions": SYSTEMS,
    "notices": Table(MINE, MINE, insert=nobody, delete=nobody),
    "notification_choices": ALL_MINE,
    "notification_settings": ALL_MINE,
    "oauth_visits": SYSTEMS,
    "offerings": Table(OFFERED, COACHS, delete=nobody),
    "outbox_jobs": Table(insert=anybody, why=LEAVE),
    "package_entries": Table(via("package_id", "packages", PARTIES)),
    "package_offers": Table(OFFERED, COACHS, delete=nobody),
    "packages": Table(PARTIES),
    "payers": SEE_MINE,
    "payment_methods": SEE_MINE,
    "payout_accounts": SEE_MINE,
    "payout_items": Table(via("payout_id", "payouts", COACHS)),
    "payouts": Table(COACHS),
    "phones": SEE_MINE,
    "places": Table(PLACES, own("owner_id"), delete=nobody),
    "presences": Table(either(MINE, both(engaged("user_id"), both_show))),
    "platform_versions": SYSTEMS,
    "outside_calls": SYSTEMS,
    "processes": SYSTEMS,
    "processor_movements": SYSTEMS,
    "push_devices": ALL_MINE,
    "rate_counters": SYSTEMS,
    "reconciliation_findings": SYSTEMS,
    "recovery_codes": SEE_MINE,
    "refund_requests": Table(OF_CHARGE),
    "refunds": Table(OF_CHARGE),
    "reminder_times": ALL_MINE,
    "reports": Table(insert=own("reporter_id")),
    "rooms": Table(
        via("place_id", "places", PLACES),
        via("place_id", "places", own("owner_id")),
        delete=nobody,
    ),
    "saved_filters": ALL_MINE,
    "scheduled_messages": Table(own("sender_id"), own("sender_id")),
    "seats": Table(SEATED),
    "second_factors": SEE_MINE,
    "second_steps": SYSTEMS,
    "series": Table(PARTIES),
    "session_notes": SYSTEMS,
    "session_moves": Table(via("session_id", "coaching_sessions", SESSIONS)),
    "session_ratings": Table(PARTIES),
    "session_templates": Table(COACHS, COACHS),
    "sign_in_throttles": SYSTEMS,
    "staff_members": SYSTEMS,
    "staff_roles": SYSTEMS,
    "stopped_numbers": SYSTEMS,
    "suspensions": Table(own("person_id")),
    "text_answers": SYSTEMS,
    "texts": SYSTEMS,
    "time_off": Table(COACHS, COACHS),
    "uninvited_addresses": SYSTEMS,
    "users": Table(
        either(own("id"), published("id"), engaged("id"), TOGETHER),
        own("id"),
        insert=nobody,
        delete=nobody,
    ),
    "waiting_refunds": Table(OF_CHARGE),
    "waitlist_entries": Table(PARTIES),
    "waitlist_offers": Table(via("entry_id", "waitlist_entries", PARTIES)),
    "weekly_hours": Table(OFFERED, COACHS),
}

_SESSIONS = "coaching_sessions engagements seats series session_moves"
# of coaches who are not published as well
_PUBLIC = "coach_profiles date_exceptions holiday_calendars offerings places rooms weekly_hours"
# which systems read more than anybody may: a whole domain, or the one that is named
SYSTEMS_READ: dict[str, str] = {
    "accounts": "auth_sessions credentials email_links external_identities oauth_visits"
    " recovery_codes second_factors second_steps sign_in_throttles staff_members staff_roles"
    " suspensions",
    "audit": "audit_checkpoints audit_entries audit_flags audit_seals",
    "coaches": f"coach_credentials coach_decisions coach_standings engagements {_PUBLIC}",
    "engagements": f"engagements {_PUBLIC}",
    "engagements.invite": "invitations uninvited_addresses",
    "kit.limits": "rate_counters",
    "kit.outside": "outside_calls",
    "mailbox": "mailbox_messages",
    "messaging": "blocks conversation_members conversation_settings conversations filter_hits"
    " hidden_messages learned_words message_edits message_files message_words messages presences"
    f" reports scheduled_messages {_SESSIONS} {_PUBLIC}",
    "moderation": "appeals blocks filter_hits moderation_decisions reports",
    "notifications": "credentials deliveries email_links invitations mail_suppressions"
    " message_notices notices notification_choices notification_settings phones"
    " push_devices reminder_times stopped_numbers text_answers texts staff_members staff_roles"
    f" {_SESSIONS} {_PUBLIC}",
    "operations.health": "outside_calls processes",
    "packages": "package_entries package_offers packages",
    "payments": "billing_details charges credit_lots credit_uses disputes document_counters"
    " documents dues external_events fee_rules ledger_accounts ledger_entries ledger_transactions"
    " payers payment_methods payout_accounts payout_items payouts processor_movements"
    f" reconciliation_findings refund_requests refunds waiting_refunds {_SESSIONS} {_PUBLIC}",
    "platform": "flag_exposures platform_versions",
    "privacy": "account_deletions data_exports",
    "realtime.processes": "processes",
    "scheduling": "booking_drafts call_off_parts call_offs session_notes session_ratings"
    " waitlist_entries waitlist_offers"
    f" {_SESSIONS} {_PUBLIC}",
    "scheduling.feed": "calendar_feeds",
    "scheduling.room": "meeting_links",
    "worker": "outbox_jobs",
}
EVERY_SYSTEM_READS = {"users"}  # names and zones, for jobs of every kind: an honest gap


def system_reads(name: str, table: str) -> bool:
    said = f"{SYSTEMS_READ.get(name.partition('.')[0], '')} {SYSTEMS_READ.get(name, '')}"
    return table in EVERY_SYSTEM_READS or table in said.split()
