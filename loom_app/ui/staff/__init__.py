"""What staff look after."""
