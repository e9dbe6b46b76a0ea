"""A service asked within this process, and a small model that answers there."""

import asyncio
import json
from pathlib import Path

import numpy as np

from tlkit.serving.http_server import Settings
from tlkit.serving.served_model import ServedModel

PAGE = {
    "task": "label", "kind": "image", "class_names": ["dark", "light"], "input_shape": [4, 4, 3],
    "input_dtype": "uint8", "preparation": {}, "reading": {}, "recipe": "shades",
}  # fmt: skip


class Brightness:
    """A session: how bright a picture is, and how far that is from the middle."""

    def __init__(self):
        self.sizes = []

    def outputs(self, inputs):
        light = inputs[0].reshape(len(inputs[0]), -1).mean(1, dtype=np.float32) / 255
        self.sizes.append(len(light))
        return [np.stack([1 - light, light], 1), np.abs(light - 0.5)]


def shades(count=1, threads=1, page=PAGE, session=None, unknown=0.4):
    """The small model, with so many sessions."""
    sessions = [session or Brightness() for _ in range(count)]
    return ServedModel("shades", "1", "numpy float32", page, sessions, ("outputs", "unknown"), unknown)


class Client:
    """Asks a service; `settings` are those of `http_server.Settings`."""

    def __init__(self, folder: Path, opened=shades, **settings):
        self.app = Settings(opened, folder, **settings)()

    def ask(self, method, path, body=b"", headers=(), leaves_after=None):
        """Status, headers and body of the answer; None where the client leaves before it."""
        return asyncio.run(self.asked(method, path, body, headers, leaves_after))

    async def asked(self, method, path, body=b"", headers=(), leaves_after=None):
        """The same within a loop."""
        sent, rest = [], [body]

        async def receive():
            if rest:
                return {"type": "http.request", "body": rest.pop(), "more_body": False}
            await asyncio.sleep(60 if leaves_after is None else leaves_after)
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        given = {"host": "localhost:8000", **dict(headers)}
        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
            "root_path": "", "scheme": "http", "http_version": "1.1", "client": ("127.0.0.1", 5), "server": ("", 80),
            "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        }  # fmt: skip
        await self.app(scope, receive, send)
        if not sent:
            return None
        told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], told, b"".join(each.get("body", b"") for each in sent[1:])

    def json(self, method, path, said=None, **headers):
        """Status and JSON of the answer to JSON."""
        body = b"" if said is None else json.dumps(said).encode()
        status, _, answer = self.ask(method, path, body, {"content-type": "application/json", **headers})
        return status, json.loads(answer)
