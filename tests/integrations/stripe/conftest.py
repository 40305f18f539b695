"""The SDK talks to the sandbox in this process, held against Stripe's contract."""

from tests.integrations.stripe.fixtures import contract, sandbox

__all__ = ["contract", "sandbox"]
