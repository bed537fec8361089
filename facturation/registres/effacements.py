"""What becomes of the tables of money when people are erased: the rules that `portail.effacements` asks for.

What was issued stays ten years with the names that it bears: the accounts are kept whole. It leads to nobody any more.
What only served to work out a price goes.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Sum

from facturation.models import (
    Attestation,
    Compte,
    Encaissement,
    EssaiPaiement,
    Facture,
    NombreEnfants,
    Partage,
    Prestation,
    Quotient,
    SignalementFacture,
)
from facturation.montants import euros
from facturation.payeurs.comptes import soldes, with_reunis
from facturation.payeurs.reports import reclame_of
from facturation.registres.attentes import keep_attente
from portail.effacements import (
    Effacements,
    Etape,
    LienEfface,
    Regle,
    RegleTexte,
    SansNom,
    part,
    perd_le_lien,
    reste,
    sans_les_mots,
)
from portail.francais import NBSP, accord

PAPIERS = (
    f"Les factures émises et leurs lignes, les reçus, les attestations{NBSP}: dix ans, avec les noms qu’ils portent. "
    "Plus rien n’y mène."
)


# --- The payer --------------------------------------------------------------------------------------------------------


def _sans_foyer(lien: LienEfface) -> None:
    """The payer, and those that were made one with it, keep what was issued and lose the rest. Where nothing was, they
    go.
    """
    demande = lien.demande
    comptes = with_reunis(lien.lignes.values_list("pk", flat=True))
    if not comptes:
        return
    for phrase in avis_of(comptes):
        demande.avertit(phrase)
    partages = Partage.objects.filter(compte__in=comptes)
    demande.efface(Partage.objects.filter(enfant__in=set(partages.values_list("enfant", flat=True))))  # 100 % or none
    demande.efface(Quotient.objects.filter(compte__in=comptes))
    demande.efface(NombreEnfants.objects.filter(compte__in=comptes))
    demande.efface(SignalementFacture.objects.filter(facture__compte__in=comptes))
    for essai in EssaiPaiement.objects.filter(compte__in=comptes):
        reponse = {cle: valeur for cle, valeur in essai.reponse.items() if cle != "mel"}
        demande.blanchit(EssaiPaiement.objects.filter(pk=essai.pk), mel="", reponse=reponse)
    perd_le_lien(lien)
    vides = comptes - _with_papiers(comptes)
    if vides != comptes:
        demande.garde(PAPIERS)
    Compte.objects.filter(pk__in=vides).update(reuni_dans=None)  # the ones would keep the others
    demande.efface(Compte.objects.filter(pk__in=vides))


def _with_papiers(comptes: Collection[int]) -> set[int]:
    """Those of these payers that something is written of for ten years, and those that they were made one with."""
    tenus: set[int] = set()
    for model in (Attestation, Encaissement, EssaiPaiement, Facture, Prestation):
        tenus |= set(model._base_manager.filter(compte__in=comptes).values_list("compte", flat=True))
    vague = set(tenus)
    while vague:
        au_dessus = Compte.objects.filter(pk__in=vague).values_list("reuni_dans", flat=True)
        vague = {cle for cle in au_dessus if cle is not None} - tenus
        tenus |= vague
    return tenus & set(comptes)


def avis_of(comptes: Collection[int]) -> list[str]:
    """What the town hall must know before these payers (primary keys) are erased, in French sentences: lines that wait
    for an invoice, money that is owed by the family or to it, but for what the treasury claims.
    """
    phrases = []
    attente = Prestation.objects.waiting().filter(compte__in=comptes)
    en_attente = attente.aggregate(total=Sum("montant"))["total"]
    if en_attente:
        combien = accord(attente.count(), "ligne")
        phrases.append(
            f"{combien} de mois déjà arrêtés, {euros(en_attente)} en tout, sans facture encore{NBSP}: le prochain mois "
            "arrêté l’émet, au nom et à l’adresse d’aujourd’hui, en lettre."
        )
    solde = sum(soldes(comptes).values()) - reclame_of(comptes)
    if solde > 0:
        phrases.append(
            f"{euros(solde)} restent à payer{NBSP}: la mairie ne pourra plus écrire à cette famille. Les factures "
            "gardent le nom et l’adresse, pour la trésorerie."
        )
    elif solde < 0:
        phrases.append(f"{euros(-solde)} sont à rendre à cette famille{NBSP}: remboursez d’abord.")
    return phrases


ENFANT: dict[str, Regle] = {
    "facturation.Justification.enfant": part,
    "facturation.Partage.enfant": part,
    "facturation.Prestation.enfant": reste(PAPIERS),
    "facturation.ReponseAbsence.enfant": part,
}
FOYER: dict[str, Regle] = {"facturation.Compte.foyer": _sans_foyer}
COMPTE: dict[str, Regle] = {
    f"facturation.{colonne}": perd_le_lien
    for colonne in (
        "Compte.residence_vue_par",
        "Encaissement.ecrit_par",
        "EssaiPaiement.demande_par",
        "Facture.emise_par",
        "Justification.dite_par",
        "Mois.arrete_par",
        "NombreEnfants.saisi_par",
        "Quotient.saisi_par",
        "Quotient.vu_par",
        "Relance.faite_par",
        "ReponseAbsence.repondue_par",
        "SignalementFacture.dit_par",
        "SignalementFacture.repondu_par",
        "Versement.ecrit_par",
    )
}


# --- Texts ------------------------------------------------------------------------------------------------------------

EMIS = SansNom("une pièce émise, gardée dix ans telle quelle\u202f; son empreinte le prouve")
NUMERO = SansNom("un numéro")
PAYFIP = SansNom("ce que PayFiP demande d’un essai\u00a0: des numéros, un mot")
RESIDENCE = SansNom("le code d’une résidence de la liste de la mairie")
TEXTES: dict[str, RegleTexte] = {
    "facturation.Attestation.contenu": EMIS,
    "facturation.Compte.residence": RESIDENCE,
    "facturation.Attestation.numero": NUMERO,
    "facturation.Encaissement.contenu": EMIS,
    "facturation.Encaissement.motif": sans_les_mots,
    "facturation.Encaissement.numero": NUMERO,
    "facturation.Encaissement.payeur": EMIS,
    "facturation.Encaissement.reference": sans_les_mots,
    "facturation.EssaiPaiement.exer": PAYFIP,
    "facturation.EssaiPaiement.id_op": PAYFIP,
    "facturation.EssaiPaiement.mel": SansNom("ôtée avec le foyer de qui paie"),
    "facturation.EssaiPaiement.numcli": PAYFIP,
    "facturation.EssaiPaiement.objet": PAYFIP,
    "facturation.EssaiPaiement.refdet": PAYFIP,
    "facturation.EssaiPaiement.reponse": sans_les_mots,
    "facturation.EssaiPaiement.resultrans": PAYFIP,
    "facturation.EssaiPaiement.saisie": PAYFIP,
    "facturation.Facture.empreinte": SansNom("une empreinte"),
    "facturation.Facture.entete": EMIS,
    "facturation.Facture.motif": EMIS,
    "facturation.Facture.numero": NUMERO,
    "facturation.Mois.bilan": sans_les_mots,
    "facturation.Prestation.faits": EMIS,
    "facturation.Prestation.motif": EMIS,
    "facturation.Prestation.residence": RESIDENCE,
    "facturation.Prestation.prix_dit": SansNom("les mots d’une délibération et d’un tarif"),
    "facturation.Quotient.motif": sans_les_mots,
    "facturation.Relance.motif": sans_les_mots,
    "facturation.ReponseAbsence.motif": sans_les_mots,
    "facturation.SignalementFacture.reponse": sans_les_mots,
    "facturation.SignalementFacture.texte": sans_les_mots,
}
AILLEURS = {
    "facturation.Deliberation": "un vote du conseil",
    "facturation.LieuResidence": "une résidence de la liste de la mairie",
    "facturation.LigneTarif": "un vote du conseil",
    "facturation.NombreEnfants": "un nombre, une date",
    "facturation.Plafond": "un vote du conseil",
    "facturation.ReglageFacturation": "les réglages de la régie\u00a0: son téléphone, le nom de qui la tient",
    "facturation.Supplement": "un vote du conseil",
    "facturation.Tarif": "un vote du conseil",
    "facturation.Versement": "un numéro, une date, une somme",
}


EFFACEMENTS = Effacements(
    avant=(Etape("attente", keep_attente, avant="places"),),  # before the places to come are given up
    colonnes={"enfance.Enfant": ENFANT, "enfance.Foyer": FOYER, "accounts.User": COMPTE},
    textes=TEXTES,
    sans_texte=AILLEURS,
)
