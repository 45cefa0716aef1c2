"""What works is said by name where there is little of it, and counted where there is much."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wizard.current import wanted_mailboxes
from wizard.flow import Step
from wizard.model import Protocol, Security, ServerSettings
from wizard.probe.report import ProbeReport
from wizard.server_form import ServerForm, ServerTest
from wizard.setup import Setup, mailbox_form, new_setup
from wizard.summary import MAX_NAMED, Working, working
from wizard.texts import Texts
from wizard.updates import add_mailbox, edit_receiving, enter_company, take_mailbox_test

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TEXTS = Texts.load("en")


def with_readable_mailboxes(count: int) -> Setup:
    setup = enter_company(new_setup(NOW), "info@müller.example")
    form = ServerForm("imap.example", "993", Security.TLS)
    setup = edit_receiving(setup, lambda _: form)
    for number in range(count - len(wanted_mailboxes(setup))):
        setup = add_mailbox(setup, f"box{number}")
    for minutes, entry in enumerate(wanted_mailboxes(setup)):
        tested = mailbox_form(setup.receiving, entry, setup.domain or "")
        settings = tested.parse(Protocol.IMAP)
        assert isinstance(settings, ServerSettings)
        report = ProbeReport(settings, (), None, (), (), None, (), 1, NOW)
        report = replace(report, finished=NOW + timedelta(minutes=minutes))
        setup = take_mailbox_test(setup, entry.id, ServerTest(tested, (), report))
    return setup


def receiving(setup: Setup) -> list[Working]:
    return [one for one in working(setup) if one.step is Step.RECEIVING]


def test_a_few_mailboxes_are_named() -> None:
    lines = receiving(with_readable_mailboxes(MAX_NAMED))
    assert len(lines) == MAX_NAMED
    assert "catchall@müller.example" in TEXTS.render(lines[0].message)


@pytest.mark.parametrize("count", [MAX_NAMED + 1, 100])
def test_many_mailboxes_are_one_line(count: int) -> None:
    (line,) = receiving(with_readable_mailboxes(count))
    assert TEXTS.render(line.message) == f"{count} mailboxes can be read"
    assert line.when == NOW + timedelta(minutes=count - 1)
