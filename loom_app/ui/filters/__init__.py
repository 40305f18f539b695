"""One filter panel for every list: its address, its state, its drawing (COM-5)."""
