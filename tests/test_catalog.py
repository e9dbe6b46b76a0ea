"""Every catalog line leads to a function, and answers about its arguments without importing anything."""

import importlib
import inspect
import os
import sys

import pytest

from tlkit import catalog
from tlkit.errors import NotFoundError

OURS = {
    "net": catalog.NETS,
    "source": catalog.SOURCES,
    "sample": catalog.SAMPLES,
}
LINES = [(kind, name) for kind, entries in OURS.items() for name in entries]


@pytest.mark.parametrize(("kind", "name"), LINES)
def test_every_own_entry_resolves_and_its_arguments_are_those_of_the_function(kind, name):
    function = catalog.resolve(name, OURS[kind], kind=kind)
    arguments = catalog.arguments(name, OURS[kind], kind=kind)
    parameters = inspect.signature(function).parameters.values()
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        assert arguments is None
    else:
        assert set(arguments) == {each.name for each in parameters if each.kind is each.KEYWORD_ONLY}


def test_every_backbone_resolves():
    importlib.import_module("keras.applications")
    functions = {name: catalog.resolve(name, catalog.BACKBONES, kind="backbone") for name in catalog.BACKBONES}
    assert all(callable(each) for each in functions.values())
    assert len(functions) == 43


def test_the_catalog_has_every_classifier_of_keras_applications():
    from keras import applications

    offered = {name for name, each in vars(applications).items() if callable(each)}
    assert offered - set(catalog.BACKBONES) == set()


def test_every_line_says_what_it_is_for():
    everything = [
        *catalog.NETS.values(),
        *catalog.BACKBONES.values(),
        *catalog.SOURCES.values(),
        *catalog.SAMPLES.values(),
    ]
    assert all(line.summary and ":" in line.target for line in everything)
    assert all(line.size for line in catalog.BACKBONES.values())


def test_asking_for_arguments_imports_nothing(tmp_path):
    (tmp_path / "loud.py").write_text("raise SystemExit\ndef build(shape, *, width=3, rate=1/3):\n    pass\n")
    before = set(sys.modules)
    assert catalog.arguments("loud.py:build", catalog.NETS, kind="net", folder=tmp_path) == {"width": 3, "rate": ...}
    assert set(sys.modules) == before


def test_names_are_found_whatever_their_case():
    assert catalog.entry("mobilenetv2", catalog.BACKBONES) is catalog.BACKBONES["MobileNetV2"]
    assert catalog.entry("CNN", catalog.NETS) is catalog.NETS["cnn"]
    assert catalog.entry("leaf.py:build", catalog.NETS) is None


@pytest.mark.parametrize(
    "name",
    ["cn", "", "nothing.like_it", ":build", "tlkit.nets.cnn:cnn", "no_such:build", "no.py:f", "/no.py:f"],
)
def test_a_name_that_stands_for_nothing_is_one_clear_line(name, tmp_path):
    for folder in (None, tmp_path):
        with pytest.raises(NotFoundError) as caught:
            catalog.arguments(name, catalog.NETS, kind="net", folder=folder)
        assert "\n" not in str(caught.value)
        with pytest.raises(NotFoundError):
            catalog.resolve(name, catalog.NETS, kind="net", folder=folder)


def test_without_a_folder_the_table_alone_counts(tmp_path, monkeypatch):
    (tmp_path / "leaf.py").write_text("def build(): ...\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotFoundError, match=r"unknown net 'leaf.py:build'"):
        catalog.resolve("leaf.py:build", catalog.NETS, kind="net")


def test_a_file_that_changed_is_read_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "leaf.py"
    for answer in (1, 2):
        path.write_text(f"def build(*, width={answer}):\n    return width\n")
        os.utime(path, ns=(answer, answer))
        assert catalog.resolve("leaf.py:build", {}, kind="net", folder=tmp_path)() == answer
        assert catalog.arguments("leaf.py:build", {}, kind="net", folder=tmp_path) == {"width": answer}
