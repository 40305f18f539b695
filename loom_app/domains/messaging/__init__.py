"""Conversations of a coach and a client, and what is said in them.

Messages are numbered per conversation without gaps under its row lock; every change of a
conversation has a change number, and whoever was away asks for what came after the last one seen.
"""
