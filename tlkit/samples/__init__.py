"""Drawn sample sets, for machines with no network."""
