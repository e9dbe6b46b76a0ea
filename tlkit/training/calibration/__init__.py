"""What a trained model is told of its own answers: how sure it may be, and what it has never seen."""
