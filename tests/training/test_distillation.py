"""A student that learns from another run's answers, also on pictures without labels."""

import gzip
import json
import shutil

import pytest
from command_line import RECIPE, refused, run_json, tlkit
from drawing import draw_pictures


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    """A folder with a recorded run of a teacher, and unlabelled pictures, one of which is a test picture's copy."""
    folder = tmp_path_factory.mktemp("school")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        draw_pictures(folder / "pictures")
        draw_pictures(folder / "more", count=6, seed=1)
        (folder / "tiny.yaml").write_text(RECIPE)
        teacher = run_json("tiny.yaml", "--set", "model.head.solver=exact")
        yield folder, teacher["run_id"]


STUDENT = ("--set", "model={net: cnn, filters: [4, 8], weights: none}", "--set", "train.epochs=30", "--set", "seed=7")


@pytest.mark.slow
def test_a_net_from_scratch_learns_from_a_teacher_and_from_pictures_without_labels(school):
    folder, teacher = school
    (file,) = folder.glob("mlruns/artifacts/*/artifacts/learned_from.csv.gz")
    learned = gzip.decompress(file.read_bytes()).decode()
    unseen = [each for each in sorted(folder.glob("pictures/*/*")) if each.name not in learned]
    shutil.copy(unseen[0], folder / "more" / "copy.png")
    (folder / "more" / "broken.png").write_text("no picture")
    said = tlkit(
        "run", "tiny.yaml", *STUDENT, "--set", f"train.teacher={{run: {teacher[:8]}, unlabelled: more}}", "--json"
    )
    assert said.exit_code == 0, said.output
    assert f"run {teacher[:8]} tells of 12 training examples, which counts 0.7, and of 12 unlabelled" in said.output
    assert "1 copies of val or test (leaks)" in said.output
    assert "1 unreadable" in said.output
    result = json.loads(said.stdout.strip().splitlines()[-1])
    assert result["metrics"]["test/accuracy"] >= 0.8


@pytest.mark.slow
def test_a_head_is_solved_from_a_teacher_too(school):
    _, teacher = school
    settings = ("--set", "model.head.solver=exact", "--set", f"train.teacher={{run: {teacher}, unlabelled: more}}")
    first = run_json("tiny.yaml", *settings, "--offline")
    assert first["metrics"]["test/accuracy"] >= 0.8
    assert run_json("tiny.yaml", *settings, "--offline")["metrics"] == first["metrics"]


def test_a_teacher_that_cannot_be_learned_from_is_refused_in_a_line(school):
    folder, teacher = school
    draw_pictures(folder / "others", classes=("green", "red"))
    for settings, wanted in [
        (["data.path=others"], "knows the classes blue, red, and here they are green, red"),
        (["train.teacher.unlabelled=nowhere"], "train.teacher.unlabelled: nowhere is no folder"),
        (["train.teacher.weight=0"], "train.teacher.weight: expected greater than 0"),
        (["train.teacher.run=latest"], "expected the id of a run, for `latest` is another one each time"),
        (["train.teacher.run=ffffff"], "no such run"),
    ]:
        given = [part for each in (f"train.teacher={{run: {teacher}}}", *settings) for part in ("--set", each)]
        assert wanted in refused("check", "tiny.yaml", *given), wanted
    other = ("--set", f"train.teacher={teacher}", "--set", "seed=8")
    assert "test examples (a leak). Train it on the same parts" in refused("run", "tiny.yaml", *other)
