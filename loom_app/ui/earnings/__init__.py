"""What a coach earns, how it reaches them, and the account it goes to."""
