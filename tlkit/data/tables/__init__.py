"""Tables as they were written."""
