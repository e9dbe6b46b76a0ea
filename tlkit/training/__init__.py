"""Training: frozen features computed once, phases, callbacks."""
