"""Signing up, confirming the address, signing in."""
