"""What is known of a run before it: its data, its model, what would refuse."""
