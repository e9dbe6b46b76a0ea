"""Table columns beside each example's input."""
