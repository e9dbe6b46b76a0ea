"""What a run says of itself: on the terminal, as a page, in MLflow's pages."""
