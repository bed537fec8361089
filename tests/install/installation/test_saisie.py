"""Each thing is asked once, or read from a file whose faults are told together."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from install.installation import questions, saisie
from install.installation.fichiers import InstallError
from install.installation.questions import NAMES, QUESTIONS
from portail.courriels import mailer_from_url
from tests.install.installation.conftest import ANSWERS
from tests.reading import plain

pytestmark = pytest.mark.ci


def find(**changes: str) -> tuple[dict[str, str], list[str]]:
    return saisie.find({nom: value for nom, value in (ANSWERS | changes).items() if value}, {})


def build(values: dict[str, str], certificates: Path = Path("/absent")):
    return saisie.build(values, dossier=Path("/srv/p"), python=Path("/usr/bin/python3"), certificates=certificates)


# --- A file -----------------------------------------------------------------------------------------------------------


def test_file_that_says_all_is_enough():
    values, faults = find()

    assert faults == []
    assert (values["BASE"], values["SERVEUR"], values["JOURNAL_MOIS"]) == ("sqlite", "nginx", "12")


def test_faults_of_a_file_are_told_together():
    _, faults = find(NOM_PUBLIC="portail", COMMUNE_NOM="", AGENT_IDENTIFIANT="inès", COMMUNE_DPO="dpo@commune.example")

    assert [plain(fault).split(" : ")[0] for fault in faults] == [
        "NOM_PUBLIC",
        "COMMUNE_NOM",
        "COMMUNE_DPO",
        "AGENT_IDENTIFIANT",
    ]
    assert plain(faults[1]) == "COMMUNE_NOM : il manque. Le nom de la commune, seul."


def test_lines_that_say_nothing_are_told_with_their_number(tmp_path):
    text = "# essai\n\nNOM_PUBLIC=a.fr\nCOMUNE_NOM=Villard\nbonjour\nNOM_PUBLIC=b.fr\n = 3\n"

    found, faults = saisie.parse(text, set(NAMES))

    assert found == {"NOM_PUBLIC": "a.fr"}
    assert [plain(fault) for fault in faults] == [
        "ligne 4 : COMUNE_NOM n’est pas connu ; est-ce COMMUNE_NOM ?",
        "ligne 5 : il faut NOM=valeur, ou « # … ».",
        "ligne 6 : NOM_PUBLIC est déjà donné plus haut.",
        "ligne 7 : il faut NOM=valeur, ou « # … ».",
    ]


def test_file_that_holds_a_password_is_its_owner_s_alone(tmp_path):
    path = tmp_path / "reponses"
    path.write_text("EMAIL_MOT_DE_PASSE=secret\nNOM_PUBLIC=a.fr\n")
    path.chmod(0o644)

    _, [fault] = saisie.read(path, set(NAMES))
    assert plain(fault).startswith("EMAIL_MOT_DE_PASSE : tous les comptes de la machine le lisent ; lancez « chmod 600")

    path.chmod(0o600)
    assert saisie.read(path, set(NAMES)) == ({"EMAIL_MOT_DE_PASSE": "secret", "NOM_PUBLIC": "a.fr"}, [])


def test_file_that_cannot_be_read_is_a_sentence(tmp_path):
    (tmp_path / "latin").write_bytes("COMMUNE_NOM=Évian\n".encode("latin-1"))

    with pytest.raises(InstallError, match="UTF-8"):
        saisie.read(tmp_path / "latin", set(NAMES))
    with pytest.raises(InstallError, match="ne se lit pas"):
        saisie.read(tmp_path / "absent", set(NAMES))


def test_model_filled_in_is_a_file_of_answers():
    lines = saisie.model().splitlines()
    filled = [f"{line}{ANSWERS[line[:-1]]}" if line.endswith("=") and line[:-1] in ANSWERS else line for line in lines]

    given, faults = saisie.parse("\n".join(filled), set(NAMES))

    assert faults == []
    assert saisie.find(given, {})[1] == []
    assert {line.lstrip("#").split("=")[0] for line in lines if "=" in line} >= set(NAMES)


# --- Answers that must go together ------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl n’est pas là")
    subject = ["-subj", "/CN=famille.villard.fr", "-days", "1", "-nodes"]
    made = tmp_path / "c.pem", tmp_path / "k.pem"
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    subprocess.run(
        [openssl, "req", "-x509", *key, *subject, "-out", made[0], "-keyout", made[1]], check=True, capture_output=True
    )
    return made


def test_key_of_another_certificate_is_refused(certificate, tmp_path):
    public, private = certificate
    other = tmp_path / "autre.pem"
    other.write_text(public.read_text())

    assert find(CERTIFICAT=str(public), CLE=str(private))[1] == []
    [fault] = find(CERTIFICAT=str(public), CLE=str(other))[1]
    assert "n’est pas la clé de" in fault


@pytest.mark.parametrize("nom", ["COMMUNE_NOM", "DEFAULT_FROM_EMAIL"])
def test_name_left_from_the_example_is_refused(nom):
    value = "Garderie de Saint-Sauveur <garderie@villard.fr>"

    [fault] = find(**{nom: value})[1]

    assert fault.startswith(nom)
    assert find(**{nom: value}, COMMUNE_ADRESSE="Mairie, 38160 ST SAUVEUR")[1] == []


# --- The keyboard -----------------------------------------------------------------------------------------------------


@pytest.fixture
def keyboard(monkeypatch):
    """What is typed, question by question; the questions that were asked come back."""
    asked: list[str] = []

    def type_in(answers: dict[str, list[str]]) -> list[str]:
        shown = {question.demande: question.nom for question in QUESTIONS}

        def reply(prompt: str) -> str:
            nom = next(nom for demande, nom in shown.items() if prompt.startswith(demande))
            asked.append(nom)
            return answers.get(nom, [""]).pop(0)

        monkeypatch.setattr("builtins.input", reply)
        monkeypatch.setattr(saisie, "getpass", reply)
        return asked

    return type_in


def test_each_thing_is_asked_once_and_what_has_a_good_default_not_at_all(keyboard):
    asked = keyboard({nom: [value] for nom, value in ANSWERS.items()})

    values = saisie.ask({}, lambda said: None)

    assert values == saisie.find(ANSWERS, {})[0]
    assert len(asked) == len(set(asked))
    assert {question.nom for question in QUESTIONS if not question.asked} & set(asked) == set()
    assert "CLE" not in asked  # no certificate was named
    assert "BASE_SERVEUR" not in asked  # nor PostgreSQL


def test_bad_answer_is_asked_again_with_the_reason(keyboard):
    told: list[str] = []
    asked = keyboard({nom: [value] for nom, value in ANSWERS.items()} | {"NOM_PUBLIC": ["portail", "", "a.fr"]})

    values = saisie.ask({}, told.append)

    assert (values["NOM_PUBLIC"], asked.count("NOM_PUBLIC")) == ("a.fr", 3)
    assert len([said for said in told if said.startswith("  Non")]) == 2


def test_answers_that_do_not_go_together_are_asked_again(keyboard):
    keyboard({nom: [value] for nom, value in ANSWERS.items()} | {"COMMUNE_NOM": ["Saint-Sauveur", "Villard"]})

    assert saisie.ask({}, lambda said: None)["COMMUNE_NOM"] == "Villard"


def test_what_is_known_is_not_asked(keyboard):
    asked = keyboard({nom: [value] for nom, value in ANSWERS.items()})
    env = {"SITE_URL": "https://famille.villard.fr", "COMMUNE_NOM": "Villard", "EMAIL_URL": "smtps://m.villard.fr"}

    values = saisie.ask(saisie.known_from(env, {"AGENT_NOM": "Durand", "BASE": "postgresql"}), lambda said: None)

    known = {"NOM_PUBLIC", "COMMUNE_NOM", "EMAIL_URL", "EMAIL_SERVEUR", "AGENT_NOM", "BASE"}
    assert known & set(asked) == set()
    assert (values["NOM_PUBLIC"], values["BASE"]) == ("famille.villard.fr", "postgresql")


@pytest.mark.parametrize("base", ["sqlite", "postgresql"])
def test_next_run_knows_all_without_a_secret_being_kept(base):
    values, _ = find(BASE=base)
    saved = saisie.to_save(values)
    env = dict(build(values).reglages)

    again, faults = saisie.find({}, saisie.known_from(env, saisie.parse(saved, set(NAMES))[0]))

    assert faults == []
    assert "p@ss" not in saved
    assert saisie.to_save(again) == saved
    assert build(again).base == base
    for nom in ("EMAIL_URL", "DATABASE_URL"):
        assert build(again).reglages.get(nom) == build(values).reglages.get(nom)
    assert {nom: again[nom] for nom in ANSWERS if not nom.startswith("EMAIL")} == {
        nom: value for nom, value in ANSWERS.items() if not nom.startswith("EMAIL")
    }


def test_base_is_explained_before_it_is_asked():
    explained = [question.nom for question in QUESTIONS if question.aide]
    assert explained[0] == "BASE"
    assert all(word in NAMES["BASE"].aide for word in ("SQLite", "PostgreSQL", "pas l’inverse"))


# --- What is made of them ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, "smtp+tls://portail%40villard.fr:p%40ss%2Fword%231@smtp.villard.fr:587"),
        ({"EMAIL_CHIFFREMENT": "2", "EMAIL_COMPTE": ""}, "smtps://smtp.villard.fr:465"),
        ({"EMAIL_SERVEUR": "smtp.villard.fr:2525", "EMAIL_COMPTE": ""}, "smtp+tls://smtp.villard.fr:2525"),
        ({"EMAIL_URL": "smtps://a:b@c.fr"}, "smtps://a:b@c.fr"),
    ],
)
def test_mail_server_becomes_an_address_that_the_portal_reads(changes, url):
    made = saisie.mail_url(find(**changes)[0])

    assert made == url
    assert mailer_from_url(made)["OPTIONS"]["host"] in {"smtp.villard.fr", "c.fr"}


def test_password_of_the_mail_server_reaches_it_whole():
    options = mailer_from_url(saisie.mail_url(find()[0]))["OPTIONS"]
    assert (options["username"], options["password"]) == ("portail@villard.fr", "p@ss/word#1")


def test_database_is_reached_by_the_socket_here_and_by_a_drawn_password_elsewhere():
    assert saisie.database_url(find()[0]) == ""
    assert saisie.database_url(find(BASE="2")[0]) == "postgres:///portail?host=/var/run/postgresql"
    elsewhere = find(BASE="2", BASE_SERVEUR="base.villard.fr")[0]
    one, other = saisie.database_url(elsewhere), saisie.database_url(elsewhere)
    assert one.startswith("postgres://portail:")
    assert one.endswith("@base.villard.fr:5432/portail?sslmode=require")
    assert one != other


def test_certificate_that_certbot_got_since_is_found(tmp_path):
    values, _ = find()
    assert build(values, tmp_path).certificat is None

    live = tmp_path / "famille.villard.fr"
    live.mkdir()
    (live / "fullchain.pem").touch()

    found = build(values, tmp_path)
    assert (found.certificat, found.cle) == (live / "fullchain.pem", live / "privkey.pem")


def test_settings_that_no_question_asks_may_be_given():
    values, faults = find(CANTINE_NOM="L’Assiette", SECRET_KEY="k" * 40)

    assert faults == []
    settings = build(values).reglages
    assert (settings["CANTINE_NOM"], settings["SECRET_KEY"]) == ("L’Assiette", "k" * 40)
    assert settings["SITE_URL"] == "https://famille.villard.fr"
    assert "DATABASE_URL" not in settings  # SQLite is the default


def test_key_is_drawn_each_time():
    values, _ = find()
    one, other = build(values).reglages["SECRET_KEY"], build(values).reglages["SECRET_KEY"]
    assert one != other
    assert len(one) >= 50


def test_portal_behind_a_unix_socket_trusts_it():
    assert build(find(ADRESSE_LOCALE="/run/portail.sock")[0]).reglages["TRUSTED_PROXIES"] == "unix"


def test_questions_have_a_name_of_their_own():
    assert len(NAMES) == len(questions.QUESTIONS)
