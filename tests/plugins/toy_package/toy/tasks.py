"""A task: classes in an order, of which the neighbouring one is a smaller mistake."""

import keras
import numpy as np

from tlkit.tasks.single_label.single_label import SingleLabel


class Grade:
    """classes in an order"""

    name = "grade"

    def __init__(self):
        self._label = SingleLabel()
        self.watched = {**self._label.watched, "classes_off": "min"}

    def __getattr__(self, name):
        return getattr(self._label, name)

    def fitted(self, targets):
        """Nothing to learn from the targets."""
        return self

    def decided(self, targets, outputs, class_names):
        """Nothing to choose on validation."""
        return self

    def from_page(self, page):
        """Nothing stands in the model file."""
        return self

    def metrics(self):
        """Those of a label, and how many classes the answer is off in the mean."""
        return [*self._label.metrics(), keras.metrics.MeanMetricWrapper(_off, "classes_off")]

    def measure(self, targets, outputs, class_names):
        """The scores of a label, and how many classes the answer is off in the mean."""
        found = self._label.measure(targets, outputs, class_names)
        off = float(np.abs(outputs.argmax(axis=1) - targets).mean())
        return {**found, "metrics": {**found["metrics"], "classes_off": off}}


def _off(targets, outputs):
    return keras.ops.abs(keras.ops.argmax(outputs, axis=-1) - keras.ops.argmax(targets, axis=-1))
