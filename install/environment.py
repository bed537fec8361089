"""Make `.venv` and put into it what a requirements file pins. Started by install.sh, with the standard library alone.

`.venv/.complete` is written last and removed first: an environment without it was cut short, and is made anew.
"""

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

VENV = Path(".venv")
MARK = VENV / ".complete"
LOG = Path("var/installation.log")
EXPLANATIONS = [
    ("Permission denied", "ce dossier n’est pas à vous, ou ne peut pas être écrit"),
    ("No space left", "le disque est plein : faites de la place"),
    ("DO NOT MATCH THE HASHES", "un paquet reçu n’est pas celui que le projet attend : vérifiez le miroir de pip"),
    (
        "CERTIFICATE_VERIFY_FAILED",
        "pip ne connaît pas l’autorité qui signe sur ce réseau\u00a0: donnez-la-lui "
        "(«\u00a0cert = …\u00a0», /etc/pip.conf)",
    ),
    ("NewConnectionError", "le réseau ne répond pas : vérifiez la connexion, ou le miroir et le mandataire de pip"),
    ("Temporary failure", "le réseau ne répond pas : vérifiez la connexion, ou le miroir et le mandataire de pip"),
    ("ConnectTimeout", "le réseau ne répond pas : vérifiez la connexion, ou le miroir et le mandataire de pip"),
    ("ProxyError", "le mandataire ne répond pas : vérifiez les réglages de pip (HTTPS_PROXY)"),
    (
        "No matching distribution",
        "un paquet n’est pas proposé, déjà compilé, pour ce Python : essayez Python 3.13, ou vérifiez le miroir de pip",
    ),
]


class InstallError(Exception):
    """A sentence for the person at the keyboard."""


def run(*command: str) -> None:
    """Run this command, what it prints going to `var/installation.log`; raises InstallError, which says why in French,
    when it fails.
    """
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("w", encoding="utf-8") as log:
        result = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if result.returncode:
        text = LOG.read_text(encoding="utf-8", errors="replace")
        why = next((sentence for sign, sentence in EXPLANATIONS if sign in text), "voyez le détail")
        raise InstallError(f"L’installation n’a pas abouti : {why}, puis relancez la commande (détail : {LOG}).")


def install(requirements: str, mark: str) -> None:
    """Install into `.venv` the packages that the file `requirements` pins, `.venv` being made, or made anew, when it is
    not whole or is that of another folder. Does nothing when `.venv/.complete` already has the line `mark`. Raises
    InstallError when a command fails.
    """
    marks = MARK.read_text(encoding="utf-8").splitlines() if MARK.exists() else []
    works = python_works()
    if mark in marks and works:
        return  # another make did it while this one waited for the lock
    here = f"{Path.cwd()} "
    sound = any(line.startswith(here) for line in marks) and works
    MARK.unlink(missing_ok=True)
    if not sound:
        if VENV.exists() or VENV.is_symlink():
            say("L’environnement .venv est incomplet : il est refait.")
            VENV.unlink() if VENV.is_symlink() else shutil.rmtree(VENV)
        run(sys.executable, "-m", "venv", str(VENV))
        marks = []
    say("Installation des paquets (une fois, moins d’une minute)…")
    pip = [str(VENV / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries", "2"]
    run(*pip, "--only-binary", ":all:", "--require-hashes", "-r", requirements)
    kept = [line for line in marks if line.split()[-3] != requirements]
    MARK.write_text("\n".join([*kept, mark, ""]), encoding="utf-8")


def python_works() -> bool:
    """Whether the Python of `.venv` starts and finds pip: not when the Python that it was made from is gone or is
    another one, for it then finds no package.
    """
    try:
        return subprocess.run([VENV / "bin/python", "-c", "import pip"], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def say(sentence: str) -> None:
    """Print this sentence at once."""
    print(sentence, flush=True)


def main() -> None:
    """Install the packages of the requirements file that install.sh names, one run at a time in this folder, and close
    `var/` to all but its owner; exit with a French sentence when that fails.
    """
    requirements, mark = sys.argv[1:]
    try:
        var = Path("var")
        var.mkdir(mode=0o700, exist_ok=True)
        if var.stat().st_mode & 0o077:  # the families' data are its owner's alone, however it was made before
            var.chmod(0o700)
        with Path("var/installation.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # `make demo` and `make test` may be started together
            install(requirements, mark)
    except InstallError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"L’installation n’a pas abouti : {error.filename} ne peut pas être écrit ({error.strerror}).")
    except KeyboardInterrupt:
        sys.exit("\nInstallation interrompue : relancez la commande, elle reprendra proprement.")


if __name__ == "__main__":
    main()
