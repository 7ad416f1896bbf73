"""A server on this machine that speaks enough of S3 to list and to get, and plain HTTP; it notes what it is asked."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


@dataclass
class ObjectServer:
    """Objects by their path (`/bucket/key`): content and time. `status` answers instead of all, `delay_s` waits."""

    objects: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    status: int = 0
    delay_s: float = 0
    page: int = 1000
    has_tags: bool = True
    _server: Any = None

    def put(self, path: str, content: bytes, at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        """Store an object."""
        self.objects[path] = (content, at)

    def start(self) -> None:
        """Listen on a free port of this machine."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                _answer(server, self)

            def do_HEAD(self) -> None:
                _answer(server, self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def fetched(self) -> list[str]:
        """The paths that were fetched with GET, lists not counted."""
        return [path for method, path in self.asked if method == "GET" and "list-type" not in path]


def _answer(server: ObjectServer, request: BaseHTTPRequestHandler) -> None:
    parts = urlsplit(request.path)
    path = unquote(parts.path)
    server.asked.append((request.command, request.path))
    time.sleep(server.delay_s)
    if server.status:
        _send(request, server.status, b"", {})
    elif path in server.redirects:
        _send(request, 302, b"", {"Location": server.redirects[path]})
    elif "list-type" in parts.query:
        _list(server, request, path.strip("/"), parse_qs(parts.query))
    elif path in server.objects:
        _object(server, request, path)
    else:
        _send(request, 404, b"", {})


def _object(server: ObjectServer, request: BaseHTTPRequestHandler, path: str) -> None:
    content, at = server.objects[path]
    tag = _tag(content)
    if request.headers.get("If-Match", tag) != tag:
        _send(request, 412, b"", {})
        return
    headers = {"Last-Modified": format_datetime(at, usegmt=True)}
    if server.has_tags:
        headers["ETag"] = tag
    status = 200
    if (wanted := request.headers.get("Range")) is not None:
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        end = min(int(last) + 1, len(content)) if last else len(content)
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{len(content)}"
        content, status = content[int(first) : end], 206
    _send(request, status, content, headers)


def _list(server: ObjectServer, request: BaseHTTPRequestHandler, bucket: str, query: dict[str, list[str]]) -> None:
    prefix = query.get("prefix", [""])[0]
    after = query.get("continuation-token", [""])[0]
    found = sorted(
        path.removeprefix(f"/{bucket}/") for path in server.objects if path.startswith(f"/{bucket}/{prefix}")
    )
    found = [key for key in found if key > after]
    entries = []
    for key in found[: server.page]:
        content, at = server.objects[f"/{bucket}/{key}"]
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        entries.append(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{stamp}</LastModified>"
            f"<ETag>{escape(_tag(content))}</ETag><Size>{len(content)}</Size></Contents>"
        )
    more = len(found) > server.page
    token = f"<NextContinuationToken>{escape(found[server.page - 1])}</NextContinuationToken>" if more else ""
    text = (
        f"<ListBucketResult><Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix><KeyCount>{len(entries)}</KeyCount>"
        f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>{token}{''.join(entries)}</ListBucketResult>"
    )
    _send(request, 200, text.encode(), {"Content-Type": "application/xml"})


def _send(request: BaseHTTPRequestHandler, status: int, content: bytes, headers: dict[str, str]) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(content)


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
