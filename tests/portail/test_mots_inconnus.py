"""A word of `.env` that is no setting is told with its line and the setting that it resembles."""

from __future__ import annotations

import pytest
from django.core import checks

from portail.checks import check_words
from portail.mots_inconnus import MotInconnu, known, unknown_words
from surveillance.diagnostic import reglages
from tests.reading import plain
from tests.surveillance.constater import LIEU, lines, told


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("ENVOIS_RETENU=1", "ENVOIS_RETENUS"),
        ("export SECRETKEY=tres-secret", "SECRET_KEY"),
        ("envois_retenus=1", "ENVOIS_RETENUS"),
        ("SAUVEGARDE=/srv/sauvegardes", "SAUVEGARDES"),
        ("COMMUNE_TEL=04 76 00 00 00", "COMMUNE_TELEPHONE"),
        ("BLEU=1", ""),
    ],
)
def test_word_that_is_no_setting_is_told_with_the_nearest(tmp_path, line, near):
    env = tmp_path / ".env"
    env.write_text(f"# Réglages\n\nDEBUG=0\n{line}\n", "utf-8")

    [found] = unknown_words(env, known())

    assert found == MotInconnu(4, line.removeprefix("export ").partition("=")[0], near)
    assert ("Est-ce" in found.phrase) is bool(near)
    assert line.partition("=")[2] not in {"", found.phrase}
    assert "secret" not in found.phrase


def test_word_of_another_program_is_known(tmp_path):
    env = tmp_path / ".env"
    names = ["GUNICORN_CMD_ARGS", "PGSSLMODE", "PGHOST", "https_proxy", "NO_PROXY", "TZ", "LC_ALL", "PYTHONUTF8"]
    env.write_text("".join(f"{name}=x\n" for name in [*names, *known()]), "utf-8")

    assert unknown_words(env, known()) == []


def test_file_that_is_not_there_or_is_not_utf8_has_no_unknown_word(tmp_path):
    env = tmp_path / ".env"
    assert unknown_words(env, known()) == []
    env.write_bytes(b"COMMUNE=S\xe9verin\n")
    assert unknown_words(env, known()) == []


def test_deploy_check_and_diagnosis_warn_of_it(tmp_path, settings):
    settings.ENV_FILE = tmp_path / ".env"
    settings.ENV_FILE.write_text("ENVOIS_RETENU=1\n", "utf-8")
    lieu = type(LIEU)(LIEU.dossier, LIEU.uid, settings.ENV_FILE)

    [message] = check_words(None)
    [point] = lines(reglages.check_words(lieu))

    sentence = "ligne 1, « ENVOIS_RETENU » n’est pas un réglage du portail, qui l’ignore. Est-ce ENVOIS_RETENUS ?"
    assert (message.level, message.id, plain(message.msg)) == (checks.WARNING, "portail.W009", f".env, {sentence}")
    assert told(point) == ("attention", sentence)
    assert plain(point.remede).startswith("Si c’est ENVOIS_RETENUS, corrigez-le")
