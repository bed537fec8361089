"""What production refuses to start with, and what it starts with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import checks
from django.test import override_settings

from portail.checks import (
    check_backups,
    check_keys,
    check_mails_leave,
    check_payments_are_real,
    check_private,
    check_production,
    production_obstacles,
)
from tests.portail.production import GOOD
from tests.reading import plain

ROOT = Path(__file__).resolve().parents[2]
BAD = [
    ({"SECRET_KEY": ""}, "SECRET_KEY"),
    ({"SECRET_KEY": "courte"}, "SECRET_KEY"),
    ({"SECRET_KEY": "abcd" * 13}, "SECRET_KEY"),
    ({"SECRET_KEY_FALLBACKS": f"{GOOD['SECRET_KEY'][::-1]},courte"}, "SECRET_KEY_FALLBACKS"),
    ({"DEBUG": "1"}, "DEBUG"),
    ({"SITE_URL": "https://portail.commune.example", "ALLOWED_HOSTS": "portail.commune.example"}, "SITE_URL"),
    ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
    ({"ALLOWED_HOSTS": "www.commune.fr"}, "ALLOWED_HOSTS"),
    ({"ALLOWED_HOSTS": "https://famille.commune.fr"}, "ALLOWED_HOSTS"),
    ({"ALLOWED_HOSTS": "famille.commune.fr,*"}, "ALLOWED_HOSTS"),
    ({"TRUSTED_PROXIES": ""}, "TRUSTED_PROXIES"),
    ({"EMAIL_URL": "filemail:///srv/courriels"}, "EMAIL_URL"),
    ({"DEFAULT_FROM_EMAIL": "Garderie <garderie@commune.example>"}, "DEFAULT_FROM_EMAIL"),
    ({"COMMUNE_DPO": "dpo@commune.example"}, "COMMUNE_DPO"),
    ({"COMMUNE_HEBERGEUR": "Hébergeur Exemple, 1 rue de l’Exemple"}, "COMMUNE_HEBERGEUR"),  # LEG-01
    ({"COMMUNE_NOM": ""}, "COMMUNE_NOM"),
    ({"COMMUNE_HORAIRES": ""}, "COMMUNE_HORAIRES"),
    ({"COMMUNE_NOM": "Saint-Sauveur"}, "COMMUNE_NOM"),  # left from an older example, the address is another's
    ({"DEFAULT_FROM_EMAIL": "Garderie de Saint-Sauveur <garderie@commune.fr>"}, "DEFAULT_FROM_EMAIL"),
    ({"DEFAULT_FROM_EMAIL": "Garderie de Notre-Commune <garderie@commune.fr>"}, "DEFAULT_FROM_EMAIL"),
    ({"COMMUNE_ADRESSE": " "}, "COMMUNE_ADRESSE"),
    ({"EMAIL_URL": "smtp+tls://portail:motdepasse@smtp.commune.example:587"}, "EMAIL_URL"),
    ({"RETOURS_COURRIEL": "imaps://retours%40commune.example:x@imap.commune.example/INBOX"}, "RETOURS_COURRIEL"),
    ({"COMMUNE_TELEPHONE": ""}, "COMMUNE_TELEPHONE"),
    ({"GARDERIE_TELEPHONE": ""}, "GARDERIE_TELEPHONE"),
    ({"DEFAULT_FROM_EMAIL": "garderie"}, "DEFAULT_FROM_EMAIL"),
    ({"COMMUNE_COURRIEL": "Garderie <garderie@commune.fr>"}, "COMMUNE_COURRIEL"),
    ({"CANTINE_COURRIEL": "cantine"}, "CANTINE_COURRIEL"),
    ({"PAYFIP_NUMCLI": "090909", "PAYFIP_WSDL": "http://127.0.0.1:8090/wsdl"}, "PAYFIP_WSDL"),
]


def run(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """A process of the portal in a production environment of its own, nothing of this one but the PATH."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **GOOD, **changes}
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)


def good_values() -> dict[str, object]:
    names = ["COMMUNE_NOM", "COMMUNE_ADRESSE", "COMMUNE_TELEPHONE", "COMMUNE_HORAIRES", "GARDERIE_TELEPHONE"]
    return (
        GOOD
        | dict.fromkeys([*names, "COMMUNE_DIRECTEUR_PUBLICATION"], "Commune")
        | {
            "CANTINE_COURRIEL": "",
            "SECRET_KEY_FALLBACKS": [],
            "DEBUG": False,
            "ALLOWED_HOSTS": ["famille.commune.fr"],
            "TRUSTED_PROXIES": ["127.0.0.1"],
            "DIRECT_ACCESS": False,
            "MAILERS": {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}},
            "RETOURS_COURRIEL": None,
            "PAYFIP_NUMCLI": "",
        }
    )


def test_production_obstacles_is_empty_when_all_is_set():
    assert production_obstacles(good_values().__getitem__) == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Notre-Commune", "COMMUNE_NOM : « Notre-Commune » est resté de l’exemple : donnez le nom de votre commune."),
        ("notre commune", "COMMUNE_NOM : « notre commune » est resté de l’exemple : donnez le nom de votre commune."),
        ("NOTRE_COMMUNE", "COMMUNE_NOM : « NOTRE_COMMUNE » est resté de l’exemple : donnez le nom de votre commune."),
        ("Notre‑Commune", "COMMUNE_NOM : « Notre‑Commune » est resté de l’exemple : donnez le nom de votre commune."),
        ("votre ville", "COMMUNE_NOM : « votre ville » est resté de l’exemple : donnez le nom de votre commune."),
        ("Notre-Dame-de-Commiers", None),
        ("Villard-Notre-Dame", None),
        ("Commune-Affranchie", None),
    ],
)
def test_name_that_stands_for_any_town_is_no_name(name, sentence):
    values = good_values() | {"COMMUNE_NOM": name}

    assert list(map(plain, production_obstacles(values.__getitem__))) == ([sentence] if sentence else [])


@pytest.mark.parametrize("place", ["38160 Saint-Sauveur", "38160 ST SAUVEUR", "42220 Saint-Sauveur-en-Rue"])
def test_commune_that_has_the_name_of_the_example_may_open(place):
    values = good_values() | {
        "COMMUNE_NOM": "Saint-Sauveur",
        "COMMUNE_ADRESSE": f"3 rue Haute, {place}",
        "DEFAULT_FROM_EMAIL": "Garderie de Saint-Sauveur <garderie@commune.fr>",
    }

    assert production_obstacles(values.__getitem__) == []


def test_production_has_no_commune_but_the_one_that_is_given():
    names = ("COMMUNE_NOM", "COMMUNE_ADRESSE", "COMMUNE_HORAIRES")
    given = {name: value for name, value in GOOD.items() if name not in names}

    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env={"PATH": os.environ["PATH"], **given},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert [line.split("\u00a0:")[0] for line in done.stderr.strip().splitlines()[1:]] == list(names)


def test_production_obstacles_takes_direct_access_for_a_statement():
    values = good_values() | {"TRUSTED_PROXIES": [], "DIRECT_ACCESS": True}

    assert production_obstacles(values.__getitem__) == []


def test_production_obstacles_says_all_that_is_wrong_at_once():
    values = good_values() | {"DEBUG": True, "SECRET_KEY": "cle", "COMMUNE_DPO": "dpo@commune.EXAMPLE"}

    assert [sentence.split("\u00a0:")[0] for sentence in production_obstacles(values.__getitem__)] == [
        "SECRET_KEY",
        "DEBUG",
        "COMMUNE_DPO",
    ]


@pytest.mark.ci
def test_good_production_passes_the_deploy_check_without_a_warning():
    # HDR-06, HDR-09: Python's own warnings are errors too
    database = {"DATABASE_URL": "sqlite://:memory:"}
    done = run(sys.executable, "-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING", **database)

    assert (done.returncode, done.stderr.strip()) == (0, "")


@pytest.mark.ci
def test_direct_access_is_said_not_to_be_for_the_internet():
    # HDR-10
    changes = {"DATABASE_URL": "sqlite://:memory:", "TRUSTED_PROXIES": "", "DIRECT_ACCESS": "1"}
    done = run(sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **changes)

    assert done.returncode == 1
    assert "(portail.W008) DIRECT_ACCESS\u00a0: rien n’est placé devant le portail" in done.stderr


@pytest.mark.ci
@pytest.mark.parametrize(("changes", "name"), BAD)
def test_bad_production_stops_every_command_with_a_sentence(changes, name):
    # HDR-06
    done = run(sys.executable, "manage.py", "check", **changes)

    introduction, *sentences = done.stderr.strip().splitlines()
    assert done.returncode == 1
    assert introduction == f"{(GOOD | changes)['SITE_URL']} ne peut pas ouvrir aux familles. Voir .env.example."
    assert [sentence.split("\u00a0:")[0] for sentence in sentences] == [name]


def test_production_obstacles_takes_a_number_that_only_looks_like_one_of_fiction():
    values = good_values() | {"COMMUNE_HEBERGEUR": "Mairie, 38046 57100 Exemplaire, 04 76 57 10 03"}

    assert production_obstacles(values.__getitem__) == []


def test_check_private_says_which_file_everyone_reads(settings, monkeypatch, tmp_path):
    dotenv, data = tmp_path / ".env", tmp_path / "var" / "portail.sqlite3"
    tmp_path.chmod(0o755)
    data.parent.mkdir(mode=0o755)
    for path in (dotenv, data):
        path.touch(mode=0o644)
    settings.ENV_FILE = dotenv
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": "django.db.backends.sqlite3", "NAME": str(data)})

    assert [message.msg.split("\u00a0: ")[1] for message in check_private(None)] == [
        f"lancez «\u00a0chmod 600 {dotenv}\u00a0».",
        f"lancez «\u00a0chmod 700 {data.parent}\u00a0».",
    ]

    dotenv.chmod(0o600)
    data.parent.chmod(0o700)
    assert check_private(None) == []


def test_example_left_as_it_is_opens_to_nobody():
    # LEG-01
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env={"PATH": os.environ["PATH"], "ENV_FILE": ".env.example"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert [line.split("\u00a0:")[0] for line in done.stderr.strip().splitlines()[1:]] == [
        "SECRET_KEY",
        "SITE_URL",
        "EMAIL_URL",
        "DEFAULT_FROM_EMAIL",
        "COMMUNE_NOM",
        "COMMUNE_ADRESSE",
        "COMMUNE_TELEPHONE",
        "COMMUNE_HORAIRES",
        "COMMUNE_COURRIEL",
        "COMMUNE_DPO",
        "COMMUNE_HEBERGEUR",
        "GARDERIE_TELEPHONE",
    ]


def test_bad_value_stops_a_command_without_a_traceback():
    done = run(sys.executable, "manage.py", "check", EMAIL_URL="smtp://garderie:secret@mail.commune.fr")

    assert done.returncode == 1
    assert done.stderr.strip() == (
        "EMAIL_URL\u00a0: le portail attend smtp+tls://, smtps:// ou filemail:///dossier. Voir .env.example."
    )


def test_bad_production_stops_gunicorn():
    # HDR-06
    done = run(
        sys.executable, "-m", "gunicorn", "portail.wsgi", "--bind", "127.0.0.1:0", "--no-control-socket", DEBUG="1"
    )

    assert done.returncode != 0
    assert "DEBUG\u00a0: à retirer" in done.stderr


def test_check_mails_leave_warns_while_they_are_held(settings):
    assert check_mails_leave(None) == []

    settings.ENVOIS_RETENUS = True

    [warning] = check_mails_leave(None)
    assert (warning.id, warning.level) == ("portail.W005", checks.WARNING)
    assert "E-mails retenus" in warning.msg


@pytest.mark.parametrize(
    ("numcli", "saisie", "said"), [("", "T", []), ("090909", "W", []), ("090909", "T", ["PAYFIP_SAISIE=T"])]
)
def test_check_payments_are_real_warns_while_payfip_is_tried(settings, numcli, saisie, said):
    settings.PAYFIP_NUMCLI, settings.PAYFIP_SAISIE = numcli, saisie
    assert [warning.msg.split("\u00a0:")[0] for warning in check_payments_are_real(None)] == said


def test_check_keys_advises_a_longer_key_in_french(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "0123456789" * 5, []
    assert check_keys(None) == []

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "0123456789abcdef" * 2, ["a" * 60]

    warnings = check_keys(None)
    assert [(warning.id, warning.msg.partition("\u00a0")[0]) for warning in warnings] == [
        ("portail.W010", "SECRET_KEY"),
        ("portail.W010", "SECRET_KEY_FALLBACKS"),
    ]
    assert "moins de 50 signes" in warnings[0].msg
    assert {"security.W009", "security.W025"} <= set(settings.SILENCED_SYSTEM_CHECKS)


def test_check_backups_warns_without_a_folder_for_them(settings, tmp_path):
    settings.SAUVEGARDES = tmp_path
    assert check_backups(None) == []

    for folder, words in ((None, "donnez le dossier"), (tmp_path / "absent", "n’existe pas")):
        settings.SAUVEGARDES = folder
        [warning] = check_backups(None)
        assert (warning.id, warning.level) == ("portail.W006", checks.WARNING)
        assert words in warning.msg


def test_check_production_says_that_http_is_for_trying_only():
    assert [message.id for message in check_production(None)] == ["portail.W001"]


def test_check_production_sees_what_another_settings_module_changed():
    with override_settings(PRODUCTION=True, **(good_values() | {"DEBUG": True})):
        messages = check_production(None)

    assert [(message.id, message.level) for message in messages] == [("portail.E001", checks.ERROR)]


@pytest.mark.ci
def test_good_production_speaks_https_only_and_says_so_for_a_year():
    # HDR-02
    program = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "client = Client(SERVER_NAME='famille.commune.fr')\n"
        "clear, proxied = client.get('/sante/'), client.get('/sante/', headers={'X-Forwarded-Proto': 'https'})\n"
        "print(clear.status_code, clear['Location'])\n"
        "print(proxied['Strict-Transport-Security'])\n"
    )
    database = {"DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "portail.settings"}

    done = run(sys.executable, "-c", program, **database)

    assert (done.stdout.splitlines(), done.returncode) == (
        ["301 https://famille.commune.fr/sante/", "max-age=31536000; includeSubDomains"],
        0,
    )
