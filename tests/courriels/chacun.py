"""Every mail that the portal sends, as the worker sends it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import PurePath

from django.core.mail import EmailMultiAlternatives
from django.template import Template
from django.test import Client, override_settings
from django.test.signals import template_rendered
from django.urls import reverse
from django.utils import timezone

from accounts import addresses, tasks
from accounts.merging import merge
from enfance.cantine.reglages import choisir_heure
from enfance.changement_ecole import changer_place, suivre
from enfance.courriels import rappel
from enfance.courriels.tasks import send_rappels, send_repas
from enfance.famille.absences.ecriture import signaler
from enfance.famille.accords import choisir
from enfance.famille.autorisations import ajouter
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.enfants.hors_garde import load_avant, prevenir
from enfance.mairie.envois.ecriture import envoyer
from enfance.mairie.fermetures.ecriture import Portee, fermer, rester, rouvrir
from enfance.models import Creneau, Ecole, Enfant, Inscription, Message, ReglageCantine, Scolarite
from enfance.natures import NatureFermeture
from enfance.planning.semaines import remplir
from enfance.regles import Acteur, Cle
from enfance.semaine_modele import Modele
from facturation.payfip.paiements import conclure
from facturation.payfip.questions import send_essai
from portail.certain import certain
from portail.dates import PARIS
from tests.courriels.argent import mails_of_money
from tests.factories import EcoleFactory, StaffFactory, UserFactory
from tests.facturation.essais import make_essai, make_facture
from tests.facturation.payfip.reponses import REPONSE
from tests.navigateur.etats_repas import manger
from tests.navigateur.famille import Famille, make_famille
from tests.poste import Poste, temporary_password

CANTINE = "cantine@courriel.example"
NOUVELLE = "nouvelle@courriel.example"
END = "_body.html"
CHOSEN = "Vélo nuage tartine 8"


def send_each(poste: Poste) -> list[EmailMultiAlternatives]:
    """One mail of each kind."""
    famille, others, client = make_famille(), make_famille("Noé"), Client()
    user = famille.camille.user
    client.post(reverse("accounts:forgot"), {"identifiant": user.identifiant})
    poste.run_tasks()
    value = temporary_password(poste.mail_to(user))
    client.post(reverse("accounts:identifiant_forgotten"), {"email": user.email})
    client.post(reverse("accounts:login"), {"identifiant": user.identifiant, "password": value})
    client.post(reverse("accounts:new_password"), {"new_password1": CHOSEN, "new_password2": CHOSEN})
    Creneau.objects.filter(code="soir").update(places=1)
    others.enregistrer("Noé, 8, soir")
    famille.enregistrer("Léa, 8, soir", "Tom, 8, soir", "Tom, 10, soir", voulu=Inscription.Etat.ATTENTE)
    others.enregistrer("Noé, 8, soir", voulu=Inscription.Etat.ANNULEE)
    poste.run_tasks()
    user.refresh_from_db()  # its password was chosen above
    addresses.ask(user, NOUVELLE, now=timezone.now())
    poste.run_tasks()
    for address in (f"avant-{user.email}", user.email):
        addresses.correct_email(user, address, now=timezone.now())
    lea = famille.enfants["Léa"]
    quand = {"debut": date(2026, 12, 7), "fin": date(2026, 12, 18)}
    ajouter([lea], famille.dominique, nom="Odile Morel", **quand, now=timezone.now())
    ajouter(list(famille.enfants.values()), famille.dominique, nom="Sam Rivière", now=timezone.now())
    tasks.send_login_alarm.enqueue(user.pk, "spraying", timezone.now().isoformat())
    Enfant.objects.filter(pk=lea.pk).update(pai=True)
    choisir(lea, famille.dominique.user, True, now=timezone.now())
    for what in ["enrolled", "used", "renewed", "reset"]:
        tasks.send_second_factor_notice.enqueue(user.pk, what, timezone.now().isoformat())
    rappel.choisir(famille.camille, True)
    send_rappels.enqueue()
    semaine = Modele(lea.pk, frozenset({(0, "midi"), (1, "soir")}), date(2026, 12, 7), date(2027, 7, 2))
    remplir([semaine], Acteur.semaine_type(famille.camille), attente=True, now=timezone.now())
    with override_settings(CANTINE_COURRIEL=CANTINE):
        greve = fermer(Portee(date(2026, 12, 14), date(2026, 12, 15), "grève"), now=timezone.now())
        poste.run_tasks()
        assert greve.fermeture
        rouvrir(greve.fermeture.pk, now=timezone.now())
    poste.run_tasks()
    tell_of_meals(poste, famille)
    texte = "À rendre vendredi.\n\nTout est sur www.photos.example/a?b=1"
    message = Message.objects.create(objet="Photos de classe", texte=texte)
    envoyer(message, par=StaffFactory().pk, now=timezone.now())
    poste.run_tasks()
    tell_of_garde(poste, famille)
    merge(user, UserFactory(), {}, email_of=user, now=timezone.now())
    poste.run_tasks()
    tell_the_canteen(poste)
    demandes = {famille.enfants["Tom"].pk: ["matin", "midi", "soir"]}
    assert signaler(Acteur.parent(famille.camille), demandes, date(2026, 12, 8), now=timezone.now())
    poste.run_tasks()
    tell_of_a_new_school(poste, lea)
    tell_of_trips(poste)
    argent = mails_of_money(poste)
    tell_of_payments(poste, famille)  # of an invoice without lines, that no certificate could read
    cantine = [mail for mail in poste.mails if mail.to == [CANTINE]]
    return [*(mail for mail in poste.mails if mail.to in ([user.email], [NOUVELLE])), *argent, cantine[0], cantine[-1]]


def tell_of_trips(poste: Poste) -> None:
    """Anna's level leaves while Jeanne stays, then she stays too; their teachers are away; a trip is cancelled."""
    famille = make_famille("Anna", "Jeanne")
    anna, jeanne = famille.enfants.values()
    Scolarite.objects.filter(enfant=anna).update(niveau="CM1")
    Scolarite.objects.filter(enfant=jeanne).update(niveau="GS")
    famille.enregistrer("Jeanne, 15, matin", "Anna, 15, matin", "Anna, 15, midi", "Anna, 17, matin")
    poste.run_tasks()
    mardi, jeudi, now = date(2026, 12, 15), date(2026, 12, 17), timezone.now()
    with override_settings(CANTINE_COURRIEL=CANTINE):
        musee = Portee(mardi, mardi, "musée, retour à 18 h", nature=NatureFermeture.SORTIE, niveaux=("CM1",))
        sortie = fermer(musee, now=now).fermeture
        poste.run_tasks()
        assert sortie
        rester(sortie.pk, anna.pk, now=now)
        poste.run_tasks()
        classe = certain(Scolarite.objects.get(enfant=jeanne).classe)
        absence = Portee(
            mardi, jeudi, "formation", nature=NatureFermeture.ENSEIGNANT, niveaux=("CM1",), classes=(classe,)
        )
        enseignant = fermer(absence, now=now).fermeture
        poste.run_tasks()
        assert enseignant
        rouvrir(enseignant.pk, now=now)
        poste.run_tasks()
        autre = fermer(replace(musee, debut=jeudi, fin=jeudi), now=now).fermeture
        poste.run_tasks()
        assert autre
        rouvrir(autre.pk, now=now)
    poste.run_tasks()


def tell_of_payments(poste: Poste, famille: Famille) -> None:
    """An attempt that somebody has to look at, and is paid in the end."""
    user = famille.camille.user
    essai = make_essai(make_facture(famille.camille), etat="a_verifier", resultrans="Q", demande_par=user)
    send_essai.enqueue(essai.pk, user.pk)
    poste.run_tasks()
    conclure(essai.pk, REPONSE, now=timezone.now())
    poste.run_tasks()


def tell_of_a_new_school(poste: Poste, enfant: Enfant) -> None:
    """The child goes to a second school, which has no evening."""
    Creneau.objects.get(code="soir").ecoles.set(Ecole.objects.all())
    _, arrivee = changer_place(enfant.scolarites.get(), EcoleFactory(), date(2027, 1, 4))
    suivre([arrivee], Acteur.mairie(StaffFactory().pk, "Changement d’école"), now=timezone.now())
    poste.run_tasks()


def tell_of_meals(poste: Poste, famille: Famille) -> None:
    """A meal without its lunch break, then registered by the list."""
    tom = famille.enfants["Tom"]
    manger(tom, 8)
    send_repas.enqueue(famille.camille.user.pk)
    poste.run_tasks()
    midi = Changement(Cle(tom.pk, date(2026, 12, 8), "midi"), Inscription.Etat.INSCRIT)
    enregistrer([midi], Acteur.liste_repas(), now=timezone.now())
    poste.run_tasks()


def tell_of_garde(poste: Poste, famille: Famille) -> None:
    """Léa is elsewhere from January on."""
    lea, now = famille.enfants["Léa"], timezone.now()
    avant = load_avant([lea.pk], now=now)
    lea.gardes.update(fin=date(2027, 1, 10))
    prevenir(avant, None, now=now)
    poste.run_tasks()


def tell_the_canteen(poste: Poste) -> None:
    """The mail of a school morning, on which Tom eats and is registered; the day before it said other things."""
    ReglageCantine.objects.create(pk=1, dernier_courriel=timezone.now() - timedelta(days=9))
    poste.clock.move_to(datetime(2026, 12, 8, 9, tzinfo=PARIS))
    with override_settings(CANTINE_COURRIEL=CANTINE):
        choisir_heure(time(8), StaffFactory().pk)
        poste.run_tasks()


@contextmanager
def kinds() -> Iterator[list[str]]:
    """The kind of each mail that leaves meanwhile, in their order: its body is the last thing rendered before."""
    names: list[str] = []

    def note(template: Template, **kwargs: object) -> None:
        path = PurePath(template.name or "")
        if path.name.endswith(END):
            names.append(path.name.removesuffix(END))

    template_rendered.connect(note)
    try:
        yield names
    finally:
        template_rendered.disconnect(note)


def html_part(mail: EmailMultiAlternatives) -> str:
    (html,) = [part.content for part in mail.alternatives if part.mimetype == "text/html"]
    return html
