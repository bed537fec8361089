"""The compiled queries of a page give what the ORM gives with the values themselves, in every shape."""

from datetime import date, datetime, timedelta
from itertools import product

import pytest
from django.db.models import Value

from enfance import faits, situation
from enfance.models import (
    Absence,
    Actualite,
    Fermeture,
    FermetureLue,
    Inscription,
    ListeRepas,
    MomentType,
    Repas,
    SemaineType,
)
from portail.dates import PARIS
from portail.requetes import places
from tests.factories import ClasseFactory, EnfantFactory, ResponsableFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
TODAY, LUNDI_7, DIMANCHE_13 = date(2026, 12, 3), date(2026, 12, 7), date(2026, 12, 13)


@pytest.fixture
def famille():
    """Three children with a row of each kind on the week of the 7th, and another family's beside them."""
    parent, autre, creneaux = ResponsableFactory(), ResponsableFactory(), make_creneaux()
    siens = [make_enfant(parent, prenom=prenom) for prenom in ("Léa", "Tom", "Zoé")]
    tous = [*siens, make_enfant(autre, prenom="Max")]
    liste = ListeRepas.objects.create(debut=LUNDI_7, fin=DIMANCHE_13)
    neige = Fermeture.objects.create(debut=LUNDI_7, fin=LUNDI_7, motif="neige")
    neige.creneaux.set(creneaux.values())
    neige.classes.set([ClasseFactory(nom="CP")])
    Fermeture.objects.create(debut=date(2027, 1, 11), fin=date(2027, 1, 11), motif="plus tard")
    FermetureLue.objects.create(fermeture=neige, responsable=parent)
    Actualite.objects.create(texte="Le marché de Noël", debut=TODAY, fin=TODAY)
    for n, enfant in enumerate(tous):
        Repas.objects.create(enfant=enfant, jour=LUNDI_7 + timedelta(days=n), liste=liste)
        Absence.objects.create(enfant=enfant, jour=LUNDI_7)
        semaine = SemaineType.objects.create(
            foyer=(parent if enfant in siens else autre).foyer,
            enfant=enfant,
            debut=date(2026, 9, 1),
            fin=date(2027, 7, 2),
            modifiee_le=NOW,
        )
        MomentType.objects.create(semaine_type=semaine, jour_semaine=1, creneau=creneaux["soir"])
        for creneau in creneaux.values():
            Inscription.objects.create(
                enfant=enfant, jour=LUNDI_7, creneau=creneau, etat="attente", attente_depuis=NOW - timedelta(minutes=n)
            )
    return parent, [enfant.pk for enfant in siens], [creneau.pk for creneau in creneaux.values()]


def by_the_orm(monkeypatch, module, build, valeurs, *forme):
    """The rows of the same queryset, made with the values themselves."""

    def value(nom, field, rang=None):
        told = valeurs[nom] if nom else None
        return Value(told if rang is None else told[min(rang, len(told) - 1)], field)

    with monkeypatch.context() as patch:
        patch.setattr(module, "Inconnue", value)
        patch.setattr(module, "liste", lambda nom, field, n: [value(nom, field, rang) for rang in range(n)])
        return list(build(*forme))


def test_what_holds_on_days_is_what_the_orm_says_in_every_shape(famille, monkeypatch):
    parent, enfants, creneaux = famille
    seen = set()
    for siens, attendent, attendus in product((enfants, enfants[:1], []), (enfants[:2], []), (creneaux, [])):
        valeurs = {
            "enfants": siens,
            "attendent": attendent,
            "attendus": attendus,
            "debut": LUNDI_7,
            "fin": DIMANCHE_13,
            "today": TODAY,
            "depuis": TODAY,
            "responsable": parent.pk,
            "foyer": parent.foyer_id,
        }
        for options in product((True, False), repeat=3):
            forme = (places(siens), places(attendent), places(attendus), *options)
            for _ in range(2):  # compiled, then kept
                rows = sorted(faits.FAITS(valeurs, *forme), key=str)
                assert rows == sorted(by_the_orm(monkeypatch, faits, faits._build, valeurs, *forme), key=str)
            seen |= {row[0] for row in rows}
    assert seen == {
        "absence", "actualite", "attendu", "fermeture", "liste", "lue", "modele", "rang", "repas", "sans_midi"
    }  # fmt: skip


@pytest.mark.parametrize("qui", ["responsable", "foyer", ""])
@pytest.mark.parametrize("accueil", [True, False])
@pytest.mark.parametrize("seuls", [None, 0, 1, 2, 4])
def test_the_places_of_children_are_what_the_orm_says(famille, monkeypatch, qui, accueil, seuls):
    parent, enfants, _ = famille
    EnfantFactory()
    valeurs = {"enfants": enfants[: seuls or 0], "responsable": parent.pk, "foyer": parent.foyer_id}
    if seuls is None and not qui:
        seuls = 0  # nobody sees all the children

    expected = by_the_orm(monkeypatch, situation, situation._build_scolarites, valeurs, qui, seuls, accueil)

    assert list(situation.SCOLARITES(valeurs, qui, seuls, accueil)) == expected
    assert bool(expected) == (seuls != 0)


def test_gardes_and_inscriptions_are_what_the_orm_says(famille, monkeypatch):
    _, enfants, _ = famille
    valeurs = {"enfants": enfants, "debut": LUNDI_7, "fin": DIMANCHE_13}
    for requete, build in (
        (situation.GARDES, situation._build_gardes),
        (situation.INSCRIPTIONS, situation._build_inscriptions),
    ):
        expected = by_the_orm(monkeypatch, situation, build, valeurs, places(enfants))
        assert expected
        assert list(requete(valeurs, places(enfants))) == expected


def test_places_taken_are_what_the_orm_says(famille, monkeypatch):
    _, enfants, creneaux = famille
    Inscription.objects.filter(enfant__in=enfants[:2]).update(etat="inscrit", attente_depuis=None)
    valeurs = {"limites": creneaux[:2], "debut": LUNDI_7, "fin": DIMANCHE_13}

    expected = by_the_orm(monkeypatch, situation, situation._build_occupation, valeurs, 2)

    assert sorted(expected) == [(LUNDI_7, creneau, 2) for creneau in sorted(creneaux[:2])]
    assert sorted(situation.OCCUPATION(valeurs, 2)) == sorted(expected)
