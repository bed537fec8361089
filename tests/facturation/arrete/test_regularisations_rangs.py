"""After a month is closed: what siblings pay once the lines of one of them are no more, or not known now."""

from datetime import timedelta

import pytest

from conservation.effacement import effacer
from enfance.models import Appel, Enfant, Garde, Inscription
from facturation.arrete.cloture import arreter
from facturation.arrete.corrections import corriger
from facturation.arrete.regularisations import load_propositions
from facturation.models import LigneTarif, Partage, Prestation, Tarif
from facturation.payeurs.comptes import compte_of
from tests.factories import FoyerFactory, ResponsableFactory, UserFactory, make_enfant
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, clore, dire_quotient, inscrire, pointer

pytestmark = pytest.mark.django_db
MARDI = LUNDI + timedelta(days=1)
APRES = ENSUITE + timedelta(days=1)


@pytest.fixture
def lea(camille):
    return make_enfant(camille, prenom="Léa", date_naissance="2018-01-01")


@pytest.fixture
def tom(camille):
    """Léa’s younger brother: the second child pays less."""
    return make_enfant(camille, prenom="Tom", date_naissance="2020-01-01")


@pytest.fixture
def autre(tom):
    """Paul, Tom’s other parent, of the same quotient."""
    autre = ResponsableFactory(user=UserFactory(first_name="Paul", last_name="Zola"), foyer=FoyerFactory())
    dire_quotient(autre.foyer, 742)
    Garde.objects.create(enfant=tom, foyer=autre.foyer)
    return autre


@pytest.fixture
def novembre(lea, tom):
    """Léa at noon on Monday, Tom on Monday and Tuesday."""
    inscrire(lea, LUNDI)
    inscrire(tom, LUNDI, MARDI)
    return arrete()


def arrete():
    clore(LUNDI, MARDI)
    mois = arreter(NOVEMBRE, None, ENSUITE).mois
    assert vues(mois) == []
    return mois


def vues(mois):
    return [(p.quoi, [(cote.nom, cote.montant) for cote in p.cotes]) for p in load_propositions(mois)]


def purger(enfant):
    """The days of this child are no more."""
    Inscription.objects.filter(enfant=enfant).delete()


def effacer_dossier(enfant):
    """The child has no file any more, their lines stay."""
    effacer({"enfance.Enfant": {enfant.pk}}, now=APRES)
    assert Prestation.objects.filter(cle_enfant=enfant.pk, enfant=None).exists()


@pytest.mark.parametrize("perdre", [purger, effacer_dossier], ids=["purged", "erased"])
def test_elder_whose_days_are_no_more_leaves_the_younger_their_rank(novembre, lea, tom, perdre):
    assert set(Prestation.objects.filter(enfant=tom).values_list("rang", "montant")) == {(2, 70)}

    perdre(lea)

    assert vues(novembre) == []


def test_elder_who_comes_no_more_gives_the_younger_their_rank(novembre, lea):
    """Nothing is lost: the place was cancelled, so the first child is another one."""
    Inscription.objects.filter(enfant=lea).update(etat="annulee")

    assert vues(novembre) == [
        ("Léa, lundi 2, midi", [("Camille Morel", -80)]),
        ("Tom, du lundi 2 au mardi 3", [("Camille Morel", 20)]),
    ]


def test_rank_stays_after_a_correction_too(novembre, lea, camille):
    dire_quotient(camille.foyer, 512, debut=NOVEMBRE)
    for proposition in load_propositions(novembre):
        corriger(novembre, proposition.marque, avoir=False, par=None, now=APRES)

    purger(lea)

    assert vues(novembre) == []


def test_sheet_of_the_elder_open_again_leaves_the_younger_their_rank(lea, tom):
    Tarif.objects.filter(nom="Midi").update(base="presence")
    for enfant, jour in ((lea, LUNDI), (tom, MARDI)):
        inscrire(enfant, jour)
        pointer(enfant, jour, creneau="midi", arrivee="12:00")
    mois = arrete()

    Appel.objects.filter(jour=LUNDI).update(rouvert_le=APRES, motif="Oubli")

    assert vues(mois) == []


@pytest.mark.parametrize("perdu", ["Léa", "Tom"])
def test_siblings_who_shared_the_price_of_a_seance_keep_their_part(lea, tom, perdu):
    tarif = Tarif.objects.get(nom="Midi")
    Tarif.objects.filter(pk=tarif.pk).update(fratrie=True)
    LigneTarif.objects.filter(tarif=tarif, rang=2).update(prix=100)
    for enfant in (lea, tom):
        inscrire(enfant, LUNDI)
    mois = arrete()
    assert set(Prestation.objects.values_list("montant", flat=True)) == {50}

    purger(Enfant.objects.get(prenom=perdu))

    assert vues(mois) == []


def test_payer_of_a_part_keeps_the_rank_of_the_home_that_makes_the_price(lea, tom, camille, autre):
    for payeur in (camille, autre):
        Partage.objects.create(enfant=tom, compte=compte_of(payeur.foyer), part=50)
    inscrire(lea, LUNDI)
    inscrire(tom, LUNDI, foyer=camille.foyer)
    mois = arrete()

    purger(lea)

    assert vues(mois) == []
