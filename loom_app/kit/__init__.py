"""What any product needs and no product is about: it knows nothing of coaching."""
