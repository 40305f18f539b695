"""The video host: Jitsi Meet, public or one's own."""
