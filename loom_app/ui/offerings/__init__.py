"""What a coach sells, and what they say about themselves."""
