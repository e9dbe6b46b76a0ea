"""Nets trained from scratch: each a function `(input_shape, *, sizes) -> headless keras.Model`, one file a family."""
