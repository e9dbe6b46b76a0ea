"""Solids on a grid."""
