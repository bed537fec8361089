"""Twenty who close the same month at once, while others correct, pay and register: it happens once, nobody waits."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import connections
from django_tasks_db.models import DBTaskResult

from accounts.models import Mailing, MailingLine
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.doubles.fusion_enfants import reunir_enfants
from enfance.mairie.doubles.fusions import reunir_foyers
from enfance.models import Inscription
from enfance.regles import Acteur, Cle
from facturation.arrete import cloture
from facturation.arrete.cloture import arreter
from facturation.arrete.corrections import corriger
from facturation.arrete.regularisations import load_propositions
from facturation.models import Facture, Mois, Prestation, Serie
from facturation.payeurs.comptes import compte_of
from facturation.regie.encaissements import encaisser
from facturation.verification import verifier
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, clore, inscrire, make_commune
from tests.races import at_once, during, watch_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]
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


def unite_homes(familles):
    (un, _), (autre, _) = familles[:2]
    return partial(reunir_foyers, autre.foyer_id, un.foyer_id, {})


def unite_children(familles):
    (adulte, enfant), *_ = familles
    return partial(reunir_enfants, make_enfant(adulte).pk, enfant.pk, {}, StaffFactory().pk, now=ENSUITE)


@pytest.mark.parametrize("unite", [unite_homes, unite_children])
def test_what_waits_stays_as_it_was_read_while_its_month_is_closed(familles, monkeypatch, unite):
    """Between what a closing computes and what it writes, two homes, or two files of a child, are made one."""
    adulte, enfant = familles[0]
    Prestation.objects.create(
        compte=compte_of(adulte.foyer),
        enfant=enfant,
        cle_enfant=enfant.pk,
        jour=date(2026, 10, 5),
        nature="correction",
        prix=-20,
        entier=-20,
        montant=-20,
        motif="Feuille d’appel corrigée.",
    )
    geste, fait = unite(familles), []
    read = cloture.comptes_of

    def unite_meanwhile(foyers):
        comptes = read(foyers)
        fait.append(pool.submit(alone, geste))
        wait_for(fait, timeout=1)  # as long as it has the choice
        return comptes

    with ThreadPoolExecutor(1) as pool, monkeypatch.context() as patch:
        patch.setattr(cloture, "comptes_of", unite_meanwhile)
        close()
        [fini] = fait
        fini.result(timeout=60)

    assert Facture.objects.count() == 6
    assert Prestation.objects.exclude(facture=None).count() == 13
    check()


def alone(geste):
    """In this thread, with a connection of its own."""
    try:
        return geste()
    finally:
        connections.close_all()
