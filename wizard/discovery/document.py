"""From a page to the document that was asked for, or the words why it is none. No look-ups."""

from typing import Final

from wizard.discovery.markup import Element, MarkupError, read
from wizard.discovery.web import NoPage, Page
from wizard.texts import Message, message

_MISSING: Final = (404, 405, 410)
_WEB_SITE: Final = ("text/html", "application/xhtml+xml")


def document_of(page: Page | NoPage, root_name: str) -> Element | Message:
    """The document's root, which has to have this name."""
    if isinstance(page, NoPage):
        return message(f"discovery.trouble.{page.trouble}", host=page.host)
    host = page.url.host
    if page.status in _MISSING:
        return message("discovery.page.missing", host=host)
    if page.status != 200:
        return message("discovery.page.status", host=host, status=page.status)
    if page.content_type in _WEB_SITE:
        # A captive portal, a parked domain, a web site that answers everything.
        return message("discovery.page.web_site", host=host)
    try:
        root = read(page.body)
    except MarkupError:
        return message("discovery.page.unreadable", host=host)
    return root if root.name == root_name else message("discovery.page.something_else", host=host)
