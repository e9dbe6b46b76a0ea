"""Scores, pictures and tables of a test split."""
