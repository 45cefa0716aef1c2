"""Other people's XML, read into a small tree: no DTD, no entities, nothing fetched, bounded.

Tags lose their namespace. What they mean does not belong in here.
"""

from dataclasses import dataclass, field
from typing import Final

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

MAX_DEPTH: Final = 20
MAX_ELEMENTS: Final = 2_000
MAX_TEXT: Final = 2_000


class MarkupError(Exception):
    """This is no XML that may be read; the text is for logs only."""


@dataclass(slots=True)
class Element:
    """A tag with its attributes, its own text (bounded, without space around it), its children."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, name: str) -> list["Element"]:
        return [child for child in self.children if child.name == name]

    def text_of(self, name: str) -> str:
        """The text of the first child of this name; empty when there is none."""
        return next((child.text for child in self.children if child.name == name), "")


def read(content: bytes) -> Element:
    """The root of a document. Raises :class:`MarkupError` for everything that is no plain XML."""
    parser = DefusedXMLParser(target=_Builder(), forbid_dtd=True)
    try:
        parser.feed(content.lstrip())
        root: object = parser.close()
    except (ParseError, DefusedXmlException, LookupError, ValueError) as problem:
        raise MarkupError(str(problem)) from problem
    if not isinstance(root, Element):
        raise MarkupError("no element")
    return root


class _Builder:
    """Builds the tree as the parser goes, and stops it when there is too much."""

    def __init__(self) -> None:
        self._root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise MarkupError("too many elements, or too deep")
        plain = {_local(name): value[:MAX_TEXT] for name, value in attributes.items()}
        element = Element(_local(tag), plain)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def data(self, text: str) -> None:
        element = self._open[-1]
        element.text = (element.text + text)[:MAX_TEXT]

    def end(self, _: str) -> None:
        element = self._open.pop()
        element.text = element.text.strip()

    def close(self) -> Element | None:
        return self._root


def _local(name: str) -> str:
    return name.rpartition("}")[2]
