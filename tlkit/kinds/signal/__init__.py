"""Signals and sounds."""
