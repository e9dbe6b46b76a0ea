"""Data that are hard to learn from: classes of very different size, labels that are wrong."""
