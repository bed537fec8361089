"""The settings of a command started by a test, in a process of its own: the test's folders."""

import os
from pathlib import Path

from tests.settings import *  # noqa: F403

VAR_DIR = Path(os.environ["VAR_DIR"])
SAUVEGARDES = Path(os.environ["SAUVEGARDES"]) if "SAUVEGARDES" in os.environ else None
