"""A few rows of numbers in two classes, a small head for them, and a plan to train it by."""

import keras
import numpy as np

from tlkit.engines.feature_cache import FeatureRows
from tlkit.tasks.task import task_of
from tlkit.training.batches import Batches
from tlkit.training.phase import PhasePlan

PLAN = PhasePlan("none", 6, 8, 0.01, {"name": "adam"}, "cosine", 0.1)


def rows(count, seed):
    values = np.random.default_rng(seed).normal(size=(count, 5)).astype(np.float32)
    places = np.stack([np.zeros(count, int), np.arange(count)], axis=1)
    return FeatureRows((values,), places), task_of("label").for_loss((values[:, 0] > 0).astype(int), 2)


def batches(count, seed, **options):
    return Batches(*rows(count, seed), batch_size=8, seed=7, **options)


def head(dropout=0.3):
    keras.utils.set_random_seed(7)
    inputs = keras.Input((5,))
    x = keras.layers.Dropout(dropout)(keras.layers.Dense(4, activation="relu")(inputs))
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))
