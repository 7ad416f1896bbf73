"""Object storage: S3, Google Cloud Storage and Azure. The only module that knows obstore.

What the library says is never shown: its words may hold signed addresses.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kputui.engine.extras import missing
from kputui.engine.stores import ANSWER_S, CONNECT_S, PIECE_BYTES, RemoteFile, changed, denied, gone, not_reached
from kputui.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

_RETRIES = 2
_ALLOW_HTTP = ("AWS_ALLOW_HTTP", "AZURE_ALLOW_HTTP", "GOOGLE_ALLOW_HTTP")
_YES = frozenset({"1", "true", "yes", "on"})
_REASONS = (
    ("timed out", "it did not answer in time"),
    ("timeout", "it did not answer in time"),
    ("dns", "its name is not known"),
    ("certificate", "its certificate is not trusted"),
    ("credential", "there are no credentials in the environment"),
    ("metadata", "there are no credentials in the environment"),
    ("region", "AWS_REGION names no region, or another one"),
    ("connect", "the connection failed"),
    ("error sending request", "the connection failed"),
)


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A folder of a bucket; `folder` is its URL with a slash at the end."""

    folder: str
    _store: Any

    @classmethod
    def at(cls, folder: str) -> ObjectStore:
        """Open it, with the credentials of the environment; raises DataError D32 without the library, D33."""
        try:
            from obstore.store import from_url  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise missing(f"`{folder}` is in object storage", "remote") from error
        with _told(folder):
            store = from_url(
                folder,
                client_options={
                    "allow_http": any(os.environ.get(name, "").casefold() in _YES for name in _ALLOW_HTTP),
                    "connect_timeout": f"{CONNECT_S}s",
                    "timeout": f"{ANSWER_S}s",
                },
                retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=ANSWER_S)},
            )
        return cls(folder, store)

    def listed(self) -> Iterator[RemoteFile]:
        """All files below the folder; raises DataError D02, D04, D33."""
        import obstore  # noqa: PLC0415 - an extra

        with _told(self.folder):
            for batch in obstore.list(self._store):
                for one in batch:
                    yield self._file(one)

    def head(self, name: str) -> RemoteFile:
        """One file of the folder; raises DataError D02, D04, D33."""
        import obstore  # noqa: PLC0415 - an extra

        with _told(self.folder + name):
            return self._file(obstore.head(self._store, name))

    def pieces(self, file: RemoteFile) -> Iterator[bytes]:
        """The content of a file, each piece of the very same state; raises DataError D08, D02, D04, D33."""
        import obstore  # noqa: PLC0415 - an extra

        name = file.url.removeprefix(self.folder)
        with _told(file.url, file):
            for start in range(0, file.size, PIECE_BYTES):
                options: dict[str, object] = {"range": (start, min(start + PIECE_BYTES, file.size))}
                if file.tag:
                    options["if_match"] = file.tag
                answer = obstore.get(self._store, name, options=options)
                if answer.meta["size"] != file.size:
                    raise changed(file)
                yield bytes(answer.bytes())

    def _file(self, found: Any) -> RemoteFile:
        modified_ns = int(found["last_modified"].timestamp()) * 1_000_000_000
        return RemoteFile(self.folder + found["path"], int(found["size"]), modified_ns, found["e_tag"] or "")


@contextmanager
def _told(where: str, file: RemoteFile | None = None) -> Iterator[None]:
    """Turn the library's errors, and its panics, into problems that hold none of its words."""
    from obstore import exceptions  # noqa: PLC0415 - an extra

    try:
        yield
    except (DataError, GeneratorExit, KeyboardInterrupt, SystemExit):
        raise
    except (exceptions.NotFoundError, FileNotFoundError):
        raise gone(where) from None
    except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError, PermissionError):
        raise denied(where) from None
    except exceptions.PreconditionError:
        raise (changed(file) if file is not None else not_reached(where, "it refused")) from None
    except BaseException as error:  # noqa: BLE001 - a panic of a compiled library is no Exception
        said = str(error).casefold().replace("retry_timeout", "")
        reason = next((words for mark, words in _REASONS if mark in said), "it gave an error")
        raise not_reached(where, reason) from None
