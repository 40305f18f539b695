"""Packages: what a coach offers, buying one, and what is left of it."""
