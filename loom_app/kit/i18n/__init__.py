"""Times, zones and languages as people read them."""
