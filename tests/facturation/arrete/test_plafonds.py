"""A capped month, from its closing to what corrects it, is counted again and is certified: never above the cap."""

from datetime import date, timedelta

import pytest

from enfance.models import Pointage
from facturation.arrete.cloture import arreter
from facturation.arrete.corrections import corriger
from facturation.arrete.estimations import estimer
from facturation.arrete.propositions import Cause
from facturation.arrete.regularisations import load_propositions
from facturation.arrete.totaux import PLAFONDS_DITS, totaux_arretes
from facturation.attestations.emission import constater
from facturation.models import Compte, Facture, NombreEnfants, Plafond, Prestation, Supplement, Tarif
from facturation.papiers.facture import load_facture
from facturation.papiers.impression import groupes_papier
from facturation.payeurs.comptes import compte_of
from facturation.verification import verifier
from tests.factories import make_enfant
from tests.facturation.grille import RENTREE, make_deliberation
from tests.facturation.papiers import payer
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, a, clore, dire_quotient, inscrire, pointer
from tests.reading import plain

pytestmark = pytest.mark.django_db
MARDI = date(2026, 11, 3)
APRES = ENSUITE + timedelta(days=1)


@pytest.fixture(autouse=True)
def no_threshold(settings):
    settings.FACTURE_MINIMUM = 0


def plafonner(montant, periode="jour", **champs):
    known = {"deliberation": make_deliberation(), "debut": RENTREE}
    return Plafond.objects.create(montant=montant, periode=periode, **{**known, **champs})


@pytest.fixture
def lea(camille):
    dire_quotient(camille.foyer, 742)
    return make_enfant(camille, prenom="Léa", date_naissance=date(2022, 3, 12))


def vivre(enfant, depart="18:20"):
    """Noon on Monday and Tuesday, Monday evening: 0,80 € each and four half-hours at 0,65 €."""
    inscrire(enfant, LUNDI, MARDI)
    inscrire(enfant, LUNDI, creneau="soir")
    pointer(enfant, LUNDI, depart=depart)
    clore(LUNDI, MARDI)


def fermer():
    return arreter(NOVEMBRE, None, ENSUITE).mois


def partir(enfant, heures):
    Pointage.objects.filter(enfant=enfant, jour=LUNDI).update(depart=a(LUNDI, heures))


def accept(mois):
    [proposition] = load_propositions(mois)
    assert corriger(mois, proposition.marque, avoir=False, par=None, now=APRES)
    return proposition


def lignes():
    return list(Prestation.objects.order_by("jour", "creneau__ordre", "pk").values_list("nature", "montant"))


def net():
    return sum(Prestation.objects.values_list("montant", flat=True))


def test_capped_day_is_estimated_closed_and_counted_again(lea, camille):
    plafonner(300)
    vivre(lea)

    assert estimer([camille.foyer_id], NOVEMBRE, date(2026, 11, 30))[camille.foyer_id].a_ce_jour == 380
    mois = fermer()

    assert lignes() == [("seance", 80), ("plafond", -9), ("seance", 260), ("plafond", -31), ("seance", 80)]
    assert Facture.objects.get().total == 380
    assert list(verifier()) == []
    assert load_propositions(mois) == []
    [ligne] = [ligne for ligne in totaux_arretes(mois).lignes if ligne.titre == PLAFONDS_DITS]
    assert (ligne.nombre, ligne.montant) == (2, -40)


def test_cap_of_one_cent_more_in_the_database_is_found(lea):
    plafonner(300)
    vivre(lea)
    fermer()
    une = Prestation.objects.filter(nature="plafond").first()
    une.prix, une.entier, une.montant = une.prix - 1, une.entier - 1, une.montant - 1
    une.save()

    dites = " ".join(verifier())
    assert "ses lignes font" in dites
    assert "empreinte" in dites


def test_cap_above_what_its_seance_costs_is_found(lea):
    plafonner(300)
    vivre(lea)
    fermer()
    Prestation.objects.filter(nature="plafond", montant=-9).update(prix=-90, entier=-90, montant=-90)

    assert any("de plus que le prix" in dite for dite in verifier())


def test_sheet_corrected_within_the_cap_comes_with_what_the_cap_spared(lea):
    """The evening falls to 1,30 €: the day is 2,10 €, under the cap."""
    plafonner(300)
    vivre(lea)
    mois = fermer()
    partir(lea, "17:20")

    proposition = accept(mois)

    assert (proposition.cause, proposition.montant) == (Cause.FEUILLE, 290 - 380)
    assert net() == 290
    assert load_propositions(mois) == []
    partir(lea, "18:20")  # and back
    accept(mois)
    assert net() == 380
    assert load_propositions(mois) == []


def test_month_capped_whatever_is_corrected_owes_no_more_and_proposes_nothing(lea):
    """4,20 € of which 2,00 € are due: an evening of 3 half-hours changes nothing."""
    plafonner(200, "mois")
    vivre(lea)
    mois = fermer()
    partir(lea, "17:50")

    assert load_propositions(mois) == []
    assert net() == 200


def test_correction_of_a_capped_month_is_one_for_the_payer(camille, lea):
    """Two children under one cap of the payer: what they come to falls under it."""
    tom = make_enfant(camille, prenom="Tom", date_naissance=date(2023, 3, 12))
    plafonner(500, "mois", porteur="payeur")
    vivre(lea)
    inscrire(tom, LUNDI, MARDI)
    mois = fermer()
    assert net() == 500
    partir(lea, "17:20")
    Pointage.objects.filter(enfant=lea).update(arrivee=a(LUNDI, "16:31"))

    proposition = accept(mois)

    assert proposition.montant == 430 - 500
    assert net() == 430
    assert load_propositions(mois) == []


def test_avoir_gives_back_what_is_under_the_cap(lea):
    plafonner(300)
    vivre(lea)
    mois = fermer()
    partir(lea, "17:20")
    [proposition] = load_propositions(mois)

    [avoir] = corriger(mois, proposition.marque, avoir=True, par=None, now=APRES).avoirs

    assert avoir.total == -90
    assert list(verifier()) == []


def test_days_that_were_purged_propose_nothing_of_a_cap(lea):
    plafonner(200, "mois")
    vivre(lea)
    mois = fermer()
    Pointage.objects.filter(enfant=lea).delete()

    assert load_propositions(mois) == []


def test_certificate_takes_the_cap_off_what_it_lowers(lea, camille):
    """Paid whole: 3,00 € of care, of which 1,00 € at noon, and 2,00 € of late pick-up, as the lines say."""
    Supplement.objects.filter(genre="retard").delete()
    Supplement.objects.create(genre="retard", deliberation=make_deliberation(), moment="soir", debut=RENTREE, prix=500)
    plafonner(420, supplements=True)
    inscrire(lea, LUNDI)
    inscrire(lea, LUNDI, creneau="soir")
    pointer(lea, LUNDI, depart="18:45")
    clore(LUNDI)
    fermer()
    payer(Facture.objects.get(), date(2026, 12, 4))
    soins = sum(Prestation.objects.filter(credit_impot=True).values_list("montant", flat=True))
    autres = sum(Prestation.objects.filter(credit_impot=False).values_list("montant", flat=True))

    [constat] = constater(2026, [compte_of(camille.foyer).pk])

    [enfant] = constat.contenu["enfants"]
    assert soins + autres == 420
    assert (enfant["total"], enfant["supplements"]) == (soins, autres)
    assert (soins, autres) == (170, 250)  # 3,40 € and 5,00 €, both halved


def test_invoice_says_the_cap(lea, camille):
    plafonner(300)
    vivre(lea)
    fermer()

    lue = load_facture(Facture.objects.get(), [camille.foyer_id])

    lundi, _ = lue.jours
    assert ("oui", "plafond \u22120,40\u202f€") in lundi.puces
    pourquoi = [p for p in lundi.pourquoi if p.titre == "Plafond de 3,00\u202f€ par jour"]
    assert [p.montant for p in pourquoi] == [-9, -31]
    assert plain(pourquoi[0].faits[0][1]) == (
        "Ce jour-là, 3,40 € : plafond de 3,00 € par jour. De moins sur le moment du midi : 0,09 €."
    )
    rangees = [rangee for groupe in groupes_papier(lue) for rangee in groupe.rangees]
    assert [(r.nom, r.jours, r.montant) for r in rangees if "Plafond" in r.nom] == [
        ("Plafond de 3,00\u202f€ par jour", "2", -40)
    ]


def test_number_of_children_told_late_is_named(lea, camille):
    tarif = Tarif.objects.get(nom="Midi")
    tarif.axe = "enfants"
    tarif.save()
    vivre(lea)
    mois = fermer()
    assert net() == 80 + 80 + 260
    NombreEnfants.objects.create(compte=Compte.objects.get(foyer=camille.foyer_id), nombre=2, debut=NOVEMBRE)

    proposition = accept(mois)

    assert (proposition.cause, proposition.montant) == (Cause.ENFANTS, -20)
    assert list(verifier()) == []
