"""What makes tlkit at home in a shell and in an editor."""
