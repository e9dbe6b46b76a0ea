"""One folder for each kind of data: its sources, how it is read, prepared and augmented."""
