"""Archives, also hostile ones."""

import io
import tarfile
import zipfile

import pytest
from drawing import draw_pictures

from tlkit.data.download import archives
from tlkit.errors import DataError
from tlkit.kinds.image.image_folder import image_folder

SMALL = {"image_size": (8, 8)}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def zipped(folder, file, *, inside=""):
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(folder.rglob("*.png")):
            archive.write(path, f"{inside}{path.relative_to(folder)}")
    return file


@pytest.mark.parametrize("inside", ["", "flowers/"])
def test_a_zip_of_class_folders_is_read_like_the_folder(tmp_path, cache, inside):
    folder = draw_pictures(tmp_path / "pictures")
    splits = image_folder(zipped(folder, tmp_path / "a.zip", inside=inside), **SMALL)
    assert splits.info.class_names == ("blue", "red")
    plain = image_folder(folder, **SMALL)
    assert {part: set(each.ids) for part, each in splits.parts().items()} == {
        part: set(each.ids) for part, each in plain.parts().items()
    }


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_a_tar_is_read_too_and_its_links_are_left_out(tmp_path, cache, mode):
    folder = draw_pictures(tmp_path / "pictures")
    file = tmp_path / ("a.tar" if mode == "w" else f"a.tar.{mode[2:]}")
    with tarfile.open(file, mode) as archive:
        archive.add(folder, "pictures")
        link = tarfile.TarInfo("pictures/red/passwd.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert sum(image_folder(file, **SMALL).counts().values()) == 24


@pytest.mark.parametrize("name", ["../evil.png", "/evil.png", "red/../../evil.png", "C:\\evil.png", "..\\evil.png"])
def test_a_member_that_leads_outside_is_refused_and_nothing_is_written(tmp_path, cache, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("red/a.png", b"x")
        archive.writestr(name, b"x")
    with pytest.raises(DataError, match="leads outside its folder"):
        image_folder(tmp_path / "a.zip", **SMALL)
    assert not list(tmp_path.rglob("*evil*"))
    assert not list((cache / "archives").iterdir())


def test_a_bomb_does_not_go_off(tmp_path, cache):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("red/a.png", bytes(160 << 20))
    assert (tmp_path / "a.zip").stat().st_size < 200_000
    with pytest.raises(DataError, match="looks like a bomb"):
        image_folder(tmp_path / "a.zip", **SMALL)
    assert not list((cache / "archives").iterdir())


def test_a_cut_or_false_archive_is_one_line(tmp_path, cache):
    whole = zipped(draw_pictures(tmp_path / "pictures"), tmp_path / "a.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "false.tar").write_bytes(io.BytesIO(b"no archive" * 100).getvalue())
    for name in ("cut.zip", "false.tar"):
        with pytest.raises(DataError, match=f"{name}: cannot be unpacked") as caught:
            image_folder(tmp_path / name, **SMALL)
        assert "\n" not in str(caught.value)


def test_an_archive_of_too_many_empty_files_is_a_bomb_too(tmp_path, cache, monkeypatch):
    monkeypatch.setattr(archives, "_FREE", 20_000)
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        for number in range(1000):
            archive.addfile(tarfile.TarInfo(f"red/{number}.png"))
    monkeypatch.setattr(archives, "_RATIO", 1)
    with pytest.raises(DataError, match="looks like a bomb"):
        image_folder(tmp_path / "a.tar.gz", **SMALL)
    assert not list((cache / "archives").iterdir())
