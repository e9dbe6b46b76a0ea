"""Who may ask the studio: the browser that opened the address with the token, and its own page there alone."""

from __future__ import annotations

import hmac
from urllib.parse import parse_qs

from fastapi.responses import JSONResponse
from starlette.requests import Request

from tlkit.serving.admission import App, Message, Receive, Scope, Send

API = "/api/"
_OPENING = "open the address that `tlkit studio` printed when it started: it has a token in it"
_OWN = ("same-origin", "none")  # `none`: typed or chosen by the person


class PageGuard:
    """Lets through what comes with the token; the page itself, in which nothing stands, is open.

    The first visit brings the token in the address, from then on a cookie has it, which no script can read. A page from
    elsewhere, also of another port of this machine, is refused by the headers that browsers write themselves.

    Args:
        port: is part of the cookie's name, as cookies of one machine are shared by all its ports.
    """

    def __init__(self, app: App, token: str, port: int) -> None:
        self._app, self._token, self._cookie = app, token, f"tlkit_studio_{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].startswith(API):
            refusal = self._refusal(Request(scope))
            await (refusal or self._app)(scope, receive, send)
        else:
            await self._app(scope, receive, self._welcoming(scope, send))

    def _refusal(self, request: Request) -> JSONResponse | None:
        if not self._is_token(request.cookies.get(self._cookie, "")):
            return JSONResponse({"error": _OPENING}, 401)
        origin, own = request.headers.get("origin"), f"http://{request.headers.get('host', '')}"
        asks_to_do = request.method not in ("GET", "HEAD")
        foreign = origin != own if origin is not None or asks_to_do else False
        if foreign or request.headers.get("sec-fetch-site", "none") not in _OWN:
            return JSONResponse({"error": "only the studio's own page may ask this"}, 403)
        return None

    def _welcoming(self, scope: Scope, send: Send) -> Send:
        """What sends the page, with the cookie for who came with the token."""
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("enter", [""])[0]
        if scope["path"] != "/" or not self._is_token(given):
            return send
        cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"set-cookie", cookie.encode())]}
            await send(message)

        return sent

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())
