"""Days and hours in French words."""

from datetime import UTC, date, datetime, time

import pytest

from portail.dates import date_heure, de, heure_texte, jour_court, jour_long


@pytest.mark.parametrize(
    ("jour", "court", "long"),
    [
        (date(2026, 12, 8), "mardi 8", "mardi 8\u00a0décembre"),
        (date(2026, 12, 1), "mardi 1er", "mardi 1er\u00a0décembre"),
        (date(2027, 1, 1), "vendredi 1er", "vendredi 1er\u00a0janvier"),
        (date(2027, 2, 28), "dimanche 28", "dimanche 28\u00a0février"),
        (date(2026, 8, 31), "lundi 31", "lundi 31\u00a0août"),
        (date(2026, 11, 11), "mercredi 11", "mercredi 11\u00a0novembre"),
        (date(2027, 5, 6), "jeudi 6", "jeudi 6\u00a0mai"),
        (date(2027, 7, 3), "samedi 3", "samedi 3\u00a0juillet"),
    ],
)
def test_jour_is_said_in_words(jour, court, long):
    assert jour_court(jour) == court
    assert jour_long(jour) == long


@pytest.mark.parametrize(
    ("heure", "texte"),
    [
        (time(12), "12\u00a0h"),
        (time(7, 30), "7\u00a0h\u00a030"),
        (time(8, 5), "8\u00a0h\u00a005"),
        (time(0), "minuit"),
        (time(0, 30), "0\u00a0h\u00a030"),
        (time(23, 59, 59), "23\u00a0h\u00a059"),
    ],
)
def test_heure_is_said_in_words(heure, texte):
    assert heure_texte(heure) == texte


@pytest.mark.parametrize(
    ("instant", "texte"),
    [
        (datetime(2026, 12, 4, 19, 41, tzinfo=UTC), "vendredi 4\u00a0décembre à 20\u00a0h\u00a041"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "vendredi 1er\u00a0janvier à 0\u00a0h\u00a030"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "dimanche 25\u00a0octobre à 2\u00a0h\u00a030"),  # summer time
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "dimanche 25\u00a0octobre à 2\u00a0h\u00a030"),  # winter time
        (datetime(2027, 7, 1, 22, 0, tzinfo=UTC), "vendredi 2\u00a0juillet à minuit"),
    ],
)
def test_date_heure_is_paris_time(instant, texte):
    assert date_heure(instant) == texte


def test_date_heure_refuses_a_naive_datetime():
    with pytest.raises(ValueError, match="naive"):
        date_heure(datetime(2026, 12, 4, 20, 41))


@pytest.mark.parametrize(
    ("nom", "attendu"),
    [("Léa", "de Léa"), ("Anna", "d’Anna"), ("Éva", "d’Éva"), ("Yves", "d’Yves"), ("Yanis", "de Yanis"), ("", "de ")],
)
def test_de_elides_before_a_vowel(nom, attendu):
    assert de(nom) == attendu
