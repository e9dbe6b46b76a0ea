"""Archives fetched from a server on this machine: whole, cut off, wrong, hostile."""

import base64
import contextlib
import hashlib
import io
import threading
import urllib.error
import urllib.request
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tlkit.data.download.fetching import ARCHIVES, Archive, _SafeRedirects, fetch
from tlkit.errors import DataError

FILES = {f"pets/train/cats/{number}.jpg": bytes([number]) * 4000 for number in range(5)} | {"pets/notes.txt": b"hello"}


def zipped(files):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return memory.getvalue()


class Server:
    """Serves one body, in ranges where asked to; can hang up early and state a checksum."""

    def __init__(self, body):
        self.body, self.hang_up_after, self.md5, self.ranges, self.knows_ranges = body, None, None, [], True
        self.moved_to, self.says_size = None, True
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.answer(self)

            def log_message(self, *arguments):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/pets.zip"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def answer(self, request):
        asked = request.headers.get("Range")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.knows_ranges else 0
        request.send_response(302 if self.moved_to else 206 if start else 200)
        if self.moved_to:
            request.send_header("Location", self.moved_to)
        if self.says_size:
            request.send_header("Content-Length", str(len(self.body) - start))
        if self.md5:
            request.send_header("x-goog-hash", f"crc32c=AAAAAA==,md5={base64.b64encode(self.md5).decode()}")
        request.end_headers()
        with contextlib.suppress(ConnectionError):  # the client may have enough
            request.wfile.write(self.body[start : self.hang_up_after])
        request.close_connection = True

    def archive(self, size=None, inside="pets"):
        return Archive(self.url, size or len(self.body), inside, "pets")


@pytest.fixture
def serve(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    servers = []

    def serve(body):
        servers.append(Server(body))
        return servers[-1]

    yield serve
    for each in servers:
        each.http.shutdown()
        each.http.server_close()


def unpacked(path):
    return {
        f"pets/{each.relative_to(path).as_posix()}": each.read_bytes() for each in path.rglob("*") if each.is_file()
    }


def leftovers(path):
    return sorted(each.name for each in path.parent.iterdir() if each != path)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "pets"


def test_an_archive_is_fetched_checked_and_unpacked(serve, path):
    server = serve(zipped(FILES))
    server.md5 = hashlib.md5(server.body).digest()
    fetch("pets", path, archive=server.archive())
    assert unpacked(path) == FILES
    assert leftovers(path) == []
    assert server.ranges == [None]


def test_a_readme_in_the_folder_stays(serve, path):
    path.mkdir(parents=True)
    (path / "README.md").write_text("mine")
    fetch("pets", path, archive=serve(zipped(FILES)).archive())
    assert unpacked(path) == FILES | {"pets/README.md": b"mine"}


def test_a_download_that_was_cut_off_goes_on_where_it_stopped(serve, path):
    server = serve(zipped(FILES))
    server.hang_up_after = 9000
    with pytest.raises(DataError, match=r"9000 of .* bytes; run again to go on from there") as caught:
        fetch("pets", path, archive=server.archive())
    assert "\n" not in str(caught.value)
    assert not path.exists()
    server.hang_up_after = None
    fetch("pets", path, archive=server.archive())
    assert unpacked(path) == FILES
    assert server.ranges == [None, "bytes=9000-"]
    assert leftovers(path) == []


def test_a_server_that_knows_no_ranges_sends_all_again(serve, path):
    server = serve(zipped(FILES))
    server.hang_up_after = 9000
    with pytest.raises(DataError, match="9000"):
        fetch("pets", path, archive=server.archive())
    server.hang_up_after, server.knows_ranges = None, False
    fetch("pets", path, archive=server.archive())
    assert unpacked(path) == FILES


def test_an_archive_of_another_size_or_checksum_is_refused_and_not_kept(serve, path):
    server = serve(zipped(FILES))
    with pytest.raises(DataError, match=f"expected 100 bytes .* found {len(server.body)}"):
        fetch("pets", path, archive=server.archive(size=100))
    server.md5 = b"0" * 16
    with pytest.raises(DataError, match=r"expected .* with MD5 30303030"):
        fetch("pets", path, archive=server.archive())
    assert not path.exists()
    assert leftovers(path) == []


def test_a_server_that_sends_without_end_is_hung_up_on(serve, path):
    server = serve(bytes(3 << 20))
    server.says_size = False
    with pytest.raises(DataError, match="expected 100 bytes"):
        fetch("pets", path, archive=server.archive(size=100))
    assert leftovers(path) == []


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/a.zip", "{itself}"])
def test_a_redirect_to_a_file_or_in_a_circle_is_not_followed(serve, path, place):
    server = serve(zipped(FILES))
    server.moved_to = place.format(itself=server.url)
    with pytest.raises(DataError, match="cannot be fetched"):
        fetch("pets", path, archive=server.archive())
    assert len(server.ranges) <= 6


def test_a_redirect_from_an_encrypted_address_stays_encrypted():
    redirects, asked = _SafeRedirects(), urllib.request.Request("https://example.org/a.zip")
    with pytest.raises(urllib.error.URLError, match="not encrypted"):
        redirects.redirect_request(asked, None, 302, "", {}, "http://example.org/a.zip")
    assert redirects.redirect_request(asked, None, 302, "", {}, "https://example.org/b.zip").type == "https"


@pytest.mark.parametrize(
    "name", ["../evil", "pets/../../evil", "/{outside}/evil", "\\{outside}\\evil", "..\\evil", "C:\\evil"]
)
def test_a_member_that_leads_outside_is_refused_and_nothing_is_unpacked(serve, path, tmp_path, name):
    outside = str(tmp_path).strip("/")
    name = name.format(outside=outside.replace("/", "\\") if "\\" in name else outside)
    with pytest.raises(DataError, match="leads outside its folder; not unpacked"):
        fetch("pets", path, archive=serve(zipped({"pets/a.jpg": b"x", name: b"evil"})).archive())
    assert not path.exists()
    assert [each.name for each in tmp_path.rglob("*evil*")] == []


def test_what_is_no_zip_archive_is_refused(serve, path):
    with pytest.raises(DataError, match="not a whole zip archive"):
        fetch("pets", path, archive=serve(b"<html>please log in</html>" * 20).archive())
    assert not path.exists()


def test_an_archive_without_the_folder_that_is_wanted_is_refused(serve, path):
    with pytest.raises(DataError, match="pets: cannot be unpacked"):
        fetch("pets", path, archive=serve(zipped({"other/a.jpg": b"x"})).archive())
    assert not path.exists()


def test_a_damaged_member_is_found_by_its_checksum(serve, path):
    body = zipped(FILES).replace(bytes([3]) * 4000, bytes([4]) + bytes([3]) * 3999)
    with pytest.raises(DataError, match="not a whole zip archive"):
        fetch("pets", path, archive=serve(body).archive())
    assert not path.exists()


def test_without_a_network_one_line_names_the_folder_for_pictures_of_ones_own(serve, path):
    server = serve(b"")
    url, _ = server.url, server.http.server_close()
    with pytest.raises(DataError, match="cannot be fetched") as caught:
        fetch("pets", path, archive=Archive(url, 100, "pets", "pets"))
    assert f"put pictures into {path}/train/<class>/" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not path.exists()


def test_where_nothing_can_be_written_one_line_says_so(serve, path):
    path.parent.write_text("a file where the folder should be")
    with pytest.raises(DataError, match="pets: cannot be written"):
        fetch("pets", path, archive=serve(zipped(FILES)).archive())


def test_known_archives_have_encrypted_addresses():
    assert ARCHIVES
    assert all(each.url.startswith("https://") for each in ARCHIVES.values())


def test_an_unknown_archive_names_the_nearest(path):
    with pytest.raises(DataError, match=r"unknown archive 'cats_and_dog'. Did you mean 'cats_and_dogs_filtered'?"):
        fetch("cats_and_dog", path)
