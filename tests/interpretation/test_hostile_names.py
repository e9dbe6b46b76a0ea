"""Names from data and models, made into names of files."""

from pathlib import Path

import numpy as np
import pytest
from command_line import tlkit

from tlkit.commands.explain import _folder
from tlkit.paths import file_name

HOSTILE = ["..", ".", "/", "../..", "../../x", "/etc/passwd", "..\\..\\x", "C:\\x", "a\0b", ".hidden", "", "x" * 5000,
           "é" * 200, "a/../..", "\x1b[2J", "~"]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_from_data_is_one_file_in_its_folder(tmp_path, name):
    for chosen in (file_name(name), _folder(name, set()), f"{file_name(f'features_{name}')}.png"):
        path = tmp_path / chosen
        assert path.parent == tmp_path
        assert path.resolve().parent == tmp_path.resolve()
        assert not chosen.startswith(".")
        path.touch()


def test_examples_of_one_name_have_folders_of_their_own():
    taken: set[str] = set()
    found = [_folder(name, taken) for name in ("..", "...", "red/a.png", "red/a.png", "red/a.jpg")]
    assert found == ["unnamed", "unnamed-2", "red-a", "red-a-2", "red-a-3"]
    assert all(Path(each).name == each for each in found)


@pytest.mark.slow
def test_names_of_sequences_and_classes_lead_nowhere(tmp_path, monkeypatch):
    home = tmp_path / "a" / "b" / "project"
    home.mkdir(parents=True)
    monkeypatch.chdir(home)
    draws, looks = np.random.default_rng(0), {"../../x": "AC", "/etc/y": "GT"}
    sequences = [(name, "".join(draws.choice(list(letters), 24))) for name, letters in looks.items() for _ in range(30)]
    Path("all.fasta").write_text("".join(f">s{i} {name}\n{text}\n" for i, (name, text) in enumerate(sequences)))
    names = ("..", "../../x", "/etc/x", ".", "a/..")
    Path("new.fasta").write_text("".join(f">{name}\n{'ACGT' * 6}\n" for name in names))
    Path("dna.yaml").write_text("""
        data: {source: dna, path: all.fasta, val: 0.25, test: 0.25, near_copies: apart}
        model: {net: cnn1d, filters: [4], weights: none}
        train: {epochs: 1, engine: keras}
        track: {system_metrics: false}
        """)
    for arguments in (["run", "dna.yaml"], ["predict", "latest", "new.fasta", "--csv", "out.csv"],
                      ["explain", "latest", "new.fasta", "--method", "all"]):  # fmt: skip
        done = tlkit(*arguments)
        assert done.exit_code == 0, done.output
    assert len(list(Path("explained").glob("*/occlusion.png"))) == 5
    assert [each.name for each in tmp_path.rglob("*") if each.is_file() and not each.is_relative_to(home)] == []
    made = {"all.fasta", "new.fasta", "dna.yaml", "mlruns", "out.csv", "explained"}
    assert {each.name for each in home.iterdir()} == made
