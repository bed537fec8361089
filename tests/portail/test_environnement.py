"""What `.env` and the environment may say, and the sentence for what they may not."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import time

import pytest
from django.core.exceptions import ImproperlyConfigured

from portail import environnement


@pytest.fixture
def dotenv(tmp_path, monkeypatch):
    monkeypatch.delenv("ENV_FILE", raising=False)
    for name in ("VILLAGE", "ECOLE"):  # to be forgotten after the test
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return tmp_path / ".env"


def test_read_file_takes_what_a_windows_editor_saved(dotenv):
    dotenv.write_bytes("\ufeffVILLAGE=Izeron\r\n\r\n# Une remarque\r\nexport ECOLE='Les Noyers'\r\n".encode())

    assert environnement.read_file(dotenv) == dotenv
    assert (os.environ["VILLAGE"], os.environ["ECOLE"]) == ("Izeron", "Les Noyers")


def test_read_file_without_a_file_is_a_trial(dotenv):
    assert environnement.read_file(dotenv) == dotenv


def test_read_file_that_was_asked_for_must_be_there(dotenv, monkeypatch):
    monkeypatch.setenv("ENV_FILE", str(dotenv))

    with pytest.raises(ImproperlyConfigured, match="ENV_FILE\u00a0: le fichier «\u00a0.*env\u00a0» n’existe pas"):
        environnement.read_file(dotenv.parent / "autre")


def test_read_file_that_cannot_be_read_is_no_trial(dotenv):
    dotenv.mkdir()  # as closed to root as to anybody

    with pytest.raises(ImproperlyConfigured, match="ENV_FILE\u00a0: le fichier .* ne peut pas être lu"):
        environnement.read_file(dotenv)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"COMMUNE_NOM=Saint-S\xe9verin\n", "ENV_FILE\u00a0: le fichier .* n’est pas enregistré en UTF-8"),
        (b"# Le site\nSITE_URL = https://p.fr\n", r"\.env\u00a0: la ligne 2 n’est ni NOM=valeur"),
        (b"SITE_URL: https://p.fr\n", r"\.env\u00a0: la ligne 1 n’est ni NOM=valeur"),
    ],
)
def test_read_file_refuses_what_would_be_left_out(dotenv, content, sentence):
    dotenv.write_bytes(content)

    with pytest.raises(ImproperlyConfigured, match=sentence):
        environnement.read_file(dotenv)


@pytest.mark.parametrize(
    ("value", "address"),
    [("https://portail.fr/", "https://portail.fr"), ("http://127.0.0.1:8000", "http://127.0.0.1:8000")],
)
def test_site_is_an_address_without_a_path(monkeypatch, value, address):
    monkeypatch.setenv("SITE_URL", value)

    assert environnement.site("SITE_URL", "") == address


@pytest.mark.parametrize(
    "value",
    [
        "",
        "portail.fr",
        "ftp://portail.fr",
        "https:",
        "https://p.fr/base",
        "https://p.fr?a",
        "https://p.fr:99999",
        "https://[::",
    ],
)
def test_site_refuses(monkeypatch, value):
    monkeypatch.setenv("SITE_URL", value)

    with pytest.raises(
        ImproperlyConfigured, match=f"SITE_URL\u00a0: «\u00a0{re.escape(value)}\u00a0» n’est pas une adresse"
    ):
        environnement.site("SITE_URL", "")


@pytest.mark.parametrize("value", ["-1", "121", "une heure", "1.5"])
def test_minutes_refuses(monkeypatch, value):
    monkeypatch.setenv("DECALAGE", value)

    with pytest.raises(
        ImproperlyConfigured, match=f"«\u00a0{value}\u00a0» n’est pas un nombre entier de minutes, de 0 à 120"
    ):
        environnement.minutes("DECALAGE", 0, until=120)


def test_later_is_drawn_from_the_name_within_its_bounds():
    names = [f"https://commune{number}.fr" for number in range(50)]
    drawn = [environnement.later(time(23, 0), name=name, within=59) for name in names]

    assert drawn == [environnement.later(time(23, 0), name=name, within=59) for name in names]
    assert len(set(drawn)) > 25
    assert min(drawn) >= time(23)
    assert environnement.later(time(3, 30), name=names[0], within=0) == time(3, 30)


@pytest.mark.parametrize(
    ("arguments", "typed"),
    [
        (["manage.py", "sauvegarder", "/srv"], True),
        (["/srv/portail/manage.py", "migrate"], True),
        (["manage.py"], True),
        (["manage.py", "db_worker", "--interval", "1"], False),
        (["/srv/.venv/lib/gunicorn/__main__.py", "portail.wsgi"], False),
        (["-c"], False),
        ([""], False),
    ],
)
def test_typed_is_a_command_and_not_what_serves(arguments, typed):
    assert environnement.is_typed(arguments) is typed


PLANS = "-c jit=off -c join_collapse_limit=10 -c from_collapse_limit=10 -c random_page_cost=1.1"
POOLED = """
import json
from django.conf import settings
base = settings.DATABASES["default"]
print(json.dumps([base["NAME"], base["OPTIONS"], base.get("DISABLE_SERVER_SIDE_CURSORS", False)]))
"""


@pytest.mark.ci
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-c", POOLED], ["bassin", {"connect_timeout": 5}, True]),
        (
            ["manage.py", "shell", "--verbosity=0", "-c", POOLED],
            ["base", {"connect_timeout": 5, "options": f"-c lock_timeout=20s {PLANS}"}, False],
        ),
    ],
)
def test_what_serves_leaves_nothing_in_a_session_of_a_pooler_and_what_is_typed_goes_round_it(words, expected):
    done = subprocess.run(
        [sys.executable, *words],
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "portail.settings",
            "ENV_FILE": os.devnull,
            "DATABASE_URL": "postgres://portail@127.0.0.1:6432/bassin",
            "DATABASE_URL_DIRECTE": "postgres://portail@127.0.0.1:5432/base",
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == expected


@pytest.mark.parametrize("value", ["", "saint-sauveur", "izeron2"])
def test_instance_is_a_name_of_a_folder(monkeypatch, value):
    monkeypatch.setenv("INSTANCE", value)

    assert environnement.instance("INSTANCE") == value


@pytest.mark.parametrize("value", ["../autre", "Saint-Sauveur", "saint_sauveur", "-a", "a--b", "a/b", "été"])
def test_instance_refuses_what_is_no_name(monkeypatch, value):
    monkeypatch.setenv("INSTANCE", value)

    with pytest.raises(
        ImproperlyConfigured, match=f"INSTANCE\u00a0: «\u00a0{re.escape(value)}\u00a0» n’est pas un nom"
    ):
        environnement.instance("INSTANCE")


def test_networks_are_addresses_and_networks(monkeypatch):
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1, ::1 ,10.0.0.0/8,unix,")

    assert environnement.networks("TRUSTED_PROXIES") == ["127.0.0.1", "::1", "10.0.0.0/8", "unix"]


@pytest.mark.parametrize("value", ["nginx", "127.0.0.1/99", "http://127.0.0.1"])
def test_networks_refuses_a_name(monkeypatch, value):
    monkeypatch.setenv("TRUSTED_PROXIES", f"127.0.0.1,{value}")

    with pytest.raises(ImproperlyConfigured, match=f"«\u00a0{value}\u00a0» n’est ni une adresse IP, ni un réseau"):
        environnement.networks("TRUSTED_PROXIES")


@pytest.mark.parametrize(
    ("value", "engine", "name", "host"),
    [
        ("", "sqlite3", "/srv/é % #/var/p.sqlite3", ""),
        ("sqlite://:memory:", "sqlite3", ":memory:", ""),
        ("sqlite:///var/autre.sqlite3", "sqlite3", "/srv/p/var/autre.sqlite3", ""),
        ("sqlite:////mnt/p.sqlite3", "sqlite3", "/mnt/p.sqlite3", ""),
        ("postgres://portail:a%40b%2Fc@db:5433/familles", "postgresql", "familles", "db"),
        ("postgresql://portail@/familles?host=/run/postgresql", "postgresql", "familles", "/run/postgresql"),
    ],
)
def test_database_is_sqlite_or_postgresql(monkeypatch, tmp_path, value, engine, name, host):
    monkeypatch.setenv("DATABASE_URL", value)

    found = environnement.database(
        "DATABASE_URL", environnement.Path("/srv/é % #/var/p.sqlite3"), base=environnement.Path("/srv/p")
    )

    assert found["ENGINE"] == f"django.db.backends.{engine}"
    assert found["NAME"] == name
    assert found.get("HOST") or found.get("OPTIONS", {}).get("host", "") == host


@pytest.mark.parametrize(
    "value", ["nimporte", "mysql://a:secret@b/c", "postgres://a:se@cr/et@b/c", "postgres://a:secret@b:port/c"]
)
def test_database_refuses_without_telling_a_password(monkeypatch, recwarn, value):
    monkeypatch.setenv("DATABASE_URL", value)

    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL\u00a0: le portail attend sqlite") as refusal:
        environnement.database("DATABASE_URL", environnement.Path("p"), base=environnement.Path())

    assert "secret" not in str(refusal.value)
    assert recwarn.list == []


def test_secret_key_of_a_trial_is_drawn_once_and_kept_from_others(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)

    with ThreadPoolExecutor() as threads:
        keys = {*threads.map(lambda _: environnement.secret_key("SECRET_KEY", tmp_path / "var", trial=True), range(8))}

    assert len(keys) == 1
    assert len(*keys) > 50
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "var").iterdir()] == [0o600]
    assert environnement.secret_key("SECRET_KEY", tmp_path / "ailleurs", trial=True) not in keys


def test_secret_key_is_never_drawn_for_a_real_portal(tmp_path, monkeypatch):
    # HDR-06
    monkeypatch.setenv("SECRET_KEY", "")

    assert (environnement.secret_key("SECRET_KEY", tmp_path, trial=False), [*tmp_path.iterdir()]) == ("", [])


def test_secret_key_that_cannot_be_kept_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "")
    (tmp_path / "var").write_text("")

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY\u00a0: à donner, car .* ne peut pas"):
        environnement.secret_key("SECRET_KEY", tmp_path / "var", trial=True)


PUBLIC_KEY = "age1tzaky0k3rydl80r0xun5070y5d4fy3hjna4ptpsgg67tw78lpu2qdlj5nl"


@pytest.mark.parametrize(("value", "kept"), [("", ""), (f" {PUBLIC_KEY} ", PUBLIC_KEY)])
def test_public_key_is_kept(monkeypatch, value, kept):
    monkeypatch.setenv("CLE", value)

    assert environnement.public_key("CLE") == kept


@pytest.mark.parametrize("value", [PUBLIC_KEY[:-1], f"{PUBLIC_KEY} {PUBLIC_KEY}", "ssh-ed25519 AAAA", "oui"])
def test_public_key_that_is_none_is_refused(monkeypatch, value):
    monkeypatch.setenv("CLE", value)

    with pytest.raises(ImproperlyConfigured, match="n’est pas une clé publique age"):
        environnement.public_key("CLE")


def test_private_key_in_place_of_the_public_one_is_refused_without_being_said(monkeypatch):
    monkeypatch.setenv("CLE", "AGE-SECRET-KEY-1QQQ")

    with pytest.raises(ImproperlyConfigured, match="c’est une clé privée") as refused:
        environnement.public_key("CLE")
    assert "QQQ" not in str(refused.value)


@pytest.mark.parametrize("value", ["0", "-1", "trente", "1,5", "36526", "9" * 30])
def test_days_are_a_number_that_a_date_can_hold(monkeypatch, value):
    monkeypatch.setenv("CONSERVATION_JOURNAL", value)

    with pytest.raises(ImproperlyConfigured, match="CONSERVATION_JOURNAL.*n’est pas un nombre entier de jours"):
        environnement.days("CONSERVATION_JOURNAL", 365)


def test_days_without_a_value_are_the_usual_ones(monkeypatch):
    monkeypatch.delenv("CONSERVATION_JOURNAL", raising=False)

    assert environnement.days("CONSERVATION_JOURNAL", 365) == 365


@pytest.mark.parametrize("value", ["", "a" * 24, "kJ8_-x.~+/=" * 4])
def test_token_is_kept(monkeypatch, value):
    monkeypatch.setenv("JETON", f" {value} ")

    assert environnement.token("JETON") == value


@pytest.mark.parametrize("value", ["court", "a" * 23, "a" * 201, "un jeton avec des espaces ici", "é" * 30])
def test_token_that_is_short_or_strange_is_refused_and_not_repeated(monkeypatch, value):
    monkeypatch.setenv("JETON", value)

    with pytest.raises(ImproperlyConfigured, match="JETON\u00a0: 24 signes au moins") as refusal:
        environnement.token("JETON")
    assert value not in str(refusal.value)


@pytest.mark.parametrize(("value", "read"), [(None, "regie"), ("titre", "titre"), (" titre ", "titre")])
def test_choice_is_one_of_the_words_and_the_first_by_default(monkeypatch, value, read):
    monkeypatch.delenv("ENCAISSEMENT", raising=False)
    if value is not None:
        monkeypatch.setenv("ENCAISSEMENT", value)
    assert environnement.choice("ENCAISSEMENT", ["regie", "titre"]) == read


def test_choice_names_the_words(monkeypatch):
    monkeypatch.setenv("PAYFIP_SAISIE", "M")
    with pytest.raises(
        ImproperlyConfigured, match="PAYFIP_SAISIE\u00a0: «\u00a0M\u00a0» n’est pas un de\u00a0: T, X, W."
    ):
        environnement.choice("PAYFIP_SAISIE", ["T", "X", "W"])


@pytest.mark.parametrize("value", ["90909", "0909090", "09090a", "09090٩"])
def test_numcli_has_six_digits(monkeypatch, value):
    monkeypatch.setenv("PAYFIP_NUMCLI", value)
    with pytest.raises(ImproperlyConfigured, match="PAYFIP_NUMCLI\u00a0: .* n’est pas un numéro de six chiffres"):
        environnement.numcli("PAYFIP_NUMCLI")


def test_numcli_may_be_none(monkeypatch):
    monkeypatch.setenv("PAYFIP_NUMCLI", "")
    assert environnement.numcli("PAYFIP_NUMCLI") == ""


def test_contract_is_an_address_or_a_file_that_is_there(monkeypatch, tmp_path):
    (tmp_path / "contrat.wsdl").write_text("")
    for value, read in [
        ("", ""),
        ("https://payfip.example/securite?wsdl", "https://payfip.example/securite?wsdl"),
        ("contrat.wsdl", str(tmp_path / "contrat.wsdl")),
        (str(tmp_path / "contrat.wsdl"), str(tmp_path / "contrat.wsdl")),
    ]:
        monkeypatch.setenv("PAYFIP_WSDL", value)
        assert environnement.contract("PAYFIP_WSDL", base=tmp_path) == read
    monkeypatch.setenv("PAYFIP_WSDL", "absent.wsdl")
    with pytest.raises(ImproperlyConfigured, match="PAYFIP_WSDL\u00a0: le fichier .*absent.wsdl n’existe pas"):
        environnement.contract("PAYFIP_WSDL", base=tmp_path)


def test_yes_or_no_may_be_a_word_that_says_more(monkeypatch):
    monkeypatch.delenv("FEUILLE_AUTORISES", raising=False)
    assert environnement.boolean_or("FEUILLE_AUTORISES", "telephone") is False
    for value, read in [("1", True), ("non", False), (" Telephone", "telephone")]:
        monkeypatch.setenv("FEUILLE_AUTORISES", value)
        assert environnement.boolean_or("FEUILLE_AUTORISES", "telephone") == read
    monkeypatch.setenv("FEUILLE_AUTORISES", "tous")
    with pytest.raises(ImproperlyConfigured, match="«\u00a0tous\u00a0» n’est ni oui, ni non, ni telephone"):
        environnement.boolean_or("FEUILLE_AUTORISES", "telephone")


def test_siret_is_checked_when_the_portal_starts(monkeypatch):
    monkeypatch.setenv("REGIE_SIRET", "123 456 782 00010")
    assert environnement.siret("REGIE_SIRET") == "12345678200010"

    monkeypatch.setenv("REGIE_SIRET", "12345678200011")
    with pytest.raises(ImproperlyConfigured, match="REGIE_SIRET\u00a0: «\u00a012345678200011\u00a0»\u00a0: ce SIRET"):
        environnement.siret("REGIE_SIRET")

    monkeypatch.setenv("REGIE_SIRET", "")
    assert environnement.siret("REGIE_SIRET") == ""


@pytest.mark.parametrize(("value", "why"), [("a" * 21, "21 signes"), ("deux\nlignes", "une seule ligne")])
def test_sentence_is_one_line_of_so_many_characters(monkeypatch, value, why):
    monkeypatch.setenv("FACTURE_TVA", "  TVA non applicable. ")
    assert environnement.sentence("FACTURE_TVA", 20) == "TVA non applicable."

    monkeypatch.setenv("FACTURE_TVA", value)
    with pytest.raises(ImproperlyConfigured, match=f"FACTURE_TVA\u00a0: .*{why}"):
        environnement.sentence("FACTURE_TVA", 20)
