"""The second half of a run, which needs Keras: trained, saved, checked, scored."""
