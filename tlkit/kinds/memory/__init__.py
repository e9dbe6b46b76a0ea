"""Arrays and datasets from Python."""
