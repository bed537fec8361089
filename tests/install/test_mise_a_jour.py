"""`install/mettre-a-jour`: what it refuses, in a sentence; the first failure leaves the version that serves."""

from __future__ import annotations

import fcntl
import os
import shutil

import pytest

from tests.install.play import Play, refused
from tests.install.versions_essai import ROOT, git
from tests.reading import plain

pytestmark = [pytest.mark.une_fois, pytest.mark.ci]

READY = 1  # what the upgrade ends with as long as no holder runs: a gesture is left to do


@pytest.fixture
def play(tmp_path) -> Play:
    return Play(tmp_path)


# --- From too far ---


@pytest.mark.parametrize("number", ["0.1.0", "0.2.0"])
def test_version_that_cannot_serve_beside_another_is_told_what_to_do_first(tmp_path, number):
    play = Play(tmp_path, old=number, new="0.4.0")

    done = play.type()

    assert done.returncode == 1
    said = f"Arrêt (recherche de la version) : La version {number}, qui sert, est d’avant la 0.3.0"
    assert plain(done.stderr).startswith(said)
    assert "portail arrêté" in done.stderr
    assert "git checkout --detach v0.3.0" in done.stderr
    assert [line for line in play.asked() if "manage.py" in line or "gunicorn" in line] == []
    assert git(play.portal, "rev-parse", "HEAD") == play.old


def test_version_0_3_is_brought_to_the_newest(tmp_path):
    play = Play(tmp_path, old="0.3.0", new="0.4.0")

    assert (play.type().returncode, play.serving()) == (READY, play.new[:12])


# --- Done in order ----------------------------------------------------------------------------------------------------


def test_steps_come_in_order_and_the_relay_last(play):
    done = play.type()

    assert (done.returncode, done.stderr) == (READY, "")
    old, new = play.old[:12], play.new[:12]
    gunicorn = "-m gunicorn portail.wsgi --bind unix:var/essai.sock --worker-class gthread --threads 2"
    assert [line.split(" ", 1) for line in play.asked() if "manage.py" in line or "gunicorn" in line] == [
        [old, f"{gunicorn} --no-control-socket"],
        [new, "manage.py check --deploy --fail-level ERROR"],
        [old, f"manage.py sauvegarder {play.portal}/var/sauvegardes"],
        [new, "manage.py collectstatic --noinput --verbosity 0"],
        [new, "manage.py migrate --noinput"],
        [new, "manage.py sync_groups"],
        [new, f"{gunicorn} --no-control-socket"],
    ]
    assert play.serving() == new
    assert (play.portal / "var" / "precedente").resolve().name == old
    assert f"De 1.1.0 ({old}) à 1.2.0 ({new}) : tout est prêt." in plain(done.stdout)
    assert "Ce qui demande un geste :\n  - 1.2.0 : Changer `TEL` dans `.env`.\n\n" in plain(done.stdout)
    assert "Aucune prise ne tourne ici" in done.stdout


def test_folder_of_commands_follows_once_nothing_runs_from_it(play):
    play.type()
    assert git(play.portal, "rev-parse", "HEAD") == play.old
    git(
        play.portal, "merge", "-q", "--ff-only", "origin/main"
    )  # as docs/exploitation.md says, once the old services have stopped

    done = play.type()

    assert f"La version 1.2.0 ({play.new[:12]}) sert déjà." in done.stdout
    assert "Changer `TEL` dans `.env`." in done.stdout  # until a holder has ended it
    assert (play.portal / ".venv").resolve() == (play.portal / "var" / "actuelle" / ".venv").resolve()


def test_folder_that_several_portals_share_waits_for_the_last_and_keeps_their_versions(play):
    towns = {name: play.portal / "var" / "communes" / name for name in ("izeron", "saint-pierre")}
    for town in towns.values():
        town.mkdir(parents=True)
        (town / "prise.lock").touch()
    (play.portal / "var" / "prise.lock").touch()  # of a portal that was alone here once
    play.type(INSTANCE="izeron")
    git(play.portal, "checkout", "-q", "--detach", play.new)  # else it follows only a holder

    told = plain(play.type(INSTANCE="izeron").stdout)
    assert "Ce dossier suivra après la mise à jour de : saint-pierre." in told
    git(play.portal, "checkout", "-q", "--detach", play.old)
    play.type("1.1.0", INSTANCE="saint-pierre")
    git(play.portal, "checkout", "-q", "--detach", play.new)
    with (play.portal / "var" / "prise.lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "après la mise à jour de : var." in plain(play.type(INSTANCE="izeron").stdout)
    told = plain(play.type(INSTANCE="izeron").stdout)

    assert "Ce dossier suivra" not in told
    assert (play.portal / ".venv").resolve() == (towns["izeron"] / "actuelle" / ".venv").resolve()
    served = {name: (town / "actuelle").resolve().name for name, town in towns.items()}
    assert served == {"izeron": play.new[:12], "saint-pierre": play.old[:12]}
    assert play.serving() is None


def test_version_has_the_links_that_lead_to_the_portal(play):
    play.type()
    version = play.portal / "var" / "versions" / play.new[:12]
    assert {name: os.readlink(version / name) for name in ("racine", "var", ".env")} == {
        "racine": str(play.portal),
        "var": str(play.portal / "var"),
        ".env": str(play.portal / ".env"),
    }
    assert (version / "CHANGELOG.md").exists()


def test_return_leads_to_the_version_before_and_again_to_the_newest(play):
    play.type()
    back = play.type("--retour")
    assert (back.returncode, play.serving()) == (READY, play.old[:12])
    assert "migrate" not in "".join(play.asked()[-4:])
    assert (play.type("--retour").returncode, play.serving()) == (READY, play.new[:12])


def test_versions_that_nobody_needs_are_removed(play):
    play.type()
    third = play.write("1.3.0", "Rien.")
    git(play.portal, "merge", "-q", "--ff-only", "origin/main")
    play.type()
    git(play.portal, "fetch", "-q")
    git(play.portal, "checkout", "-q", "--detach", third)
    (play.portal / "var" / "versions" / ".abandon.partiel").mkdir()

    assert play.type().returncode == READY

    assert {path.name for path in (play.portal / "var" / "versions").iterdir()} == {play.new[:12], third[:12]}


@pytest.mark.parametrize("name", ["1.2.0", "v1.2.0", "main", "commit"])
def test_version_is_a_number_a_branch_or_a_commit(play, name):
    done = play.type(play.new if name == "commit" else name)
    assert (done.returncode, play.serving()) == (READY, play.new[:12])


def test_backup_goes_where_the_settings_say(play):
    play.tell(settings=f'{{"site": "http://essai", "base": ["x"], "sqlite": true, "sauvegardes": "{play.folder}"}}')
    play.type()
    assert f"{play.old[:12]} manage.py sauvegarder {play.folder}" in play.asked()


def test_backup_is_told_without_the_line_of_the_journal(play):
    [path] = (play.portal / "var" / "environnements").glob("*/.venv/bin/python")
    said = """*sauvegarder*) echo '{"event": "backup"}'; echo "Sauvegarde faite : x.tar"; exit 0 ;;"""
    path.write_text(path.read_text().replace("*db_worker*)", f"{said}\n  *db_worker*)"))
    done = play.type()
    assert "  Sauvegarde faite : x.tar\n" in done.stdout
    assert "event" not in done.stdout


def test_packages_of_the_version_that_serves_are_mended(play):
    """Its Python is gone with the system's: the command that changes nothing else puts another there."""
    play.type()
    git(play.portal, "merge", "-q", "--ff-only", "origin/main")
    [mark] = (play.portal / "var" / "environnements").glob("*/.venv/.complete")
    mark.unlink()
    assert play.type().returncode == READY
    assert mark.exists()


def test_backup_already_made_is_not_made_again(play):
    play.type("--sans-sauvegarde")
    assert "sauvegarder" not in "\n".join(play.asked())
    assert play.serving() == play.new[:12]


# --- The first failure stops everything -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "step"),
    [
        ("check", "réglages"),
        ("sauvegarder", "sauvegarde"),
        ("collectstatic", "fichiers statiques"),
        ("migrate", "base de données"),
        ("sync_groups", "base de données"),
    ],
)
def test_step_that_fails_stops_the_upgrade_and_the_same_command_takes_it_up(play, command, step):
    play.tell(fails=command)

    done = play.type()

    assert done.returncode == 1
    assert f"Arrêt ({step}) : la phrase qui dit pourquoi (tout est dans var/mise-a-jour.log)" in plain(done.stderr)
    assert "Traceback" not in done.stderr
    assert command in play.asked()[-1]  # nothing after it
    assert play.serving() == play.old[:12]
    assert "détail" in (play.portal / "var" / "mise-a-jour.log").read_text()

    (play.folder / "fails").unlink()
    assert (play.type().returncode, play.serving()) == (READY, play.new[:12])


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"1.2.0-connexion-": ""}, "La page /connexion/ répond 500"),
        ({"1.2.0-connexion-": "autre chose"}, "La feuille de style de /connexion/ ne se lit pas (aucune)"),
        ({"1.2.0-static-p.css": ""}, "La feuille de style de /connexion/ ne se lit pas (/static/p.css)"),
        ({"1.2.0-sante-": '{"database": "locked"}'}, "/sante/ dit « locked » pour la base"),
        (
            {"1.2.0-sante-": '{"database": "ok", "migrations": "missing"}'},
            "/sante/ dit « missing » pour les migrations",
        ),
        ({"1.2.0-sante-": "rien de lisible"}, "Le portail ne répond pas comme il faut"),
    ],
)
def test_version_that_does_not_serve_as_it_should_is_not_let_in(play, fault, sentence):
    play.tell(**fault)
    done = play.type()
    assert done.returncode == 1
    assert f"Arrêt (essai, à part) : {sentence}" in plain(done.stderr)
    assert play.serving() == play.old[:12]


# --- Refused before anything is touched -------------------------------------------------------------------------------


def test_other_folder_is_refused(play):
    done = play.type(folder=play.folder)
    assert (done.returncode, "Le portail n’est pas ici" in done.stderr) == (1, True)


def test_unknown_version_is_refused(play):
    assert "« 9.9 » n’est ni une version, ni une branche, ni un commit" in refused(play, "9.9")


def test_older_version_is_refused(play):
    play.type()
    (play.folder / "asked").unlink()
    assert "Pour revenir en arrière : --retour." in refused(play, "1.1.0")


def test_changes_of_the_town_are_refused_with_the_way_out(play):
    (play.portal / "CHANGELOG.md").write_text("à nous")
    said = refused(play)
    assert "Des fichiers du portail ont été changés ici : CHANGELOG.md." in said
    assert "var/guides/" in said


def test_origin_that_does_not_answer_is_said(play):
    shutil.rmtree(play.origin)
    assert "Le dépôt d’origine ne répond pas" in refused(play)


def test_return_without_a_version_before_is_refused(play):
    assert "Aucune version précédente n’est gardée ici." in refused(play, "--retour")


@pytest.mark.parametrize(
    ("lock", "sentence"),
    [("mise-a-jour.lock", "Une autre mise à jour est en cours"), ("portail.lock", "Une restauration est en cours")],
)
def test_other_work_on_the_portal_is_waited_for(play, lock, sentence):
    with (play.portal / "var" / lock).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert sentence in refused(play)


def test_other_database_is_refused(play):
    play.tell(settings="")
    settings = '{"site": "http://essai", "base": ["\'"$PWD"\'"], "sqlite": true, "sauvegardes": ""}'
    python = play.portal / "var" / "environnements"
    [path] = python.glob("*/.venv/bin/python")
    path.write_text(path.read_text().replace('cat "$PLAY/settings"', f"echo '{settings}'"))
    assert "DATABASE_URL mène cette version à une autre base" in refused(play)


def test_python_that_is_gone_is_said_with_the_way_out(play):
    (play.portal / ".venv").unlink()
    assert "tapez-y « sh install/install.sh requirements.txt »" in refused(play)


def test_settings_that_cannot_be_read_are_said(play):
    [path] = (play.portal / "var" / "environnements").glob("*/.venv/bin/python")
    path.write_text(
        path.read_text().replace(
            'cat "$PLAY/settings"; exit 0', 'echo "x.ImproperlyConfigured: SECRET_KEY : trop courte" >&2; exit 1'
        )
    )
    assert "SECRET_KEY : trop courte" in refused(play)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--vite"], "en trop, ou mal écrit : --vite"),
        (["0.2", "0.3"], "en trop, ou mal écrit : 0.3"),
        (["--sauvegardes"], "--sauvegardes: il faut une valeur"),
        (["--retour", "1.1"], "--retour revient à la version précédente"),
    ],
)
def test_command_mistyped_is_refused(play, arguments, sentence):
    assert sentence in refused(play, *arguments, code=2)


def test_disk_without_room_is_refused(play, monkeypatch):
    program = play.folder / "install"
    shutil.copytree(ROOT / "install", program)
    path = program / "mise_a_jour.py"
    path.write_text(path.read_text().replace("ROOM = 500", "ROOM = 500_000_000"))
    monkeypatch.setattr("tests.install.play.ROOT", play.folder)
    assert "faites de la place" in refused(play)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file to another")
def test_other_account_is_refused(play):
    os.chown(play.portal / "var", 65534, 65534)
    assert "tapez « sudo -u nobody » devant la commande" in refused(play)


def test_help_is_in_french(play):
    done = play.type("--help")
    assert done.returncode == 0
    assert "revient à la version précédente" in done.stdout
