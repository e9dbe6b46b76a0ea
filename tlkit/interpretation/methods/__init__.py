"""Ways to explain an answer, each as arithmetic on arrays and a function that runs the model."""
