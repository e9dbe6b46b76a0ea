"""The report: that it is whole, safe and small for every task, and leaves out what there is not."""

import re
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tlkit.evaluation import examples
from tlkit.evaluation.canvas import save
from tlkit.evaluation.confusion import confusion_picture
from tlkit.evaluation.reliability import reliability_picture
from tlkit.evaluation.report import write_report
from tlkit.tasks.scoring import score, table

EVIL = '<script>alert("1")</script>&$title'
VOID = {"meta", "img", "wbr"}
LIMIT = 3_000_000


class Page(HTMLParser):
    """The elements of a page with their attributes; `unbalanced` names what is not closed in order."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.words, self.open, self.unbalanced = [], [], [], []
        self.feed(text)
        self.close()
        self.unbalanced += self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]

    @property
    def headings(self):
        return [attrs["id"] for attrs in self.all("h2")]

    @property
    def text(self):
        return "".join(self.words)


def noise(row):
    return Image.fromarray(np.random.default_rng(row).integers(0, 256, (200, 240, 3), dtype=np.uint8))


def data(task, *, count=60, classes=("cat", "dog", "eel")):
    random = np.random.default_rng(0)
    if task == "number":
        return random.normal(size=count), random.normal(size=(count, 1))
    if task == "labels":
        return random.integers(0, 2, (count, len(classes))), random.random((count, len(classes)))
    return random.integers(0, len(classes), count), random.dirichlet(np.ones(len(classes)), count)


def write(path, task="label", *, classes=("cat", "dog", "eel"), name="{}.png", values=None, **changes):
    targets, outputs = values or data(task, classes=classes)
    names = [name.format(index) for index in range(len(targets))]
    arguments = {
        "title": "pets",
        "facts": {"Net": "resnet18"},
        "scores": score(task, targets, outputs, classes),
        "predictions": table(names, names, targets, outputs, classes, task),
        "pictures": {},
        "train_counts": {each: 7 for each in classes},
        "thumbnail": noise,
        "recipe": "name: pets\nseed: 1\n",
    }
    write_report(path, **(arguments | changes))
    return Page(path.read_text(encoding="utf-8"))


def drawn(folder, targets, outputs, classes):
    """The pictures that come from a test split, as files by title."""
    matrix = score("label", targets, outputs, classes).confusion
    figures = {
        "Confusion matrix": confusion_picture(matrix, classes),
        "Reliability": reliability_picture(targets, outputs),
    }
    return {title: save(figure, folder / f"{title}.png") for title, figure in figures.items()}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "report.html"


@pytest.mark.parametrize(
    ("task", "headings"),
    [
        ("label", ["pictures", "scores", "classes", "surest-mistakes", "least-sure", "recipe"]),
        ("labels", ["pictures", "scores", "classes", "surest-mistakes", "least-sure", "recipe"]),
        ("number", ["pictures", "scores", "largest-errors", "recipe"]),
    ],
)
def test_every_task_has_its_sections_and_is_fit_for_a_screen_reader(task, headings, path, tmp_path):
    picture = save(confusion_picture(np.eye(2, dtype=int), ["a", "b"]), tmp_path / "picture.png")
    page = write(path, task, pictures={"Confusion matrix": picture})
    assert page.headings == headings
    assert page.unbalanced == []
    assert page.all("html") == [{"lang": "en"}]
    assert any(each.get("name") == "viewport" for each in page.all("meta"))
    assert len(page.all("img")) == 1 + 24 * (1 if task == "number" else 2)
    assert all(each["alt"] for each in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table")) == (1 if task == "number" else 2)
    assert {each.get("scope") for each in page.all("th")} == {"row", "col"}


def test_nothing_comes_from_elsewhere(path):
    page = write(path)
    assert not re.search(r"https?://|//[a-z]|@import|url\(", re.sub(r"base64,[\w+/=]+", "", path.read_text()))
    assert all(each["src"].startswith("data:image/") for each in page.all("img"))
    assert not page.all("script")
    assert not page.all("link")


@pytest.mark.parametrize("task", ["label", "labels", "number"])
def test_html_from_users_is_text(task, path):
    page = write(
        path,
        task,
        classes=(EVIL, "dog"),
        name=EVIL + "{}",
        title=EVIL,
        facts={EVIL: EVIL},
        recipe=EVIL,
        train_counts={EVIL: 3},
    )
    assert "<script" not in path.read_text()
    assert page.unbalanced == []
    assert page.text.count(EVIL) > 24


def test_notes_of_the_scores_are_text(path):
    targets = np.array([1, 1])
    page = write(path, classes=(EVIL, "dog"), values=(targets, np.array([[0.2, 0.8], [0.4, 0.6]])))
    assert f"leaves out {EVIL}" in page.text
    assert not page.all("script")


def test_a_file_name_that_is_no_unicode_is_written(path):
    assert "caf?.png" in write(path, facts={"Data": "caf\udce9.png"}).text


def test_a_thousand_classes_stay_under_3_mb(path, tmp_path):
    classes = [f"Kooikerhondje of the {index}th kennel club, brindle, {'x' * 300}" for index in range(1000)]
    random = np.random.default_rng(0)
    targets = random.integers(0, 1000, 5000)
    outputs = random.random((5000, 1000)) + 900 * (np.arange(1000) == targets[:, None]) * random.random((5000, 1))
    outputs /= outputs.sum(axis=1, keepdims=True)
    pictures = drawn(tmp_path, targets, outputs, classes)
    page = write(path, classes=classes, values=(targets, outputs), pictures=pictures)
    assert path.stat().st_size < LIMIT
    assert len(page.all("tr")) < 100
    assert "The 50 classes with the lowest F1, out of 1,000" in page.text


def test_the_worst_of_many_classes_are_shown(path):
    classes = [f"class{index}" for index in range(101)]
    targets = np.arange(101)
    said = np.where(targets == 77, 78, targets)
    page = write(path, classes=classes, values=(targets, np.eye(101)[said]))
    words = page.text[page.text.index("out of 101") :]
    assert re.findall(r"class\d\d", words)[:2] == ["class77", "class78"]


def test_a_picture_that_is_too_heavy_is_made_lighter(path, tmp_path):
    noise(0).resize((1200, 1200)).effect_spread(99).save(tmp_path / "big.png")
    page = write(path, pictures={"Big": tmp_path / "big.png"}, thumbnail=lambda row: None)
    assert (tmp_path / "big.png").stat().st_size > LIMIT
    assert path.stat().st_size < LIMIT
    assert page.all("img")[0]["width"] == "1200"
    assert page.all("img")[0]["src"].startswith("data:image/jpeg")


def test_a_heavy_plot_loses_colours_and_no_sharpness(path, tmp_path):
    few = np.random.default_rng(0).integers(0, 2, (1200, 1200, 3)) * np.array([255, 120, 60])
    Image.fromarray(np.kron(few, np.ones((2, 2, 1))).astype(np.uint8)).save(tmp_path / "plot.png", compress_level=0)
    page = write(path, pictures={"Plot": tmp_path / "plot.png"}, thumbnail=lambda row: None)
    assert (tmp_path / "plot.png").stat().st_size > LIMIT
    assert path.stat().st_size < LIMIT
    assert page.all("img")[0]["src"].startswith("data:image/png")


def test_without_mistakes_there_is_no_section_of_them(path):
    page = write(path, values=(np.array([0, 1]), np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0]])))
    assert "surest-mistakes" not in page.headings
    assert "least-sure" in page.headings


def test_without_errors_there_is_no_section_of_them(path):
    page = write(path, "number", values=(np.array([1.0, 2.0]), np.array([1.0, 2.0])))
    assert "largest-errors" not in page.headings


def test_mistakes_come_surest_first_with_their_own_pictures(path):
    asked = []
    outputs = np.array([[0.6, 0.4], [0.9, 0.1], [0.3, 0.7]])
    page = write(
        path,
        classes=("cat", "dog"),
        values=(np.array([1, 1, 1]), outputs),
        thumbnail=lambda row: asked.append(row) or noise(row),
    )
    assert asked == [1, 0, 0, 2, 1]
    assert [each["alt"] for each in page.all("img")][:2] == ["1.png", "0.png"]
    assert "said cat 90.0%is dog" in page.text


def test_largest_errors_come_first(path):
    asked = []
    write(path, "number", values=(np.zeros(3), np.array([1.0, -5.0, 2.0])), thumbnail=asked.append)
    assert asked == [1, 2, 0]


def test_examples_that_are_no_pictures_are_named(path):
    page = write(path, thumbnail=lambda row: None, name="sequence {}")
    assert not page.all("img")
    assert len(page.all("figcaption")) == 48
    assert "sequence 1" in page.text


def test_no_label_at_all_is_said(path):
    page = write(path, "labels", values=(np.array([[1, 0, 0]]), np.array([[0.1, 0.2, 0.3]])))
    assert "said no label" in page.text


def test_training_examples_are_left_out_where_unknown(path):
    assert "Training examples" in write(path).text
    assert "Training examples" not in write(path, train_counts={}).text


def test_the_headline_has_its_interval(path):
    targets, outputs = np.zeros(10, int), np.repeat([[0.9, 0.1], [0.2, 0.8]], (9, 1), axis=0)
    page = write(path, classes=("cat", "dog"), values=(targets, outputs))
    assert "90.0% accuracy on 10 test examples95% interval 59.6% to 98.2%" in page.text


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "F", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (8, 8), (2000, 3), (300, 400)])
def test_a_thumbnail_of_any_kind_is_a_small_jpeg(mode, size):
    content = examples.shrink(Image.new(mode, size))
    with Image.open(BytesIO(content)) as image:
        assert image.format == "JPEG"
        assert max(image.size) <= 160


def test_clear_parts_of_a_thumbnail_are_white():
    with Image.open(BytesIO(examples.shrink(Image.new("RGBA", (200, 200), (0, 0, 0, 0))))) as image:
        assert image.getpixel((9, 9)) == (255, 255, 255)


def test_a_failed_write_leaves_the_old_report_and_nothing_else(path, monkeypatch):
    write(path)
    before = path.read_bytes()
    monkeypatch.setattr(type(path), "replace", lambda *given: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write(path, title="other")
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_near_duplicates_and_the_summary_are_tables_of_text(path):
    page = write(
        path,
        near_duplicates=[(f"train/{EVIL}.png", "test/b.png", "the same bytes")] * 60,
        summary=[{"Layer": EVIL, "Output": "8 x 8 x 4", "Parameters": "112"}],
    )
    assert page.headings[-3:] == ["near-duplicates", "model", "recipe"]
    assert "60 pairs of a training and a test example" in page.text
    assert page.text.count(f"train/{EVIL}.png") == 50
    assert f"{EVIL}8 x 8 x 4112" in page.text
    assert not page.all("script")
    assert page.unbalanced == []


def test_without_near_duplicates_and_summary_there_are_no_such_sections(path):
    assert not {"near-duplicates", "model"} & set(write(path).headings)
