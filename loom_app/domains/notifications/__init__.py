"""Who is told what, and by which channel.

Owns deliveries: one notification to one person on one channel, written with its cause and sent from
the outbox. It also says in a conversation what happened to a session, since it may know both.
"""
