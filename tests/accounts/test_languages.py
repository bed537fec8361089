"""First steps in other languages: short, complete, marked as what they are."""

from __future__ import annotations

import re

import pytest

from accounts.languages import FRENCH, LANGUAGES, TRANSLATIONS, Language
from accounts.views_languages import WORD_OF_THE_SCREEN, marked
from tests.clients import Client

EVERY = [pytest.param(language, id=language.code) for language in LANGUAGES.values()]


def words(language: Language) -> list[str]:
    text = " ".join((language.title, language.intro, *language.steps, language.help, language.notice))
    return [word for word in text.split() if any(map(str.isalnum, word))]


def test_there_are_six_other_languages():
    assert [language.code for language in TRANSLATIONS] == ["en", "ar", "tr", "pt", "uk", "ro"]


@pytest.mark.parametrize("language", EVERY)
def test_first_steps_are_a_hundred_and_twenty_words_at_most(language):
    assert 60 < len(words(language)) <= 120


@pytest.mark.parametrize("language", EVERY)
def test_each_language_names_the_same_words_of_the_screen_in_the_same_steps(language):
    """The very words that a parent will look for."""
    shown = [WORD_OF_THE_SCREEN.findall(step) for step in language.steps]
    wanted = [WORD_OF_THE_SCREEN.findall(step) for step in FRENCH.steps]
    assert shown == wanted


def test_the_words_of_the_screen_are_on_the_screen(client, db):
    """[Connexion], [Mot de passe]… are written as the pages write them."""
    pages = "".join(client.get(f"/{path}/").text for path in ["connexion", "mot-de-passe-oublie"])
    for word in ["Identifiant", "Mot de passe", "Mot de passe oublié", "Recevoir un mot de passe", "Connexion"]:
        assert re.search(rf">\s*{word}\s*<", pages), word


@pytest.mark.parametrize("language", EVERY)
def test_page_says_its_language_and_direction(client, language):
    page = client.get(f"/comment-entrer/{language.code}/").text
    assert f'<div class="pile" lang="{language.code}" dir="{language.direction}">' in page
    assert language.title in page
    assert ("le français</a> fait foi" in page) == (language is not FRENCH)
    assert page.count("hreflang=") == len(LANGUAGES) - 1  # the others, each by its own name


def test_only_arabic_is_read_from_right_to_left():
    assert [language.code for language in LANGUAGES.values() if language.direction == "rtl"] == ["ar"]


def test_login_leads_to_each_language_by_its_own_name(client, db):
    page = client.get("/connexion/").text
    for language in TRANSLATIONS:
        link = f'<a lang="{language.code}" hreflang="{language.code}" dir="{language.direction}"'
        assert f'{link} href="/comment-entrer/{language.code}/">{language.name}</a>' in page


@pytest.mark.parametrize("path", ["/comment-entrer/de/", "/comment-entrer/EN/", "/comment-entrer/"])
def test_unknown_language_does_not_exist(client, path):
    assert client.get(path).status_code == 404


def test_words_of_the_screen_are_french_in_any_text():
    assert marked("Tap [Connexion] <now>.") == ('Tap <b lang="fr" dir="ltr">«\u00a0Connexion\u00a0»</b> &lt;now&gt;.')


def test_page_needs_no_account_and_asks_no_question_of_the_database(client: Client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert client.get("/comment-entrer/ar/").status_code == 200
