"""What is told to a person of their account: the login, its addresses, what was sent to it, what it was shown."""

from __future__ import annotations

from accounts.models import (
    EmailChange,
    FormerIdentifiant,
    MailingLine,
    MailSent,
    RememberedDevice,
    TemporaryPassword,
    UndeliveredMail,
    User,
)
from enfance.extensions import Demandeur, Partie
from enfance.models import FermetureLue, Rappel, Responsable
from portail.dates import du_au_annee
from portail.francais import NBSP


def _fermeture(lue: FermetureLue, personne: Demandeur) -> str:
    """« vendredi 18 décembre 2026 : formation »."""
    return f"{du_au_annee(lue.fermeture.debut, lue.fermeture.fin)}{NBSP}: {lue.fermeture.motif}"


PARTIES_COMPTE = [
    Partie(
        "compte",
        User,
        lambda personne: [personne.user],
        {
            "identifiant": "identifiant",
            "prénom": "first_name",
            "nom": "last_name",
            "e-mail": "email",
            "mot de passe choisi le": "password_changed_at",
            "dernière connexion": "last_login",
            "créé le": "created_at",
            "e-mails revenus le": "email_refused_at",
            "raison de ce retour": lambda user, personne: user.get_email_refused_display(),
            "compte ouvert": "is_active",
        },
        sans=frozenset({"id", "tri", "password", "session_version", "is_superuser", "email_refused"}),
        champs_agents={"agent": "is_staff"},
    ),
    Partie(
        "changements d’adresse e-mail",
        EmailChange,
        lambda personne: personne.user.email_changes.all(),
        {
            "ancienne adresse": "former",
            "nouvelle adresse": "email",
            "demandée le": "asked_at",
            "e-mail envoyé le": "sent_at",
            "expire le": "expires_at",
            "fermée le": "closed_at",
            "raison": "reason",
        },
        sans=frozenset({"id", "user"}),
    ),
    Partie(
        "mots de passe temporaires",
        TemporaryPassword,
        lambda personne: personne.user.temporary_passwords.all(),
        {
            "créé le": "created_at",
            "envoyé le": "sent_at",
            "expire le": "expires_at",
            "fermé le": "closed_at",
            "raison": "reason",
        },
        sans=frozenset({"id", "user", "digest"}),
    ),
    Partie(
        "courriels non remis",
        UndeliveredMail,
        lambda personne: personne.user.undelivered_mails.all(),
        {"message": "mail", "raison": "reason", "le": "created_at", "réglé le": "settled_at"},
        sans=frozenset({"id", "user"}),
    ),
    Partie(
        "e-mails envoyés depuis trente jours",
        MailSent,
        lambda personne: personne.user.mails_sent.all(),
        {"message": "mail", "envoyé le": "sent_at", "revenu le": "returned_at", "code du retour": "status"},
        sans=frozenset({"id", "user", "message_id", "address"}),
    ),
    Partie(
        "anciens identifiants",
        FormerIdentifiant,
        lambda personne: personne.user.former_identifiants.all(),
        {"identifiant": "identifiant", "jusqu’au": "until"},
        sans=frozenset({"id", "user"}),
    ),
    Partie(
        "e-mails de la mairie",
        MailingLine,
        lambda personne: personne.user.mailing_lines.select_related("mailing"),
        {"message": "mailing.mail", "demandé le": "mailing.asked_at", "état": "state", "le": "settled_at"},
        sans=frozenset({"id", "user"}),
    ),
    Partie(
        "coordonnées",
        Responsable,
        lambda personne: [personne.responsable] if personne.responsable else [],
        {
            "civilité": "civilite",
            "téléphone portable": "telephone",
            "téléphone du domicile": "telephone_domicile",
            "téléphone du travail": "telephone_travail",
            "rappel par e-mail": "rappel",
            "lien pour votre calendrier": lambda responsable, personne: responsable.agenda_secret is not None,
            "dernières valeurs d’ONDE": "onde",
        },
        sans=frozenset({"id", "user", "foyer", "agenda_secret"}),
    ),
    Partie(
        "appareils reconnus",
        RememberedDevice,
        lambda personne: personne.user.devices.all(),
        {"reconnu depuis le": "since", "nature": lambda appareil, _: appareil.get_kind_display()},
        sans=frozenset({"id", "user", "digest", "bound", "kind"}),
    ),
    Partie(
        "rappels envoyés",
        Rappel,
        lambda personne: Rappel.objects.filter(responsable=personne.responsable),
        {"jour": "jour", "envoyé le": "envoye_le"},
        sans=frozenset({"id", "responsable"}),
    ),
    Partie(
        "fermetures lues",
        FermetureLue,
        lambda personne: FermetureLue.objects.filter(responsable=personne.responsable).select_related("fermeture"),
        {"fermeture": _fermeture, "lue le": "lue_le"},
        sans=frozenset({"id", "responsable", "fermeture"}),
    ),
]
