"""What each server says about a record: the zone's own ones, and the resolvers. Folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.widgets.copying import breakable
from ui.widgets.folding import Folding

if TYPE_CHECKING:
    from wizard.records.plan import PlannedRecord, ServerAnswer
    from wizard.texts import Texts


class RecordAnswers(Folding):
    """A line for each server that was asked."""

    def __init__(self, record: PlannedRecord, prefix: str, texts: Texts) -> None:
        super().__init__(texts("records_page.answers"), f"{prefix}-answers")
        lines = [_said("published", answer, texts) for answer in record.published]
        lines += [_said("visible", answer, texts) for answer in record.visible]
        self.show_lines(lines)


def _said(kind: str, answer: ServerAnswer, texts: Texts) -> str:
    server = f"{answer.server} ({answer.place})" if answer.place else answer.server
    asked = texts(f"records_page.answer.{kind}", server=server)
    if answer.values is None:
        if kind == "published" and answer.silence:
            return texts(f"record.server.{answer.silence}", server=server)
        reason = texts(f"resolver.{answer.silence}") if answer.silence else ""
        return texts("records_page.answer.silent", server=asked, reason=reason)
    if not answer.values:
        return texts("records_page.answer.nothing", server=asked)
    values = " · ".join(breakable(value) for value in answer.values)
    return texts("records_page.answer.values", server=asked, values=values)
