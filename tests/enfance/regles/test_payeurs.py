"""Which foyer pays: the worked cases of separated parents, of children who came unbooked, of days of nobody's."""

from datetime import date

import pytest

from enfance.regles import Payeur, SansPayeur, foyers_with_garde, payeur, payeur_of_booking
from tests.enfance.situations import FOYER_AUTRE, FOYER_LEA, LUNDI_7, MATIN, SOIR, alternee, toujours

LEA, AUTRE = FOYER_LEA.pk, FOYER_AUTRE.pk
VENDREDI_4 = date(2026, 12, 4)
ALTERNANCE = (
    alternee(FOYER_LEA, date(2026, 11, 30), "vendredi"),
    alternee(FOYER_AUTRE, date(2026, 12, 7), "vendredi"),
)
DEUX = (toujours(FOYER_LEA), toujours(FOYER_AUTRE))


@pytest.mark.parametrize(
    ("etat", "foyer", "gardes", "jour", "creneau", "attendu"),
    [
        # booked: the foyer of the inscription, even where both have garde, or the garde has changed since
        ("inscrit", LEA, DEUX, LUNDI_7, SOIR, LEA),
        ("inscrit", AUTRE, DEUX, LUNDI_7, SOIR, AUTRE),
        ("inscrit", LEA, (toujours(FOYER_AUTRE),), LUNDI_7, SOIR, LEA),
        ("inscrit", LEA, (), LUNDI_7, SOIR, LEA),
        # booked by the town hall on a day of nobody's: whoever has garde alone since, else nobody
        ("inscrit", None, (toujours(FOYER_AUTRE),), LUNDI_7, SOIR, AUTRE),
        ("inscrit", None, (), LUNDI_7, SOIR, SansPayeur.PERSONNE),
        ("inscrit", None, DEUX, LUNDI_7, SOIR, SansPayeur.PLUSIEURS),
        # came without inscription: the only foyer with garde then; that of Friday evening is the next holder's
        ("annulee", None, (toujours(FOYER_LEA),), LUNDI_7, SOIR, LEA),
        ("annulee", None, ALTERNANCE, VENDREDI_4, MATIN, LEA),
        ("annulee", None, ALTERNANCE, VENDREDI_4, SOIR, AUTRE),
        ("annulee", None, ALTERNANCE, LUNDI_7, MATIN, AUTRE),
        ("annulee", None, DEUX, LUNDI_7, SOIR, SansPayeur.PLUSIEURS),
        ("annulee", None, (toujours(FOYER_LEA, fin=VENDREDI_4),), LUNDI_7, SOIR, SansPayeur.PERSONNE),
        # came after a cancellation, or from a waiting list: who had booked or asked is not whom the child is with
        ("annulee", LEA, (toujours(FOYER_AUTRE),), LUNDI_7, SOIR, AUTRE),
        ("annulee", LEA, DEUX, LUNDI_7, SOIR, SansPayeur.PLUSIEURS),
        ("attente", LEA, (toujours(FOYER_LEA),), LUNDI_7, SOIR, LEA),
        ("attente", LEA, DEUX, LUNDI_7, SOIR, SansPayeur.PLUSIEURS),
    ],
)
def test_who_pays_for_what_happened(etat, foyer, gardes, jour, creneau, attendu):
    dit = payeur(etat, foyer, foyers_with_garde(gardes, jour, creneau))
    assert dit == (Payeur(None, attendu) if isinstance(attendu, SansPayeur) else Payeur(attendu))


@pytest.mark.parametrize(
    ("foyers", "acteur", "avant", "attendu"),
    [
        ([LEA], LEA, None, LEA),
        ([LEA, AUTRE], AUTRE, LEA, AUTRE),  # of two, the one that books
        ([LEA, AUTRE], None, AUTRE, AUTRE),  # the town hall gives the place that this one waited for
        ([LEA, AUTRE], None, None, LEA),
        ([LEA], AUTRE, AUTRE, LEA),  # none of these has garde
        ([], LEA, LEA, None),
    ],
)
def test_who_is_written_when_it_is_booked(foyers, acteur, avant, attendu):
    assert payeur_of_booking(foyers, acteur=acteur, avant=avant) == attendu
