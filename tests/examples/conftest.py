"""The examples keep what they keep in a folder of this run; its name must be known before one of them is imported."""

import atexit
import os
import shutil
from tempfile import mkdtemp

os.environ["NOTICEBOARD_FOLDER"] = mkdtemp(prefix="noticeboard-")
atexit.register(shutil.rmtree, os.environ["NOTICEBOARD_FOLDER"], ignore_errors=True)
os.environ["NOTICEBOARD_PASSWORD"] = "the harbour is frozen"
