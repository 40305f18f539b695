"""Stripe by its official SDK: a thin client, words for its errors, and a sandbox of its API.

With no key set the same SDK talks to the sandbox. Domains import only `client` and `errors`.
"""
