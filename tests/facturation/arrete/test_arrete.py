"""Closing a month: once, for ever, all or nothing."""

from datetime import date, datetime

import pytest
from django_tasks_db.models import DBTaskResult

from accounts.models import MailingLine
from facturation.arrete.cloture import arreter, empreinte_of
from facturation.models import Facture, Mois, Partage, Prestation, ReglageFacturation, Tarif
from facturation.payeurs.comptes import compte_of
from portail.dates import PARIS
from tests.factories import FoyerFactory, ResponsableFactory, UserFactory, make_enfant
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, clore, dire_quotient, inscrire, make_commune

pytestmark = pytest.mark.django_db
MARDI = date(2026, 11, 3)


@pytest.fixture
def camille():
    make_commune()
    camille = ResponsableFactory(user__email="camille@courriel.example")
    dire_quotient(camille.foyer, 742)
    compte = compte_of(camille.foyer)
    compte.residence = "commune"
    compte.save()
    return camille


@pytest.fixture
def lea(camille):
    return make_enfant(camille, prenom="Léa")


def test_closing_writes_the_lines_and_an_invoice_a_payer(lea, camille):
    inscrire(lea, LUNDI, MARDI, auteur=camille.user, foyer=camille.foyer)
    clore(LUNDI, MARDI)

    arret = arreter(NOVEMBRE, None, ENSUITE)

    facture = Facture.objects.get()
    assert arret.mois == Mois.objects.get() == facture.mois
    assert (facture.numero, facture.total, facture.echeance) == ("F-2026-0001", 160, date(2026, 12, 20))
    assert [(p.jour, p.montant, p.prix, p.quotient, p.facture) for p in Prestation.objects.all()] == [
        (LUNDI, 80, 80, 742, facture),
        (MARDI, 80, 80, 742, facture),
    ]
    assert facture.entete == {
        "payeur": {
            "nom": "Camille Morel",
            "adresse": ["12 chemin des Tilleuls", "38160 SAINT SAUVEUR"],
            "identifiants": [camille.user.identifiant],
        },
        "enfants": {str(lea.pk): {"prenom": "Léa", "nom": "Morel", "naissance": "2019-03-14"}},
        "quotient": 742,
        "residence": "commune",
    }
    assert Prestation.objects.first().faits["inscription"] == {
        "par": "Camille",
        "par_foyer": camille.foyer_id,
        "le": "2026-08-27T19:03:00+00:00",
        "origine": "portail",
    }


def test_fingerprint_holds_what_the_database_gives_back(lea):
    inscrire(lea, LUNDI, MARDI)
    clore(LUNDI, MARDI)
    arreter(NOVEMBRE, None, ENSUITE)
    facture = Facture.objects.get()

    assert facture.empreinte == empreinte_of(facture, facture.prestations.all())
    Prestation.objects.filter(jour=MARDI).update(montant=79)
    assert facture.empreinte != empreinte_of(facture, facture.prestations.all())


def test_asked_again_it_says_what_was_done(lea):
    inscrire(lea, LUNDI)
    clore(LUNDI)

    premier, second = (arreter(NOVEMBRE, None, ENSUITE) for _ in range(2))

    assert (premier.deja, second.deja, second.mois) == (False, True, premier.mois)
    assert Facture.objects.count() == 1


def test_a_month_that_is_not_over_stays_open(lea):
    inscrire(lea, LUNDI)
    clore(LUNDI)

    arret = arreter(NOVEMBRE, None, datetime(2026, 11, 30, 23, 59, tzinfo=PARIS))

    assert arret.mois is None
    assert arret.refus == ("Novembre 2026 n’est pas fini\u00a0: il s’arrête à partir du mardi 1er\u00a0décembre.",)
    assert not Mois.objects.exists()
    assert not Prestation.objects.exists()


def test_months_are_closed_in_order(lea):
    inscrire(lea, date(2026, 9, 7), date(2026, 10, 5))
    clore(date(2026, 9, 7), date(2026, 10, 5))

    arret = arreter(NOVEMBRE, None, ENSUITE)

    assert arret.refus == ("Arrêtez d’abord septembre 2026, octobre 2026\u00a0: les mois s’arrêtent dans l’ordre.",)


def test_child_without_price_blocks(lea):
    Tarif.objects.filter(nom="Midi").delete()
    inscrire(lea, LUNDI)
    clore(LUNDI)

    arret = arreter(NOVEMBRE, None, ENSUITE)

    assert arret.refus == ("1\u00a0point à régler avant d’arrêter novembre 2026\u00a0: 1\u00a0enfant sans prix.",)
    assert not Facture.objects.exists()


def test_small_sum_waits_and_joins_the_next_invoice(lea, settings):
    settings.FACTURE_MINIMUM = 200
    inscrire(lea, LUNDI, MARDI)
    inscrire(lea, date(2026, 12, 7))
    clore(LUNDI, MARDI, date(2026, 12, 7))

    arreter(NOVEMBRE, None, ENSUITE)
    attendent = Prestation.objects.waiting().count()
    arreter(date(2026, 12, 1), None, datetime(2027, 1, 4, 9, 0, tzinfo=PARIS))

    facture = Facture.objects.get()
    assert attendent == 2
    assert (facture.numero, facture.total, facture.prestations.count()) == ("F-2027-0001", 240, 3)
    assert not Prestation.objects.waiting().exists()


def test_december_issues_whatever_waits(lea, settings):
    settings.FACTURE_MINIMUM = 1500
    decembre = date(2026, 12, 7)
    inscrire(lea, decembre)
    clore(decembre)

    arreter(date(2026, 12, 1), None, datetime(2027, 1, 4, 9, 0, tzinfo=PARIS))

    assert Facture.objects.get().total == 80


def test_family_that_left_is_issued_what_waits(lea, settings):
    settings.FACTURE_MINIMUM = 1500
    inscrire(lea, LUNDI)
    clore(LUNDI)
    lea.scolarites.update(depart=date(2026, 11, 30))

    arreter(NOVEMBRE, None, ENSUITE)

    assert Facture.objects.get().total == 80


def test_negative_sum_waits_then_is_an_avoir(lea, camille):
    Prestation.objects.create(
        compte=compte_of(camille.foyer),
        enfant=lea,
        cle_enfant=lea.pk,
        jour=date(2026, 10, 12),
        nature="correction",
        prix=-500,
        entier=-500,
        montant=-500,
        motif="Retard compté à tort.",
    )
    inscrire(lea, LUNDI, date(2026, 12, 7))
    clore(LUNDI, date(2026, 12, 7))

    arreter(NOVEMBRE, None, ENSUITE)
    rien = Facture.objects.count()
    arreter(date(2026, 12, 1), None, datetime(2027, 1, 4, 9, 0, tzinfo=PARIS))

    avoir = Facture.objects.get()
    assert rien == 0
    assert (avoir.genre, avoir.numero, avoir.total) == ("AV", "AV-2027-0001", -340)


def test_one_mail_a_payer_and_letters_for_the_others(lea, camille):
    dominique = ResponsableFactory(user=UserFactory(email="d@courriel.example", last_name="Zola"), foyer=camille.foyer)
    papier = ResponsableFactory(user=UserFactory(email="", last_name="Abel"), foyer=FoyerFactory())
    tom = make_enfant(papier, prenom="Tom")
    inscrire(lea, LUNDI)
    inscrire(tom, LUNDI)
    clore(LUNDI)

    mois = arreter(NOVEMBRE, None, ENSUITE).mois

    par_nom = {f.entete["payeur"]["nom"]: f for f in Facture.objects.all()}
    assert sorted((f.numero, nom) for nom, f in par_nom.items()) == [
        ("F-2026-0001", "Camille Abel"),
        ("F-2026-0002", "Camille Morel et Camille Zola"),
    ]
    assert mois.bilan["lettres"] == [par_nom["Camille Abel"].pk]
    assert [ligne.user for ligne in MailingLine.objects.all()] == [camille.user]
    assert [r.task_path for r in DBTaskResult.objects.all()] == ["facturation.arrete.tasks.send_factures"]
    assert dominique.user.email


def test_adult_of_another_foyer_is_named_to_nobody(lea, camille):
    """A shared child: each payer keeps the line, the one who registered is named to their own foyer alone."""
    autre = ResponsableFactory(user=UserFactory(first_name="Paul", last_name="Zola"), foyer=FoyerFactory())
    for payeur in (camille, autre):
        Partage.objects.create(enfant=lea, compte=compte_of(payeur.foyer), part=50)
    inscrire(lea, LUNDI, auteur=camille.user, foyer=camille.foyer)
    clore(LUNDI)

    arreter(NOVEMBRE, None, ENSUITE)

    dits = {p.compte.foyer_id: (p.montant, p.part, p.faits["inscription"]["par"]) for p in Prestation.objects.all()}
    assert dits == {camille.foyer_id: (40, 50, "Camille"), autre.foyer_id: (40, 50, "l’autre foyer")}


def test_day_to_pay_leaves_a_week(lea):
    ReglageFacturation.objects.create(jour_echeance=10)
    inscrire(lea, LUNDI)
    clore(LUNDI)

    mois = arreter(NOVEMBRE, None, datetime(2026, 12, 4, 9, 0, tzinfo=PARIS)).mois

    assert mois.echeance == date(2027, 1, 10)
