"""What training a pretrained backbone further takes beside training a head."""
