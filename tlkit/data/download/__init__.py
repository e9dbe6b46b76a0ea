"""Data fetched, unpacked or drawn where a folder is empty."""
