"""A format."""

import json

import keras
import numpy as np


class Listed:
    """weights as lists in JSON, beside the model's config"""

    def convert(self, model, path):
        file = path.with_suffix(".json")
        weights = [each.tolist() for each in model.get_weights()]
        file.write_text(json.dumps({"model": model.to_json(), "weights": weights}))
        return file

    def run(self, path, inputs):
        page = json.loads(path.read_text())
        model = keras.models.model_from_json(page["model"])
        model.set_weights([np.array(each, np.float32) for each in page["weights"]])
        return model.predict_on_batch(list(inputs) if len(inputs) > 1 else inputs[0])
