"""Private parts of Keras, keras-tuner and MLflow: what moves under us, in one place."""
