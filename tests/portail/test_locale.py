"""The words of Django's admin that the portal says otherwise: the compiled file is the readable one, and is used."""

import re
from pathlib import Path

import pytest
from django.utils.translation import gettext

CATALOGUE = Path(__file__).parents[2] / "portail/locale/fr/LC_MESSAGES/django.po"
LIGNE = re.compile(r'^msgid "(.+)"\nmsgstr "(.+)"$', re.MULTILINE)
MOTS = [tuple(mot.replace('\\"', '"') for mot in paire) for paire in LIGNE.findall(CATALOGUE.read_text("utf-8"))]


@pytest.mark.parametrize(("anglais", "francais"), MOTS)
def test_compiled_words_are_the_readable_ones(anglais, francais):
    assert gettext(anglais) == francais


def test_words_are_not_a_machine_s():
    assert [francais for _, francais in MOTS if re.search(r"objet|avec succès|\w\(e?s?\)", francais)] == []
