"""What every test of the window needs."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def collected_on_the_windows_thread() -> Iterator[None]:
    """Free what a test leaves in cycles here: Qt objects may not end on the background thread."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()
