"""A package of somebody else's, with one part of each sort."""
