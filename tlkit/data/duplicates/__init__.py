"""Copies and near-copies among examples."""
