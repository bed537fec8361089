"""The demo's agents, and their phones: whose codes are given by a command, as nobody has these phones in a pocket."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key
from django_tasks_db.models import DBTaskResult

from accounts import passwords, second_factor
from accounts.models import User
from accounts.tasks import send_second_factor_notice
from portail.groupes import CANTINE, ECOLE, EQUIPE, REGIE, SECRETARIAT

TELEPHONE = "téléphone de la démonstration"  # no other phone has this name: no other's code is ever given


@dataclass(frozen=True)
class Agent:
    qui: str
    identifiant: str
    mot_de_passe: str
    groupe: str
    prenom: str
    nom: str
    email: str


SECRETAIRE = Agent(
    "Secrétaire de la mairie",
    "1000009",
    "Tampon-encrier-7",
    SECRETARIAT,
    "Dominique",
    "Secrétariat",
    "mairie@saint-sauveur.example",
)
AGENTS = [
    SECRETAIRE,
    Agent(
        "Animatrice de la garderie",
        "1000017",
        "Marelle-goudron-4",
        EQUIPE,
        "Inès",
        "Garderie",
        "equipe@saint-sauveur.example",
    ),
    Agent(
        "Association de la cantine",
        "1000025",
        "Louche-compote-9",
        CANTINE,
        "Maud",
        "Cantine",
        "cantine@saint-sauveur.example",
    ),
    Agent(
        "Régisseuse de recettes",
        "1000058",
        "Cheque-tirelire-2",
        REGIE,
        "Hélène",
        "Régie",
        "regie@saint-sauveur.example",
    ),
    Agent(
        "Directrice de l’école",
        "1000066",
        "Craie-cartable-6",
        ECOLE,
        "Jeanne",
        "École",
        "ecole@saint-sauveur.example",
    ),
]


def ouvrir(agent: Agent) -> User:
    """Open the account of this agent of the demonstration, as the command does, and enrol a phone whose secret key only
    the database knows. The mail that tells of the phone is not sent.
    """
    now = timezone.now()  # a phone knows no other day than today
    user = passwords.open_staff_account(
        agent.identifiant,
        agent.mot_de_passe,
        group=agent.groupe,
        now=now,
        last_name=agent.nom,
        first_name=agent.prenom,
        email=agent.email,
    )
    telephone = TOTPDevice(user=user, name=TELEPHONE, key=default_key())
    code, _ = second_factor.code_of(telephone)
    second_factor.enrol(telephone, code, now=now)
    DBTaskResult.objects.filter(task_path=send_second_factor_notice.module_path).delete()  # read long ago
    return user


def telephone_de(user: User) -> TOTPDevice | None:
    """The phone of the demonstration enrolled for this account; None when it has another phone, or none."""
    return TOTPDevice.objects.filter(user=user, name=TELEPHONE, confirmed=True).first()
