"""A model that others can ask: served here, or in an image."""
