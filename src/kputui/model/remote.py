"""URLs of data: which are well formed, and which lie under the places that the user has given leave for."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

SCHEMES = ("s3", "gs", "az", "https", "http")
"""The kinds of places that can be read."""

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]+:")
_WILDCARD = re.compile(r"[*?\[\]]")


def is_url(path: str) -> bool:
    """Whether a data path names a remote place, or any other thing with a scheme."""
    return _SCHEME.match(path) is not None


def url_fault(url: str) -> str:
    """What is wrong with the letters of a URL, in words that follow it; "" when nothing is."""
    scheme, _, rest = url.partition("://")
    if scheme not in SCHEMES or not rest:
        return f"is no URL that is read: these begin with {', '.join(f'{one}://' for one in SCHEMES)}"
    place, _, path = rest.partition("/")
    if "@" in place:
        return "has a user or a password in it: credentials come from the environment"
    if not place or _WILDCARD.search(place):
        return "names no bucket or host" if not place else "has a wildcard in the name of its bucket or host"
    return _path_fault(url, path) or (_web_fault(url, path) if scheme in {"http", "https"} else "")


def _path_fault(url: str, path: str) -> str:
    if "\\" in url or any(ord(letter) < 32 for letter in url):
        return "has a backslash or a control character in it"
    if {"..", "."} & set(unquote(unquote(path)).split("/")):
        return "has `.` or `..` in its path"
    return ""


def _web_fault(url: str, path: str) -> str:
    parts = urlsplit(url)
    if parts.query or parts.fragment or "?" in url or "#" in url:
        return "has a query or a fragment: keys that it may hold do not belong into a workspace"
    return "has a wildcard, and a web server lists no files" if _WILDCARD.search(path) else ""


def is_allowed(url: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a well-formed URL is one of the prefixes, or lies under one of them as under a folder."""
    return any(url == one or url.startswith(f"{one.rstrip('/')}/") for one in prefixes)


def how_to_allow(url: str) -> str:
    """What the user can do to let a URL be read."""
    folder = _WILDCARD.split(url, maxsplit=1)[0].rpartition("/")[0] + "/"
    return f'if you trust it: --allow-remote {folder}, or allow_remote = ["{folder}"] in your settings.toml'
