"""What a model answers: one folder for each task, and in it all that depends on the task."""
