"""What a run keeps to go on from after it was cut off."""
