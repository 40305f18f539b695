"""Keeping people safe from each other: blocks, reports, and what the content filter noticed.

A filtered message is delivered all the same; staff see the hit, with the reason in words.
"""
