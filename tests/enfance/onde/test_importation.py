"""A first import, a second one, a simulation, and the corrections of the town hall between two."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier

import pytest
from django.db import connections

from accounts.models import User
from enfance.models import (
    Classe,
    Enfant,
    Foyer,
    Garde,
    Responsabilite,
    Responsable,
    Scolarite,
)
from enfance.onde.bilan import Bilan
from enfance.onde.importation import importer
from portail.dates import PARIS
from portail.tables import ImportRefuse
from tests.enfance.onde.ecole import comptes, database, responsable, run
from tests.enfance.onde.exemples import (
    ADULTES,
    CAMILLE,
    ECOLE,
    GRANDS,
    HELENE,
    KARIM,
    LEA,
    MOYENS,
    PAUL,
    PETITS,
    TOM,
    E,
    change,
    extraction,
)
from tests.factories import AnneeFactory, EnfantFactory, ScolariteFactory
from tests.reading import plain_all

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("ine", [True, False])
def test_importer_accounts_for_every_pupil_and_adult(annee, ine):
    bilan = run(annee, ine=ine)

    assert comptes(bilan) == [(12, 0, 0), (6, 0, 0), (5, 0, 0)]
    assert (bilan.refus, bilan.doutes) == ([], [])
    lea = Enfant.objects.get(prenom="Léa")
    assert (lea.nom, lea.date_naissance, lea.ine) == ("MOREL", date(2019, 3, 14), "0600000001A" if ine else None)
    scolarite = lea.scolarites.get()
    assert (scolarite.niveau, scolarite.classe.nom, scolarite.classe.enseignant) == ("CE1", MOYENS, "M. Érable")
    assert {str(adulte) for adulte in lea.responsables.all()} == {"Camille MOREL", "Karim MOREL"}


def test_importer_gives_adults_an_account_without_password(annee):
    run(annee)

    camille = responsable("Camille")
    assert (camille.user.last_name, camille.user.email) == ("MOREL", "camille@courriel.example")
    assert (camille.civilite, camille.telephone) == ("mme", "06 39 98 00 01")
    assert not camille.user.has_usable_password()
    assert len(camille.user.identifiant) == 7


def test_importer_makes_one_foyer_of_one_address_and_two_of_two(annee):
    bilan = run(annee)

    assert responsable("Camille").foyer == responsable("Karim").foyer
    assert responsable("Nadia").foyer != responsable("Paul").foyer
    gardes = Garde.objects.filter(enfant__prenom="Jules")
    assert {garde.foyer for garde in gardes} == {responsable("Nadia").foyer, responsable("Paul").foyer}
    assert {garde.rythme for garde in gardes} == {Garde.Rythme.TOUJOURS}
    assert plain_all(bilan.propositions) == [
        "Jules LEFORT a deux foyers : le rythme de garde est à régler ; d’ici là, chacun peut l’inscrire."
    ]


def test_importer_lists_who_has_no_mail(annee):
    assert run(annee).sans_courriel == ["Hélène LEFÈVRE (Anne-Sophie)"]


@pytest.mark.parametrize("ine", [True, False])
def test_importer_twice_changes_nothing(annee, ine):
    run(annee, ine=ine)
    avant = database()

    bilan = run(annee, ine=ine)

    assert comptes(bilan) == [(0, 0, 12), (0, 0, 6), (0, 0, 5)]
    assert plain_all(bilan.lignes())[1] == "Élèves : 0 créé, 0 modifié, 12 inchangés, 0 parti."
    assert database() == avant


def test_importer_in_another_order_changes_nothing(annee):
    run(annee)
    avant = database()

    run(annee, ECOLE[::-1], ADULTES[::-1])

    assert database() == avant


def test_importer_recognises_pupils_when_the_other_layout_has_no_ine(annee):
    run(annee)

    bilan = run(annee, ine=False)

    assert comptes(bilan) == [(0, 0, 12), (0, 0, 6), (0, 0, 5)]
    assert Enfant.objects.get(prenom="Léa").ine == "0600000001A"


def test_simulation_says_the_same_and_writes_nothing(annee):
    avant = database()

    bilan = run(annee, simuler=True)

    assert comptes(bilan) == [(12, 0, 0), (6, 0, 0), (5, 0, 0)]
    assert plain_all(bilan.lignes())[1] == "Simulation : rien n’est écrit."
    assert database() == avant


def test_importer_writes_nothing_when_it_fails_at_the_end(annee, monkeypatch):
    avant = database()
    monkeypatch.setattr("enfance.onde.importation.write_adultes", lambda *args, **options: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        run(annee)

    assert database() == avant


def test_importer_refuses_a_year_that_is_over(annee):
    with pytest.raises(ImportRefuse, match="l’année 2026-2027 est finie"):
        importer(extraction(), annee, now=datetime(2027, 7, 5, 9, tzinfo=PARIS))


def test_importer_tells_its_progress_of_each_pupil_and_adult(annee):
    pas = []

    run(annee, avance=lambda: pas.append(1))

    assert len(pas) == 18


def test_importer_follows_what_changed_in_onde(annee):
    run(annee)
    enfants = change(ECOLE, LEA, classe=GRANDS)
    adultes = change(
        ADULTES, CAMILLE, courriel="c.morel@courriel.example", enfants=(("", "MOREL", "Léa", GRANDS), TOM.cite())
    )
    adultes = change(adultes, KARIM, enfants=(("", "MOREL", "Léa", GRANDS), TOM.cite()))

    bilan = run(annee, enfants, adultes)

    assert comptes(bilan) == [(0, 1, 11), (0, 1, 5), (0, 0, 5)]
    assert plain_all(bilan.eleves.modifies) == [f"Léa MOREL : classe « {MOYENS} » → « {GRANDS} »"]
    assert plain_all(bilan.responsables.modifies) == [
        "Camille MOREL : e-mail « camille@courriel.example » → « c.morel@courriel.example »"
    ]
    assert responsable("Camille").user.email == "c.morel@courriel.example"


def test_importer_keeps_the_town_halls_corrections_until_onde_changes(annee):
    run(annee)
    User.objects.filter(first_name="Camille").update(email="corrige@courriel.example")
    Responsable.objects.filter(user__first_name="Camille").update(telephone="06 39 98 99 99")
    Enfant.objects.filter(prenom="Léa").update(prenom="Léana")
    Foyer.objects.filter(responsables__user__first_name="Paul").update(adresse="8 bis route d’Izeron")
    Scolarite.objects.filter(enfant__prenom="Tom").update(classe=Classe.objects.get(nom=MOYENS))
    avant = database()

    run(annee)
    assert database() == avant

    run(annee, adultes=change(ADULTES, CAMILLE, courriel="nouveau@courriel.example"))
    camille = responsable("Camille")
    assert (camille.user.email, camille.telephone) == ("nouveau@courriel.example", "06 39 98 99 99")


@pytest.mark.parametrize("ine", [True, False])
def test_importer_recognises_a_name_that_the_town_hall_corrected(annee, ine):
    run(annee, ine=ine)
    Enfant.objects.filter(prenom="Léa").update(nom="MORELLE", prenom="Léana")
    User.objects.filter(first_name="Camille").update(first_name="Camilla", last_name="MORELLE")

    assert comptes(run(annee, ine=ine)) == [(0, 0, 12), (0, 0, 6), (0, 0, 5)]


def test_importer_keeps_a_mail_that_onde_no_longer_has(annee):
    run(annee)

    bilan = run(annee, adultes=change(ADULTES, CAMILLE, courriel="", portable=""))

    camille = responsable("Camille")
    assert (camille.user.email, camille.telephone) == ("camille@courriel.example", "06 39 98 00 01")
    assert comptes(bilan)[1] == (0, 0, 6)


def test_importer_empties_a_name_that_onde_no_longer_has_and_nothing_else(annee):
    run(annee, change(ECOLE, LEA, usage="DURAND"))
    assert Enfant.objects.get(prenom="Léa").nom_usage == "DURAND"

    run(annee, change(ECOLE, LEA, ine=""))

    lea = Enfant.objects.get(prenom="Léa")
    assert (lea.nom_usage, lea.ine) == ("", LEA.ine)


def test_importer_keeps_what_was_typed_before_onde_knew_the_child(annee):
    enfant = EnfantFactory(nom="Morel", prenom="Léa", date_naissance=date(2019, 3, 14), nom_usage="Durand", sexe="")
    ScolariteFactory(enfant=enfant, annee=annee, niveau="CP", classe=None)

    bilan = run(annee)

    enfant.refresh_from_db()
    assert comptes(bilan)[0] == (11, 1, 0)
    assert (enfant.nom_usage, enfant.sexe, enfant.ine) == ("Durand", "f", "0600000001A")


def test_importer_does_not_give_back_a_link_or_a_garde_that_the_town_hall_took_away(annee):
    run(annee)
    Responsabilite.objects.get(enfant__prenom="Jules", responsable=responsable("Paul")).delete()
    Garde.objects.get(enfant__prenom="Jules", foyer=responsable("Paul").foyer).delete()
    Responsabilite.objects.filter(responsable=responsable("Nadia")).update(suspendue=True)
    avant = database()

    run(annee)

    assert database() == avant


def test_importer_proposes_to_suspend_a_link_that_onde_no_longer_has(annee):
    run(annee)
    Garde.objects.filter(enfant__prenom="Jules").update(debut=date(2026, 9, 1))  # custody is settled

    bilan = run(annee, adultes=[a for a in ADULTES if a is not PAUL])

    assert plain_all(bilan.propositions) == [
        "Paul LEFORT n’est plus responsable de Jules LEFORT dans ONDE : rien n’a été changé."
    ]
    assert Responsabilite.objects.filter(responsable=responsable("Paul")).exists()


def test_importer_says_that_nobody_answers_for_a_child_only_where_nobody_does(annee):
    run(annee)
    avant = run(annee).propositions

    bilan = run(annee, adultes=[a for a in ADULTES if a is not HELENE])

    assert plain_all(phrase for phrase in bilan.propositions if phrase not in avant) == [
        "Hélène LEFÈVRE n’est plus responsable de Anne-Sophie LEFÈVRE dans ONDE : rien n’a été changé."
    ]


@pytest.mark.parametrize("lien", [{"suspendue": True}, {"origine": Responsabilite.Origine.MAIRIE}])
def test_importer_says_nothing_of_a_link_that_is_not_ondes_to_take_away(annee, lien):
    run(annee)
    Garde.objects.filter(enfant__prenom="Jules").update(debut=date(2026, 9, 1))
    Responsabilite.objects.filter(responsable=responsable("Paul")).update(**lien)

    assert run(annee, adultes=[a for a in ADULTES if a is not PAUL]).propositions == []


@pytest.mark.parametrize("champs", [{"rythme": "alternee", "depuis": date(2026, 11, 2)}, {"fin": date(2026, 10, 31)}])
@pytest.mark.parametrize("foyers", [["Nadia"], ["Nadia", "Paul"]])
def test_importer_asks_no_rhythm_that_is_set(annee, champs, foyers):
    run(annee)
    Garde.objects.filter(foyer__responsables__user__first_name__in=foyers).update(**champs)

    assert run(annee).propositions == []


def test_importer_keeps_a_place_that_the_town_hall_typed_with_its_class(annee):
    enfant = EnfantFactory(nom="Morel", prenom="Léa", date_naissance=date(2019, 3, 14))
    classe = annee.classes.create(nom=GRANDS)
    ScolariteFactory(enfant=enfant, annee=annee, niveau="CM1", classe=classe)

    run(annee)

    scolarite = Scolarite.objects.get(enfant=enfant)
    assert (scolarite.niveau, scolarite.classe) == ("CM1", classe)


def test_importer_gives_a_new_sibling_to_known_adults(annee):
    run(annee)
    zoe = E("MOREL", "Zoé", "05/01/2023", "PS", PETITS, "0600000009Z")
    adultes = change(ADULTES, CAMILLE, enfants=(*CAMILLE.enfants, zoe.cite()))

    bilan = run(annee, [*ECOLE, zoe], adultes)

    assert comptes(bilan) == [(1, 0, 12), (0, 1, 5), (0, 0, 5)]
    assert plain_all(bilan.responsables.modifies) == ["Camille MOREL : responsable de Zoé MOREL"]
    assert Garde.objects.get(enfant__prenom="Zoé").foyer == responsable("Camille").foyer


@pytest.mark.django_db(transaction=True)
def test_importer_twice_at_once_creates_everybody_once():
    annee = AnneeFactory()
    barriere = Barrier(2)

    def import_at_once() -> Bilan:
        try:
            barriere.wait(timeout=20)
            return run(annee)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as fils:
        bilans = [fil.result() for fil in [fils.submit(import_at_once) for _ in range(2)]]

    assert sorted(comptes(bilan)[0] for bilan in bilans) == [(0, 0, 12), (12, 0, 0)]
    assert sorted(comptes(bilan)[1] for bilan in bilans) == [(0, 0, 6), (6, 0, 0)]
    assert (Enfant.objects.count(), User.objects.count(), Foyer.objects.count()) == (12, 6, 5)
