"""Where coaches meet clients: places and their rooms."""
