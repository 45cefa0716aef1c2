"""A browser for tests: follows redirects, fills in the consent form, shows the page it ends at."""

import asyncio
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin

from servers.oauth import PEOPLE, Forms


@dataclass
class Browser:
    """One person in front of it. ``visited``: every address, ``page``: what is shown last."""

    ca_file: str
    person: str = PEOPLE[0]
    agrees: bool = True
    opens: bool = True
    visited: list[str] = field(default_factory=list)
    page: str = ""

    async def open(self, address: str) -> bool:
        """What ``open_browser`` does: takes the address, and the person acts on its own."""
        self.visited.append(address)
        if self.opens:
            self._acting = asyncio.create_task(asyncio.to_thread(self.act, address))
        return self.opens

    async def done(self) -> None:
        await self._acting

    def act(self, address: str) -> None:
        """Go there, agree or not, and follow wherever it leads."""
        page = self.get(address)
        form = Forms(page)
        if form.action:
            answer = {"person": self.person, "agree": "yes" if self.agrees else "no"}
            page = self.get(urljoin(address, form.action), urlencode(answer).encode())
        self.page = page

    def get(self, address: str, body: bytes | None = None) -> str:
        context = ssl.create_default_context(cafile=self.ca_file)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=context),
            _Followed(self.visited),
        )
        try:
            with opener.open(urllib.request.Request(address, body), timeout=10) as answer:
                text: str = answer.read().decode()
                return text
        except urllib.error.HTTPError as problem:
            with problem:
                return problem.read().decode()


class _Followed(urllib.request.HTTPRedirectHandler):
    def __init__(self, visited: list[str]) -> None:
        self._visited = visited

    def redirect_request(self, *given: object) -> urllib.request.Request | None:
        self._visited.append(str(given[5]))
        return super().redirect_request(*given)  # type: ignore[arg-type]
