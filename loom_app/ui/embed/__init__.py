"""The booking page inside a coach's own site."""
