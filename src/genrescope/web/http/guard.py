"""Who may send requests: the names of this server, pages of its own, bearers of the token.

A page from elsewhere can make a browser send requests here. Three ways are closed: a foreign name
that resolves to this machine (DNS rebinding) is not among the names that the Host header may hold;
a request that changes something must come from a page of this server, by its Origin; and
Sec-Fetch-Site of browsers names where any request comes from. Programs that are no browsers send
neither header.
"""

from __future__ import annotations

import hmac
import json
import re
import socket
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genrescope.web.settings import Settings, address_of, is_loopback

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_READING = ("GET", "HEAD", "OPTIONS")
_OWN = ("same-origin", "none")
_TOKEN = "token"
_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_ODD = re.compile(r"[\x00-\x1f\x7f\\]")  # a browser takes a backslash for a slash


class Guard:
    """Refuses what is not meant for this server; puts the headers of safety on every response."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Stand before `app`."""
        self._app = app
        self._token = settings.token
        self._names = _names(settings.host)
        self._any_address = not is_loopback(settings.host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                api = scope["path"].startswith("/api/")
                headers.setdefault("cache-control", "no-store" if api else "no-cache")
            await send(message)

        headers = Headers(scope=scope)
        if fault := self._fault(scope, headers):
            await _refuse(safely, *fault)
        elif self._token is None or self._has_token(headers):
            await self._app(scope, receive, safely)
        elif self._brings_token(scope):
            await self._welcome(scope, headers, safely)
        else:
            await _refuse(
                safely, 401, "this server needs its token", "open the address that it printed"
            )

    def _fault(self, scope: Scope, headers: Headers) -> tuple[int, str, str] | None:
        """Status, what is wrong and what to do, where a request is not meant for this server."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_own(hosts[0]):
            return 403, "not a name of this server", "open the address that it printed"
        origins = headers.getlist("origin")
        if scope["method"] not in _READING and any(not _same(o, hosts[0]) for o in origins):
            return 403, "the request comes from another page", "use this server's own page"
        site = headers.get("sec-fetch-site", "none")
        if site not in _OWN and (scope["method"] not in _READING or scope["path"] != "/"):
            return 403, "the request comes from another page", "use this server's own page"
        return None

    def _is_own(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = found["name"].lower()
        if address := address_of(name):  # an address cannot be rebound
            return self._any_address or address.is_loopback
        return name.rstrip(".") in self._names

    def _has_token(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._is_token(given.strip()):
            return True
        cookie = SimpleCookie()
        try:
            cookie.load(headers.get("cookie", ""))
        except CookieError:
            return False
        kept = cookie.get(_cookie_name(headers))
        return kept is not None and self._is_token(kept.value)

    def _brings_token(self, scope: Scope) -> bool:
        given = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get(_TOKEN, "")
        return scope["method"] == "GET" and self._is_token(given)

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), (self._token or "").encode())

    async def _welcome(self, scope: Scope, headers: Headers, send: Send) -> None:
        """Keep the token as a cookie, and take it out of the address."""
        if _ODD.search(scope["path"]):
            await _refuse(send, 400, "no such address", "open the address that it printed")
            return
        pairs = parse_qsl(scope["query_string"].decode("latin-1"))
        rest = urlencode([pair for pair in pairs if pair[0] != _TOKEN])
        place = "/" + quote(scope["path"].lstrip("/")) + (f"?{rest}" if rest else "")
        cookie = f"{_cookie_name(headers)}={self._token}; HttpOnly; SameSite=Strict; Path=/"
        kept = [(b"location", place.encode()), (b"set-cookie", cookie.encode())]
        await send({"type": "http.response.start", "status": 303, "headers": kept})
        await send({"type": "http.response.body", "body": b""})


def _names(host: str) -> frozenset[str]:
    """Names that the Host header may hold, besides addresses."""
    if is_loopback(host):
        return frozenset(("localhost",))
    return frozenset(name.lower().rstrip(".") for name in ("localhost", host, socket.gethostname()))


def _same(origin: str, host: str) -> bool:
    """Whether an Origin is of this server under the name by which it is addressed."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def _cookie_name(headers: Headers) -> str:
    """Cookies have no ports, so that of each server has a name of its own."""
    port = headers["host"].rpartition(":")[2]
    return f"genrescope-{port if port.isdigit() else 'web'}"


async def _refuse(send: Send, status: int, detail: str, remedy: str) -> None:
    body = json.dumps({"detail": detail, "remedy": remedy}).encode()
    kept = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        kept.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": kept})
    await send({"type": "http.response.body", "body": body})
