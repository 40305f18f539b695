"""Signals after commit, and the hub that brings them to open tabs."""
