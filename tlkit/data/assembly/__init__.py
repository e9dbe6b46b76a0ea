"""From labelled examples to splits."""
