"""What Loom is; no Reflex, no HTTP, no vendor names."""
