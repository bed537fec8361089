"""The mails of money, as the worker sends them to one parent: from the invoice to the certificate of the year."""

from __future__ import annotations

from datetime import date, datetime

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from enfance.models import Creneau, Enfant, Inscription
from facturation.absences.ecriture import repondre
from facturation.arrete.cloture import arreter
from facturation.arrete.corrections import corriger
from facturation.arrete.regularisations import load_propositions
from facturation.attestations.envoi import emettre_et_dire
from facturation.models import Facture, ReglageFacturation, Relance
from facturation.papiers.facture import load_facture
from facturation.payeurs.comptes import compte_of
from facturation.quotients.demandes import demander_sans_quotient
from facturation.regie.encaissements import encaisser, envoyer
from facturation.regie.relances.ecriture import rappeler
from facturation.signalements.ecriture import repondre_signalement, signaler
from portail.dates import PARIS
from tests.factories import StaffFactory
from tests.facturation import vecu as lived
from tests.facturation.grille import make_tarifs
from tests.navigateur.famille import Famille, make_famille
from tests.poste import Poste

NOVEMBRE = date(2026, 11, 1)
JOURS = [date(2026, 11, 23), date(2026, 11, 24)]
ABSENTE = date(2026, 12, 7)


def mails_of_money(poste: Poste) -> list[EmailMultiAlternatives]:
    """Ada’s November, from its invoice on: those that Camille reads. The clock ends in January."""
    famille = make_famille("Ada")
    user = famille.camille.user
    before = len(poste.mails)
    demander_sans_quotient(par=StaffFactory().pk, now=timezone.now())
    poste.run_tasks()
    facture = tell_of_november(poste, famille)
    tell_of_answers(poste, famille, facture)
    poste.clock.move_to(datetime(2027, 1, 8, 9, tzinfo=PARIS))
    ReglageFacturation.objects.create(rappel_minimum=0)
    assert rappeler([facture.compte_id], Relance.Genre.PREMIER, None, timezone.now()).courriels == 1
    poste.run_tasks()
    emises = emettre_et_dire(2026, par=None, now=timezone.now())
    assert emises.courriels
    poste.run_tasks()
    return [mail for mail in poste.mails[before:] if mail.to == [user.email]]


def tell_of_november(poste: Poste, famille: Famille) -> Facture:
    """The invoice of November, paid in part, then corrected by an avoir."""
    ada = famille.enfants["Ada"]
    Enfant.objects.filter(pk=ada.pk).update(date_naissance=date(2021, 5, 4))  # young enough for the certificate
    make_tarifs()
    for creneau in ("midi", "soir"):
        lived.inscrire(ada, *JOURS, creneau=creneau)
    for jour in JOURS:
        lived.pointer(ada, jour, depart="17:42")
    lived.clore(*JOURS)
    arrete = arreter(NOVEMBRE, None, timezone.now())
    assert arrete.mois, arrete.refus
    compte = compte_of(famille.camille.foyer)
    recu = encaisser(compte, "cheque", 100, reference="5512007", par=None, now=timezone.now())
    assert envoyer(recu)
    poste.run_tasks()
    facture = Facture.objects.get(compte=compte)
    Inscription.objects.filter(enfant=ada, jour=JOURS[0], creneau__code="midi").update(etat="annulee")
    (proposition,) = load_propositions(arrete.mois)
    assert corriger(arrete.mois, proposition.marque, avoir=True, par=None, now=timezone.now())
    poste.run_tasks()
    return facture


def tell_of_answers(poste: Poste, famille: Famille, facture: Facture) -> None:
    """An absence of December is excused, an error of the invoice is answered."""
    ada, mairie = famille.enfants["Ada"], StaffFactory().pk
    lived.inscrire(ada, ABSENTE)
    ada.absences.create(jour=ABSENTE, signalee_par=famille.camille.user)
    midi = Creneau.objects.get(code="midi").pk
    assert repondre(ada.pk, {ABSENTE: [midi]}, "excusee", "certificat reçu", par=mairie, now=timezone.now())
    lue = load_facture(facture, {famille.camille.foyer_id})
    dit = signaler(lue, lue.lignes[-1], "Nous étions là à 17 h.", famille.camille.user_id, now=timezone.now())
    poste.run_tasks()
    assert repondre_signalement(dit.pk, "L’heure est corrigée.", par=mairie, now=timezone.now())
    poste.run_tasks()
