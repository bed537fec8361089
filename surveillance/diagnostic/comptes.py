"""The groups of staff, and the first agents: without them nobody opens the town hall's pages."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import groups
from accounts.models import StaffUser
from portail.francais import pluriel
from portail.groupes import INFORMATIQUE, SECRETARIAT
from portail.pannes import impatient
from surveillance.diagnostic.constats import Point, attention, bon, mauvais
from surveillance.diagnostic.lieu import Lieu


def check_groups(lieu: Lieu) -> Point:
    """The line of the diagnosis that says whether the groups of agents have in the database the rights of this
    version."""
    quoi, commande = "Groupes d’agents", lieu.manage("sync_groups")
    with impatient():
        try:
            changed = [change.group for change in groups.differences() if change]
        except LookupError:
            phrase = "la base ne connaît pas tous les droits de cette version."
            return mauvais(
                quoi, phrase, "Passez les migrations, puis les groupes.", f"{lieu.manage('migrate')}\n{commande}"
            )
    if changed:
        phrase = f"leurs droits ne sont pas ceux de cette version\u00a0: {', '.join(changed)}."
        return mauvais(quoi, phrase, "Portez la table des droits dans la base.", commande)
    return bon(quoi, "leurs droits sont ceux de cette version.")


def check_agents(lieu: Lieu) -> Iterator[Point]:
    """The lines of the diagnosis on the agents' accounts: how many, never who; whether one has a phone enrolled,
    whether somebody is in the secretary's group, and whether the IT group has an e-mail address. The last two have a
    line only when nobody is; without an agent, one line alone."""
    quoi = "Agents"
    phone = Exists(TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True))
    with impatient():
        agents = StaffUser.objects.filter(is_active=True)
        many, ready = agents.count(), agents.filter(phone).count()
        offices = agents.filter(groups__name=SECRETARIAT).count()
        warned = agents.filter(groups__name=INFORMATIQUE).exclude(email="").count()
    if not many:
        commande = lieu.manage(
            f"create_staff IDENTIFIANT --groupe {SECRETARIAT} --nom NOM --prenom PRÉNOM --courriel ADRESSE"
        )
        yield mauvais(
            quoi,
            "aucun\u00a0: personne n’ouvre les pages de la mairie.",
            "Créez le premier, puis inscrivez son téléphone.",
            commande,
        )
        return
    if not ready:
        phrase = (
            f"{pluriel(many, 'compte,comptes')}, et aucun n’a inscrit de "
            "téléphone\u00a0: aucune page ne s’ouvre encore à eux."
        )
        yield attention(quoi, phrase, "Qu’un agent se connecte\u00a0: le portail lui demande d’inscrire son téléphone.")
    else:
        yield bon(quoi, f"{pluriel(many, 'compte,comptes')}, dont {ready} avec un téléphone inscrit.")
    if not offices:
        commande = lieu.manage(f"create_staff IDENTIFIANT --groupe {SECRETARIAT}")
        yield attention(SECRETARIAT, "aucun agent dans ce groupe.", "Créez-en un.", commande)
    if not warned:
        phrase = "aucun agent de ce groupe n’a d’adresse e-mail\u00a0: les alertes de sécurité ne préviennent personne."
        commande = lieu.manage(f"create_staff IDENTIFIANT --groupe {INFORMATIQUE} --courriel ADRESSE")
        yield attention(INFORMATIQUE, phrase, "Créez votre compte, avec votre adresse.", commande)
