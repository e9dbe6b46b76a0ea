"""The word by which a chief knows its workers: from the environment, or a file that only the chief's user can read."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import grpc

VARIABLE, FILE = "TLKIT_JOIN_TOKEN", "join_token"
_HEADER = "tlkit-token"


def made_token(folder: Path) -> str:
    """The chief's word: what the environment says, or what stands in the search's folder, made if there is none."""
    with contextlib.suppress(FileExistsError), open(folder / FILE, "x", opener=_private) as file:
        file.write(secrets.token_urlsafe(24))
    return known_token(folder)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def known_token(folder: Path) -> str:
    """What a worker says: nothing where neither the environment nor a folder that both see has the word."""
    path = folder / FILE
    return os.environ.get(VARIABLE) or (path.read_text().strip() if path.is_file() else "")


class TokenCheck(grpc.ServerInterceptor):
    """Answers those alone that say the word."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self._refusal = grpc.unary_unary_rpc_method_handler(_refuse)

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """The method that is asked for, or the refusal."""
        said = dict(handler_call_details.invocation_metadata).get(_HEADER, "")
        known = hmac.compare_digest(str(said).encode(), self._token)
        return continuation(handler_call_details) if known else self._refusal


def _refuse(asked: Any, context: Any) -> None:
    context.abort(grpc.StatusCode.UNAUTHENTICATED, "another token")


def saying(token: str, channel: grpc.Channel) -> grpc.Channel:
    """A channel on which every call says the word."""
    return grpc.intercept_channel(channel, _WithToken(token))


class _Call(NamedTuple):
    method: str
    timeout: float | None
    metadata: Sequence[tuple[str, str]]
    credentials: Any
    wait_for_ready: bool | None
    compression: Any


class _WithToken(grpc.UnaryUnaryClientInterceptor):
    def __init__(self, token: str) -> None:
        self._word = (_HEADER, token)

    def intercept_unary_unary(
        self, continuation: Callable[[Any, Any], Any], client_call_details: Any, request: Any
    ) -> Any:
        asked = client_call_details
        told = [*(asked.metadata or ()), self._word]
        call = _Call(asked.method, asked.timeout, told, asked.credentials, asked.wait_for_ready, asked.compression)
        return continuation(call, request)
