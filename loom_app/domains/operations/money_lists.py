"""Lists of what was paid, given back, paid out, and bought ahead. They only read."""

from loom_app.domains.operations.listing import Column, Link, Listing
from loom_app.kit.text import t


def payments() -> Listing:
    return Listing(
        "payments",
        t("Money"),
        t("Payments"),
        t("Payment"),
        "money.see",
        "payments.admin",
        "SELECT c.id, c.description, p.name AS payer, u.name AS coach, c.amount, c.fee,"
        " c.refunded, c.disputed, c.currency, c.status, c.paid_with, coalesce(c.intent_id, '')"
        " AS reference, c.payer_id, c.coach_id, (SELECT x.session_id FROM seats x"
        " WHERE c.payable_kind = 'seat' AND x.id = c.payable_id) AS session, c.created_at,"
        " c.paid_at FROM charges c JOIN users p ON p.id = c.payer_id"
        " JOIN users u ON u.id = c.coach_id",
        (
            Column("description", t("For"), found=True),
            Column("payer", t("Paid by"), found=True),
            Column("coach", t("Coach"), found=True),
            Column("amount", t("Amount"), "money"),
            Column("fee", t("Our fee"), "money", wide=True),
            Column("refunded", t("Given back"), "money"),
            Column("disputed", t("Disputed"), "money", wide=True),
            Column("currency", t("Currency"), wide=True),
            Column("status", t("Status")),
            Column("paid_with", t("With"), wide=True),
            Column("reference", t("At Stripe"), found=True, wide=True),
            Column("payer_id", t("Payer's number"), "number", wide=True),
            Column("coach_id", t("Coach's number"), "number", wide=True),
            Column("session", t("Session's number"), "number", wide=True),
            Column("created_at", t("Begun"), "time", wide=True),
            Column("paid_at", t("Paid"), "time"),
        ),
        links=(
            Link(t("Its refunds"), "refunds", column="payment"),
            Link(t("In the ledger"), "ledger", column="payment"),
            Link(t("The session"), "sessions", "session"),
            Link(t("Who paid"), "people", "payer_id"),
            Link(t("The coach"), "coaches", "coach_id"),
        ),
    )


def refunds() -> Listing:
    return Listing(
        "refunds",
        t("Money"),
        t("Refunds"),
        t("Refund"),
        "money.see",
        "payments.admin",
        "SELECT r.id, r.charge_id AS payment, c.description, p.name AS payer, u.name AS coach,"
        " r.amount, r.currency, r.reason, r.as_credit, r.status, coalesce(r.problem, '')"
        " AS problem, coalesce(r.processor_id, '') AS reference, r.created_at, r.done_at"
        " FROM refunds r JOIN charges c ON c.id = r.charge_id JOIN users p ON p.id = c.payer_id"
        " JOIN users u ON u.id = c.coach_id",
        (
            Column("payment", t("Payment"), "number"),
            Column("description", t("For"), found=True),
            Column("payer", t("To"), found=True),
            Column("coach", t("Coach"), found=True),
            Column("amount", t("Amount"), "money"),
            Column("currency", t("Currency"), wide=True),
            Column("reason", t("Because"), found=True),
            Column("as_credit", t("As credit"), "yes", wide=True),
            Column("status", t("Status")),
            Column("problem", t("Last problem"), found=True, wide=True),
            Column("reference", t("At Stripe"), found=True, wide=True),
            Column("created_at", t("Begun"), "time"),
            Column("done_at", t("Arrived"), "time"),
        ),
        links=(Link(t("The payment"), "payments", "payment"),),
    )


def payouts() -> Listing:
    return Listing(
        "payouts",
        t("Money"),
        t("Payouts"),
        t("Payout"),
        "money.see",
        "payments.admin",
        "SELECT o.id, u.name AS coach, o.coach_id, o.amount, o.currency, o.status, o.asked_by,"
        " o.attempts, coalesce(o.failure_code, '') AS why, coalesce(o.transfer_id, '')"
        " AS transfer, coalesce(o.processor_id, '') AS reference, o.waits_since, o.arrives_at,"
        " o.created_at, o.paid_at FROM payouts o JOIN users u ON u.id = o.coach_id",
        (
            Column("coach", t("Coach"), found=True),
            Column("coach_id", t("Coach's number"), "number", wide=True),
            Column("amount", t("Amount"), "money"),
            Column("currency", t("Currency"), wide=True),
            Column("status", t("Status")),
            Column("asked_by", t("Asked for by")),
            Column("attempts", t("Tries"), "number", wide=True),
            Column("why", t("Why it failed"), found=True),
            Column("transfer", t("Transfer at Stripe"), found=True, wide=True),
            Column("reference", t("Payout at Stripe"), found=True, wide=True),
            Column("waits_since", t("Waits since"), "time", wide=True),
            Column("created_at", t("Begun"), "time"),
            Column("arrives_at", t("Arrives"), "time", wide=True),
            Column("paid_at", t("Paid"), "time"),
        ),
        links=(
            Link(t("In the ledger"), "ledger", column="payout"),
            Link(t("The coach"), "coaches", "coach_id"),
        ),
    )


def packages() -> Listing:
    return Listing(
        "packages",
        t("Money"),
        t("Packages"),
        t("Package"),
        "money.see",
        "packages.admin",
        "SELECT k.id, k.name, p.name AS client, u.name AS coach, k.client_id, k.coach_id,"
        " k.sessions, k.remaining, k.price_minor AS price, k.currency, k.status,"
        " k.charge_id AS payment, k.bought_at, k.expires_at, k.asked_at, k.created_at"
        " FROM packages k JOIN users p ON p.id = k.client_id JOIN users u ON u.id = k.coach_id",
        (
            Column("name", t("Name"), found=True),
            Column("client", t("Client"), found=True),
            Column("coach", t("Coach"), found=True),
            Column("client_id", t("Client's number"), "number", wide=True),
            Column("coach_id", t("Coach's number"), "number", wide=True),
            Column("sessions", t("Sessions"), "number"),
            Column("remaining", t("Left"), "number"),
            Column("price", t("Price"), "money"),
            Column("currency", t("Currency"), wide=True),
            Column("status", t("Status")),
            Column("payment", t("Payment"), "number", wide=True),
            Column("bought_at", t("Bought"), "time"),
            Column("expires_at", t("Runs out"), "time"),
            Column("asked_at", t("Refund asked for"), "time", wide=True),
            Column("created_at", t("Made"), "time", wide=True),
        ),
        links=(
            Link(t("The payment"), "payments", "payment"),
            Link(t("Who bought it"), "people", "client_id"),
            Link(t("The coach"), "coaches", "coach_id"),
        ),
    )


def ledger() -> Listing:
    return Listing(
        "ledger",
        t("Money"),
        t("Ledger"),
        t("Entry"),
        "money.see",
        "payments.admin",
        "SELECT e.id, e.transaction_id AS movement, x.kind, a.kind AS account,"
        " coalesce(u.name, '') AS person, e.amount, e.currency, x.external_ref,"
        " x.charge_id AS payment, x.payout_id AS payout, e.occurred_at"
        " FROM ledger_entries e JOIN ledger_transactions x ON x.id = e.transaction_id"
        " JOIN ledger_accounts a ON a.id = e.account_id LEFT JOIN users u ON u.id = a.person_id",
        (
            Column("movement", t("Movement"), "number"),
            Column("kind", t("What"), found=True),
            Column("account", t("Account"), found=True),
            Column("person", t("Whose"), found=True),
            Column("amount", t("Amount"), "money"),
            Column("currency", t("Currency"), wide=True),
            Column("external_ref", t("Because of"), found=True, wide=True),
            Column("payment", t("Payment"), "number", wide=True),
            Column("payout", t("Payout"), "number", wide=True),
            Column("occurred_at", t("When"), "time"),
        ),
        links=(
            Link(t("All of the movement"), "ledger", "movement", "movement"),
            Link(t("The payment"), "payments", "payment"),
            Link(t("The payout"), "payouts", "payout"),
        ),
    )
