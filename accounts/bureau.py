"""What the accounts put on the town hall's home: mails held back or not delivered, failed tasks."""

from __future__ import annotations

from accounts.models import FailedTask, HeldMail, UndeliveredMail
from portail.bureau import Compteur, Rubrique, Tables, Urgence, compter


def _non_remis() -> Compteur:
    courriels = UndeliveredMail.objects.filter(settled_at=None).select_related("user")
    compte = compter(courriels, lambda courriel: courriel.user.first_name if courriel.user else "")
    return Compteur(compte.nombre, compte.detail, "non remis" if compte.nombre else "")


RUBRIQUES = (
    Rubrique(
        "accounts.view_heldmail",
        "e-mail retenu\u00a0: à laisser partir ou non,e-mails retenus\u00a0: à laisser partir ou non",
        "admin:accounts_heldmail_changelist",
        Urgence.PRESSE,
        lambda now: Compteur(HeldMail.objects.count()),
    ),
    Rubrique(
        "accounts.view_undeliveredmail",
        "courriel non remis,courriels non remis",
        "admin:accounts_undeliveredmail_changelist",
        Urgence.PRESSE,
        lambda now: _non_remis(),
    ),
    Rubrique(
        "accounts.view_failedtask",
        "tâche échouée,tâches échouées",
        "admin:accounts_failedtask_changelist",
        Urgence.PRESSE,
        lambda now: Compteur(FailedTask.objects.count()),
    ),
)
TABLES = (
    Tables("familles", "Les familles", ("accounts.user",)),
    Tables(
        "ecrits",
        "Ce que nous écrivons aux familles",
        ("accounts.heldmail", "accounts.mailing", "accounts.undeliveredmail"),
    ),
    Tables("traces", "Ce qui a été fait", ("admin.logentry",)),
    Tables("agents", "Les agents et le service", ("accounts.staffuser", "accounts.failedtask")),
)
