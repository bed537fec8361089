"""An archive taken while a parent paid on line comes back: PayFiP is asked again, and what was paid credited once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from conservation.archives import write_archive
from conservation.bases import on_database
from facturation.models import Encaissement, EssaiPaiement, Facture
from facturation.payeurs.comptes import soldes
from facturation.payfip import paiements, questions
from facturation.payfip.echange import EtatPayfip, ReponsePayfip
from tests.conservation.conftest import NOW as SAUVEGARDE
from tests.conservation.dossiers import restaurer
from tests.facturation.essais import NOW, make_essai, make_facture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(monkeypatch) -> list[str]:
    """PayFiP says that whatever it is asked about is paid; what it was asked."""
    asked: list[str] = []

    def interroger(idop: str, **_: object) -> ReponsePayfip:
        asked.append(idop)
        essai = EssaiPaiement.objects.get(id_op=idop)
        return ReponsePayfip(idop, EtatPayfip.PAYE, "P", essai.numcli, essai.refdet, essai.montant, essai.saisie)

    monkeypatch.setattr(paiements, "interroger", interroger)
    return asked


@pytest.mark.parametrize("later", [timedelta(hours=2), timedelta(days=30)], ids=["the same evening", "a month later"])
def test_attempt_of_an_archive_is_asked_about_again_and_credited_once(places, dossier, paid, time_machine, later):
    time_machine.move_to(NOW, tick=False)
    with on_database(places.migrated()):
        essai = make_essai(make_facture(), mel="camille@courriel.example")
        archive = write_archive(dossier, now=SAUVEGARDE)

    with on_database(places.empty()):
        restaurer(archive)
        time_machine.move_to(NOW + later, tick=False)
        for _ in range(3):  # three nights, and each question run twice
            questions.redemander.func()
            for task in DBTaskResult.objects.filter(task_path=paiements.QUESTION):
                for _ in range(2):
                    questions.interroger_essai.func(*task.args_kwargs["args"])

        essai.refresh_from_db()
        recu, facture = Encaissement.objects.get(), Facture.objects.get()
        assert (essai.etat, essai.encaissement, recu.montant) == ("paye", recu, facture.total)
        assert soldes([facture.compte_id]) == {facture.compte_id: 0}
        assert len(paid) == 1
