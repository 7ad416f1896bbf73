"""Remote files: read only with the user's leave, listed now and then, fetched once, and never a hang or a secret."""

from __future__ import annotations

import gc
import os
import shutil
import stat
import sys
import time
from datetime import UTC, date, datetime
from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.engine.conftest import NOW, Bench
from tests.engine.object_server import ObjectServer

from kputui.engine import http_store, object_store, stores
from kputui.engine.compute import Engine
from kputui.engine.copies import Copies
from kputui.engine.listing import fingerprint, look
from kputui.engine.remote import Remote, store_at
from kputui.engine.request import Request
from kputui.engine.stores import RemoteFile, chosen
from kputui.errors import DataError
from kputui.model.ids import MetricId, SourceId
from kputui.model.metric import Grain
from kputui.model.remote import is_allowed, url_fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CSV = b"day,x\n2026-01-01,1\n2026-01-02,2\n"
LATER = datetime(2026, 1, 2, tzinfo=UTC)
KEY = "shown-to-nobody"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectServer]:
    """A server of objects, and an environment that sends S3 to it."""
    found = ObjectServer()
    found.start()
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", found.url)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY)
    yield found
    found.stop()


@pytest.fixture
def needs_obstore() -> None:
    """Object storage takes an extra."""
    pytest.importorskip("obstore")


def parquet(**columns: list[object]) -> bytes:
    """A Parquet file's bytes."""
    held = BytesIO()
    pl.DataFrame({"day": [date(2026, 1, 1), date(2026, 1, 2)], **columns}).write_parquet(held)
    return held.getvalue()


def asked(bench: Bench, url: str, remote: Remote | None, cache: Path | None = None) -> Engine:
    """An engine over one remote source."""
    bench.source("rows", url)
    bench.simple("n", "sum", "x")
    return Engine(bench.workspace(), now=lambda: NOW, remote=remote, cache=cache)


def value(engine: Engine) -> float | str | None:
    """The metric's value over the year, or the code of its failure."""
    reading = list(engine.readings(Request((MetricId("n"),), grain=Grain.YEAR)))[-1][0]
    if reading.failure is not None:
        return reading.failure.code
    assert reading.series is not None
    return reading.series.values[0]


def words(engine: Engine) -> str:
    """All that a failing metric says."""
    failure = list(engine.readings(Request((MetricId("n"),))))[-1][0].failure
    assert failure is not None
    return f"{failure.message} {failure.hint}"


@pytest.mark.parametrize("prefixes", [None, (), ("https://127.0.0.1/",), ("s3://buc/", "s3://bucket-b/")])
def test_nothing_is_asked_without_leave(
    bench: Bench, server: ObjectServer, prefixes: tuple[str, ...] | None, tmp_path: Path
) -> None:
    """A workspace that names a URL opens no connection, and the message says how the user can allow it."""
    server.put("/bucket/a.csv", CSV)
    for url in (f"{server.url}/bucket/a.csv", "s3://bucket/a.csv", "s3://bucket/*.csv"):
        engine = asked(bench, url, None if prefixes is None else Remote(prefixes, tmp_path))
        assert value(engine) == "D01"
        assert "--allow-remote" in words(engine)
        assert fingerprint(bench.sources[SourceId("rows")], str(bench.folder)).files == ()
    assert server.asked == []


@pytest.mark.parametrize(
    ("url", "prefix", "is_fine"),
    [
        ("s3://bucket/a/b.csv", "s3://bucket", True),
        ("s3://bucket/a/b.csv", "s3://bucket/a/", True),
        ("s3://bucket/a/b.csv", "s3://bucket/a/b.csv", True),
        ("s3://bucket/ab/c.csv", "s3://bucket/a", False),
        ("s3://bucket-evil/a.csv", "s3://bucket", False),
        ("https://good.example.evil.example/a.csv", "https://good.example", False),
        ("http://good.example/a.csv", "https://good.example", False),
    ],
)
def test_leave_ends_at_the_folder(url: str, prefix: str, is_fine: bool) -> None:
    """A prefix allows what lies below it as below a folder, and no name that merely begins alike."""
    assert is_allowed(url, (prefix,)) is is_fine


@pytest.mark.parametrize(
    "url",
    [
        "s3://bucket/../other/a.csv",
        "s3://bucket/%2e%2e/other/a.csv",
        "s3://bucket/%252e%252e/a.csv",
        "https://user:key@host/a.csv",
        "https://host/a.csv?X-Amz-Signature=abc",
        "https://host/a.csv#x",
        "https://host/*.csv",
        "s3://*/a.csv",
        "s3:///a.csv",
        "s3://",
        "file:///etc/passwd",
        "ftp://host/a.csv",
        "S3://bucket/a.csv",
        "s3://bucket\\@evil/a.csv",
        "https://host/a\nb.csv",
    ],
)
def test_odd_urls_are_refused(bench: Bench, url: str) -> None:
    """URLs with secrets, ways up, or wildcards where none can be are refused whatever is allowed."""
    assert url_fault(url)
    allowed = Remote(("s3://bucket", "https://host", "https://user:key@host", "s3://", "file://", "ftp://host"))
    assert value(asked(bench, url, allowed)) == "D01"


def test_a_file_of_a_web_server(bench: Bench, server: ObjectServer, tmp_path: Path) -> None:
    """A CSV and a Parquet file of a web server are read, fetched once, and read anew when they change."""
    server.put("/data/a b.csv", CSV)
    server.put("/data/b.parquet", parquet(x=[5, 6]))
    remote = Remote((f"{server.url}/data/",), tmp_path, every_s=0)
    engine = asked(bench, f"{server.url}/data/a b.csv", remote)
    assert value(engine) == 3
    assert value(engine) == 3
    assert server.fetched() == ["/data/a%20b.csv"]
    server.put("/data/a b.csv", CSV + b"2026-01-03,4\n", LATER)
    look(bench.workspace(), (), remote)
    assert value(engine) == 7
    assert len(server.fetched()) == 2
    assert value(asked(bench, f"{server.url}/data/b.parquet", remote)) == 11


def test_a_web_server_without_marks(bench: Bench, server: ObjectServer, tmp_path: Path) -> None:
    """Without an ETag a file is known by its size and its time."""
    server.has_tags = False
    server.put("/a.csv", CSV)
    assert value(asked(bench, f"{server.url}/a.csv", Remote((server.url,), tmp_path))) == 3


def test_a_redirect_is_not_followed(bench: Bench, server: ObjectServer, tmp_path: Path) -> None:
    """A server that was allowed cannot send the reader to an address that was not."""
    other = ObjectServer()
    other.start()
    other.put("/a.csv", CSV)
    server.redirects["/a.csv"] = f"{other.url}/a.csv"
    engine = asked(bench, f"{server.url}/a.csv", Remote((server.url,), tmp_path))
    assert value(engine) == "D33"
    assert "another address" in words(engine)
    assert other.asked == []
    other.stop()


@pytest.mark.usefixtures("needs_obstore")
@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_glob_in_a_bucket(bench: Bench, server: ObjectServer, suffix: str, tmp_path: Path) -> None:
    """Objects that a glob names are listed page by page and read; their folders `name=value` give columns."""
    server.page = 2
    for month in range(1, 6):
        content = CSV if suffix == ".csv" else parquet(x=[1, 2])
        server.put(f"/bucket/orders/region=r{month % 2}/2026 {month}{suffix}", content)
    server.put("/bucket/orders/readme.txt", b"no data")
    server.put(f"/bucket/other/1{suffix}", b"no data")
    remote = Remote(("s3://bucket/orders/",), tmp_path)
    engine = asked(bench, f"s3://bucket/orders/**/*{suffix}", remote)
    assert value(engine) == 15
    reading = list(engine.readings(Request((MetricId("n"),), group_by=("region",), grain=Grain.YEAR)))[-1]
    found = {one.series.group: one.series.values for one in reading if one.series}
    assert found == {(("region", "r0"),): (6,), (("region", "r1"),): (9,)}
    assert reading[0].provenance is not None
    assert reading[0].provenance.files[0] == f"s3://bucket/orders/region=r0/2026 2{suffix}"
    assert all(path.startswith("/bucket/orders") or "list-type" in path for _, path in server.asked)


@pytest.mark.usefixtures("needs_obstore")
def test_an_object_by_its_name(bench: Bench, server: ObjectServer, tmp_path: Path) -> None:
    """One object is read by its name; a large one in pieces of one state."""
    values = list(range(2_000_000))
    server.put("/bucket/a.parquet", parquet_of(values))
    assert len(server.objects["/bucket/a.parquet"][0]) > stores.PIECE_BYTES
    assert value(asked(bench, "s3://bucket/a.parquet", Remote(("s3://bucket",), tmp_path))) == sum(values)
    assert len(server.fetched()) >= 2


def parquet_of(values: list[int]) -> bytes:
    """A large Parquet file of one day."""
    held = BytesIO()
    frame = pl.DataFrame({"x": values}).with_columns(day=pl.lit(date(2026, 1, 1)))
    frame.write_parquet(held, compression="uncompressed")
    return held.getvalue()


@pytest.mark.usefixtures("needs_obstore")
@pytest.mark.parametrize(("status", "code"), [(403, "D04"), (401, "D04"), (404, "D02"), (500, "D33")])
def test_refusals_are_told_without_secrets(
    bench: Bench, server: ObjectServer, status: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a place answers becomes a problem of the source; no key is in any message."""
    monkeypatch.setattr(object_store, "_RETRIES", 0)
    server.status = status
    for url in ("s3://bucket/a.csv", f"{server.url}/a.csv"):
        engine = asked(bench, url, Remote(("s3://bucket", server.url), tmp_path))
        assert value(engine) == code
        assert KEY not in words(engine)
        assert "somebody" not in words(engine)


@pytest.mark.usefixtures("needs_obstore")
def test_a_place_that_is_down_or_silent(
    bench: Bench, server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer is a problem in bounded time, not a hang; the copies that were fetched do not stand in for it."""
    for module in (object_store, http_store):
        monkeypatch.setattr(module, "ANSWER_S", 1)
    monkeypatch.setattr(object_store, "_RETRIES", 0)
    server.put("/bucket/a.csv", CSV)
    for url in ("s3://bucket/a.csv", f"{server.url}/bucket/a.csv"):
        remote = Remote(("s3://bucket", server.url), tmp_path, every_s=0)
        engine = asked(bench, url, remote)
        server.delay_s = 0
        assert value(engine) == 3
        server.delay_s = 3
        look(bench.workspace(), (), remote)
        assert value(engine) == "D33"
    address = server.url
    server.stop()
    assert value(asked(bench, f"{address}/bucket/a.csv", Remote((address,), tmp_path))) == "D33"


def test_polling_never_waits(bench: Bench, server: ObjectServer, tmp_path: Path) -> None:
    """A poll answers at once with what was listed last, and looks again beside."""
    url = f"{server.url}/a.csv"
    server.put("/a.csv", CSV)
    remote = Remote((server.url,), tmp_path, every_s=0)
    bench.source("rows", url)
    source = bench.sources[SourceId("rows")]
    assert fingerprint(source, str(bench.folder), (), remote).files == ()
    assert server.asked == []
    look(bench.workspace(), (), remote)
    first = fingerprint(source, str(bench.folder), (), remote)
    assert [(one.path, one.size) for one in first.files] == [(url, len(CSV))]
    server.put("/a.csv", CSV + b"2026-01-03,4\n", LATER)
    end = time.monotonic() + 10
    while fingerprint(source, str(bench.folder), (), remote) == first:
        assert time.monotonic() < end
        time.sleep(0.01)
    server.stop()
    while not fingerprint(source, str(bench.folder), (), remote).fault:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_file_is_not_looked_at_too_often(bench: Bench, server: ObjectServer, tmp_path: Path) -> None:
    """Within the time that the settings give, a place is asked once."""
    server.put("/a.csv", CSV)
    engine = asked(bench, f"{server.url}/a.csv", Remote((server.url,), tmp_path, every_s=1000))
    for _ in range(3):
        assert value(engine) == 3
    assert len(server.asked) == 2


def test_copies_are_private_checked_and_shared(bench: Bench, server: ObjectServer, tmp_path: Path) -> None:
    """A copy is the user's alone, serves the next run, and is fetched again when it was damaged or deleted."""
    server.put("/a.csv", CSV)
    cache = tmp_path / "cache"

    def run() -> float | str | None:
        return value(asked(bench, f"{server.url}/a.csv", Remote((server.url,), cache), cache))

    assert run() == 3
    (copy,) = (cache / "remote").rglob("a.csv")
    assert stat.S_IMODE((cache / "remote").stat().st_mode) == 0o700
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert run() == 3
    assert len(server.fetched()) == 1
    before = copy.stat()
    copy.write_bytes(CSV.replace(b"2\n", b"9\n"))
    os.utime(copy, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert run() == 3
    assert len(server.fetched()) == 2
    shutil.rmtree(cache)
    assert run() == 3
    assert len(server.fetched()) == 3


def test_without_a_cache_nothing_stays(bench: Bench, server: ObjectServer, tmp_path: Path) -> None:
    """Without a cache copies lie in a folder of their own, which goes with the engine."""
    server.put("/a.csv", CSV)
    remote = Remote((server.url,))
    assert value(asked(bench, f"{server.url}/a.csv", remote)) == 3
    (copy,) = remote.fetched(remote.look(f"{server.url}/a.csv"))
    assert copy.exists()
    del remote
    gc.collect()
    assert not copy.parent.exists()
    assert list(tmp_path.rglob("a.csv")) == []


def test_the_oldest_copies_make_room(tmp_path: Path) -> None:
    """Beyond the room for all copies, those used longest ago are removed, and none in use."""
    copies = Copies(tmp_path / "remote", most_bytes=700)
    names = [RemoteFile(f"s3://b/{number}.csv", 200, 10**18, "t") for number in range(4)]
    for place, one in enumerate(names):
        path = copies.keep(one, [b"x" * 200])
        os.utime(path.parent, ns=(10**18 + place, 10**18 + place))
    copies.tidy([names[0]])
    assert [Copies(tmp_path / "remote").known(one) is not None for one in names] == [True, False, True, True]


def test_more_than_there_is_room_for_is_refused(bench: Bench, server: ObjectServer, tmp_path: Path) -> None:
    """Files that together exceed the room for copies are not fetched at all."""
    server.put("/a.csv", CSV)
    engine = asked(bench, f"{server.url}/a.csv", Remote((server.url,), tmp_path, most_bytes=10))
    assert value(engine) == "D07"
    assert server.fetched() == []


@pytest.mark.usefixtures("needs_obstore")
def test_an_object_that_changes_between_listing_and_fetching(
    bench: Bench, server: ObjectServer, tmp_path: Path
) -> None:
    """A copy is of the state that was listed, or there is none."""
    for url in ("s3://bucket/a.csv", f"{server.url}/bucket/a.csv"):
        server.put("/bucket/a.csv", CSV)
        remote = Remote(("s3://bucket", server.url), tmp_path, every_s=1000)
        remote.look(url)
        server.put("/bucket/a.csv", CSV.replace(b"2\n", b"9\n"), LATER)
        assert value(asked(bench, url, remote)) == "D08"


def test_what_a_server_sends_too_much_is_not_kept(tmp_path: Path) -> None:
    """Content of another size than was listed makes no copy, however long it goes on."""
    copies = Copies(tmp_path / "remote")
    one = RemoteFile("https://h/a.csv", 10, 0, "")
    for pieces in ([b"x" * 9], [b"x" * 11], (b"x" * 1000 for _ in iter(int, 1))):
        with pytest.raises(DataError) as raised:
            copies.keep(one, pieces)
        assert raised.value.code == "D08"
    assert [path for path in (tmp_path / "remote").rglob("*") if path.is_file()] == []


def test_names_of_objects_stay_in_their_folder(tmp_path: Path) -> None:
    """An object's name cannot lead its copy out of the copies' folder."""
    copies = Copies(tmp_path / "remote")
    for name in ("..", "digest", "a\0b.csv", "x" * 500 + ".csv", "\\..\\a.csv"):
        path = copies.keep(RemoteFile(f"s3://b/{name}", 1, 0, ""), [b"1"])
        assert path.parent.parent == tmp_path / "remote"
        assert copies.known(RemoteFile(f"s3://b/{name}", 1, 0, "")) == path


class Listed:
    """A store that lists names."""

    def __init__(self, *names: str) -> None:
        """Hold them."""
        self.names = names

    def listed(self) -> Iterator[RemoteFile]:
        """All of them."""
        return iter(RemoteFile(name, 1, 0, "") for name in self.names)

    def head(self, name: str) -> RemoteFile:
        """Nobody asks for one."""
        raise NotImplementedError(name)

    def pieces(self, file: RemoteFile) -> Iterator[bytes]:
        """Nobody fetches any."""
        raise NotImplementedError(file)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("s3://b/*.csv", ["s3://b/a.csv", "s3://b/b[1].csv"]),
        ("s3://b/**/*.csv", ["s3://b/a.csv", "s3://b/b[1].csv", "s3://b/d/c.csv", "s3://b/d/e/f.csv"]),
        ("s3://b/*/*.csv", ["s3://b/d/c.csv"]),
        ("s3://b/?.csv", ["s3://b/a.csv"]),
        ("s3://b/[!b]*.csv", ["s3://b/a.csv"]),
        ("s3://b/d/*.csv", ["s3://b/d/c.csv"]),
    ],
)
def test_globs_choose_as_they_do_for_files(pattern: str, found: list[str]) -> None:
    """`*` and `?` stay within a folder, `**` goes through all."""
    store = Listed("s3://b/d/e/f.csv", "s3://b/d/c.csv", "s3://b/a.csv", "s3://b/b[1].csv", "s3://b/a.txt")
    assert [one.url for one in chosen(store, pattern)] == found


def test_a_glob_without_files_is_told() -> None:
    """Nothing that matches is a problem, not zero."""
    with pytest.raises(DataError) as raised:
        chosen(Listed("s3://b/a.txt"), "s3://b/*.csv")
    assert raised.value.code == "D02"


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where obstore is not installed the message says what to type."""
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(DataError) as raised:
        store_at("s3://bucket/")
    assert raised.value.code == "D32"
    assert raised.value.hint == "pip install 'kputui[remote]'"
