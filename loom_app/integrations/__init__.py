"""One small package per outside service, each with an embedded default."""
