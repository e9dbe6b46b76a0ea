"""Recipes: one page of YAML as one frozen, typed object."""
