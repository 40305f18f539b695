"""When a coach is open: the week and the dates that differ."""
