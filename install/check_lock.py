"""Is what gets installed what `uv.lock` holds, and does `uv.lock` hold what `pyproject.toml` asks? No network, no uv.

After a change of dependencies: `uv lock`, then `uv export --no-header --no-emit-project` into requirements-dev.txt, the
same with `--no-dev` into requirements.txt, and with `--no-dev --extra pdf` into requirements-pdf.txt.
"""

import re
import sys
import tomllib
from pathlib import Path

PIN = re.compile(r"^([a-z0-9.-]+)(?:\[[^]]*\])?==([^ ;\\]+)")
HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")
ASKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[([^]]*)\])?(.*)$")

type Requirement = tuple[str, frozenset[str], frozenset[str]]


def asked(requirement: str) -> Requirement:
    """A requirement as pyproject.toml writes it, « psycopg[binary,pool]>=3.3 », split into its name, extras
    and bounds.
    """
    name, extras, bounds = ASKED.fullmatch(requirement).groups()
    return re.sub(r"[-_.]+", "-", name).lower(), parts(extras or ""), parts(bounds)


def locked(requirement: dict) -> Requirement:
    """A requirement as uv.lock keeps it, a table with keys, split into its name, extras and bounds."""
    return requirement["name"], frozenset(requirement.get("extras", [])), parts(requirement.get("specifier", ""))


def parts(text: str) -> frozenset[str]:
    """The parts of this text between its commas, without spaces around them; empty parts are left out."""
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def read_requirements(path: Path) -> tuple[set[str], set[str]]:
    """The pins « name==version » of a requirements file that uv has exported, and its SHA-256 hashes."""
    text = path.read_text(encoding="utf-8")
    pins = {f"{found[1]}=={found[2]}" for line in text.splitlines() if (found := PIN.match(line))}
    return pins, set(HASH.findall(text))


def closure(packages: dict[str, dict], wanted: list[dict]) -> tuple[set[str], set[str]]:
    """The pins « name==version » and the hashes of all the packages that these dependencies of uv.lock bring along,
    themselves included. `packages` are the packages of uv.lock, by name.
    """
    pins: set[str] = set()
    hashes: set[str] = set()
    seen: set[tuple[str, str]] = set()
    queue = list(wanted)
    while queue:
        dependency = queue.pop()
        package = packages[dependency["name"]]
        for extra in ["", *dependency.get("extra", [])]:
            if (package["name"], extra) not in seen:
                seen.add((package["name"], extra))
                queue += (
                    package.get("optional-dependencies", {}).get(extra, [])
                    if extra
                    else package.get("dependencies", [])
                )
        pins.add(f"{package['name']}=={package['version']}")
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        hashes |= {file["hash"] for file in files}
    return pins, hashes


def differences() -> list[str]:
    """Where pyproject.toml, uv.lock and the requirements files of this folder do not say the same, one French sentence
    for each point; empty when they all agree.
    """
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    packages = {
        package["name"]: package for package in tomllib.loads(Path("uv.lock").read_text(encoding="utf-8"))["package"]
    }
    root = packages[project["project"]["name"]]
    metadata = root["metadata"]
    found = []
    extras = project["project"].get("optional-dependencies", {})
    optional = {
        extra: [r for r in metadata["requires-dist"] if r.get("marker") == f"extra == '{extra}'"] for extra in extras
    }
    always = [
        requirement for requirement in metadata["requires-dist"] if "extra ==" not in requirement.get("marker", "")
    ]
    for title, wishes, kept in [
        ("dependencies", project["project"]["dependencies"], always),
        *((extra, wishes, optional[extra]) for extra, wishes in extras.items()),
        ("dev", project["dependency-groups"]["dev"], metadata["requires-dev"]["dev"]),
    ]:
        if {asked(wish) for wish in wishes} != {locked(requirement) for requirement in kept}:
            found.append(f"uv.lock ne suit pas pyproject.toml ({title}) : « uv lock », puis « uv export »")
    runtime, dev = root["dependencies"], root["dev-dependencies"]["dev"]
    files = [("requirements.txt", runtime), ("requirements-dev.txt", runtime + dev)]
    for extra, wanted in root.get("optional-dependencies", {}).items():
        files.append((f"requirements-{extra}.txt", runtime + wanted))
    for name, wanted in files:
        pins, hashes = read_requirements(Path(name))
        locked_pins, locked_hashes = closure(packages, wanted)
        for pin in sorted(pins ^ locked_pins):
            found.append(f"{name} et uv.lock diffèrent sur {pin} : refaites « uv export »")
        if hashes != locked_hashes:
            found.append(f"{name} et uv.lock n’ont pas les mêmes empreintes : refaites « uv export »")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(differences()) or 0)
