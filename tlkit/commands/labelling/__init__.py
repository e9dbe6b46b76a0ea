"""Examples proposed to be labelled next."""
