"""The report's parts: drawings, HTML and Markdown, on views made by hand and on any text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kputui.model.metric import Grain, NumberFormat
from kputui.render import html
from kputui.render.markdown import md
from kputui.render.safe import safe
from kputui.render.svg import text_of
from kputui.render.svg_chart import chart_svg, description, mark_words
from kputui.session.views import ChartView, FanView, LineView, MarkView

STARTS = tuple(date(2026, 1, 5) + timedelta(weeks=number) for number in range(8))
VALUES = (0.50, 0.52, None, 0.51, 0.70, 0.49, 0.505, None)
UNKNOWN = (None,) * 6
VIEW = ChartView(
    Grain.WEEK,
    STARTS,
    VALUES,
    6,
    1,
    (
        LineView("target", (0.5,) * 4 + (0.55,) * 4),
        LineView("limits", (0.6,) * 8),
        LineView("limits", (0.4,) * 8),
        LineView("mean", (0.5,) * 8),
    ),
    (
        MarkView(date(2026, 1, 19), date(2026, 2, 1), "hall moves", 0.5),
        MarkView(date(2026, 2, 3), date(2026, 2, 3), "storm"),
        MarkView(date(2026, 2, 10), date(2026, 2, 10), "Vans took over", is_owner=True),
    ),
    NumberFormat.PERCENT1,
    signals=(4,),
    fan=FanView(
        mean=(*UNKNOWN, 0.505, 0.51),
        low80=(*UNKNOWN, 0.505, 0.47),
        high80=(*UNKNOWN, 0.505, 0.55),
        low95=(*UNKNOWN, 0.505, 0.44),
        high95=(*UNKNOWN, 0.505, 0.58),
    ),
)


def drawn(view: ChartView, name: str = "Late parcels") -> ET.Element:
    """The drawing as XML, which is stricter than any browser."""
    return ET.fromstring(chart_svg(view, name, "c1"))  # noqa: S314 - made by the test


def of_class(root: ET.Element, class_: str) -> list[ET.Element]:
    return [element for element in root.iter() if class_ in (element.get("class") or "").split()]


def test_every_kind_of_mark_is_drawn_once() -> None:
    """Values in runs, whole periods apart from others, lines, bands, the signal, contexts, notes and owners."""
    root = drawn(VIEW)
    for class_, count in {
        "series": 2,
        "hollow": 3,
        "ring": 2,
        "target": 2,
        "limits": 3,
        "band80": 2,
        "band95": 1,
        "middle": 1,
        "slow": 1,
        "day": 1,
        "owner": 1,
    }.items():
        assert len(of_class(root, class_)) == count, class_
    assert [element.text for element in of_class(root, "letter")] == ["a", "b", "c"]
    assert [letter for letter, _ in mark_words(VIEW)] == ["a", "b", "c"]
    assert mark_words(VIEW)[0][1] == "19 Jan - 1 Feb: hall moves"


def test_all_of_it_lies_within_the_drawing() -> None:
    """No point, text or band stands outside of the view box."""
    root = drawn(VIEW)
    _, _, width, height = map(float, str(root.get("viewBox")).split())
    for element in root.iter():
        for name, limit in (("x", width), ("x1", width), ("x2", width), ("cx", width), ("y", height), ("cy", height)):
            value = element.get(name)
            assert value is None or -0.5 <= float(value) <= limit + 0.5, (element.tag, name, value)


def test_who_cannot_see_it_is_told() -> None:
    """The periods, the newest whole value, the extremes, the lines and the signals, in sentences."""
    assert description(VIEW) == (
        "By week from 5 Jan 2026 to 23 Feb 2026. Newest whole period, week of 9 Feb 2026: 49.0 %; lowest 49.0 %, "
        "highest 70.0 %. Target then: 55.0 %. Limits then: 60.0 % and 40.0 %. Mean then: 50.0 %. "
        "Signals: week of 2 Feb 2026."
    )
    root = drawn(VIEW)
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "c1t c1d")
    assert [element.text for element in root if element.tag == "title"] == ["Late parcels"]


@pytest.mark.parametrize(
    "view",
    [
        replace(VIEW, values=(None,) * 8, fan=None),
        replace(VIEW, values=(float("nan"),) * 8, fan=None, lines=()),
        replace(VIEW, starts=(), values=(), lines=(), marks=(), signals=(), fan=None, running_from=None),
    ],
)
def test_without_a_value_there_is_no_drawing(view: ChartView) -> None:
    """An empty frame would say something that nobody knows."""
    assert chart_svg(view, "x", "c1") == ""


@pytest.mark.parametrize(
    "values", [(5.0,), (0.0,), (-3.0, -3.0), (1e12, 1e-12), (1e300, -1e300), (0.1, float("inf"), 0.2)]
)
def test_odd_values_are_drawn(values: tuple[float, ...]) -> None:
    """One period, none but 0, below 0, far apart, and one that is no number."""
    view = ChartView(Grain.DAY, STARTS[: len(values)], values, None, 0)
    root = drawn(view)
    assert of_class(root, "point")
    assert "nan" not in chart_svg(view, "x", "c1")
    assert "inf" not in chart_svg(view, "x", "c1")


@settings(deadline=None)
@given(st.text())
@example("</title><script>x</script>")
@example("\ud800 &lt; \x00 \u202e")
def test_any_name_is_text_in_a_drawing_and_on_the_page(name: str) -> None:
    """Whatever it holds, it comes back as its safe self, and the drawing has as many elements as with any name."""
    marked = replace(VIEW, unit=name, format=NumberFormat.NUMBER, marks=())
    root = drawn(marked, name)
    assert len(list(root.iter())) == len(list(drawn(replace(marked, unit="x"), "x").iter()))
    title = next(element.text or "" for element in root if element.tag == "title")
    assert title.replace("\u00a0", " ") == safe(name)
    assert not {"<", ">", '"', "'"} & set(text_of(name))
    assert html.element("p", name) == f"<p>{text_of(name)}</p>"


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", min_codepoint=32), max_size=60))
@example("1. x")
@example("# x")
@example("- x")
@example("+ x")
@example("---")
@example("===")
@example("> x")
@example("[a](http://x) ![b](y) <b> &lt; `c` **d** __e__ ~~f~~ | g $h$")
@example("www.example.org and https://example.org, a@example.org")
@example("    code")
@example("\\")
@example("a\\_b")
@example(":-- | x")
@example("1234567890. x")
def test_any_text_is_text_in_markdown(text: str) -> None:
    """A reader of Markdown with tables, strikethrough and links by themselves shows it letter for letter."""
    parser = MarkdownIt("gfm-like")
    shown = safe(text).strip()
    for around in ("{}", "- {}", "- **{}**" if shown else "{}", "### {} (signal)"):
        tokens = parser.parse(around.format(md(text)) + "\n")
        inline = [token for token in tokens if token.type == "inline"]
        kinds = {child.type for token in inline for child in token.children or ()}
        assert kinds <= {"text", "text_special", "strong_open", "strong_close"}, (around, kinds)
        assert not {token.type for token in tokens} & {"html_block", "code_block", "fence", "hr", "blockquote_open"}
        if around == "{}":
            read = "".join(child.content for token in inline for child in token.children or ())
            assert read.strip() == shown


def test_a_number_is_not_torn_apart() -> None:
    """The spaces within a number and before its sign are kept together; those of a date and a sentence are not."""
    assert text_of("10 912 of 12 000 and 76.0 % on 2 Sep 2013") == (
        "10\u00a0912 of 12\u00a0000 and 76.0\u00a0% on 2 Sep 2013"
    )
