"""A recorded model that answers requests."""
