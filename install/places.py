"""Where a portal keeps what is its own: `var/`, or `var/communes/NAME` where several portals share this folder.

The name is INSTANCE, of the process or of the file that ENV_FILE names, as portail/settings.py reads it.
"""

import os
import re
import sys
from pathlib import Path

TOWNS = Path("var/communes")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def setting(name, text):
    """The value that this text of a `.env` gives to this name, as django-environ reads it; empty when it gives none."""
    said = re.search(rf"^(?:export )?{name}=(.*?)\s*$", text, re.MULTILINE)
    return said[1].strip("'\"") if said else ""


def instance():
    """The name of this portal among those that share the folder: INSTANCE, of the process or of the file that ENV_FILE
    names; empty when it is the only one, or when there is no such file. Exits with a message when that file cannot be
    read.
    """
    if "INSTANCE" in os.environ:
        return os.environ["INSTANCE"]
    path = os.environ.get("ENV_FILE", ".env")
    try:
        return setting("INSTANCE", Path(path).read_text("utf-8-sig"))
    except FileNotFoundError:
        return ""  # the settings of a version say it in a sentence, or it is a trial
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"{path} ne peut pas être lu ({getattr(error, 'strerror', None) or 'il n’est pas en UTF-8'}).")


def var():
    """The folder of this portal's data, relative to the portal's folder: `var`, or `var/communes/NAME` where several
    portals share it. Exits with a message when the name is not well formed.
    """
    name = instance()
    if name and not NAME.fullmatch(name):
        sys.exit(f"INSTANCE : « {name} » n’est pas un nom fait de lettres minuscules, de chiffres et de tirets.")
    return str(TOWNS / name) if name else "var"


VAR = var()
