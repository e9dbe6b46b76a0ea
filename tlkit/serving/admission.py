"""Who may ask a service, how much at once, how large and for how long: what is refused costs next to nothing."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OPEN = ("/", "/health", "/ready", "/v2/health/live", "/v2/health/ready", "/docs", "/openapi.json")  # without a token
_LOCAL = ("127.0.0.1", "localhost", "[::1]")
_GONE = 499  # the client went away: seen by nobody but the counters


@dataclass(frozen=True)
class Limits:
    """What is too much.

    Args:
        body: bytes of one request.
        bodies: bytes of all requests that are under way.
        requests: how many those may be.
        seconds: from the first byte to the answer.
    """

    body: int = 32 << 20
    bodies: int = 512 << 20
    requests: int = 512
    seconds: float = 30.0


class Refusal(Exception):
    """Why a request is not let in."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Admission:
    """Lets requests through to a service, with their whole body, and has those given up whose client went away.

    Args:
        host: where the service listens; without a token, other names for it are refused, as pages of strangers have
            whoever looks at them ask the machine's own services.
        token: what must be sent as `Authorization: Bearer TOKEN`.
        on_end: hears of each request its path, the answer's status, and seconds.
    """

    def __init__(
        self,
        app: App,
        limits: Limits,
        *,
        host: str,
        token: str | None = None,
        on_end: Callable[[str, int, float], None] = lambda path, status, seconds: None,
    ) -> None:
        self._app, self._limits, self._token, self._on_end = app, limits, token, on_end
        self._hosts = {*_LOCAL, host, f"[{host}]"}
        self.under_way = self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        start = time.perf_counter()
        body = bytearray()
        self.under_way += 1
        try:
            await self._pass(scope, receive, answer, body)
        except Refusal as refusal:
            await answer.refuse(refusal)
        finally:
            self.under_way -= 1
            self._held -= len(body)
            self._on_end(scope["path"], answer.status, time.perf_counter() - start)

    async def _pass(self, scope: Scope, receive: Receive, answer: _Answer, body: bytearray) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self._check_asker(scope["path"], headers)
        if self.under_way > self._limits.requests:
            raise Refusal(503, f"{self._limits.requests} requests are under way, as many as may be")
        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._read(headers, receive, body)
        except TimeoutError:
            raise Refusal(408, f"the request took longer than {self._limits.seconds:g} s to arrive") from None
        await self._answered(scope, receive, answer, bytes(body))

    def _check_asker(self, path: str, headers: dict[str, str]) -> None:
        if self._token is None:
            if re.sub(r":\d+$", "", headers.get("host", "")) not in self._hosts:
                raise Refusal(403, "this service answers on its own machine alone")
        elif path not in OPEN and not path.startswith("/static/"):
            kind, _, given = headers.get("authorization", "").partition(" ")
            if kind.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self._token.encode()):
                raise Refusal(401, "expected the header 'Authorization: Bearer TOKEN', with the service's token")

    async def _read(self, headers: dict[str, str], receive: Receive, body: bytearray) -> None:
        promised = headers.get("content-length", "0")
        self._check_size(int(promised) if promised.isdecimal() else 0)
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Refusal(_GONE, "the client went away")
            chunk = message.get("body", b"")
            body += chunk
            self._held += len(chunk)
            self._check_size(len(body))
            more = message.get("more_body", False)

    def _check_size(self, size: int) -> None:
        if size > self._limits.body:
            raise Refusal(413, f"{size:,} bytes, at most {self._limits.body:,} are read")
        if self._held > self._limits.bodies:
            raise Refusal(503, "the requests under way hold as many bytes as they may")

    async def _answered(self, scope: Scope, receive: Receive, answer: _Answer, body: bytes) -> None:
        gone = asyncio.ensure_future(_disconnected(receive))
        unread = [body]

        async def whole() -> Message:
            if unread:
                return {"type": "http.request", "body": unread.pop(), "more_body": False}
            await asyncio.shield(gone)
            return {"type": "http.disconnect"}

        work = asyncio.ensure_future(self._app(scope, whole, answer.send))
        try:
            done, _ = await asyncio.wait(
                {work, gone}, timeout=self._limits.seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if work in done:
                work.result()
            elif gone in done:
                raise Refusal(_GONE, "the client went away")
            else:
                raise Refusal(503, f"no answer within {self._limits.seconds:g} s")
        finally:
            for each in (work, gone):
                each.cancel()
            await asyncio.wait({work, gone})


class _Answer:
    """What goes to the client, with its status."""

    def __init__(self, send: Send) -> None:
        self._send, self.status, self._begun = send, _GONE, False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self._begun = message["status"], True
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        if self._begun or refusal.status == _GONE:
            return
        body = json.dumps({"error": str(refusal)}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        headers += [(b"retry-after", b"1")] if refusal.status == 503 else []
        headers += [(b"www-authenticate", b"Bearer")] if refusal.status == 401 else []
        await self.send({"type": "http.response.start", "status": refusal.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
