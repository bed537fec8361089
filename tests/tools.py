"""What the machine offers to the tests that need more than Python: a browser, Java and the checkers of node_modules."""

import os
import shutil
from pathlib import Path

NODE_MODULES = Path(__file__).resolve().parent.parent / "node_modules"
AXE = NODE_MODULES / "axe-core" / "axe.min.js"
VNU = NODE_MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"


def chromium() -> str | None:
    """The browser that Playwright drives: `CHROMIUM`, or the system's own."""
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    return next((path for name in names if name and (path := shutil.which(name))), None)


def missing_for(marker: str) -> str:
    """What the tests of this marker lack here, in French; empty when they can run."""
    match marker:
        case "navigateur" if chromium() is None:
            return "Chromium n’est pas installé"
        case "navigateur" if not AXE.exists():
            return "axe-core n’est pas installé (npm ci)"
        case "java" if shutil.which("java") is None:
            return "Java n’est pas installé"
        case "java" if not VNU.exists():
            return "vnu-jar n’est pas installé (npm ci)"
    return ""
