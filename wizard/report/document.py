"""A document as blocks, and its forms: HTML, Markdown, plain text. Pure; knows no set-up.

Every text is foreign until it is escaped here: a server's words, a domain, a folder's name.
"""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>()#+!|~])")
_AT_START: Final = re.compile(r"^(\s*)([-=]|\d+[.)])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Heading:
    """The name of a part; ``level`` 1 is the document's own."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list; ``numbered`` where the order counts."""

    texts: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a head, each as long as it. ``fixed``: columns in a fixed width, to copy from."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    fixed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Exact:
    """A value to copy: every character counts."""

    text: str


Block = Heading | Paragraph | Items | Table | Exact

_STYLE: Final = """\
body { font-family: sans-serif; font-size: 10pt; color: #1b1f24; }
h1 { font-size: 16pt; } h2 { font-size: 12pt; margin-top: 16px; } h3 { font-size: 10.5pt; }
table { border-collapse: collapse; }
th, td { border: 1px solid #b9c0c8; padding: 4px 8px; text-align: left; vertical-align: top; }
th { background-color: #eef1f4; }
code, pre { font-family: monospace; white-space: pre-wrap; word-break: break-all; }
"""


def as_html(title: str, blocks: Sequence[Block], language: str) -> str:
    """A whole page that needs nothing from elsewhere."""
    body = "\n".join(map(_html, blocks))
    return (
        f'<!DOCTYPE html>\n<html lang="{_escaped(language)}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{_escaped(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _html(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{_escaped(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{_escaped(text)}</p>"
        case Exact(text):
            return f"<pre>{_escaped(text)}</pre>"
        case Items(texts, numbered):
            tag = "ol" if numbered else "ul"
            rows = "".join(f"<li>{_escaped(one)}</li>" for one in texts)
            return f"<{tag}>{rows}</{tag}>"
        case Table(head, rows, fixed):
            cells = "".join(f"<th>{_escaped(one)}</th>" for one in head)
            lines = [f"<tr>{cells}</tr>"]
            for row in rows:
                cells = "".join(
                    f"<td><code>{_escaped(one)}</code></td>"
                    if column in fixed
                    else f"<td>{_escaped(one)}</td>"
                    for column, one in enumerate(row)
                )
                lines.append(f"<tr>{cells}</tr>")
            return "<table>" + "".join(lines) + "</table>"


def as_markdown(blocks: Sequence[Block]) -> str:
    """CommonMark with tables, as trackers and wikis take it."""
    return "\n\n".join(map(_markdown, blocks)) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {_marked(text)}"
        case Paragraph(text):
            return _marked(text)
        case Exact(text):
            fence = "`" * max(3, _longest_ticks(text) + 1)
            return f"{fence}\n{text}\n{fence}"
        case Items(texts, numbered):
            marks = (f"{number}." if numbered else "-" for number in range(1, len(texts) + 1))
            return "\n".join(
                f"{mark} {_marked(one)}" for mark, one in zip(marks, texts, strict=True)
            )
        case Table(head, rows, fixed):
            lines = [_row(head, _marked), "|" + " --- |" * len(head)]
            for row in rows:
                cells = tuple(
                    _ticked(one) if column in fixed and one else _marked(one)
                    for column, one in enumerate(row)
                )
                lines.append(_row(cells, str))
            return "\n".join(lines)


def as_text(blocks: Sequence[Block]) -> str:
    """Plain text for a mail or a ticket."""
    return "\n\n".join(map(_text, blocks)) + "\n"


def _text(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{text}\n{('=' if level == 1 else '-') * len(text)}"
        case Paragraph(text):
            return text
        case Exact(text):
            return f"  {text}"
        case Items(texts, numbered):
            marks = (f"{number}." if numbered else "-" for number in range(1, len(texts) + 1))
            return "\n".join(f"{mark} {one}" for mark, one in zip(marks, texts, strict=True))
        case Table(head, rows):
            lines = []
            for row in rows:
                cells = [
                    f"{name}: {cell}" for name, cell in zip(head[1:], row[1:], strict=True) if cell
                ]
                lines.append("\n".join([f"- {row[0]}", *(f"  {cell}" for cell in cells)]))
            return "\n".join(lines)


def _escaped(text: str) -> str:
    return html.escape(text, quote=True).replace("\n", "<br>")


def _marked(text: str) -> str:
    """Text in which nothing is taken for markup, on one line."""
    line = _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
    return _AT_START.sub(r"\1\\\2", line)


def _row(cells: Sequence[str], form: Callable[[str], str]) -> str:
    return "| " + " | ".join(form(cell) for cell in cells) + " |"


def _ticked(text: str) -> str:
    """A value in a table's cell: a bar would end it, even between ticks."""
    ticks = "`" * (_longest_ticks(text) + 1)
    room = " " if text.startswith("`") or text.endswith("`") else ""
    line = " ".join(text.split()).replace("|", "\\|")
    return f"{ticks}{room}{line}{room}{ticks}"


def _longest_ticks(text: str) -> int:
    return max((len(found) for found in re.findall(r"`+", text)), default=0)
