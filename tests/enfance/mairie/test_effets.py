"""What a change of a créneau or of a rule does, in sentences."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.effets import Reglage, effets_creneau, effets_regle
from enfance.models import Creneau, RegleDelai, load_calendrier
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.factories import AnneeFactory, RegleDelaiFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import plain_all

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)  # a Thursday
LUNDI_7, MARDI_8 = date(2026, 12, 7), date(2026, 12, 8)


@pytest.fixture
def soir():
    AnneeFactory()
    return make_creneaux()["soir"]


@pytest.fixture
def inscrits(soir):
    """Two children on Monday, one on Tuesday, one who waits on Tuesday."""
    for prenom, jours in [("Léa", [LUNDI_7, MARDI_8]), ("Tom", [LUNDI_7])]:
        parent = ResponsableFactory()
        enfant = make_enfant(parent, prenom=prenom)
        cles = [Cle(enfant.pk, jour, "soir") for jour in jours]
        enregistrer([Changement(cle, "inscrit") for cle in cles], Acteur.parent(parent), now=NOW)
    Creneau.objects.filter(code="soir").update(places=1)
    enregistrer([Changement(Cle(enfant.pk, MARDI_8, "soir"), "attente")], Acteur.parent(parent), now=NOW)
    Creneau.objects.filter(code="soir").update(places=None)


def effets(soir, **champs):
    avant = Reglage.of(Creneau.objects.get(pk=soir.pk))
    return plain_all(effets_creneau(avant, replace(avant, **champs), now=NOW))


def test_hours_that_children_are_booked_on_are_told(soir, inscrits):
    assert effets(soir, heures="16 h 30 – 18 h") == [
        "Horaire : 16 h 30 – 18 h 30 → 16 h 30 – 18 h. Inscriptions à venir, qui suivent la nouvelle heure : 4 "
        "(enfants : 2). "
        "Les familles ne sont pas prévenues d’elles-mêmes : écrivez-leur."
    ]


def test_hours_of_nobody_are_changed_without_a_word(soir):
    assert effets(soir, heures="16 h 30 – 18 h") == []


@pytest.mark.parametrize(
    ("avant", "apres", "phrases"),
    [
        (None, 1, ["Jours avec plus d’inscrits que de places : lundi 7 décembre (2). Personne n’est retiré."]),
        (None, 2, []),
        (2, 1, ["Jours avec plus d’inscrits que de places : lundi 7 décembre (2). Personne n’est retiré."]),
        (0, 1, []),
        (1, 1, []),
        (1, None, []),
    ],
)
def test_places_are_told(soir, inscrits, avant, apres, phrases):
    Creneau.objects.filter(pk=soir.pk).update(places=avant)

    assert effets(soir, places=apres) == phrases


def test_days_that_are_over_are_told_no_more(soir, inscrits):
    avant = Reglage.of(Creneau.objects.get(pk=soir.pk))
    le_8 = datetime(2026, 12, 8, 9, tzinfo=PARIS)

    assert effets_creneau(avant, replace(avant, places=1), now=le_8) == []
    assert (
        "à venir, qui suivent la nouvelle heure : 2 (enfants"
        in plain_all(effets_creneau(avant, replace(avant, heures="16 h 30 – 18 h"), now=le_8))[0]
    )


def test_days_beyond_a_dozen_are_counted(soir):
    parent = ResponsableFactory()
    lea = make_enfant(parent)
    jours = list(load_calendrier().jours_ecole(LUNDI_7, date(2027, 1, 15)))
    enregistrer([Changement(Cle(lea.pk, jour, "soir"), "inscrit") for jour in jours], Acteur.parent(parent), now=NOW)

    (phrase,) = effets(soir, places=0)

    assert len(jours) == 16
    assert phrase.endswith(", vendredi 8 janvier (1) et 4 autres. Personne n’est retiré.")


def test_shorter_limit_is_told_with_dates_and_cancels_nothing(soir):
    regle = RegleDelaiFactory()
    apres = RegleDelai(genre="jours_ouvres", nombre=2, heure=time(12))

    assert plain_all(effets_regle(regle, regle.valeur, apres.valeur, now=NOW)) == [
        "Matin, Pause méridienne et Soir, inscrire et annuler : modifiable jusqu’à 2 jours avant, 12 h, "
        "week-ends et "
        "jours fériés non comptés.",
        "pour vendredi 4 décembre : avant mercredi 2 décembre, 12 h, au lieu de jeudi 3 décembre, 12 h.",
        "pour lundi 7 décembre : avant jeudi 3 décembre, 12 h, au lieu de vendredi 4 décembre, 12 h.",
        "pour mardi 8 décembre : avant vendredi 4 décembre, 12 h, au lieu de lundi 7 décembre, 12 h.",
        "pour jeudi 10 décembre : avant mardi 8 décembre, 12 h, au lieu de mercredi 9 décembre, 12 h.",
        "Ne seront plus modifiables par les familles : lundi 7 décembre. Rien n’est annulé.",
    ]


def test_longer_limit_is_told_with_what_opens_again(soir):
    regle = RegleDelaiFactory()
    apres = RegleDelai(genre="jours", nombre=0, heure=time(7))

    phrases = plain_all(effets_regle(regle, regle.valeur, apres.valeur, now=NOW))

    assert phrases[-1] == "Redeviennent modifiables par les familles : vendredi 4 décembre."


def test_rule_speaks_of_each_creneau_that_follows_it(soir):
    regle = RegleDelaiFactory()
    Creneau.objects.exclude(code="soir").update(delai_inscription=RegleDelaiFactory(nombre=3))
    Creneau.objects.filter(code="midi").update(delai_annulation=regle)
    apres = RegleDelai(genre="jours_ouvres", nombre=2, heure=time(12))

    titres = [
        p.partition(" :")[0]
        for p in plain_all(effets_regle(regle, regle.valeur, apres.valeur, now=NOW))
        if "modifiable j" in p
    ]

    assert titres == ["Pause méridienne, annuler", "Soir, inscrire et annuler"]


def test_same_rule_says_nothing(soir):
    regle = RegleDelaiFactory()

    assert effets_regle(regle, regle.valeur, regle.valeur, now=NOW) == []


@pytest.mark.parametrize(
    ("now", "ferme"), [(NOW.replace(hour=11, minute=59), False), (NOW.replace(hour=12, minute=0), True)]
)
def test_day_closes_at_the_very_instant_of_its_new_limit(soir, now, ferme):
    """Monday is two days of school after Thursday at noon."""
    avant = Reglage.of(Creneau.objects.get(pk=soir.pk))
    deux = RegleDelai(genre="jours_ouvres", nombre=2, heure=time(12)).valeur

    phrases = plain_all(effets_creneau(avant, replace(avant, inscrire=deux, annuler=deux), now=now))

    assert ("Ne seront plus modifiables par les familles : lundi 7 décembre. Rien n’est annulé." in phrases) is ferme
