"""Days and hours: instants in Paris, and French words."""

from datetime import UTC, date, datetime, time

import pytest

from portail.dates import (
    PARIS,
    date_heure,
    date_heure_annee,
    dernier_instant,
    heure_texte,
    instant,
    jour_abrege,
    jour_annee,
    jour_court,
    jour_long,
    jours_groupes,
    quantieme_annee,
    quantieme_mois,
)
from tests.reading import plain


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
    ("say", "texte"),
    [
        (jour_abrege, "mar.\u00a01er"),
        (quantieme_mois, "1er\u00a0décembre"),
        (quantieme_annee, "1er\u00a0décembre 2026"),
        (jour_annee, "mardi 1er\u00a0décembre 2026"),
    ],
)
def test_jour_is_said_as_short_or_as_long_as_is_wanted(say, texte):
    assert say(date(2026, 12, 1)) == texte


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
    ("quand", "texte"),
    [
        (datetime(2026, 12, 4, 19, 41, tzinfo=UTC), "vendredi 4\u00a0décembre à 20\u00a0h\u00a041"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "vendredi 1er\u00a0janvier à 0\u00a0h\u00a030"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "dimanche 25\u00a0octobre à 2\u00a0h\u00a030"),  # summer time
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "dimanche 25\u00a0octobre à 2\u00a0h\u00a030"),  # winter time
        (datetime(2027, 7, 1, 22, 0, tzinfo=UTC), "vendredi 2\u00a0juillet à minuit"),
    ],
)
def test_date_heure_is_paris_time(quand, texte):
    assert date_heure(quand) == texte
    assert date_heure_annee(quand).replace(" 2026", "").replace(" 2027", "") == texte


def test_day_of_an_instant_is_not_that_of_the_same_instant_elsewhere():
    """Equal instants, two days: what was said of one is not said again of the other."""
    minuit_passe = datetime(2026, 12, 4, 23, 41, tzinfo=UTC)

    assert jour_court(minuit_passe) == "vendredi 4"
    assert date_heure(minuit_passe) == "samedi 5\u00a0décembre à 0\u00a0h\u00a041"


def test_date_heure_refuses_a_naive_datetime():
    with pytest.raises(ValueError, match="naive"):
        date_heure(datetime(2026, 12, 4, 20, 41))


@pytest.mark.parametrize(
    ("jour", "heure", "utc"),
    [
        (date(2026, 12, 3), time(18), datetime(2026, 12, 3, 17, tzinfo=UTC)),
        (date(2027, 3, 28), time(2, 30), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),  # never comes: 3 h 30
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # comes twice: the first
    ],
)
def test_instant_is_an_hour_of_a_day_in_paris(jour, heure, utc):
    assert instant(jour, heure).astimezone(UTC) == utc


@pytest.mark.parametrize(
    ("now", "dernier"),
    [
        (datetime(2026, 12, 3, 18, tzinfo=PARIS), datetime(2026, 12, 3, 18, tzinfo=PARIS)),
        (datetime(2026, 12, 3, 16, 59, 59, tzinfo=UTC), datetime(2026, 12, 2, 18, tzinfo=PARIS)),  # 17 h 59 in Paris
        (datetime(2026, 12, 2, 23, 30, tzinfo=UTC), datetime(2026, 12, 2, 18, tzinfo=PARIS)),  # 0 h 30 in Paris
        (datetime(2027, 3, 28, 17, 59, tzinfo=PARIS), datetime(2027, 3, 27, 18, tzinfo=PARIS)),
        (datetime(2027, 3, 28, 18, tzinfo=PARIS), datetime(2027, 3, 28, 18, tzinfo=PARIS)),
        (datetime(2026, 10, 25, 17, 59, tzinfo=PARIS), datetime(2026, 10, 24, 18, tzinfo=PARIS)),
        (datetime(2026, 10, 25, 18, tzinfo=PARIS), datetime(2026, 10, 25, 18, tzinfo=PARIS)),
    ],
)
def test_dernier_instant_is_today_s_or_yesterday_s(now, dernier):
    assert dernier_instant(time(18), now=now).astimezone(UTC) == dernier.astimezone(UTC)


@pytest.mark.parametrize(
    ("jours", "dits"),
    [
        ([(12, 11)], "vendredi 11 décembre"),
        ([(12, 17), (12, 3), (12, 10)], "jeudis 3, 10 et 17 décembre"),
        ([(12, 14), (12, 18)], "lundi 14 et vendredi 18 décembre"),
        ([(12, 10), (12, 17), (12, 14)], "lundi 14, jeudis 10 et 17 décembre"),
        ([(11, 26), (12, 3), (12, 10)], "jeudis 26 novembre, 3 et 10 décembre"),
        ([(11, 26), (12, 3)], "jeudis 26 novembre et 3 décembre"),
        ([(9, 1), (12, 10)], "mardi 1er septembre et jeudi 10 décembre"),
    ],
)
def test_days_are_grouped_by_day_of_the_week(jours, dits):
    assert plain(jours_groupes(date(2026, *jour) for jour in jours)) == dits
