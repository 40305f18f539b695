"""Who people are and how they prove it.

Owns users, their credentials, sign-ins (AuthSession) and the links mailed to them.
Everything else refers to a person by id and asks here for a name, a zone or an address.
"""
