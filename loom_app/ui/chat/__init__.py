"""Conversations: the list, the thread, and the message line."""
