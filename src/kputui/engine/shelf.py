"""Computed results on disk, in the user's cache folder: each entry is one file that proves itself whole.

An entry may be deleted, cut or overwritten at any time: what does not match its checksum is as if it
were not there. No polars here.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAGIC = b"kputui-kept-1\n"
_DIGEST = 32
_SUFFIX = ".kept"

MOST_BYTES = 64 * 2**20
"""No larger entry is written."""

MOST_ALTOGETHER = 256 * 2**20
"""Beyond this size the entries that were written longest ago are removed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was kept: `head` of plain JSON values, and the blobs in their order; `digest` is that of all."""

    head: dict[str, object]
    blobs: tuple[bytes, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of entries that only its user may read (0700, files 0600)."""

    folder: Path
    most_bytes: int = MOST_ALTOGETHER

    def entry(self, key: str) -> Entry | None:
        """The entry of a key (any text); None when there is none or it is not whole."""
        try:
            data = self._path(key).read_bytes()
        except OSError:
            return None
        start = len(_MAGIC) + _DIGEST
        if data[: len(_MAGIC)] != _MAGIC or _digest(key, data[start:]) != data[len(_MAGIC) : start]:
            return None
        size = int.from_bytes(data[start : start + 8], "little")
        held = json.loads(data[start + 8 : start + 8 + size])
        blobs, at = [], start + 8 + size
        for length in held["sizes"]:
            blobs.append(data[at : at + length])
            at += length
        return Entry(held["head"], tuple(blobs), data[len(_MAGIC) : start].hex())

    def use(self, key: str, digest: str) -> bool:
        """Whether the entry of a key is there with this digest; it then counts as written just now."""
        path = self._path(key)
        with contextlib.suppress(OSError):
            with path.open("rb") as opened:
                is_same = opened.read(len(_MAGIC) + _DIGEST) == _MAGIC + bytes.fromhex(digest)
            if is_same:
                os.utime(path)
            return is_same
        return False

    def keep(self, key: str, head: dict[str, object], blobs: Sequence[bytes]) -> str:
        """Write an entry in one step, and give its digest.

        A folder that can't be written, a full disk, or too many bytes only cost the entry: the digest is "" then.
        """
        words = json.dumps({"head": head, "sizes": [len(blob) for blob in blobs]}).encode()
        body = b"".join((len(words).to_bytes(8, "little"), words, *blobs))
        with contextlib.suppress(OSError):
            if len(body) > MOST_BYTES:
                self._path(key).unlink(missing_ok=True)
                return ""
            for folder in (self.folder.parent, self.folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            digest = _digest(key, body)
            self._write(self._path(key), _MAGIC + digest + body)
            self._tidy()
            return digest.hex()
        return ""

    def _path(self, key: str) -> Path:
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}{_SUFFIX}"

    def _write(self, path: Path, data: bytes) -> None:
        """Replace a file by a rename; no sync, as a torn entry is found out by its checksum."""
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "wb") as opened:
                opened.write(data)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def _tidy(self) -> None:
        """Remove the oldest entries beyond the size that all may have together, and parts that were left behind."""
        found = []
        for path in self.folder.iterdir():
            if path.suffix in {_SUFFIX, ".part"}:
                with contextlib.suppress(OSError):  # another process may have removed it
                    status = path.stat()
                    found.append((status.st_mtime_ns, status.st_size, path))
        held = 0
        for _, size, path in sorted(found, reverse=True):
            held += size
            if held > self.most_bytes:
                path.unlink(missing_ok=True)


def _digest(key: str, body: bytes) -> bytes:
    return hashlib.blake2b(key.encode() + b"\0" + body, digest_size=_DIGEST).digest()
