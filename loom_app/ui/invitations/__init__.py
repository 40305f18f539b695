"""Inviting people, and being invited."""
