"""`tlkit.explain` on inputs that are no pictures, through the models that their recipes make."""

from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pytest

import tlkit
from tlkit.engines.inference import ModelRunner
from tlkit.engines.predictor import RunPredictor
from tlkit.errors import DataError
from tlkit.interpretation.api import look
from tlkit.interpretation.explanations import Options
from tlkit.interpretation.target import ExplainedModel
from tlkit.model.building import assemble, backbone_spec, build_backbone
from tlkit.model.heads import Head, build_head
from tlkit.model.saving import save_model
from tlkit.tracking.records import Run


def made(kind, net, shape, dtype, *, preparation=None, **arguments):
    """A model of this kind, untrained, with the metadata of its file."""
    info = SimpleNamespace(input_shape=shape, input_dtype=dtype, preparation=preparation or {}, kind=kind, reading={})
    front = backbone_spec(net, "none", info, arguments, None)
    preprocessing, backbone = build_backbone(front)
    head = build_head(backbone.output_shape[1:], Head("softmax", 2, pooling="average", dropout=0.0))
    metadata = {"kind": kind, "task": "label", "class_names": ["no", "yes"], "input_shape": list(shape),
             "input_dtype": dtype, "reading": {"length": shape[0] if shape else 0, "anchor": "start"}}  # fmt: skip
    return assemble(preprocessing, backbone, head), metadata


def subject(*arguments, **options):
    """A subject of a kind, with no run behind it."""
    model, metadata = made(*arguments, **options)
    return ExplainedModel(model, metadata, ModelRunner(lambda: model))


RNG = np.random.default_rng(0)
CASES = {
    "dna": (("dna", "cnn1d", (40,), "uint8"), {"preparation": {"name": "letters"}, "filters": [4, 6]},
            RNG.integers(1, 5, 40).astype(np.uint8), (40,)),
    "signal": (("signal", "resnet1d", (48, 2), "float32"), {"filters": [4, 6]},
               RNG.normal(size=(48, 2)).astype(np.float32), (48,)),
    "voxels": (("voxels", "voxnet", (12, 12, 12, 1), "uint8"),
               {"preparation": {"name": "occupancy"}, "filters": [2, 3]},
               RNG.integers(0, 2, (12, 12, 12, 1)).astype(np.uint8), (12, 12, 12)),
    "views": (("views", "multiview", (3, 16, 16, 1), "uint8"), {"options": {"filters": [2, 3]}},
              RNG.integers(0, 255, (3, 16, 16, 1)).astype(np.uint8), (3,)),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_windows_cubes_and_views_are_covered(kind):

    arguments, options, example, positions = CASES[kind]
    found = look(subject(*arguments, **options), example, "occlusion", Options(class_name="yes"))
    assert found.heat.shape == positions
    assert np.ptp(found.heat) > 0
    assert found.figures["occlusion"].axes


@pytest.mark.parametrize("kind", CASES)
def test_maps_trust_and_steadiness_work_for_other_kinds(kind):

    arguments, options, example, _ = CASES[kind]
    shown = subject(*arguments, **options)
    gradcam = look(shown, example, "gradcam", Options(class_name="yes", trust=kind != "views"))
    assert gradcam.heat.shape == (example.shape[:-1] if example.ndim > 1 else example.shape)
    assert 0 <= look(shown, example, "invariance", Options()).numbers["steady_shift"] <= 1


def test_a_loaded_run_of_letters_is_explained_from_a_sequence(tmp_path):
    model, metadata = made(*CASES["dna"][0], **CASES["dna"][1])
    save_model(model, tmp_path / "model.keras", metadata)
    run = Run("0" * 32, "dna", "dna", "FINISHED", datetime(2026, 1, 1), {}, {}, {}, tmp_path)
    loaded = RunPredictor(tmp_path / "model.keras", run, tmp_path)
    found = tlkit.explain(loaded, "ACGTACGTACGT" * 3 + "NNNN", class_name="yes")
    assert found.heat.shape == (40,)


def test_blur_is_refused_where_numbers_are_codes():

    arguments, options, example, _ = CASES["dna"]
    with pytest.raises(DataError, match="say grey"):
        look(subject(*arguments, **options), example, "occlusion", Options(fill="blur"))
