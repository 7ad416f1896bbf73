"""report and export: the page that leaves the house, and the tables."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.unit.session.depot import WEEKS, Depot, routine

from kputui.render.html_style import STYLE

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Kputui

GOLDEN = Path(__file__).parents[2] / "golden"
HOSTILE = (
    "</style></svg><script>alert(1)</script><img src=http://evil/x onerror=x> \"'[a](http://evil) **b** `c` | "
    "\x1b]0;x\x07 &amp; \u202e"
)
_VOID = {"meta", "line", "path", "circle", "rect"}


def outlier(number: int) -> float:
    """Routine, but for the newest week."""
    return 48.0 if number == WEEKS - 1 else routine(number)


@pytest.fixture
def depot(tmp_path: Path) -> Depot:
    depot = Depot(tmp_path, outlier)
    depot.add(
        '\n[[contexts]]\ngoals = ["soon"]\nfrom = 2026-07-06\nto = 2026-07-24\npace_factor = 0.5\n'
        'note = "hall moves"\n\n[[annotations]]\nmetrics = ["minutes"]\non = 2026-09-14\nnote = "new vans"\n'
    )
    return depot


def assert_golden(name: str, text: str) -> None:
    """The text equals the file in tests/golden; with KPUTUI_WRITE_GOLDEN=1 the file is written."""
    path = GOLDEN / name
    if os.environ.get("KPUTUI_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


class Page(HTMLParser):
    """The page as a browser would take it: its elements and their attributes, and whether all of them close."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_in_markdown(kputui: Kputui, depot: Depot) -> None:
    """Goals with pace, what asks, the links and the findings, clean as it is read."""
    answer = kputui("-w", depot.folder, "report", "--since", "2026-10-04")
    assert (answer.code, answer.err) == (0, "")
    assert_golden("report_depot.md", answer.out)


def test_the_page_in_html(kputui: Kputui, depot: Depot) -> None:
    """The same in HTML, but for the drawings and the style, which have tests of their own."""
    answer = kputui("-w", depot.folder, "report", "--since", "2026-10-04", "--format", "html")
    assert answer.code == 0
    bare = re.sub(r"<svg.*?</svg>", "<svg/>", answer.out, flags=re.DOTALL)
    bare = re.sub(r"<style>.*?</style>", "<style/>", bare, flags=re.DOTALL)
    assert_golden(
        "report_depot.html", re.sub("sha256-[^']*", "sha256-...", re.sub(r"kputui \d+\.\d+\.\d+", "kputui", bare))
    )


def test_the_html_is_one_file_that_loads_nothing(kputui: Kputui, depot: Depot) -> None:
    """No script, no address, no picture or font from anywhere; the policy allows the page's own style alone."""
    text = kputui("-w", depot.folder, "report", "--format", "html").out
    page = Page(text)
    assert page.open == []
    names = {name for name, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "a", "image", "use", "form"}
    for _, attributes in page.tags:
        assert not {"src", "href", "xlink:href", "style"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
    assert "http:" not in text
    assert "https:" not in text
    assert "url(" not in text
    assert "@import" not in text
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = next(a["content"] for name, a in page.tags if name == "meta" and "http-equiv" in a)
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_the_html_can_be_heard_and_told_apart_without_colour(kputui: Kputui, depot: Depot) -> None:
    """A language, one heading of the first rank, a title and a description for each drawing, heads in each table."""
    page = Page(kputui("-w", depot.folder, "report", "--format", "html").out)
    assert ("html", {"lang": "en"}) in page.tags
    assert sum(name == "h1" for name, _ in page.tags) == 1
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    drawings = [attributes for name, attributes in page.tags if name == "svg"]
    assert drawings
    for attributes in drawings:
        assert attributes["role"] == "img"
        assert set(str(attributes["aria-labelledby"]).split()) <= set(ids)
    tables, captions = (sum(name == wanted for name, _ in page.tags) for wanted in ("table", "caption"))
    assert tables == captions > 0
    assert all("scope" in attributes for name, attributes in page.tags if name == "th")
    assert "✓ on track" in page.text or "! at risk" in page.text or "✗ off track" in page.text


@pytest.mark.parametrize("form", ["md", "html"])
def test_no_name_formats_links_or_runs_anything(kputui: Kputui, depot: Depot, form: str) -> None:
    """Names of goals, metrics, units and notes are shown letter for letter, whatever they hold."""
    text = (depot.folder / "kputui.toml").read_text(encoding="utf-8")
    labels = (
        "Parcels are there soon",
        "Minutes to the door",
        "hall moves",
        "new vans",
        "a late van is a slow van",
        "Vans",
    )
    for label in labels:
        text = text.replace(f'"{label}"', json.dumps(f"{label} {HOSTILE}"))
    depot.config(text.replace('"min"', json.dumps("<b>&lt;|*")))
    answer = kputui("-w", depot.folder, "report", "--format", form)
    assert answer.code == 0
    assert not (set(map(chr, range(32))) - {"\n"}) & set(answer.out)
    assert "\u202e" not in answer.out
    if form == "html":
        page = Page(answer.out)
        assert page.open == []
        assert not {name for name, _ in page.tags} & {"script", "img", "a"}
        assert "<script>alert(1)</script>" in page.text
    else:
        assert r"\<script>" in answer.out
        assert not re.search(r"(?<!\\)<(script|img)", answer.out)
        assert not re.search(r"(?<!\\)\]\(", answer.out)
        assert r"http\://evil" in answer.out


def luminance(colour: str) -> float:
    """The relative luminance of `#rgb` or `#rrggbb` (WCAG 2)."""
    digits = colour.removeprefix("#")
    parts = [digits[i] * 2 for i in range(3)] if len(digits) == 3 else [digits[i : i + 2] for i in (0, 2, 4)]
    shares = [int(part, 16) / 255 for part in parts]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_text_stands_out_from_its_ground_in_light_and_dark() -> None:
    """At least 4.5 : 1 for text, 3 : 1 for the lines of a drawing, in both themes."""
    light, dark = (
        dict(re.findall(r"--([a-z-]+):(#[0-9a-f]+)", block))
        for block in re.findall(r":root\{(.*?)\}", STYLE, re.DOTALL)[:2]
    )
    texts = [(ink, ground) for ink in ("ink", "soft") for ground in ("page", "card", "muted-bg")]
    texts += [(tone, f"{tone}-bg") for tone in ("good", "caution", "bad")]
    texts += [("caution", "card"), ("ink", "slow"), ("soft", "slow")]
    lines = [(ink, ground) for ink in ("series", "target", "caution") for ground in ("card", "slow", "faint")]
    for theme in (light, {**light, **dark}):
        for pairs, least in ((texts, 4.5), (lines, 3.0)):
            for ink, ground in pairs:
                low, high = sorted((luminance(theme[ink]), luminance(theme[ground])))
                assert (high + 0.05) / (low + 0.05) >= least, (ink, ground)


def test_nothing_new_is_a_page_of_one_sentence_and_the_goals(kputui: Kputui, tmp_path: Path) -> None:
    """Without news the page says so, and still shows where the goals stand."""
    depot = Depot(tmp_path)
    depot.set('kind = "cpi"', 'kind = "diagnostic"')
    depot.config((depot.folder / "kputui.toml").read_text(encoding="utf-8").split("[[links]]")[0])
    answer = kputui("-w", depot.folder, "report")
    assert "Nothing changed since then" in answer.out
    assert "## Goals" in answer.out
    assert "## What asks" not in answer.out


def test_the_page_goes_to_a_file_but_never_over_the_workspace(kputui: Kputui, depot: Depot, tmp_path: Path) -> None:
    """`-o` writes whole or not at all; a file of the workspace is refused and stays as it is."""
    page = tmp_path / "page.html"
    answer = kputui("-w", depot.folder, "report", "--format", "html", "-o", page)
    assert (answer.code, answer.out) == (0, "")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    before = (depot.folder / "kputui.toml").read_bytes()
    for name in ("kputui.toml", "data/rides.csv", "state/journal.jsonl"):
        refused = kputui("-w", depot.folder, "report", "-o", depot.folder / name)
        assert refused.code == 2
        assert "never writes over it" in refused.err
    assert (depot.folder / "kputui.toml").read_bytes() == before


def test_a_private_board_is_in_no_report_and_no_export(
    kputui: Kputui, depot: Depot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Named as the workspace it is refused; in a team's report nothing of it appears."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    private = tmp_path / "own" / "kputui" / "mine"
    shutil.copytree(depot.folder, private)
    for words in (("report",), ("export", "goals")):
        answer = kputui("-w", private, *words)
        assert (answer.code, answer.out) == (2, "")
        assert "private board" in answer.err
    assert kputui("-w", depot.folder, "report").code == 0


def test_missing_data_is_on_the_page_and_in_the_answer(kputui: Kputui, depot: Depot) -> None:
    """The page of what there is, then 5 with the reason on stderr."""
    (depot.folder / "data" / "parcels.csv").unlink()
    answer = kputui("-w", depot.folder, "report")
    assert answer.code == 5
    assert "Late parcels" in answer.err
    assert "Minutes to the door" in answer.out


def test_since_must_be_before_today(kputui: Kputui, depot: Depot) -> None:
    """A report of the future is refused with what to do."""
    answer = kputui("-w", depot.folder, "report", "--since", "2026-10-11")
    assert answer.code == 2


def chromium() -> str:
    """A browser to open the page in."""
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    return found or pytest.skip("no headless browser here")


def test_a_real_browser_lays_the_page_out_without_a_word_of_complaint(
    kputui: Kputui, depot: Depot, tmp_path: Path
) -> None:
    """At the width of a phone not even a long word stands over the edge, and the policy lets its own style through."""
    browser = chromium()
    depot.set('label = "Minutes to the door"', f'label = "{"W" * 200}"')
    depot.set('label = "Parcels are there soon"', f'label = "{"P" * 200}"')
    page = tmp_path / "page.html"
    kputui("-w", depot.folder, "report", "--format", "html", "-o", page)
    probe = tmp_path / "probe.html"
    frame = (
        "<!DOCTYPE html><title>probe</title><iframe id=f width=390 height=800 src=page.html></iframe><pre id=o></pre>"
        "<script>f.onload=()=>{const d=f.contentDocument,e=d.documentElement;"
        "o.textContent=JSON.stringify({over:e.scrollWidth-e.clientWidth,"
        "sizes:[...d.querySelectorAll('svg.chart')].map(s=>Math.round(s.getBoundingClientRect().width)),"
        "card:getComputedStyle(d.querySelector('.card')).borderTopWidth})}</script>"
    )
    probe.write_text(frame, encoding="utf-8")
    flags = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--allow-file-access-from-files",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--virtual-time-budget=5000",
        "--dump-dom",
    )
    done = subprocess.run([browser, *flags, probe.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'<pre id="o">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None, done.stderr
    seen = json.loads(found[1])
    assert seen["over"] <= 0
    assert seen["sizes"]
    assert all(250 < size <= 390 for size in seen["sizes"])
    assert seen["card"] == "1px"


# --- tables

TABLES = ("goals", "metrics", "signals", "links", "accountability", "changes", "findings")


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_csv_and_json_with_the_same_rows(kputui: Kputui, depot: Depot, table: str) -> None:
    """One head, rows of its length, and as many objects in the JSON."""
    depot.give("vans", depot.open().clock.today)
    answer = kputui("-w", depot.folder, "export", table)
    assert (answer.code, answer.err) == (0, "")
    head, *rows = csv.reader(io.StringIO(answer.out))
    assert all(len(row) == len(head) for row in rows)
    records = json.loads(kputui("-w", depot.folder, "export", table, "--format", "json").out)
    assert len(records) == len(rows) > 0 or table == "findings"
    assert all(list(record) == head for record in records)


def test_values_are_those_of_one_metric_by_period(kputui: Kputui, depot: Depot) -> None:
    """Forty weeks with target, limits and the signal of the newest."""
    records = json.loads(kputui("-w", depot.folder, "export", "values", "minutes", "--format", "json").out)
    assert len(records) == WEEKS
    last = records[-1]
    assert last["period"] == "2026-10-05"
    assert last["value"] == pytest.approx(48.0)
    assert (last["target"], last["is_met"], last["is_signal"], last["is_whole"]) == (35.0, False, True, True)
    assert last["lower_limit"] < last["mean"] < last["upper_limit"] < 48.0


def test_no_text_runs_in_a_spreadsheet_and_numbers_stay(kputui: Kputui, depot: Depot) -> None:
    """A label that begins like a formula gets an apostrophe; a negative number does not."""
    depot.set('label = "Minutes to the door"', 'label = "=cmd|calc"')
    depot.set("from = 2026-01-01, value = 35", "from = 2026-01-01, value = -35")
    answer = kputui("-w", depot.folder, "export", "metrics")
    row = next(row for row in csv.DictReader(io.StringIO(answer.out)) if row["metric"] == "minutes")
    assert row["label"] == "'=cmd|calc"
    assert row["target"] == "-35.0"


def test_the_form_is_what_the_files_name_says(kputui: Kputui, depot: Depot, tmp_path: Path) -> None:
    """.parquet, .json and .csv; another suffix is refused before anything is computed."""
    for suffix in ("csv", "json", "parquet"):
        assert kputui("-w", depot.folder, "export", "goals", "-o", tmp_path / f"goals.{suffix}").code == 0
    assert pl.read_parquet(tmp_path / "goals.parquet")["goal"].to_list() == ["soon", "other"]
    assert len(json.loads((tmp_path / "goals.json").read_text(encoding="utf-8"))) == 2
    refused = kputui("-w", depot.folder, "export", "goals", "-o", tmp_path / "goals.xlsx")
    assert refused.code == 2
    assert ".parquet" in refused.err


def test_wrong_words_get_the_nearest_right_one(kputui: Kputui, depot: Depot) -> None:
    """A table, a metric and a missing metric."""
    assert "nearest: goals" in kputui("-w", depot.folder, "export", "gaols").err
    assert "nearest: minutes" in kputui("-w", depot.folder, "export", "values", "minuts").err
    assert kputui("-w", depot.folder, "export", "values").code == 2
    assert kputui("-w", depot.folder, "export", "goals", "minutes").code == 2
