"""Features that a recorded model makes of examples: written down, compared, and watched while a model serves."""
