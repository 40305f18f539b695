"""Report and block, wherever a person appears."""
