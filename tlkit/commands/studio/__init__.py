"""`tlkit studio`: a local page on which a model is made of a folder, without a terminal."""
