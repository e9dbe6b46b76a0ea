"""`tlkit.Classifier` and `tlkit.Regressor`: training with the contract of scikit-learn's estimators.

They take what scikit-learn passes around: arrays, DataFrames of numbers, and lists or Series of paths of pictures or of
texts, so that `cross_val_score`, `Pipeline` and `GridSearchCV` work with them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_regressor
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from tlkit import catalog
from tlkit.data.splits import Splits
from tlkit.engines.predictor import Predictor, load_model
from tlkit.errors import DataError, TlkitError
from tlkit.model.saving import save_model
from tlkit.recipe.schema import EarlyStopping, Phase
from tlkit.training.python_api import build, fit
from tlkit.training.trained import Trained

_SCRATCH_NETS = {0: "cnn1d", 1: "mlp", 2: "cnn1d", 3: "cnn", 4: "voxnet"}  # by the axes of one example; 0: a text


class _Estimator(BaseEstimator):
    """What both share: parameters, data as splits, a trained model."""

    _task: str

    def __init__(
        self,
        net: str | None = None,
        *,
        weights: str | None = None,
        arguments: Mapping[str, Any] | None = None,
        head: Mapping[str, Any] | None = None,
        epochs: int = 100,
        batch_size: int = 32,
        learning_rate: float = 3e-3,
        optimizer: str | Mapping[str, Any] = "adam",
        unfreeze: str | int | None = None,
        patience: int | None = 10,
        augment: Sequence[Mapping[str, Any]] = (),
        views: int = 0,
        image_size: int = 224,
        validation_fraction: float = 0.15,
        random_state: int = 7,
    ) -> None:
        self.net = net
        self.weights = weights
        self.arguments = arguments
        self.head = head
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.optimizer = optimizer
        self.unfreeze = unfreeze
        self.patience = patience
        self.augment = augment
        self.views = views
        self.image_size = image_size
        self.validation_fraction = validation_fraction
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from examples and their labels; a share of them says when to stop."""
        X, y = self._validated(X, y, fresh=True)
        try:
            trained = self._trained(self._splits(X, self._labels(y)))
        except TlkitError as error:
            raise ValueError(str(error)) from error
        self.predictor_, self.history_, self.n_iter_ = trained.predictor, trained.history, len(trained.history)
        return self

    def save(self, path: str | Path) -> Path:
        """Write the model with what its inputs and outputs mean, as `trained.save` does."""
        check_is_fitted(self)
        save_model(self.predictor_.model, Path(path), self.predictor_.metadata, self.predictor_.known)
        return Path(path)

    def _trained(self, splits: Splits) -> Trained:
        net, arguments = (self.net, {}) if self.net else _net_for(splits)
        arguments |= self.arguments or {}
        phase = Phase(
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            optimizer=self.optimizer,
            unfreeze=self.unfreeze,
        )
        return fit(
            build(net, splits.info, weights=self.weights, head=self.head, **arguments),
            splits,
            [phase],
            early_stopping=EarlyStopping(patience=self.patience) if self.patience else None,
            augment=self.augment,
            views=self.views,
            seed=self.random_state,
        )

    def _outputs(self, X: Any) -> np.ndarray:
        X, _ = self._validated(X, None)
        try:
            return np.stack([each.outputs for each in self.predictor_.predict(_examples(X))])
        except DataError as error:
            raise ValueError(str(error)) from error

    def _validated(self, X: Any, y: Any, *, fresh: bool = False) -> tuple[Any, Any]:
        """Numbers as scikit-learn checks them, those to learn from `fresh`; paths, texts and pictures as they are."""
        if _is_written(X):
            names = np.asarray(X, object).reshape(-1)
            if fresh and len(names) != len(y):
                raise ValueError(f"expected as many labels as examples, found {len(names)} and {len(y)}")
            return names, np.asarray(y)
        checked = {"allow_nd": True, "reset": fresh, "dtype": "numeric", "ensure_min_samples": 2 if fresh else 1}
        if not fresh:
            return validate_data(self, X, **checked), None
        examples, targets = validate_data(self, X, y, y_numeric=is_regressor(self), **checked)
        return examples, targets

    def _splits(self, X: Any, labels: np.ndarray) -> Splits:
        shares = {"val": self.validation_fraction, "test": 0.0, "seed": self.random_state, "task": self._task}
        if X.dtype == object and _is_path(X[0]):
            frame = pd.DataFrame({"path": [str(each) for each in X], "label": labels})
            return Splits.from_frame(frame, image_size=(self.image_size,) * 2, **shares)
        if X.dtype == object or X.ndim > 2:
            return Splits.from_arrays(X, labels, **shares)
        frame = pd.DataFrame(X, columns=[f"x{index}" for index in range(X.shape[1])])
        source: Callable[..., Splits] = catalog.resolve("table", catalog.SOURCES, kind="source")
        return source(frame.assign(label=labels), **shares)

    def _labels(self, y: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def __getstate__(self) -> dict[str, object]:
        """With the model as the bytes of its file."""
        state: dict[str, Any] = super().__getstate__()
        if "predictor_" not in state:
            return state
        with tempfile.TemporaryDirectory() as folder:
            return {**state, "predictor_": self.save(Path(folder) / "model.keras").read_bytes()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        if isinstance(state.get("predictor_"), bytes):
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "model.keras"
                file.write_bytes(state["predictor_"])
                loaded = load_model(file)
                state = {**state, "predictor_": Predictor(loaded.metadata, model=loaded.model, known=loaded.known)}
        super().__setstate__(state)


class Classifier(ClassifierMixin, _Estimator):
    """A classifier with scikit-learn's contract, for arrays, DataFrames of numbers, paths of pictures, and texts.

    Args:
        net: by default a backbone with weights for paths of pictures, and a small net for all else.
        arguments: of the net; `head` what of the head is to be other than by default.
        unfreeze: last blocks of the backbone to train: none, all or a number.
        patience: epochs without a better loss on the validation share that end training; None: never.
        image_size: pixels of a side that pictures are brought to.

    Example:
        >>> from sklearn.model_selection import cross_val_score
        >>> cross_val_score(Classifier("mlp"), X, y, cv=3).mean()  # doctest: +SKIP
        0.96
    """

    _task = "label"

    def predict(self, X: Any) -> np.ndarray:
        """The likeliest class of each example."""
        shares = self.predict_proba(X)
        return np.asarray(self.classes_[shares.argmax(axis=1)])

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class, in the order of `classes_`."""
        check_is_fitted(self)
        outputs = self._outputs(X)
        names = self.predictor_.class_names
        shares = np.zeros((len(outputs), len(self.classes_)))
        for index, each in enumerate(self.classes_):
            if str(each) in names:  # else all of its examples were for validation
                shares[:, index] = outputs[:, names.index(str(each))]
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def _labels(self, y: np.ndarray) -> np.ndarray:
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError(f"expected two classes or more, found one class: {self.classes_[0]!r}")
        return np.array([str(each) for each in y], object)


class Regressor(RegressorMixin, _Estimator):
    """A regressor with scikit-learn's contract; its parameters are those of `Classifier`.

    Example:
        >>> Regressor("mlp").fit(X, y).score(X, y)  # doctest: +SKIP
        0.9
    """

    _task = "number"

    def predict(self, X: Any) -> np.ndarray:
        """The number that belongs to each example."""
        check_is_fitted(self)
        outputs = self._outputs(X).astype(np.float64)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def _labels(self, y: np.ndarray) -> np.ndarray:
        return np.asarray(y, np.float64)


def _net_for(splits: Splits) -> tuple[str, dict[str, Any]]:
    """A backbone with weights for pictures of files, else a small net for inputs of this shape."""
    axes = len(splits.info.input_shape)
    if axes == 3 and splits.train.read is not None:
        return "efficientnet-lite0", {}
    return _SCRATCH_NETS[axes], ({"filters": [64], "kernel": 5, "pooling": None} if axes == 0 else {})


def _is_written(X: Any) -> bool:
    """Whether the examples are paths or texts: a list, a Series, or a table of one such column."""
    if isinstance(X, np.ndarray) and X.dtype.kind not in "OUST":
        return False
    cells = np.asarray(X, object)
    return cells.size == len(cells) > 0 and isinstance(cells.flat[0], str | Path)


def _is_path(example: Any) -> bool:
    return isinstance(example, Path) or Path(str(example)[:4096]).is_file()


def _examples(X: np.ndarray) -> Any:
    return [Path(each) if _is_path(each) else each for each in X] if X.dtype == object else X
