"""Programs of tlkit's own that run as processes beside a command."""
