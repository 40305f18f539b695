"""A Stripe-compatible sandbox: plays the outside company where no Stripe key is set.

Stateful in PostgreSQL (schema `stripe_sandbox`), spoken to over HTTP by the official SDK, with
pages for Checkout and 3-D Secure. It accepts only the published test cards and refuses to start in
production.
"""
