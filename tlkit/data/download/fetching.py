"""Public archives fetched on demand: checked, resumed where cut off, unpacked inside their folder."""

from __future__ import annotations

import base64
import hashlib
import http.client
import shutil
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tlkit.data.download.archives import extract
from tlkit.errors import DataError, nearest
from tlkit.progress import progress

# by hand, as pooch would begin a download that was cut off anew
_BLOCK = 1 << 18
_PATIENCE, _SLOWEST = 60, 20 << 10  # seconds, and bytes a second, that a download may take


@dataclass(frozen=True)
class Archive:
    """Where an archive lies, how large it is, and the folder inside it that is wanted."""

    url: str
    size: int
    inside: str
    about: str


ARCHIVES = {
    "cats_and_dogs_filtered": Archive(
        "https://storage.googleapis.com/mledu-datasets/cats_and_dogs_filtered.zip",
        68_606_236,
        "cats_and_dogs_filtered",
        "2000 + 1000 photographs of cats and dogs",
    ),
}


def fetch(name: str, path: Path, *, archive: Archive | None = None) -> None:
    """Fetch a known archive and unpack it as `path`; a broken download is kept and continued the next time."""
    archive = archive or ARCHIVES.get(name)
    if archive is None:
        raise DataError(f"data.fetch: unknown archive '{name}'. {nearest(name, ARCHIVES) or ', '.join(ARCHIVES)}")
    part = path.parent / f".{name}.zip.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        digest = _download(archive, part)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", None) or error
        raise DataError(
            f"{path}: empty, and {archive.url} cannot be fetched ({reason}). "
            f"Connect, or put pictures into {path}/train/<class>/ and {path}/test/<class>/ by hand"
        ) from error
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from error
    _check(part, archive, digest)
    _unpack(part, archive.inside, path)
    part.unlink()


def _download(archive: Archive, part: Path) -> str | None:
    """Write the rest of the archive into `part`; the MD5 that the server states for the whole, if it does."""
    have = part.stat().st_size if part.exists() else 0
    if have >= archive.size:
        have = 0
    rest = {"Range": f"bytes={have}-"} if have else {}
    request = urllib.request.Request(archive.url, headers=rest)  # noqa: S310  (the table has https alone)
    with urllib.request.build_opener(_SafeRedirects).open(request, timeout=30) as reply:
        resumed = reply.status == 206
        have = have if resumed else 0
        _refuse_size(archive, part, have + int(reply.headers.get("Content-Length", 0)))
        with part.open("ab" if resumed else "wb") as file, progress("Fetching (bytes)", archive.size) as bar:
            for done in _received(reply, file, archive, have):
                bar(done)
        return _stated_md5(reply.headers.get_all("x-goog-hash") or [])


def _received(reply: http.client.HTTPResponse, file: IO[bytes], archive: Archive, done: int) -> Iterator[int]:
    """How much is there after each piece; no more is taken than the archive has, nor for longer than is sensible."""
    deadline = time.monotonic() + _PATIENCE + (archive.size - done) / _SLOWEST
    while done <= archive.size and (block := reply.read1(_BLOCK)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"less than {_SLOWEST >> 10} kB a second")
        done += file.write(block)
        yield done


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects, none of them from an encrypted address to another."""

    max_redirections = 5

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if req.type == "https" and not newurl.startswith("https://"):
            raise urllib.error.URLError(f"it redirects to {newurl}, which is not encrypted")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _refuse_size(archive: Archive, part: Path, size: int) -> None:
    if size > archive.size:
        part.unlink(missing_ok=True)
        raise DataError(f"{archive.url}: expected {archive.size} bytes by tlkit's table, found {size}; run again")


def _stated_md5(headers: list[str]) -> str | None:
    for item in ",".join(headers).split(","):
        if item.strip().startswith("md5="):
            return base64.b64decode(item.strip().removeprefix("md5=")).hex()
    return None


def _check(part: Path, archive: Archive, digest: str | None) -> None:
    size = part.stat().st_size
    if size < archive.size:
        raise DataError(f"{archive.url}: cut off at {size} of {archive.size} bytes; run again to go on from there")
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "md5").hexdigest()
    if size > archive.size or (digest is not None and found != digest):
        part.unlink()
        raise DataError(
            f"{archive.url}: expected {archive.size} bytes with MD5 {digest}, found {size} with {found}; run again"
        )


def _unpack(file: Path, inside: str, path: Path) -> None:
    """Unpack one folder of a zip archive; every member is checked by its CRC and stays inside `path`."""
    working = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        extract(file, working)
        if path.is_dir():
            shutil.copytree(path, working / inside, dirs_exist_ok=True)
            shutil.rmtree(path)
        (working / inside).rename(path)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise DataError(f"{file}: not a whole zip archive ({error}); delete it and run again") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be unpacked ({error.strerror or error})") from error
    finally:
        shutil.rmtree(working, ignore_errors=True)
