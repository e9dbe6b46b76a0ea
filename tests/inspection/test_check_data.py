"""`tlkit check RECIPE --data`, on folders with known faults."""

import json
import os
import shutil
import time

import pytest
from command_line import tlkit
from picture_faults import cut_short, draw_scene, reencoded, scenes, torn_inside
from PIL import Image, ImageDraw

RECIPE = """
name: scenes
data: {path: scenes, image_size: 24}  # too small for frozen features: no labels in doubt
model: {net: cnn, filters: [4]}
train: {epochs: 1}
track: {system_metrics: false}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A clean folder with given train, val and test parts."""
    monkeypatch.chdir(tmp_path)
    scenes(tmp_path / "scenes/train")
    scenes(tmp_path / "scenes/val", count=6, first=100)
    scenes(tmp_path / "scenes/test", count=6, first=200)
    (tmp_path / "scenes.yaml").write_text(RECIPE)
    return tmp_path


def checked(*arguments, code):
    """The findings by topic, and what was printed."""
    result = tlkit("check", "scenes.yaml", "--data", *arguments)
    assert result.exit_code == code, result.output
    with open("checks/scenes.json") as file:
        findings = json.load(file)
    return {each["topic"]: each for each in findings}, result.output


def names(finding):
    return {example["name"] for row in finding["examples"] for example in row}


def test_clean_data_is_clean(project):
    found, output = checked("--strict", code=0)
    assert set(found) <= {"shortcut"}
    assert "no faults found" in output


def test_broken_files_are_all_named(project):
    cut_short("scenes/train/hill/hill003.jpg")
    torn_inside(project / "scenes/train/lake/torn.png")
    (project / "scenes/test/hill/hill201.jpg").write_bytes(b"")
    found, output = checked("--set", "data.max_bad=0.2", code=0)
    wanted = {"scenes/train/hill/hill003.jpg", "scenes/train/lake/torn.png", "scenes/test/hill/hill201.jpg"}
    assert names(found["unreadable"]) == wanted
    assert "empty file" in output
    assert found["unreadable"]["level"] == "warning"
    checked("--strict", "--set", "data.max_bad=0.2", code=1)


def test_more_broken_files_than_allowed_are_an_error(project):
    for index in range(8):
        cut_short(f"scenes/train/hill/hill{index:03}.jpg")
    found, _ = checked(code=2)
    assert len(names(found["unreadable"])) == 8


def test_a_leak_of_equal_bytes_is_found_and_stops_a_run(project):
    shutil.copy("scenes/train/hill/hill001.jpg", "scenes/test/hill/other.jpg")
    found, _ = checked(code=2)
    assert names(found["leak"]) == {"scenes/train/hill/hill001.jpg", "scenes/test/hill/other.jpg"}
    result = tlkit("run", "scenes.yaml")
    assert result.exit_code == 2
    assert (
        "1 examples are exact copies of examples in another part (a leak): scenes/test/hill/other.jpg" in result.output
    )


def test_a_near_leak_stops_a_run_once_a_check_has_found_it(project):
    reencoded("scenes/train/lake/lake002.jpg", "scenes/test/lake/twin.jpg", mirror=True)
    found, _ = checked(code=2)
    assert names(found["near leak"]) == {"scenes/train/lake/lake002.jpg", "scenes/test/lake/twin.jpg"}
    result = tlkit("run", "scenes.yaml")
    assert result.exit_code == 2
    assert "near-copies" in result.output


def test_a_leak_that_is_allowed_runs_and_is_recorded(project):
    import tlkit as package

    shutil.copy("scenes/train/hill/hill001.jpg", "scenes/test/hill/other.jpg")
    found, _ = checked("--set", "data.allow_leaks=true", code=0)
    assert found["leak"]["level"] == "warning"
    result = tlkit("run", "scenes.yaml", "--set", "data.allow_leaks=true")
    assert result.exit_code == 0, result.output
    assert package.load_run("latest").run.tags["data.leaks"] == "1"


def test_quarantine_deletes_nothing_and_later_runs_honour_it(project):
    import tlkit as package

    shutil.copy("scenes/train/hill/hill001.jpg", "scenes/test/hill/other.jpg")
    reencoded("scenes/train/lake/lake002.jpg", "scenes/test/lake/twin.jpg")
    before = sorted(str(each) for each in (project / "scenes").rglob("*"))
    _, output = checked("--quarantine", code=2)
    assert "2 examples added to scenes.quarantine.csv" in output
    assert sorted(str(each) for each in (project / "scenes").rglob("*")) == before
    found, _ = checked(code=0)
    assert not {"leak", "near leak"} & set(found)
    result = tlkit("run", "scenes.yaml")
    assert result.exit_code == 0, result.output
    assert "2 quarantined" in result.output
    assert package.load_run("latest").run.tags["data.quarantined"] == "2"


def test_a_quarantined_file_that_was_replaced_is_used_again(project):
    shutil.copy("scenes/train/hill/hill001.jpg", "scenes/test/hill/other.jpg")
    checked("--quarantine", code=2)
    draw_scene(77).save("scenes/train/hill/hill001.jpg")
    _, output = checked(code=0)
    assert "65 examples" in output  # of 20 + 6 + 6 a class, and one in test


def test_duplicates_and_label_conflicts_are_told_apart(project):
    shutil.copy("scenes/train/hill/hill001.jpg", "scenes/train/hill/again.jpg")
    shutil.copy("scenes/train/lake/lake001.jpg", "scenes/train/hill/lake.jpg")
    reencoded("scenes/train/lake/lake005.jpg", "scenes/train/lake/less.jpg")
    found, _ = checked(code=0)
    assert names(found["label conflict"]) == {"scenes/train/lake/lake001.jpg", "scenes/train/hill/lake.jpg"}
    assert found["duplicates"]["text"].startswith("1 exact copy")
    assert names(found["near-copies"]) == {"scenes/train/lake/lake005.jpg", "scenes/train/lake/less.jpg"}


def test_odd_pictures_are_named(project):
    home = project / "scenes/train/hill"
    (home / "hill001.jpg").rename(home / "hill001.png")
    draw_scene(5).convert("CMYK").save(home / "print.jpg")
    Image.new("RGB", (300, 20), "red").save(home / "strip.png")
    Image.new("RGB", (9, 9), "red").save(home / "dot.png")
    found, _ = checked(code=0)
    assert names(found["type"]) == {"scenes/train/hill/hill001.png"}
    assert names(found["mode"]) == {"scenes/train/hill/print.jpg"}
    assert names(found["shape"]) == {"scenes/train/hill/strip.png"}
    assert names(found["tiny"]) == {"scenes/train/hill/dot.png"}


def test_what_else_lies_in_the_folder_is_told(project):
    home = project / "scenes/train/hill"
    (home / "notes.txt").write_text("mine")
    (home / ".hidden.jpg").write_bytes(b"")
    draw_scene(901).save(project / "elsewhere.jpg")
    (home / "linked.jpg").symlink_to(project / "elsewhere.jpg")
    (home / "round").symlink_to(home)
    (home / "nowhere.txt").symlink_to(project / "gone")
    (home / "none").mkdir()
    result = tlkit("check", "scenes.yaml", "--data")
    assert result.exit_code == 0
    for text in (
        "links that lead out of the folder: 1",
        "links that lead nowhere or in a circle: 1",
        "linked folders, which are passed over: 1",
        "hidden files or folders, which are passed over: 1",
        "folders without a picture, which are passed over: 1",
        "files that are no pictures by their name, which are passed over: 2",
    ):
        assert text in result.output, result.output


def test_names_that_are_no_utf8_are_told_and_used(project):
    name = os.fsencode(project) + b"/scenes/train/hill/caf\xe9.jpg"
    with open(name, "wb") as file:
        file.write((project / "scenes/train/hill/hill000.jpg").read_bytes())
    found, output = checked(code=0)
    assert "names that are not UTF-8: 1" in output
    assert "scenes/train/hill/caf\\xe9.jpg" in names(found["duplicates"])


def test_a_file_that_goes_while_the_folder_is_read_is_set_aside(project):
    (project / "scenes/train/hill/gone.jpg").symlink_to(project / "nowhere.jpg")
    found, _ = checked(code=0)
    assert names(found["unreadable"]) == {"scenes/train/hill/gone.jpg"}


def test_classes_that_are_uneven_or_alike_in_name(project):
    scenes(project / "scenes/train", ("Lakes",), count=1, first=700)
    scenes(project / "scenes/test", ("Lakes",), count=1, first=800)
    found, _ = checked(code=0)
    assert found["class names"]["text"] == "'Lakes' and 'lake' may be one class under several names"
    assert "'Lakes' 2; see data.class_weights" in found["imbalance"]["text"]
    assert "small class" in found


def test_a_class_told_apart_by_its_brightness_is_a_shortcut(project):
    for path in (project / "scenes").rglob("hill*.jpg"):
        with Image.open(path) as picture:
            darker = picture.point(lambda value: value // 3)
        darker.save(path)
    result = tlkit("check", "scenes.yaml", "--data")
    assert "brightness alone tells the class in" in result.output


def test_the_second_check_reads_no_picture_again(project):
    past = time.time() - 60
    for path in (project / "scenes").rglob("*.jpg"):
        os.utime(path, (past, past))
    checked(code=0)
    path = project / "scenes/train/hill/hill003.jpg"
    size = path.stat().st_size
    path.write_bytes(b"x" * size)
    os.utime(path, (past, past))  # as it was, by time and size
    found, _ = checked(code=0)
    assert "unreadable" not in found
    os.utime(path)
    found, _ = checked(code=0)
    assert names(found["unreadable"]) == {"scenes/train/hill/hill003.jpg"}


def test_the_page_names_everything_and_shows_thumbnails(project):
    shutil.copy("scenes/train/hill/hill001.jpg", "scenes/test/hill/<b>other.jpg")
    checked(code=2)
    page = (project / "checks/scenes.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 2
    assert "&lt;b&gt;other.jpg" in page
    assert "<b>other" not in page


def test_strict_and_quarantine_need_data(project):
    assert tlkit("check", "scenes.yaml", "--strict").exit_code == 2


def test_pictures_that_stand_for_missing_ones_are_named(project):
    placeholder = Image.new("RGB", (96, 72), (204, 204, 204))
    ImageDraw.Draw(placeholder).text((20, 30), "image not found", fill=(120, 120, 120))
    for index in range(5):
        placeholder.save(project / f"scenes/train/hill/gone{index}.png")
    shutil.copy(project / "scenes/train/lake/lake000.jpg", project / "scenes/train/lake/again.jpg")
    found, output = checked(code=0)
    assert names(found["placeholder"]) == {f"scenes/train/hill/gone{index}.png" for index in range(5)}
    assert "5 pictures may stand for missing ones" in output


def test_classes_of_one_picture_are_counted(project):
    for name in ("moor", "reef"):
        (project / "scenes/train" / name).mkdir()
        draw_scene(len(name) + ord(name[0])).save(project / f"scenes/train/{name}/only.jpg")
    found, output = checked(code=0)
    assert "2 of 4 classes have one example only" in output
    assert len(names(found["single example"])) == 2


def test_pictures_far_smaller_than_the_input_are_noted(project):
    (project / "scenes.yaml").write_text(RECIPE.replace("image_size: 24", "image_size: 300"))
    _, output = checked(code=0)
    assert "most are about 96 x 72 pixels, the model's input is 300 x 300" in output


def test_a_picture_torn_between_is_counted_by_the_check_and_by_the_run_alike(project):
    for index in range(2):
        torn_inside(project / f"scenes/train/hill/torn{index}.png")
    found, _ = checked("--set", "data.max_bad=0.1", code=0)
    result = tlkit("run", "scenes.yaml", "--set", "data.max_bad=0.1", "--offline")
    assert result.exit_code == 0, result.output
    aside = {line.split()[2].rstrip(":") for line in result.output.splitlines() if line.startswith("set aside")}
    assert names(found["unreadable"]) == aside == {f"scenes/train/hill/torn{index}.png" for index in range(2)}


def test_texts_are_looked_at_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"the {('sea', 'wood')[i % 2]} number {i} is {i * 7},{('wet', 'dry')[i % 2]}" for i in range(24)]
    (tmp_path / "texts.csv").write_text("\n".join(["text,label", *rows, rows[0], ""]))
    (tmp_path / "texts.yaml").write_text("data: {source: text, path: texts.csv}\nmodel: {net: cnn1d, filters: [4]}\n")
    result = tlkit("check", "texts.yaml", "--data")
    assert result.exit_code == 0, result.output
    assert "1 exact copy" in result.output
