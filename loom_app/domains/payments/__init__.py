"""Payments own money: charges, refunds, the platform's fee, and the ledger that is the truth.

They know no session, only a `Payable` of some kind and number, and tell by events what became of
it. Stripe (or the sandbox) is asked outside any transaction; its answers are recorded by idempotent
steps.
"""
