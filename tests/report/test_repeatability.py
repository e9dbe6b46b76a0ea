"""Where two runs first differ, told from the digests in their tags."""

import pytest

from tlkit.report.repeatability import compared

FIRST = {
    "data.digest": "d", "tlkit.digest.1.order": "o", "tlkit.digest.1.start": "s", "tlkit.digest.1.features": "f",
    "tlkit.digest.1.augmentation": "a", "tlkit.digest.1.weights": "w", "tlkit.digest.2.examples": "e",
    "tlkit.digest.2.augmentation": "b", "tlkit.digest.2.weights": "x", "tlkit.digest.weights": "x",
    "tlkit.digest.outputs": "p", "tlkit.digest.scores": "q", "tlkit.engine": "openvino",
}  # fmt: skip
AFTER_TRAINING = ["2.weights", "weights", "outputs", "scores"]


def causes(*changed):
    second = {**FIRST, **{f"tlkit.digest.{name}": "other" for name in changed}}
    return [part.name for part in compared(FIRST, second) if part.is_cause]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ([], []),
        (["scores"], ["scoring"]),
        (["outputs", "scores"], ["outputs"]),
        (AFTER_TRAINING, ["training, phase 2"]),
        (["1.weights", "2.examples", *AFTER_TRAINING], ["training"]),
        (["1.features", "1.weights", *AFTER_TRAINING], ["features by openvino"]),
        (["1.order", "1.start", "1.weights", *AFTER_TRAINING], ["order of examples", "first weights"]),
        (["2.augmentation", *AFTER_TRAINING], ["augmentation, phase 2"]),
        (["2.examples", "2.augmentation", *AFTER_TRAINING], ["reading of examples, phase 2"]),
    ],
)
def test_what_differs_is_named_where_it_begins(changed, named):
    assert causes(*changed) == named


def test_other_data_explain_all_that_differs_with_them():
    second = {key: "other" if key != "tlkit.engine" else value for key, value in FIRST.items()}
    assert next(part.name for part in compared(FIRST, second) if part.is_cause) == "data"
