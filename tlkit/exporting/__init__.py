"""A trained model as a file of another format, which answers alike."""
