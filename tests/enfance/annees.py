"""The two school years of zone A that the tests of the pure modules read: values, no database."""

from datetime import date

from enfance.calendrier import Annee, Calendrier, Periode

JOURS_ECOLE = frozenset({0, 1, 3, 4})

ANNEE_2026 = Annee(
    debut=date(2026, 9, 1),
    fin=date(2027, 7, 2),
    jours=JOURS_ECOLE,
    ouverture=date(2026, 6, 1),
    vacances=(
        Periode("Vacances de la Toussaint", date(2026, 10, 17), date(2026, 11, 1)),
        Periode("Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3)),
        Periode("Vacances d’hiver", date(2027, 2, 13), date(2027, 2, 28)),
        Periode("Vacances de printemps", date(2027, 4, 10), date(2027, 4, 25)),
        Periode("Pont de l’Ascension", date(2027, 5, 6), date(2027, 5, 8)),
    ),
)
ANNEE_2027 = Annee(
    debut=date(2027, 9, 1),
    fin=date(2028, 7, 4),
    jours=JOURS_ECOLE,
    vacances=(
        Periode("Vacances de la Toussaint", date(2027, 10, 23), date(2027, 11, 7)),
        Periode("Vacances de Noël", date(2027, 12, 18), date(2028, 1, 2)),
    ),
)
CALENDRIER = Calendrier(
    (ANNEE_2026, ANNEE_2027),
    feries={
        date(2026, 11, 11): "Armistice 1918",
        date(2026, 12, 25): "Noël",
        date(2027, 1, 1): "Jour de l’an",
        date(2027, 3, 29): "Lundi de Pâques",
        date(2027, 5, 17): "Lundi de Pentecôte",
    },
)
