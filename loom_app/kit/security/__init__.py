"""Tokens, passwords, limits, headers."""
