"""What staff run the platform with: lists of everything, queues of what failed, and its health."""
