"""Learning from what another model says, of labelled examples and of others."""
