"""Signing in elsewhere: Google, Microsoft, GitHub, any OpenID Connect issuer. By Authlib."""
