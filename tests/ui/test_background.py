"""The door to background work: one ending, on the window's thread, whatever the work does."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QObject, QThread
from pytestqt.qtbot import QtBot

from ui.background import Background, Job, Progress, Work


@pytest.fixture
def background() -> Iterator[Background]:
    background = Background()
    yield background
    background.stop()


class Endings(QObject):
    """Writes down what a job says, and that it says so on the window's thread."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.values: list[object] = []
        self.strangers: list[QThread] = []
        job.progressed.connect(lambda value: self._hear("progressed", value))
        job.succeeded.connect(lambda value: self._hear("succeeded", value))
        job.failed.connect(lambda value: self._hear("failed", value))
        job.cancelled.connect(lambda: self._hear("cancelled"))
        job.finished.connect(lambda: self._hear("finished"))

    def _hear(self, name: str, value: object = None) -> None:
        self.heard.append(name)
        self.values.append(value)
        application = QCoreApplication.instance()
        assert application is not None
        if QThread.currentThread() != application.thread():
            self.strangers.append(QThread.currentThread())


def begin(background: Background, work: Work) -> tuple[Job, Endings]:
    job = background.job(work)
    heard = Endings(job)
    job.start()
    return job, heard


async def wait_for_ever(_: Progress) -> object:
    await asyncio.Event().wait()
    return None


def test_progress_then_success_then_the_end(qtbot: QtBot, background: Background) -> None:
    async def count(report: Progress) -> object:
        for number in range(3):
            report(number)
        return "done"

    job, heard = begin(background, count)
    with qtbot.waitSignal(job.finished):
        pass
    assert heard.heard == ["progressed"] * 3 + ["succeeded", "finished"]
    assert heard.values[:4] == [0, 1, 2, "done"]
    assert not heard.strangers
    assert not job.running


def test_work_is_done_on_another_thread(qtbot: QtBot, background: Background) -> None:
    async def where(_: Progress) -> object:
        return threading.get_ident()

    job, heard = begin(background, where)
    with qtbot.waitSignal(job.finished):
        pass
    assert heard.values[0] != threading.get_ident()


def test_an_exception_is_the_failed_ending_and_is_logged(
    qtbot: QtBot, background: Background, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_down(_: Progress) -> object:
        raise LookupError("a bug")

    job, heard = begin(background, break_down)
    with qtbot.waitSignal(job.finished):
        pass
    assert heard.heard == ["failed", "finished"]
    assert isinstance(heard.values[0], LookupError)
    assert "background work failed" in caplog.text


def test_cancelling_ends_what_waits_for_ever(qtbot: QtBot, background: Background) -> None:
    job, heard = begin(background, wait_for_ever)
    with qtbot.waitSignal(job.finished):
        job.cancel()
    assert heard.heard == ["cancelled", "finished"]


def test_a_muted_job_says_only_that_it_is_over(qtbot: QtBot, background: Background) -> None:
    async def talk(report: Progress) -> object:
        report("still there")
        return "nobody listens"

    job = background.job(talk)
    heard = Endings(job)
    job.mute()
    with qtbot.waitSignal(job.finished):
        job.start()
    assert heard.heard == ["finished"]


def test_a_job_that_nobody_holds_still_ends(qtbot: QtBot, background: Background) -> None:
    over = threading.Event()

    async def finish(_: Progress) -> object:
        over.set()
        return None

    begin(background, finish)[0]
    qtbot.waitUntil(over.is_set)


def test_a_flood_of_progress_leaves_the_window_its_turns(
    qtbot: QtBot, background: Background
) -> None:
    async def flood(report: Progress) -> object:
        for number in range(2_000):
            report(number)
        return None

    job, heard = begin(background, flood)
    with qtbot.waitSignal(job.finished):
        pass
    assert heard.values[:2_000] == list(range(2_000))


def test_stopping_cancels_and_mutes_everything(qtbot: QtBot, background: Background) -> None:
    job, heard = begin(background, wait_for_ever)
    with qtbot.waitSignal(job.finished):
        background.stop()
    assert heard.heard == ["finished"]
