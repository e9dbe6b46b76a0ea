"""Where models that were recorded before 0.2 look for their loader."""
