"""`install/installer` from its answers to the last line, below another root, with a portal that does what it is told.

The same with the real portal, and in whole systems: test_installer_reel.py, `make essai-installation`.
"""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.install.installation.conftest import ANSWERS
from tests.install.versions_essai import environment
from tests.reading import plain

pytestmark = [pytest.mark.une_fois, pytest.mark.ci]

ROOT = Path(settings.BASE_DIR)
# What stands for the portal: it notes what it is asked, fails or kills the installer when the test says so.
PORTAL = """#!/bin/sh
[ "$1" = -c ] && exit 0
[ "$1" = manage.py ] && shift
echo "$@" >> "$PLAY/ran"
[ -e "$PLAY/kill-$*" ] && { rm "$PLAY/kill-$*"; kill -9 $PPID; exit 1; }
[ -e "$PLAY/stay-$*" ] && { kill -9 $PPID; while [ -e "$PLAY/stay-$*" ]; do sleep 0.1; done; exit 1; }
[ -e "$PLAY/fail-$1" ] && { cat "$PLAY/fail-$1" >&2; exit 1; }
case "$*" in
"migrate --check") [ -e var/tables ] ;;
migrate*) echo tables > var/tables ;;
sync_groups) [ -e var/groupes ] && echo "Équipe : à jour." || { echo > var/groupes; echo "Équipe : nouveau."; } ;;
collectstatic*) mkdir -p var/static && echo '{}' > var/static/staticfiles.json ;;
create_staff*) [ -e var/agent ] && echo "Compte 1000033 : déjà ouvert." || {
  echo > var/agent; echo "Compte ouvert."; echo "Mot de passe temporaire, bon une fois : abcd-efgh-jkmn"; } ;;
esac
"""


class Town:
    """A checkout where nothing is installed yet but the packages, another root beside it, and the town's answers."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.portal, self.racine = folder, folder / "portail", folder / "racine"
        self.racine.mkdir(parents=True)
        shutil.copytree(ROOT / "install", self.portal / "install", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("manage.py", ".env.example"):
            shutil.copy(ROOT / name, self.portal)
        (self.portal / "requirements.txt").write_text("")
        for tree in ("static", "styles", "docs/captures"):
            (self.portal / tree).mkdir(parents=True)
        (self.portal / "static" / "a.css").write_text("a {}\n")
        venv = self.portal / ".venv"
        (venv / "bin").mkdir(parents=True)
        (venv / "bin" / "python").write_text(PORTAL.replace("$PLAY", str(folder)))
        (venv / "bin" / "python").chmod(0o755)
        sums = subprocess.run(["cksum"], input="", capture_output=True, text=True, check=True).stdout
        (venv / ".complete").write_text(f"{self.portal} requirements.txt {sums}")
        self.answers = folder / "reponses"
        self.answer(SAUVEGARDES=str(folder / "sauvegardes" / "portail"))

    def answer(self, **changes: str) -> None:
        said = ANSWERS | {"SAUVEGARDES": str(self.folder / "sauvegardes" / "portail")} | changes
        self.answers.write_text("".join(f"{nom}={value}\n" for nom, value in said.items()), "utf-8")
        self.answers.chmod(0o600)

    def type(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.portal / "install" / "installer", "--racine", self.racine, *arguments],
            cwd="/",
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def install(self) -> subprocess.CompletedProcess[str]:
        return self.type("--reponses", str(self.answers), "--oui")

    def steps(self, done: subprocess.CompletedProcess[str]) -> dict[str, str]:
        lines = [
            line
            for line in plain(done.stdout).rpartition("ni service\n")[2].splitlines()
            if line.startswith("  ") and line[2:3].isalpha()
        ]
        return {line[2:28].strip(): line[28:] for line in lines if line[27:28] == " "}

    def tree(self) -> dict[str, tuple[int, int, int, bytes]]:
        """Each file that is not the checkout's, with its bytes, its mode and when it was last touched."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.name != "ran" and "install" not in path.parts:
                state = path.stat()
                found[str(path)] = (state.st_mtime_ns, state.st_ctime_ns, state.st_mode, path.read_bytes())
        return found


@pytest.fixture
def town(tmp_path) -> Town:
    return Town(tmp_path)


# --- The whole --------------------------------------------------------------------------------------------------------


def test_file_of_answers_makes_all_that_a_portal_needs(town):
    done = town.install()

    assert (done.returncode, done.stderr) == (0, "")
    env = town.portal / ".env"
    assert env.stat().st_mode & 0o777 == 0o600
    assert "SITE_URL=https://famille.villard.fr\n" in env.read_text("utf-8")
    assert "# L’expéditeur des mails." in env.read_text("utf-8")  # the explanations of the example stay
    for folder in (town.portal / "var", town.folder / "sauvegardes" / "portail"):
        assert folder.stat().st_mode & 0o777 == 0o700
    etc = town.racine / "etc"
    assert {path.name for path in (etc / "systemd" / "system").iterdir()} >= {
        "portail.service",
        "portail.socket",
        "portail-sauvegarde.timer",
        "portail-verification.timer",
    }
    assert "server_name famille.villard.fr;" in (etc / "nginx" / "conf.d" / "portail.conf").read_text()
    ran = (town.folder / "ran").read_text("utf-8").splitlines()
    assert [line.split()[0] for line in ran] == [
        "check",
        "migrate",
        "migrate",
        "sync_groups",
        "collectstatic",
        "create_staff",
    ]
    assert ran[-1] == (
        "create_staff 1000033 --groupe Informatique --nom Durand --prenom Inès --courriel ines@villard.fr "
        "--si-absent --temporaire"
    )


def test_end_says_what_remains_with_the_lines_to_put(town):
    said = plain(town.install().stdout)

    assert "famille.villard.fr. A " in said
    assert "certbot certonly --webroot -w /var/lib/portail-acme -d famille.villard.fr" in said
    assert 'villard.fr. TXT "v=spf1 a:smtp.villard.fr mx ~all"' in said
    assert "._domainkey.villard.fr. TXT" in said
    assert '_dmarc.villard.fr. TXT "v=DMARC1; p=none; rua=mailto:garderie@villard.fr"' in said
    assert "PAYFIP_NUMCLI et PAYFIP_SAISIE, dans .env" in said
    assert "age-keygen" in said
    assert "manage.py diagnostic" in said
    assert "rien ne tourne encore, faute de systemd" in said
    assert "identifiant 1000033, mot de passe temporaire abcd-efgh-jkmn" in said
    assert "p@ss" not in said


def test_installed_again_nothing_changes_and_nothing_need_be_said(town):
    town.install()
    before = town.tree()

    done = town.type("--oui")

    assert done.returncode == 0
    assert town.tree() == before
    assert set(town.steps(done).values()) - {"déjà fait", "bon"} == {
        "laissé : les fichiers vont sous une autre racine",
        "laissé : il n’y a pas de systemd ici : les fichiers sont écrits, rien n’est démarré",
        "un fichier, que font les tables",
    }
    assert "mot de passe temporaire" not in plain(done.stdout)


def test_nothing_is_done_without_a_yes(town):
    before = town.tree()

    done = town.type("--reponses", str(town.answers))

    assert (done.returncode, town.tree()) == (0, before)
    assert plain(done.stdout).endswith("Rien n’a été fait. Ajoutez --oui pour le faire.\n")
    assert "https://famille.villard.fr, par nginx" in plain(done.stdout)


def test_faults_are_told_together_and_nothing_is_done(town):
    town.answer(NOM_PUBLIC="portail", COMMUNE_DPO="", ECOLE="x")
    before = town.tree()

    done = town.install()

    assert (done.returncode, done.stdout, town.tree()) == (1, "", before)
    assert [line.split(" : ")[0] for line in plain(done.stderr).splitlines()[1:]] == [
        "  - ligne 20",
        "  - NOM_PUBLIC",
        "  - COMMUNE_DPO",
    ]


def test_caddy_and_a_socket_of_the_file_system(town):
    town.answer(SERVEUR="caddy", ADRESSE_LOCALE="/run/portail.sock")

    done = town.install()

    assert done.returncode == 0
    assert "unix//run/portail.sock" in (town.racine / "etc" / "caddy" / "Caddyfile").read_text()
    assert "TRUSTED_PROXIES=unix\n" in (town.portal / ".env").read_text("utf-8")
    assert "certbot" not in done.stdout


def test_values_of_the_town_win_over_those_of_the_file(town):
    (town.portal / ".env").write_text("COMMUNE_NOM=Villard-Bas\n# à nous\n", "utf-8")

    done = town.install()

    assert "COMMUNE_NOM : .env dit déjà autre chose, gardé « Villard-Bas »." in plain(done.stdout)
    text = (town.portal / ".env").read_text("utf-8")
    assert text.startswith("COMMUNE_NOM=Villard-Bas\n# à nous\n")
    assert "COMMUNE_NOM=Villard\n" not in text


def test_new_answers_change_what_they_are_about_alone(town):
    town.install()
    before = town.tree()
    town.answer(JOURNAL_MOIS="6")

    town.install()

    changed = {Path(path).name for path, state in town.tree().items() if state[3] != before[path][3]}
    units = {f"portail{name}.service" for name in ("", "-sauvegarde", "-verification")}  # they say it in a comment
    assert changed == {"journald@portail.conf", "installation.reponses", "installation.poses", "reponses"} | units


# --- What goes wrong --------------------------------------------------------------------------------------------------


def test_step_that_fails_is_named_and_the_next_run_goes_on_from_there(town):
    (town.folder / "fail-migrate").write_text("OperationalError: disk is full\n")

    done = town.install()

    assert done.returncode == 1
    assert "Arrêt (tables) : Les tables n’ont pas pu être faites : OperationalError: disk is full" in plain(done.stderr)
    assert "Traceback" not in done.stderr
    assert not (town.racine / "etc").exists()

    (town.folder / "fail-migrate").unlink()
    steps = town.steps(town.type("--oui"))
    assert (steps["réglages (.env)"], steps["tables"], steps["premier agent"]) == ("déjà fait", "fait", "fait")


def test_settings_that_the_portal_refuses_are_told_in_its_own_words(town):
    (town.folder / "fail-check").write_text("ne peut pas ouvrir aux familles.\nCOMMUNE_DPO : à renseigner.\n", "utf-8")

    done = town.install()

    assert "Arrêt (contrôle des réglages) : Le portail refuse ces réglages" in plain(done.stderr)
    assert "\n  COMMUNE_DPO : à renseigner.\n" in plain(done.stderr)


@pytest.mark.parametrize(
    "command", ["check --deploy --fail-level ERROR", "migrate --noinput", "collectstatic --noinput"]
)
def test_installer_killed_in_a_step_leaves_no_half_written_file_and_goes_on(town, command):
    (town.folder / f"kill-{command}").touch()

    assert town.install().returncode == -signal.SIGKILL
    done = town.type("--oui")

    assert (done.returncode, town.steps(done)["réglages (.env)"]) == (0, "déjà fait")
    assert not [path for path in town.tree() if path.endswith(".partiel")]


def test_command_that_outlives_a_killed_installer_is_waited_for(town):
    stay = town.folder / "stay-migrate --noinput"
    stay.touch()
    try:
        assert town.install().returncode == -signal.SIGKILL
        assert plain(town.type("--oui").stderr).startswith("Une autre installation est en cours ici")
    finally:
        stay.unlink()


def test_portal_cannot_serve_from_a_folder_that_its_units_do_not_see(town):
    done = subprocess.run(
        [town.portal / "install" / "installer", "--oui"],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert ("clonez-le dans /srv/portail/portail" if os.geteuid() == 0 else "Il faut les droits de root") in done.stderr


def test_root_that_is_not_there_is_a_sentence(town):
    shutil.rmtree(town.racine)
    assert plain(town.install().stderr) == f"--racine : {town.racine} n’est pas un dossier.\n"


def test_mistyped_option_is_told_in_french(town):
    done = town.type("--vite")
    assert (done.returncode, "On tape : install/installer" in plain(done.stderr)) == (2, True)
    assert "en trop, ou mal écrit : --vite" in plain(done.stderr)


def test_help_is_in_french(town):
    said = plain(town.type("--help").stdout)
    assert said.startswith("On tape : install/installer [--reponses FICHIER [--oui]]")
    assert not [word for word in ("usage", "positional", "options:") if word in said]


def test_model_of_answers_needs_nothing(town):
    done = town.type("--modele")
    assert (done.returncode, "\nCOMMUNE_NOM=\n" in done.stdout) == (0, True)


# --- A terminal -------------------------------------------------------------------------------------------------------


def converse(town: Town, answers: list[str]) -> tuple[int, str]:
    """Type each answer when the installer has asked its question; its code and all that was on the screen."""
    child, screen = pty.fork()
    if child == 0:
        os.environ.update(environment())
        program = str(town.portal / "install" / "installer")
        os.execv(program, [program, "--racine", str(town.racine)])  # noqa: S606
    said = ""
    while True:
        try:
            said += os.read(screen, 4096).decode("utf-8", "replace")
        except OSError:  # it has ended
            break
        if plain(said).endswith((" : ", "(oui/non) ")) and answers:
            os.write(screen, f"{answers.pop(0)}\n".encode())
            said += "\n"
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), plain(said)


def test_terminal_asks_what_it_cannot_find_then_shows_and_waits_for_yes(town):
    values = ANSWERS | {"SAUVEGARDES": str(town.folder / "sauvegardes" / "portail")}
    first = ["", values["NOM_PUBLIC"], "", "", values["SAUVEGARDES"], "smtp.villard.fr", "", values["EMAIL_COMPTE"]]
    answers = [*first, values["EMAIL_MOT_DE_PASSE"], *list(values.values())[5:], "non"]

    code, said = converse(town, answers)

    assert (code, answers) == (0, [])
    assert said.index("SQLite : un fichier") < said.index("La base : 1 (sqlite)")
    assert said.rstrip().endswith("Rien n’a été fait.")
    assert "p@ss/word#1" not in said
    assert not (town.portal / ".env").exists()


def test_terminal_left_in_the_middle_has_done_nothing(town):
    code, said = converse(town, ["", "famille.villard.fr", "\x03"])

    assert (code, said.rstrip().endswith("Interrompu. Rien n’a été fait.")) == (1, True)
    assert not (town.portal / "var").exists()


# --- No Python --------------------------------------------------------------------------------------------------------


def test_machine_without_python_is_told_which_package(town, tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("dirname", "id"):
        (tools / name).symlink_to(shutil.which(name) or "")
    for candidate in ("python3", "python3.14", "python3.13", "python3.12"):
        (tools / candidate).write_text("#!/bin/sh\nexit 1\n")
        (tools / candidate).chmod(0o755)
    script = town.portal / "install" / "installer"
    script.write_text(
        script.read_text("utf-8").replace("/usr/bin/python3.*", "").replace("/usr/local/bin/python3.*", "")
    )

    done = subprocess.run(
        ["/bin/sh", script, "--oui"], env={"PATH": str(tools)}, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )

    assert done.returncode == 1
    assert "sudo apt install python3 python3-venv" in done.stderr
    assert sys.executable not in done.stderr


def test_site_on_another_port_is_refused_and_not_forgotten(town):
    town.answer(SITE_URL="https://famille.villard.fr:8443")
    done = town.type("--reponses", str(town.answers))
    assert "SITE_URL : l’installeur fait un site sur le port 443 seulement." in done.stdout + done.stderr
