"""What data that lies there seems to be, as a recipe is written from it."""
