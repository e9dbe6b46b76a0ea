"""Layers that Keras lacks, written in keras.ops: they train, save, load and run on every backend."""
