"""Searches over recipe fields: keras-tuner's oracles choose; our own journal, workers and record do the rest."""
