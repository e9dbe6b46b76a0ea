"""tlkit: transfer learning with Keras, from a recipe to an evaluated, recorded model."""
