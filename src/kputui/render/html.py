"""HTML as text: elements with escaped text, and the one page that opens without anything from outside."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from kputui.render.html_style import STYLE
from kputui.render.svg import tag, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def element(name: str, text: str, class_: str = "", **attributes: str) -> str:
    """An element around plain text, which is made safe and escaped."""
    return around(name, text_of(text), class_=class_, **attributes)


def around(name: str, *children: str, class_: str = "", **attributes: str) -> str:
    """An element around markup."""
    named = {"class_": class_, **attributes} if class_ else attributes
    return tag(name, *children, **named) if any(children) else tag(name, **named).replace("/>", f"></{name}>")


def page(title: str, body: str) -> str:
    """A whole page that loads nothing: its style is inside, and the policy allows that style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = (
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="generator" content="kputui">',
        element("title", title),
        f"<style>{STYLE}</style>",
    )
    lines = ("<!DOCTYPE html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", body, "</body>", "</html>")
    return "\n".join(lines) + "\n"


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column names the row: cells are markup, heads plain text; on a phone its rows stack."""
    top = "".join(element("th", head, scope="col", role="columnheader") for head in heads)
    body = []
    for first, *cells in rows:
        named = zip(map(text_of, heads[1:]), cells, strict=True)
        body.append(
            around("tr", first, *(around("td", cell, role="cell", data_name=n) for n, cell in named), role="row")
        )
    inside = (
        element("caption", caption),
        around("thead", around("tr", top, role="row"), role="rowgroup"),
        around("tbody", "\n".join(body), role="rowgroup"),
    )
    return around("div", around("table", *inside, class_="stack", role="table"), class_="tabled")


def listing(items: Iterable[str], class_: str = "plain") -> str:
    """A list of markup; "" for none."""
    lines = [around("li", item) for item in items]
    return around("ul", *lines, class_=class_) if lines else ""


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Names with their values, both plain text; "" for none."""
    shown = [around("div", element("dt", name), element("dd", value)) for name, value in pairs]
    return around("dl", *shown) if shown else ""
