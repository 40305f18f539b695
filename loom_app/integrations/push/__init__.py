"""Web push out: what reaches a browser whose page is closed (RFC 8030, 8188, 8291, 8292)."""
