"""A head solved in place of trained."""
