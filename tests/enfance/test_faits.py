"""The compiled queries of a page give what the ORM gives with the values themselves, in every shape."""

from datetime import date, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.db.models import Value

from enfance import faits, situation
from enfance.ecriture import note
from enfance.equipe import fiche, onglets
from enfance.models import (
    Absence,
    Actualite,
    AdultesPresents,
    Appel,
    Creneau,
    Enfant,
    EvenementRepas,
    Fermeture,
    FermetureLue,
    Inscription,
    ListeRepas,
    MomentType,
    PersonneAutorisee,
    Repas,
    SemaineType,
)
from enfance.planning import historique
from enfance.regles import Acteur
from portail.dates import PARIS
from portail.requetes import places
from tests.enfance.ecoles import make_ville
from tests.factories import ClasseFactory, EnfantFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant

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
        listed = lambda nom, field, n: [value(nom, field, rang) for rang in range(n)]  # noqa: E731
        patch.setattr(module, "liste", listed, raising=False)  # a query without a list has no need of it
        return list(build(*forme))


@pytest.mark.ci
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


def test_meals_said_to_be_cancelled_are_what_the_orm_says(famille, monkeypatch):
    parent, enfants, _ = famille
    Repas.objects.filter(enfant=enfants[0]).update(annule_le=NOW)
    annule = {"enfant_id": enfants[1], "jour": LUNDI_7 + timedelta(days=1), "annule": True}
    EvenementRepas.objects.create(enregistrement=note(Acteur.parent(parent), NOW), **annule)
    valeurs = {"enfants": enfants, "debut": LUNDI_7, "fin": DIMANCHE_13}

    expected = by_the_orm(monkeypatch, historique, historique._build_dits_annules, valeurs, places(enfants))

    assert sorted(expected) == [(enfants[0], LUNDI_7), (enfants[1], LUNDI_7 + timedelta(days=1))]
    assert sorted(historique.DITS_ANNULES(valeurs, places(enfants))) == sorted(expected)


def told(rows):
    """All the columns of these rows, and what comes with them."""
    return [{name: value for name, value in vars(row).items() if name != "_state"} for row in rows]


@pytest.mark.parametrize(("qui", "combien"), [(onglets.TOUS, 3), (onglets.PARTOUT, 3), (onglets.AGENT, 2)])
def test_the_creneaux_of_a_sheet_are_what_the_orm_says(monkeypatch, qui, combien):
    ville, agent = make_ville(), StaffFactory(is_superuser=False)
    Creneau.objects.filter(code="matin").delete()
    ville.assign(agent, ville.bourg)
    soir = Creneau.objects.get(code="soir")
    Inscription.objects.create(enfant=ville.eleve(ville.bourg), jour=LUNDI_7, creneau=soir)
    Appel.objects.create(jour=LUNDI_7, creneau=soir, clos_le=NOW, clos_par=agent)
    AdultesPresents.objects.create(jour=LUNDI_7, creneau=soir, nombre=3, id=uuid4(), fait_le=NOW)
    Fermeture.objects.create(debut=LUNDI_7, fin=LUNDI_7, motif="neige")
    valeurs = {"jour": LUNDI_7, "agent": agent.pk}

    expected = told(by_the_orm(monkeypatch, onglets, onglets._build_creneaux, valeurs, qui))

    assert [told(onglets.CRENEAUX(valeurs, qui)) for _ in range(2)] == [expected, expected]
    [le_soir] = [row for row in expected if row["code"] == "soir"]
    assert (len(expected), le_soir["inscrits"], le_soir["adultes"], le_soir["ferme"]) == (combien, 1, 3, "neige")


def test_who_may_fetch_is_what_the_orm_says(famille, monkeypatch):
    _, enfants, _ = famille
    for enfant in Enfant.objects.all():
        PersonneAutorisee.objects.create(enfant=enfant, nom=f"Mme {enfant.prenom}", debut=LUNDI_7, fin=DIMANCHE_13)
    valeurs = {"enfants": enfants, "jour": LUNDI_7}

    expected = told(by_the_orm(monkeypatch, fiche, fiche._build_personnes, valeurs, places(enfants)))

    assert len(expected) == 3
    assert told(fiche.PERSONNES(valeurs, places(enfants))) == expected
