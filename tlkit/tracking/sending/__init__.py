"""What a record says, done in MLflow: all that imports MLflow to write."""
