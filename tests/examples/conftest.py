"""The examples keep what they keep in a folder of this run; its name must be known before one of them is imported."""

import atexit
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from playwright.sync_api import Browser

from tests.chromium import launched
from tests.examples.boards import Board

os.environ["NOTICEBOARD_FOLDER"] = mkdtemp(prefix="noticeboard-")
atexit.register(shutil.rmtree, os.environ["NOTICEBOARD_FOLDER"], ignore_errors=True)
os.environ["NOTICEBOARD_PASSWORD"] = "the harbour is frozen"


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    """A fresh board that is served."""
    board = Board(tmp_path)
    try:
        board.start()
        yield board
    finally:
        board.stop()


@pytest.fixture
def chromium() -> Iterator[Browser]:
    """A browser."""
    with launched() as browser:
        yield browser
