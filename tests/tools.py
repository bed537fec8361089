"""What the machine offers to the tests that need more than Python: a browser, Java and the checkers of node_modules."""

import os
import re
import shutil
import subprocess
from pathlib import Path

NODE_MODULES = Path(__file__).resolve().parent.parent / "node_modules"
AXE = NODE_MODULES / "axe-core" / "axe.min.js"
VNU = NODE_MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"


def chromium() -> str | None:
    """The browser that Playwright drives: `CHROMIUM`, or the system's own, without windows where there is that."""
    systems = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
    names = [os.environ.get("CHROMIUM", ""), *systems]
    return next((path for name in names if name and (path := shutil.which(name))), None)


def dovecot() -> str | None:
    """The IMAP server of the tests, where its version is one whose settings they write."""
    path = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout if path else ""
    return path if re.match(r"2\.([4-9]|\d\d)", said) else None


def missing_for(marker: str) -> str:
    """What the tests of this marker lack here, in French; empty when they can run."""
    match marker:
        case "navigateur" if chromium() is None:
            return "Chromium n’est pas installé"
        case "navigateur" if not AXE.exists():
            return "axe-core n’est pas installé (npm ci)"
        case "dovecot" if dovecot() is None or shutil.which("openssl") is None:
            return "Dovecot 2.4 ou openssl n’est pas installé (paquet dovecot-imapd)"
        case "java" if shutil.which("java") is None:
            return "Java n’est pas installé"
        case "java" if not VNU.exists():
            return "vnu-jar n’est pas installé (npm ci)"
    return ""


NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin")
CADDY = shutil.which("caddy")
