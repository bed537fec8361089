"""What the faults of PayFiP mean, to a parent and to the régisseur. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FautePayfip:
    """A code of PayFiP: a sentence for a parent, with nothing technical, and one for the régisseur, with the code."""

    code: str
    for_parent: str
    for_regisseur: str


GUICHET = "Le paiement en ligne ne marche pas en ce moment. Rien n’a été débité\u00a0: réglez au guichet, ou plus tard."
RECOMMENCER = "PayFiP n’a enregistré aucun paiement pour cet essai\u00a0: vous pouvez recommencer."

# (for a parent, for the régisseur), which follows « PayFiP répond T1 : ».
FAUTES = {
    "A1": ("PayFiP demande une adresse e-mail\u00a0: indiquez la vôtre.", "il n’a pas reçu d’adresse e-mail."),
    "A2": (
        "PayFiP n’accepte pas cette adresse e-mail\u00a0: vérifiez-la.",
        "il n’accepte pas l’adresse e-mail du payeur.",
    ),
    "D1": (GUICHET, "il n’accepte pas l’adresse de retour. Vérifiez SITE_URL avec l’informatique."),
    "M1": (GUICHET, "il ne lit pas le montant. Prévenez l’informatique."),
    "M3": (
        "PayFiP n’accepte pas moins de 1\u202f€\u00a0: réglez au guichet, ou avec la prochaine facture.",
        "le montant est inférieur à 1\u202f€.",
    ),
    "M5": (
        "PayFiP n’accepte pas une si grosse somme en une fois\u00a0: la mairie vous dira comment la régler.",
        "le montant dépasse ce qui se paie en une fois.",
    ),
    "N1": (GUICHET, "il n’accepte pas l’adresse de notification. Vérifiez SITE_URL avec l’informatique."),
    "P1": (RECOMMENCER, "il ne connaît pas cet essai, ou l’a oublié la nuit suivante\u00a0: personne n’y a payé."),
    "P3": (
        "Cet essai de paiement a déjà servi\u00a0: nous demandons son résultat.",
        "cet essai a déjà servi. Son résultat est redemandé.",
    ),
    "P4": (RECOMMENCER, "cet essai a plus de 15 minutes\u00a0: il ne peut plus servir."),
    "P5": ("PayFiP n’a pas encore confirmé ce paiement.", "il ne connaît pas encore le résultat. Il est redemandé."),
    "R3": (GUICHET, "il n’accepte pas la référence de la facture. Prévenez l’informatique."),
    "S1": (GUICHET, "il n’accepte pas le mode de saisie. Vérifiez PAYFIP_SAISIE (T, X ou W) avec l’informatique."),
    "T1": (GUICHET, "le numéro client n’est pas valable. Vérifiez PAYFIP_NUMCLI avec l’informatique."),
    "T2": (GUICHET, "il ne connaît pas ce numéro client. Vérifiez PAYFIP_NUMCLI avec la trésorerie."),
    "T4": (GUICHET, "ce numéro client n’a pas accès au service web. Demandez-le à la trésorerie."),
}


def faute_of(code: str) -> FautePayfip:
    """What this code of PayFiP means, for a parent and for the régisseur. An unknown code gets sentences too: that the
    portal does not know it, and to whom to show it.
    """
    for_parent, for_regisseur = FAUTES.get(
        code, (GUICHET, "ce code est inconnu du portail. Montrez-le à la trésorerie.")
    )
    return FautePayfip(code, for_parent, f"PayFiP répond {code}\u00a0: {for_regisseur}")
