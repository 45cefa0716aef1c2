"""``check``: what ``dns`` says for each of many domains, a JSON line each, in the order given.

A bounded window of domains is looked at together: memory stays flat however long the list is,
and the resolver bounds how many questions are under way.
"""

import asyncio
import gc
import sys
from collections import Counter, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import msgspec

from wizard.catalog import Catalog
from wizard.cli.call import Call, CannotDoError
from wizard.cli.dns import known_ids, status_of, subject_of
from wizard.cli.dns_document import RecordDocument, dns_document
from wizard.cli.domain_file import NoColumnError, Row
from wizard.cli.domain_source import Source, UnreadableError
from wizard.cli.progress import Progress
from wizard.model import Invalid, parse_domain
from wizard.records.lookup import look_up_plan
from wizard.texts import message

# Domains under way at a time; so many more may wait for their turn to be put out.
AT_ONCE: Final = 40
AHEAD: Final = 80
STATUS_OK: Final = 0
STATUS_FOUND: Final = 1
STATUS_BROKEN: Final = 2
STATUS_SILENT: Final = 3


class CheckDocument(msgspec.Struct):
    """One line of output: where the domain stands in the list, and what ``dns --json`` says.

    ``status`` is the one ``dns`` would end with; 2 for a line that cannot be used, ``error`` then
    says why and there are no records.
    """

    line: int
    input: str
    status: int
    error: str | None
    domain: str | None
    dns_host: str | None = None
    nameservers: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    records: tuple[RecordDocument, ...] = ()
    elapsed_ms: int = 0


async def run(call: Call) -> int:
    """Status 0 when all domains are well, 1 when not, 2 without a list, 3 when nobody answered."""
    known_ids(call, catalog := call.catalog())
    # Nearly all that a look leaves behind is freed at once; going through the rest so often as is
    # usual costs an eighth of the time.
    gc.set_threshold(20_000, 50, 50)
    try:
        source = Source.open(call.options.file)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        text = call.texts("cli.check.no_file", file=call.options.file, reason=reason)
        raise CannotDoError(text, 2) from None
    check = _Check(call, catalog, asyncio.Semaphore(AT_ONCE))
    progress = Progress(call, source)
    seen: Counter[int] = Counter()
    try:
        async for document in _in_order(source.rows(), check):
            sys.stdout.buffer.write(msgspec.json.encode(document) + b"\n")
            sys.stdout.buffer.flush()
            seen[document.status] += 1
            progress.show(seen.total())
    except NoColumnError:
        raise CannotDoError(call.texts("cli.check.no_column", file=call.options.file), 2) from None
    except UnreadableError as problem:
        text = call.texts("cli.check.no_file", file=call.options.file, reason=str(problem))
        raise CannotDoError(text) from None
    finally:
        progress.end()
    _sum_up(call, seen)
    return _status(seen)


async def _in_order(rows: AsyncIterator[Row], check: "_Check") -> AsyncIterator[CheckDocument]:
    """Results in the order of the rows, each as soon as it may go; a window of them is held."""
    window: deque[asyncio.Task[CheckDocument]] = deque()
    coming: asyncio.Task[Row | None] | None = asyncio.create_task(_next(rows))
    try:
        while coming or window:
            waiting = {task for task in (coming, window[0] if window else None) if task}
            if coming and len(window) >= AHEAD:
                waiting.discard(coming)
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if coming and coming.done() and len(window) < AHEAD:
                row = coming.result()
                if row is not None:
                    window.append(asyncio.create_task(check.one(row)))
                coming = asyncio.create_task(_next(rows)) if row is not None else None
            while window and window[0].done():
                yield window.popleft().result()
    finally:
        for task in (*window, *([coming] if coming else [])):
            task.cancel()


async def _next(rows: AsyncIterator[Row]) -> Row | None:
    return await anext(rows, None)


@dataclass(frozen=True, slots=True)
class _Check:
    """What one domain is looked at with."""

    call: Call
    catalog: Catalog
    turns: asyncio.Semaphore

    async def one(self, row: Row) -> CheckDocument:
        if row.problem is not None:
            return self._broken(row, self.call.render(row.problem))
        domain = parse_domain(row.text)
        if isinstance(domain, Invalid):
            return self._broken(row, self.call.render(domain.message))
        async with self.turns:
            try:
                return await self._look(row, domain)
            except Exception as bug:
                said = self.call.texts("cli.check.fault", reason=type(bug).__name__)
                return CheckDocument(row.line, row.text, STATUS_SILENT, said, domain)

    async def _look(self, row: Row, domain: str) -> CheckDocument:
        subject = await subject_of(self.call, domain, self.catalog)
        plan = await look_up_plan(subject, self.catalog, self.call.network.resolver)
        document = dns_document(plan, self.catalog, self.call.texts)
        return CheckDocument(
            line=row.line,
            input=row.text,
            status=status_of(plan),
            error=None,
            domain=domain,
            dns_host=document.dns_host,
            nameservers=document.nameservers,
            problems=document.problems,
            records=document.records,
            elapsed_ms=document.elapsed_ms,
        )

    def _broken(self, row: Row, error: str) -> CheckDocument:
        return CheckDocument(row.line, row.text, STATUS_BROKEN, error, None)


def _sum_up(call: Call, seen: Counter[int]) -> None:
    parts = [
        call.render(message(f"cli.check.sum.{name}", n=seen[status]))
        for status, name in (
            (STATUS_OK, "ok"),
            (STATUS_FOUND, "found"),
            (STATUS_SILENT, "silent"),
            (STATUS_BROKEN, "broken"),
        )
        if seen[status]
    ]
    total = call.render(message("cli.check.sum.total", n=seen.total()))
    call.tell(f"{total}: {', '.join(parts)}" if parts else total)


def _status(seen: Counter[int]) -> int:
    """3 only when nobody answered about any domain; a broken line is something found wrong."""
    if seen[STATUS_SILENT] and seen[STATUS_SILENT] == seen.total() - seen[STATUS_BROKEN]:
        return STATUS_SILENT
    return STATUS_OK if seen[STATUS_OK] == seen.total() else STATUS_FOUND
