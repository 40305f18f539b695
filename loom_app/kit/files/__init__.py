"""What strangers upload: judged by content, re-made, stored under names of our own."""
