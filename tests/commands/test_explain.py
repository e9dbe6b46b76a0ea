"""`tlkit explain` on a finished run."""

import json

import numpy as np
import pytest
from command_line import tlkit
from PIL import Image

from tlkit.tracking import lookup


@pytest.fixture
def there(finished, monkeypatch):
    monkeypatch.chdir(finished[0])
    return finished[1]


def picture(folder, name="odd.png", size=(24, 20), mode="RGB", **saving):
    pixels = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3)).astype(np.uint8)
    made = Image.fromarray(pixels).convert(mode)
    made.save(folder / name, **saving)
    return folder / name


@pytest.mark.slow
def test_all_methods_leave_figures_numbers_and_a_record(there, tmp_path):
    result = tlkit("explain", there[0]["run_id"], "pictures/red/red_000.png", "--method", "all", "--patch", 8,
                   "--out", tmp_path / "out", "--log")  # fmt: skip
    assert result.exit_code == 0, result.output
    home = tmp_path / "out" / "red-red_000"
    for name in ("occlusion", "gradcam", "invariance", "equivariance"):
        assert Image.open(home / f"{name}.png").width > 300
    assert np.load(home / "occlusion.npz")["heat"].shape == (32, 32)
    rows = json.loads((tmp_path / "out" / "explanations.json").read_text())
    assert {row["method"] for row in rows} == {"occlusion", "gradcam", "features", "filters", "invariance"}
    assert {row["class"] for row in rows if row["class"]} == {"red"}  # the folder's name
    run = lookup.find(there[0]["run_id"])
    assert 0 < run.metrics["explain/invariance/steady_shift"] <= 1
    assert lookup.fetch(run, "explain/red-red_000/gradcam.png").is_file()


@pytest.mark.slow
def test_logged_heat_maps_stand_once_in_the_report_however_often_they_are_logged(there, tmp_path):
    run = lookup.find(there[0]["run_id"])
    for _ in range(2):
        result = tlkit("explain", run.id, "pictures/red/red_001.png", "--method", "gradcam",
                       "--out", tmp_path / "out", "--log")  # fmt: skip
        assert "to its report.html" in result.output
    page = lookup.fetch(run, "report.html").read_text()
    assert page.count('<h2 id="where-the-model-looked">') == 1
    assert page.count("</html>") == 1
    assert page.index('id="where-the-model-looked"') < page.index('id="model"') < page.index('id="recipe"')


@pytest.mark.slow
def test_openvino_and_keras_draw_the_same_map(there):
    from tlkit import explain

    ours = explain(there[0]["run_id"], "pictures/red/red_000.png", patch=8, stride=2, engine="openvino")
    plain = explain(there[0]["run_id"], "pictures/red/red_000.png", patch=8, stride=2, engine="keras")
    assert np.corrcoef(ours.heat.ravel(), plain.heat.ravel())[0, 1] > 0.9
    assert ours.probability == pytest.approx(plain.probability, abs=0.03)


def test_pictures_of_any_kind_are_taken(there, tmp_path):
    files = [picture(tmp_path, f"{mode}.png", (24, 20), mode) for mode in ("L", "RGBA")]
    files += [tmp_path / "deep.png", picture(tmp_path, "one.png", (1, 1))]
    Image.fromarray(np.arange(480, dtype=np.uint16).reshape(20, 24) * 100).save(files[2])
    result = tlkit("explain", "latest", *files, "--method", "gradcam", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    for file in files:
        assert (f"{file}: a single pixel" in result.output) == (file.name == "one.png")
        assert result.output.count(f"{file}: ") == (file.name == "one.png")


def test_an_animated_picture_counts_by_its_first_frame(there, tmp_path):
    frames = [Image.new("RGB", (24, 24), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "two.gif", save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "one.png")
    result = tlkit("explain", "latest", tmp_path / "two.gif", tmp_path / "one.png", "--method", "gradcam",
                   "--class", "red", "--out", tmp_path / "out")  # fmt: skip
    moving, still = (line.split("  ")[3] for line in result.output.splitlines()[:2])
    assert moving == still


def test_a_turned_photograph_is_explained_upright(there, tmp_path):
    upright = picture(tmp_path, "upright.png", (30, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open(upright).transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png", exif=exif)
    result = tlkit("explain", "latest", upright, tmp_path / "turned.png", "--method", "gradcam", "--class", "red",
                   "--out", tmp_path / "out")  # fmt: skip
    assert result.exit_code == 0, result.output
    heats = [np.load(next((tmp_path / "out").glob(f"*{name}/gradcam.npz")))["heat"] for name in ("upright", "turned")]
    np.testing.assert_allclose(heats[0], heats[1], atol=1e-4)


@pytest.mark.slow
def test_a_huge_picture_is_scaled_down_and_said_so(there, tmp_path):
    Image.new("L", (12000, 9000), 90).save(tmp_path / "huge.png")
    result = tlkit("explain", "latest", tmp_path / "huge.png", "--method", "gradcam", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "12000 x 9000 pixels, scaled down to 32 x 32" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--class", "bleu"), "Did you mean 'blue'"),
        (("--patch", 33), "larger than the input, 32 x 32"),
        (("--patch", 0), "at least 1; found 0"),
        (("--stride", 0), "at least 1; found 2 and 0"),
        (("--method", "gradcam", "--layer", "top0_rulu"), "Did you mean 'top0_relu'"),
        (("--method", "gradcam", "--layer", "block2_expand_conv"), "some paths go around it"),
    ],
)
def test_bad_input_is_one_clear_line(there, tmp_path, arguments, said):
    result = tlkit("explain", "latest", "pictures/red/red_000.png", *arguments, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert said in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_a_missing_picture_is_named(there):
    result = tlkit("explain", "latest", "nowhere.png")
    assert result.exit_code == 2
    assert "nowhere.png: no such file" in result.output
