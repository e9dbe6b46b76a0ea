"""Many clients that each send one request after the other over a connection that is kept open; for bench/serve.py."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """What came of a number of requests."""

    seconds: float
    latencies: Sequence[float]  # of the answered ones
    lost: int  # answered otherwise than with 200, or not at all

    @property
    def a_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    @property
    def median(self) -> float:
        """Seconds."""
        return statistics.median(self.latencies)

    @property
    def p99(self) -> float:
        """Seconds that 99 of 100 do not need."""
        return sorted(self.latencies)[int(0.99 * (len(self.latencies) - 1))]


def request(path: str, body: bytes, kind: str) -> bytes:
    """A request as it is sent."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def load(port: int, requests: Sequence[bytes], clients: int, count: int) -> Load:
    """Send so many requests, taken in turn from these."""
    return asyncio.run(_load(port, requests, clients, count))


async def _load(port: int, requests: Sequence[bytes], clients: int, count: int) -> Load:
    left, latencies = iter(range(count)), []
    turns = itertools.cycle(requests)
    start = time.perf_counter()
    lost = await asyncio.gather(*[_client(port, turns, left, latencies) for _ in range(clients)])
    return Load(time.perf_counter() - start, latencies, sum(lost))


async def _client(port: int, turns: Iterator[bytes], left: Iterator[int], latencies: list[float]) -> int:
    lost, streams = 0, None
    for _ in left:
        start = time.perf_counter()
        try:
            streams = streams or await asyncio.open_connection("127.0.0.1", port)
            status, stays = await _ask(*streams, next(turns))
        except (OSError, asyncio.IncompleteReadError):
            status, stays = 0, False
        if not stays and streams:
            streams[1].close()
            streams = None
        if status == 200:
            latencies.append(time.perf_counter() - start)
        else:
            lost += 1
    if streams:
        streams[1].close()
    return lost


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> tuple[int, bool]:
    """The status of the answer, and whether the connection stays open."""
    writer.write(sent)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length:")[2].partition("\r\n")[0])
    await reader.readexactly(length)
    return int(head.split(" ", 2)[1]), "connection: close" not in head
