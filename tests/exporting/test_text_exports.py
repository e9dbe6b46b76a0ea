"""Models of texts and DNA leave: numbers of words or codes of letters go in; `predict.py` looks words up by itself."""

import json
import subprocess
import sys

import numpy as np
import pytest

import tlkit
from tlkit.kinds.dna.dna import dna
from tlkit.kinds.text.text import text


@pytest.mark.slow
def test_a_model_of_texts_answers_alike_without_tlkit(tmp_path):
    words = {"sea": ["wave", "salt", "shore", "boat"], "wood": ["tree", "leaf", "moss", "deer"]}
    draw, rows = np.random.default_rng(7), ["text,label"]
    rows += [f"The {' '.join(draw.choice(words[label], 5))}.,{label}" for label in [*words] * 20]
    (tmp_path / "all.csv").write_text("\n".join(rows) + "\n")
    splits = text(tmp_path / "all.csv", length=12)
    model = tlkit.build("cnn1d", splits.info, filters=[4], kernel=3)
    trained = tlkit.fit(model, splits, [tlkit.Phase(epochs=1, learning_rate=0.01)])
    (made,) = tlkit.export(trained, tmp_path / "out", ["onnx"])
    assert (made.certificate["examples"], made.certificate["of"]) == (len(splits.test), "the test split")
    (tmp_path / "new.txt").write_text("A salt wave, a boat!")
    call = [sys.executable, tmp_path / "out" / "predict.py", tmp_path / "new.txt"]
    said = subprocess.run(call, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    label, probability = said.stdout.split()[-2:]
    (expected,) = trained.predict(["A salt wave, a boat!"])
    assert (label, abs(float(probability) - expected.probability) < 0.02) == (expected.label, True)


@pytest.mark.slow
def test_a_model_of_dna_answers_alike_without_tlkit(tmp_path):
    draw = np.random.default_rng(7)
    rows = [f"{''.join(draw.choice(list(['AC', 'GT'][each % 2]), 12))},{'ab'[each % 2]}" for each in range(80)]
    (tmp_path / "all.csv").write_text("\n".join(["sequence,label", *rows]) + "\n")
    splits = dna(tmp_path / "all.csv")
    trained = tlkit.fit(tlkit.build("cnn1d", splits.info, filters=[4], kernel=3), splits, [tlkit.Phase(epochs=1)])
    tlkit.export(trained, tmp_path / "out", ["onnx"])
    rule = json.loads((tmp_path / "out" / "model.json").read_text())["reading"]
    assert (rule["kind"], rule["shape"], rule["dtype"]) == ("dna", [12], "uint8")
    np.save(tmp_path / "new.npy", [[rule["alphabet"].index(letter) for letter in "ACCAACACCAAC"]])
    call = [sys.executable, tmp_path / "out" / "predict.py", tmp_path / "new.npy"]
    said = subprocess.run(call, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    (expected,) = trained.predict(["ACCAACACCAAC"])
    assert said.stdout.split()[-2] == expected.label
