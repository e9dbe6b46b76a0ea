"""One class an example."""
