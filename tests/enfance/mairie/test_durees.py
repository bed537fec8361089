"""What enfance forgets: each night what has passed its time, once a year the school years, day by day and counted."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction

from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.chiffres import load_chiffres, mois_de
from enfance.mairie.durees import limite
from enfance.models import (
    Absence,
    AnneeScolaire,
    Appel,
    Creneau,
    Decompte,
    DemandeAutorisation,
    DemandeRappel,
    EcartVu,
    Enfant,
    Enregistrement,
    Evenement,
    Garde,
    Geste,
    Inscription,
    ListeRepas,
    Message,
    PersonneAutorisee,
    Pointage,
    Rappel,
    Repas,
    Scolarite,
    SemaineType,
)
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from portail.durees import Cadence, erase
from portail.extensions import Extension
from tests.factories import (
    AnneeFactory,
    ClasseFactory,
    ResponsableFactory,
    ScolariteFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)


@pytest.fixture(autouse=True)
def clock():
    """Rows are made one after the other: time goes on."""


pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
JEUDI = date(2026, 12, 10)
OCTOBRE_2028 = datetime(2028, 10, 15, 3, 30, tzinfo=PARIS)


def kind(code):
    return next(duree for duree in Extension.installed().durees if duree.code == code)


def passe(code, now, **kwargs):
    return dict(erase(kind(code), now=now, **kwargs))


@pytest.fixture
def annees():
    """Three years, the pupils in each; Léa and her mother."""
    annees = [AnneeFactory(), *(AnneeFactory(debut=date(y, 9, 1), fin=date(y + 1, 7, 3)) for y in (2027, 2028))]
    make_creneaux()
    return annees


@pytest.fixture
def lea(annees):
    camille = ResponsableFactory()
    lea = make_enfant(camille, annee=annees[0], prenom="Léa")
    for annee in annees[1:]:
        ScolariteFactory(enfant=lea, annee=annee)
    for scolarite in lea.scolarites.all():
        scolarite.classe = ClasseFactory(annee=scolarite.annee, nom="CE1 B")
        scolarite.save()
    return lea


def book(enfant, *jours, now=NOW):
    camille = enfant.responsables.get()
    changements = [Changement(Cle(enfant.pk, jour, "soir"), "inscrit") for jour in jours]
    return enregistrer(changements, Acteur.parent(camille), now=now).enregistrement


def live(enfant):
    """A day of everything, in December 2026 and one in 2027."""
    soir, agent = Creneau.objects.get(code="soir"), StaffFactory()
    for jour in (JEUDI, date(2027, 12, 9)):
        venue = datetime(jour.year, jour.month, jour.day, 16, 40, tzinfo=PARIS)
        pointage = Pointage.objects.create(
            enfant=enfant, jour=jour, creneau=soir, present=True, arrivee=venue, arrivee_recue=venue
        )
        Geste.objects.create(
            id=f"00000000-0000-4000-8000-{jour.year:012}", pointage=pointage, quoi="present", coche=True, fait_le=venue
        )
        Absence.objects.create(enfant=enfant, jour=jour)
        EcartVu.objects.create(enfant=enfant, jour=jour, creneau=soir, genre="absent")
        liste = ListeRepas.objects.create(debut=jour, fin=jour)
        Repas.objects.create(enfant=enfant, jour=jour, liste=liste)
        Appel.objects.create(jour=jour, creneau=soir, clos_par=agent)
        Appel.objects.create(
            jour=jour, creneau=soir, clos_par=agent, rouvert_le=venue, motif="Léa oubliée", rouvert_par=agent
        )
        SemaineType.objects.create(foyer=enfant.gardes.first().foyer, enfant=enfant, debut=jour, fin=jour)
        Garde.objects.create(enfant=enfant, foyer=enfant.gardes.first().foyer, fin=jour)
        PersonneAutorisee.objects.create(enfant=enfant, nom="Odile Morel", fin=jour)
        Message.objects.create(objet="Sortie", texte="…", ecrit_le=venue)


TABLES = [
    Absence, Appel, EcartVu, Evenement, Geste, Inscription, ListeRepas, Message, PersonneAutorisee, Pointage, Repas,
    SemaineType,
]  # fmt: skip


@pytest.mark.ci
def test_years_go_day_by_day_and_their_figures_stay(lea, annees):  # RGP-06, RGP-08
    ancienne = book(lea, JEUDI)
    recente = book(lea, date(2027, 12, 9), now=datetime(2027, 12, 1, 12, tzinfo=PARIS))
    live(lea)
    before = [load_chiffres(a, mois, today=OCTOBRE_2028.date()) for a in annees for mois in mois_de(a)]

    for _ in range(2):
        for duree in Extension.installed().durees_of(Cadence.AN):
            if duree.code in {"school_years", "messages"}:
                erase(duree, now=OCTOBRE_2028)

    left = {model.__name__: model.objects.count() for model in TABLES}
    assert left == dict.fromkeys(left, 1) | {"Appel": 3}  # of each, that of 2027; the sheet of 2026, without its agent
    assert list(Enregistrement.objects.all()) == [recente]
    assert ancienne.pk != recente.pk
    assert [appel.clos_par is None for appel in Appel.objects.filter(jour=JEUDI)] == [True]
    assert Garde.objects.filter(fin=None).count() == 1
    assert [load_chiffres(a, m, today=OCTOBRE_2028.date()) for a in annees for m in mois_de(a)] == before
    decompte = Decompte.objects.get()
    assert (decompte.jour, decompte.inscrits, decompte.venus, decompte.classe.nom) == (JEUDI, 1, 1, "CE1 B")
    assert lea.scolarites.count() == 3


def test_simulation_says_the_same_and_keeps_all(lea):
    book(lea, JEUDI)
    live(lea)
    before = {model: model.objects.count() for model in [*TABLES, Decompte, Enregistrement, Garde]}
    said = {code: passe(code, OCTOBRE_2028, simuler=True) for code in ("school_years", "messages")}
    assert {model: model.objects.count() for model in before} == before
    assert {code: passe(code, OCTOBRE_2028) for code in said} == said
    assert said["school_years"]["enfance.Inscription"] == said["messages"]["enfance.Message"] == 1


def test_save_of_two_years_loses_the_days_of_the_first(lea, annees):
    both = book(lea, JEUDI)
    evenement = both.evenements.get()
    Evenement.objects.create(
        enregistrement=both, enfant=lea, jour=date(2027, 9, 6), creneau=evenement.creneau, apres="inscrit"
    )
    passe("school_years", OCTOBRE_2028)
    assert [e.jour for e in both.evenements.all()] == [date(2027, 9, 6)]


@pytest.mark.parametrize(
    ("now", "fin"),
    [
        (datetime(2028, 7, 1, 12, tzinfo=PARIS), None),  # the year of 2026 ended a little less than a year ago
        (datetime(2028, 7, 2, 12, tzinfo=PARIS), date(2027, 7, 2)),
        (OCTOBRE_2028, date(2027, 7, 2)),
        (datetime(2029, 10, 15, tzinfo=PARIS), date(2028, 7, 3)),
    ],
)
def test_present_year_and_the_one_before_stay(annees, now, fin):
    AnneeScolaire.objects.filter(pk=annees[0].pk).update(fin=date(2027, 7, 2))
    assert limite(now) == fin


def test_kill_between_two_parts_leaves_each_child_whole(lea, annees, monkeypatch):
    tom = make_enfant(annee=annees[0], prenom="Tom")
    soir = Creneau.objects.get(code="soir")
    for enfant in (lea, tom):
        Inscription.objects.create(enfant=enfant, jour=JEUDI, creneau=soir)
    monkeypatch.setattr("enfance.mairie.durees.ENFANTS", 1)
    lots = iter(kind("school_years").lots(OCTOBRE_2028))
    with transaction.atomic():
        next(lots)()
    assert (Inscription.objects.count(), Decompte.objects.get().inscrits) == (1, 1)
    passe("school_years", OCTOBRE_2028)
    assert (Inscription.objects.count(), sum(d.inscrits for d in Decompte.objects.all())) == (0, 2)


# --- Each night -------------------------------------------------------------------------------------------------------


def health(**champs):
    Enfant.objects.update(consigne="Arachides", pai_cantine=True, pai_cantine_le=NOW, **champs)


def noted():
    enfant = Enfant.objects.get()
    return enfant.pai, enfant.pai_fin, enfant.consigne, enfant.pai_cantine, enfant.pai_cantine_le


@pytest.mark.parametrize(("days", "left"), [(89, True), (90, True), (91, False)])
def test_health_plan_goes_some_time_after_its_end(lea, days, left):
    health(pai=True, pai_fin=NOW.date() - timedelta(days=days))
    passe("health", NOW)
    assert noted() == ((True, NOW.date() - timedelta(days=days), "Arachides", True, NOW) if left else GONE)


GONE = (False, None, "", False, None)


def test_health_plan_without_an_end_ends_with_the_year(lea, annees):
    health(pai=True)
    assert passe("health", NOW) == {}
    assert noted()[:2] == (True, annees[0].fin)


def test_instruction_without_a_plan_stays_as_long_as_the_pupil(lea):
    health()
    for year in (2026, 2027, 2028):
        passe("health", datetime(year, 12, 3, tzinfo=PARIS))
    assert noted()[2] == "Arachides"


def test_health_goes_some_time_after_a_pupil_left(lea, annees):
    health()
    lea.scolarites.filter(annee=annees[0]).update(depart=date(2026, 9, 10))
    lea.scolarites.exclude(annee=annees[0]).delete()
    passe("health", datetime(2026, 12, 8, 3, tzinfo=PARIS))
    assert noted()[2] == "Arachides"
    passe("health", datetime(2026, 12, 9, 3, tzinfo=PARIS))
    assert noted() == GONE


def test_nobody_has_left_while_the_year_is_not_prepared(lea, annees):
    """Years pass and no school year is made: every pupil looks gone, and none is."""
    health()
    Scolarite.objects.exclude(annee=annees[0]).delete()
    AnneeScolaire.objects.exclude(pk=annees[0].pk).delete()
    passe("health", datetime(2029, 12, 3, tzinfo=PARIS))
    assert noted()[2] == "Arachides"


def test_requests_go_once_answered(lea):
    camille = lea.responsables.get().user
    for days in (29, 31):
        at = NOW - timedelta(days=days)
        DemandeAutorisation.objects.create(enfant=lea, nom="C. Interdit", demandee_par=camille, decidee_le=at)
        DemandeRappel.objects.create(enfant=lea, demandee_par=camille, retiree_le=at)
        DemandeRappel.objects.create(enfant=lea, demandee_par=camille, rappele_le=at.date())
        Rappel.objects.create(responsable=lea.responsables.get(), jour=at.date())
    DemandeAutorisation.objects.create(
        enfant=lea, nom="C. Interdit", demandee_par=camille, demandee_le=NOW - timedelta(days=400)
    )
    assert passe("requests", NOW) == {
        "enfance.DemandeAutorisation": 1,
        "enfance.DemandeRappel": 2,
        "enfance.Rappel": 1,
    }
    assert DemandeAutorisation.objects.filter(decidee_le=None).count() == 1
