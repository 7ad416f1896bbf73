"""Web servers: one file by its URL, with the standard library. A server cannot send the reader elsewhere."""

from __future__ import annotations

import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.parse import quote

from kputui.engine.stores import ANSWER_S, PIECE_BYTES, RemoteFile, changed, denied, gone, not_reached
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message
    from http.client import HTTPResponse
    from typing import IO


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is an error: leave was given for this address alone."""

    def redirect_request(
        self, _req: urllib.request.Request, _fp: IO[bytes], _code: int, _msg: str, _headers: Message, _newurl: str
    ) -> None:
        """Follow none."""


@dataclass(frozen=True, slots=True)
class HttpStore:
    """The folder of a URL; `folder` has a slash at the end."""

    folder: str

    def listed(self) -> Iterator[RemoteFile]:
        """Nothing: a web server lists no files; raises DataError D01."""
        raise DataError("D01", f"`{self.folder}`: a web server lists no files", "name one file")

    def head(self, name: str) -> RemoteFile:
        """One file of the folder; raises DataError D02, D04, D33."""
        url = self.folder + name
        with _told(url), _opened(url, "HEAD") as answer:
            return _file(url, answer)

    def pieces(self, file: RemoteFile) -> Iterator[bytes]:
        """The content of a file; raises DataError D08 when it is another by now, D02, D04, D33."""
        with _told(file.url), _opened(file.url, "GET") as answer:
            if _file(file.url, answer) != file:
                raise changed(file)
            while piece := answer.read(PIECE_BYTES):
                yield piece


def _opened(url: str, method: str) -> HTTPResponse:
    """The server's answer; raises what urllib does."""
    scheme, _, rest = url.partition("://")
    request = urllib.request.Request(  # noqa: S310 - only http and https come here
        f"{scheme}://{quote(rest, safe='/:%')}", method=method, headers={"Accept-Encoding": "identity"}
    )
    opener = urllib.request.build_opener(_NoRedirects)
    answer: HTTPResponse = opener.open(request, timeout=ANSWER_S)
    return answer


def _file(url: str, answer: HTTPResponse) -> RemoteFile:
    """The file that an answer tells of; raises DataError D33 when it does not tell its size."""
    size = answer.headers.get("Content-Length", "")
    if not size.isascii() or not size.isdigit():
        raise not_reached(url, "the server does not tell how large the file is")
    modified_ns = 0
    if written := answer.headers.get("Last-Modified"):
        try:
            modified_ns = int(parsedate_to_datetime(written).timestamp()) * 1_000_000_000
        except ValueError:
            modified_ns = 0
    return RemoteFile(url, int(size), modified_ns, answer.headers.get("ETag") or "")


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn the errors of the network into problems."""
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in {404, 410}:
            raise gone(url) from None
        if error.code in {401, 403}:
            raise denied(url) from None
        where = "the server sends to another address" if error.code in range(300, 400) else f"it says {error.code}"
        raise not_reached(url, where) from None
    except TimeoutError:
        raise not_reached(url, "it did not answer in time") from None
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        said = "it did not answer in time" if isinstance(reason, TimeoutError) else "the connection failed"
        raise not_reached(url, said) from None
