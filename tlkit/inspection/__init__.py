"""A data set looked at: faults, copies, leaks, doubtful labels, shortcuts; as findings and as a page."""
