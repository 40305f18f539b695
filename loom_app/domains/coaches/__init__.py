"""Coaches owns public profiles and offerings: what a coach says about themselves and sells.

A profile is a draft until published; offerings are archived, never deleted.
When somebody is free and who booked them is scheduling's.
"""
