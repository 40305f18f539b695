"""Engagements owns the standing relation of one coach and one client.

It begins as an inquiry, is active once something is booked, and may end.
Conversations, goals and notes belong to it; who may see whom follows from it.
"""
