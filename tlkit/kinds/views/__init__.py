"""Several pictures of one object."""
