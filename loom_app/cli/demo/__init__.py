"""A practice that looks like one, for development and for the first look."""
