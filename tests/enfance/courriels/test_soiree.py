"""An evening of ten changes by a parent, and the mails that it gives: how many, their subjects, what they say."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.core import mail

from accounts.worker import Worker
from enfance.famille.absences.ecriture import signaler
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Inscription, ListeRepas, Repas
from enfance.planning import repas
from enfance.planning.annulation import annuler
from enfance.planning.semaines import remplir
from enfance.regles import Acteur, Cle
from enfance.semaine_modele import Modele
from portail.dates import PARIS
from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db(transaction=True)
JEUDI = date(2026, 12, 3)
VIENT, PART, ATTEND = Inscription.Etat.INSCRIT, Inscription.Etat.ANNULEE, Inscription.Etat.ATTENTE


def at(heure: int, minute: int, seconde: int = 0) -> datetime:
    return datetime(2026, 12, 3, heure, minute, seconde, tzinfo=PARIS)


@pytest.fixture
def evening(time_machine, settings):
    """Moves the clock to an instant; meanwhile the worker sends what has become due, minute by minute."""
    settings.DAILY_TASKS = {}
    time_machine.move_to(at(20, 0), tick=False)
    clock = [at(20, 0)]

    def go(now: datetime) -> datetime:
        while clock[0] < now:
            clock[0] = min(now, clock[0] + timedelta(minutes=1))
            time_machine.move_to(clock[0], tick=False)
            Worker(interval=0, batch=True).run()
        return now

    return go


@pytest.mark.ci
def test_ten_changes_of_an_evening_are_four_mails_and_that_of_the_absence(evening):
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory(user__first_name="Camille")
    lea, tom = (make_enfant(camille, prenom=prenom) for prenom in ("Léa", "Tom"))
    par = Acteur.parent(camille)
    liste = ListeRepas.objects.create(debut=date(2026, 12, 1), fin=date(2026, 12, 18))
    Repas.objects.create(enfant=tom, jour=date(2026, 12, 8), liste=liste)
    deja = [Cle(tom.pk, date(2026, 12, 7), "matin"), Cle(tom.pk, date(2026, 12, 4), "soir")]
    enregistrer([Changement(cle, VIENT) for cle in deja], Acteur.mairie(camille.user_id, "dossier"), now=at(20, 0))
    evening(at(20, 1))
    mail.outbox.clear()

    def tick(when, enfant, jour, creneau, voulu=VIENT):
        changement = Changement(Cle(enfant.pk, date(2026, 12, jour), creneau), voulu)
        fait = enregistrer([changement], par, now=evening(when)).enregistrement
        assert fait
        return fait.pk

    un = tick(at(20, 41), lea, 8, "soir")
    deux = tick(at(20, 41, 40), tom, 8, "soir")
    trois = tick(at(20, 42, 30), lea, 11, "midi")
    quatre = annuler(trois, camille, now=evening(at(20, 43, 10))).par.pk
    cinq = tick(at(20, 45, 50), tom, 7, "matin", PART)
    six = repas.annuler([Cle(tom.pk, date(2026, 12, 8), "midi")], par, now=evening(at(20, 46, 20))).enregistrement.pk
    Creneau.objects.filter(code="soir").update(places=0)
    sept = tick(at(20, 47), lea, 10, "soir", ATTEND)
    Creneau.objects.filter(code="soir").update(places=None)
    semaine = [
        Modele(enfant.pk, frozenset({(0, "soir"), (3, "midi")}), JEUDI, date(2027, 7, 2)) for enfant in (lea, tom)
    ]
    huit = remplir(semaine, Acteur.semaine_type(camille), now=evening(at(21, 5))).enregistrement.pk
    neuf = tick(at(21, 20), lea, 18, "matin")
    dix = tick(at(21, 21), lea, 18, "matin", PART)
    signaler(Acteur.parent(camille), {tom.pk: {"soir"}}, date(2026, 12, 4), now=evening(at(21, 30)))
    evening(at(21, 40))

    assert {tuple(message.to) for message in mail.outbox} == {(camille.user.email,)}
    assert [plain(message.subject) for message in mail.outbox] == [
        "3 changements pour Léa et Tom, du 7 au 8 décembre",
        "2 changements pour Léa et Tom, du 8 au 10 décembre",
        "Garderie : 92 moments ajoutés pour Léa et Tom, jusqu’au 2 juillet",
        "Tout est comme avant pour Léa",
        "Absence signalée : Tom, vendredi 4 décembre",
    ]
    textes = [" ".join(plain(message.body).split()) for message in mail.outbox]
    assert textes[0].partition(" Vous avez changé d’avis")[0] == (
        "Bonjour Camille, C’est enregistré, le jeudi 3 décembre, de 20 h 41 à 20 h 45. "
        f"Références {un}, {deux}, {trois}, {quatre} et {cinq}. "
        "LÉA + mardi 8 décembre, soir (16 h 30 – 18 h 30) "
        "TOM − lundi 7 décembre, matin (7 h 30 – 8 h 30) + mardi 8 décembre, soir (16 h 30 – 18 h 30)"
    )
    assert textes[1].partition(" Vous avez changé d’avis")[0] == (
        "Bonjour Camille, C’est enregistré, le jeudi 3 décembre, de 20 h 46 à 20 h 47. "
        f"Références {six} et {sept}. LÉA en liste d’attente : jeudi 10 décembre, soir (16 h 30 – 18 h 30) "
        "TOM mardi 8 décembre : repas dit annulé Liste d’attente : nous vous écrivons dès qu’une place se libère. "
        "L’association de la cantine voit le repas dit annulé jusqu’à sa prochaine liste."
    )
    assert f"Référence {huit}." in textes[2]
    assert f"Références {neuf} et {dix}." in textes[3]
