"""Twenty who close the same month at once, while others correct, pay and register: it happens once, nobody waits."""

from datetime import date, timedelta
from functools import partial

import pytest
from django_tasks_db.models import DBTaskResult

from accounts.models import Mailing, MailingLine
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Inscription
from enfance.regles import Acteur, Cle
from facturation.arrete.cloture import arreter
from facturation.arrete.corrections import corriger
from facturation.arrete.regularisations import load_propositions
from facturation.models import Facture, Mois, Prestation, Serie
from facturation.payeurs.comptes import compte_of
from facturation.regie.encaissements import encaisser
from facturation.verification import verifier
from tests.factories import FoyerFactory, ResponsableFactory, make_enfant
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, clore, inscrire, make_commune
from tests.races import at_once, during, watch_locks

pytestmark = pytest.mark.django_db(transaction=True)
MARDI = date(2026, 11, 3)
APRES = ENSUITE + timedelta(days=1)


@pytest.fixture
def familles():
    make_commune()
    familles = []
    for _ in range(6):
        adulte = ResponsableFactory(foyer=FoyerFactory())
        enfant = make_enfant(adulte)
        inscrire(enfant, LUNDI, MARDI)
        familles.append((adulte, enfant))
    clore(LUNDI, MARDI)
    return familles


def close(now=ENSUITE):
    return arreter(NOVEMBRE, None, now)


def check():
    rangs = sorted(Facture.objects.factures().values_list("rang", flat=True))
    assert rangs == list(range(1, len(rangs) + 1))
    assert Serie.objects.get(code="F").dernier == len(rangs)
    assert list(verifier()) == []


def test_twenty_closings_at_once_are_one(familles):
    arrets = at_once(*[close] * 20)

    assert sorted(arret.deja for arret in arrets) == [False] + [True] * 19
    assert {arret.mois for arret in arrets} == {Mois.objects.get()}
    assert (Facture.objects.count(), Prestation.objects.count()) == (6, 12)
    assert (Mailing.objects.count(), MailingLine.objects.count(), DBTaskResult.objects.count()) == (1, 6, 1)
    check()


def test_closings_and_payments_at_once_add_up(familles):  # VAL-12, VAL-14
    comptes = [compte_of(adulte.foyer) for adulte, _ in familles]
    pay = [partial(encaisser, compte, "cheque", 500, par=None, now=ENSUITE) for compte in comptes]

    at_once(*[close] * 6, *pay * 2)

    assert Facture.objects.count() == 6
    check()


def test_one_correction_asked_for_by_twenty_is_made_once(familles):
    mois = close().mois
    Inscription.objects.filter(enfant=familles[0][1], jour=MARDI).update(etat="annulee")
    [proposition] = load_propositions(mois)

    faites = at_once(*[partial(corriger, mois, proposition.marque, avoir=True, par=None, now=APRES)] * 20)

    assert sum(faite is not None for faite in faites) == 1
    assert Facture.objects.avoirs().get().total == -110
    check()


def test_closing_locks_no_creneau(familles, monkeypatch):
    locked = watch_locks(monkeypatch)

    close()

    assert locked == []


@pytest.mark.postgresql
def test_parent_registers_while_a_month_is_closed(familles):
    adulte, enfant = familles[0]
    voulu = [Changement(Cle(enfant.pk, date(2026, 12, 7), "midi"), "inscrit")]

    [bilan] = during(close, partial(enregistrer, voulu, Acteur.parent(adulte), now=ENSUITE))

    assert not bilan.refus
    assert Inscription.objects.filter(enfant=enfant, jour=date(2026, 12, 7)).exists()
