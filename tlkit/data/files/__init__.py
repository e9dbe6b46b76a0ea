"""Files of data opened with care."""
