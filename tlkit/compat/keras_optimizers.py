"""What Keras's optimizers keep to themselves."""

from __future__ import annotations

from typing import Any

import keras


def swap_averages(model: keras.Model) -> None:
    """Change a model's weights for the averages that its optimizer keeps of them, and the averages for the weights."""
    swap = keras.callbacks.SwapEMAWeights()
    swap.set_model(model)
    swap._swap_variables()


def learning_rate(optimizer: keras.optimizers.Optimizer) -> Any:
    """The number or schedule that an optimizer was made with; its public name gives the rate of this step."""
    return optimizer._learning_rate
