"""What a person is told of the tables of money: what their own payer owes and paid, and why; nothing of the other
parent's. Amounts are centimes in the tables, euros here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from enfance.extensions import Demandeur, Partie
from enfance.models import Inscription
from facturation.models import (
    Attestation,
    Compte,
    Encaissement,
    EssaiPaiement,
    Facture,
    Imputation,
    Justification,
    LieuResidence,
    NombreEnfants,
    Partage,
    PartPaiement,
    Prestation,
    Quotient,
    Relance,
    ReponseAbsence,
    SignalementFacture,
)
from facturation.montants import euros
from facturation.papiers.mots import mois_annee, residence_texte
from facturation.papiers.pourquoi import is_own_price
from facturation.prix.tarifs import Residence

ENFANT = "enfant.prenom"


def _comptes(personne: Demandeur) -> QuerySet[Compte]:
    """The payer of their foyer, and those that were made one with it."""
    if personne.foyer is None:
        return Compte.objects.none()
    return Compte.objects.filter(Q(foyer=personne.foyer) | Q(reuni_dans__foyer=personne.foyer))


def _payeurs(personne: Demandeur) -> QuerySet[Compte]:
    """The same, with the name of their residence."""
    nommee = LieuResidence.objects.filter(code=OuterRef("residence")).values("nom")
    return _comptes(personne).annotate(lieu=Coalesce(Subquery(nommee[:1]), Value("")))


def _of_comptes(model: Any, chemin: str = "compte", *liens: str) -> Callable[[Demandeur], QuerySet[Any]]:
    """The rows that lead by this path to their own payers."""
    return lambda personne: model.objects.filter(**{f"{chemin}__in": _comptes(personne)}).select_related(*liens)


def _euros(champ: str) -> Callable[[Any, Demandeur], str]:
    def lecture(ligne: Any, personne: Demandeur) -> str:
        return euros(getattr(ligne, champ))

    return lecture


def _part_famille(ligne: Encaissement, personne: Demandeur) -> str:
    """What the family itself paid of its CESU; nothing when nobody knows."""
    return "" if ligne.part_famille is None else euros(ligne.part_famille)


def _reclame(ligne: Relance, personne: Demandeur) -> str:
    """What a list for the treasury claimed; nothing of a reminder."""
    return "" if ligne.montant is None else euros(ligne.montant)


def _debiteur(compte: Compte, personne: Demandeur) -> str | None:
    """The adult of their home whom the treasury is told, where the town hall said it."""
    return next((str(adulte) for adulte in personne.adultes if adulte.pk == compte.debiteur_id), None)


def _mois(ligne: Facture | Prestation, personne: Demandeur) -> str:
    """« octobre 2026 »; empty where none was closed."""
    return mois_annee(ligne.mois.premier) if ligne.mois else ""


def _du_prix(champ: str) -> Callable[[Any, Demandeur], Any]:
    """A column that tells of whose quotient made the price."""

    def lecture(ligne: Prestation, personne: Demandeur) -> Any:
        if not is_own_price(ligne):
            return None
        if champ == "residence":
            return residence_texte(ligne.residence, ligne.prix_dit) if ligne.residence else Residence.A_DIRE.label
        return getattr(ligne, champ)

    return lecture


def _prix_dit(ligne: Prestation, personne: Demandeur) -> Mapping[str, Any]:
    tues = {"propre"} if is_own_price(ligne) else {"propre", "tranche", "enfants", "lieu"}
    return {cle: valeur for cle, valeur in ligne.prix_dit.items() if cle not in tues}


def _faits(ligne: Prestation, personne: Demandeur) -> Mapping[str, Any]:
    """What happened that day, as the line froze it; of what the other foyer registered, not by whom."""
    foyer = personne.foyer.pk if personne.foyer else None
    faits = {cle: dict(valeur) if isinstance(valeur, dict) else valeur for cle, valeur in ligne.faits.items()}
    inscription = faits.get("inscription")
    if isinstance(inscription, dict) and inscription.pop("par_foyer", None) not in {None, foyer}:
        inscription["par"] = "l’autre foyer"
    return faits


def _enfant(ligne: Prestation, personne: Demandeur) -> str:
    """The first name that the invoice froze, or that of the child."""
    geles = ligne.facture.entete.get("enfants", {}) if ligne.facture else {}
    gele = geles.get(str(ligne.cle_enfant))
    return str(gele["prenom"]) if gele else ligne.enfant.prenom if ligne.enfant else ""


def _justifications(personne: Demandeur) -> QuerySet[Justification]:
    siennes = [adulte.user_id for adulte in personne.adultes]
    return Justification.objects.filter(enfant__in=personne.enfants, dite_par__in=siennes).select_related("enfant")


def _reponses(personne: Demandeur) -> QuerySet[ReponseAbsence]:
    """The answers about what their own foyer registered, or pays."""
    case = {champ: OuterRef(champ) for champ in ("enfant", "jour", "creneau")}
    inscrite = Inscription.objects.filter(**case, foyer=personne.foyer, foyer__isnull=False)
    payee = Prestation.objects.filter(**case, compte__in=_comptes(personne))
    reponses = ReponseAbsence.objects.filter(Exists(inscrite) | Exists(payee), enfant__in=personne.enfants)
    return reponses.select_related("enfant", "creneau")


def _imputations(personne: Demandeur) -> QuerySet[Imputation]:
    siens = _comptes(personne)
    avec = Imputation.objects.filter(Q(encaissement__compte__in=siens) | Q(avoir__compte__in=siens))
    return avec.select_related("encaissement", "avoir", "facture", "sortie")


PARTIES = (
    Partie(
        "payeur",
        Compte,
        _payeurs,
        {
            "résidence": lambda compte, personne: compte.get_residence_display(),
            "résidence confirmée le": "residence_vue_le",
            "envoi des factures": "envoi",
            "débiteur devant la trésorerie": _debiteur,
            "réuni à un autre": lambda compte, personne: compte.reuni_dans_id is not None or None,
        },
        sans=frozenset({"id", "foyer", "residence", "residence_vue_par", "debiteur", "reuni_dans"}),
    ),
    Partie(
        "quotients familiaux",
        Quotient,
        _of_comptes(Quotient, "compte", "compte"),
        {
            "quotient": "valeur",
            "source": "source",
            "à partir du": "debut",
            "jusqu’au": "fin",
            "saisi le": "saisi_le",
            "saisi par votre foyer": lambda quotient, personne: personne.is_from_here(quotient.saisi_par_id),
            "attestation vue le": "vu_le",
            "raison": "motif",
            "annulé le": "annule_le",
        },
        sans=frozenset({"id", "compte", "saisi_par", "vu_par"}),
    ),
    Partie(
        "nombres d’enfants",
        NombreEnfants,
        _of_comptes(NombreEnfants, "compte", "compte"),
        {"enfants du foyer, pour un prix": "nombre", "à partir du": "debut", "saisi le": "saisi_le"},
        sans=frozenset({"id", "compte", "saisi_par"}),
    ),
    Partie(
        "parts de prix",
        Partage,
        lambda personne: _of_comptes(Partage, "compte", "enfant")(personne).filter(enfant__in=personne.enfants),
        {"enfant": ENFANT, "votre part, en pour cent": "part", "à partir du": "debut", "jusqu’au": "fin"},
        sans=frozenset({"id", "compte"}),
    ),
    Partie(
        "factures",
        Facture,
        _of_comptes(Facture, "compte", "mois", "origine"),
        {
            "numéro": "numero",
            "genre": "genre",
            "mois": _mois,
            "corrige": "origine",
            "émise le": "emise_le",
            "à payer avant le": "echeance",
            "total": _euros("total"),
            "raison": "motif",
            "ce que dit le papier": "entete",
        },
        sans=frozenset({"id", "annee", "rang", "compte", "emise_par", "total", "mois", "empreinte"}),
    ),
    Partie(
        "lignes des factures",
        Prestation,
        _of_comptes(Prestation, "compte", "facture", "mois", "enfant", "creneau", "corrige__facture"),
        {
            "facture": "facture",
            "mois": _mois,
            "enfant": _enfant,
            "jour": "jour",
            "moment": "creneau",
            "nature": "nature",
            "quantité": "quantite",
            "prix": _euros("prix"),
            "somme avant partage": _euros("entier"),
            "votre part, en pour cent": "part",
            "montant": _euros("montant"),
            "compte pour le crédit d’impôt": "credit_impot",
            "quotient": _du_prix("quotient"),
            "résidence": _du_prix("residence"),
            "rang de l’enfant": _du_prix("rang"),
            "ce qui s’est passé": _faits,
            "le prix": _prix_dit,
            "raison": "motif",
        },
        sans=frozenset(
            {
                *("id", "compte", "enfant", "cle_enfant", "prix", "entier", "montant", "quotient", "residence", "rang"),
                *("tarif", "ligne", "supplement", "plafond", "faits", "prix_dit", "corrige", "mois"),
            }
        ),
    ),
    Partie(
        "reçus",
        Encaissement,
        _of_comptes(Encaissement, "compte", "annule"),
        {
            "numéro": "numero",
            "reçu de": "payeur",
            "moyen": "moyen",
            "montant": _euros("montant"),
            "reçu le": "recu_le",
            "référence": "reference",
            "titres CESU": "titres",
            "part payée par la famille": _part_famille,
            "ce que dit le reçu": "contenu",
            "annule": "annule",
            "raison": "motif",
            "signé": "signe",
            "scellé le": "scelle_le",
        },
        sans=frozenset(
            {
                *("id", "annee", "rang", "compte", "montant", "part_famille", "ecrit_le", "ecrit_par", "versement"),
                *("cle", "empreinte"),
            }
        ),
    ),
    Partie(
        "ce qui a payé quoi",
        Imputation,
        _imputations,
        {
            "reçu": "encaissement",
            "avoir": "avoir",
            "facture": "facture",
            "sortie": "sortie",
            "montant": _euros("montant"),
            "le": "faite_le",
        },
        sans=frozenset({"id", "montant"}),
    ),
    Partie(
        "paiements en ligne",
        EssaiPaiement,
        _of_comptes(EssaiPaiement, "compte", "facture", "encaissement"),
        {
            "facture": "facture",
            "montant": _euros("montant"),
            "e-mail du ticket": lambda essai, personne: essai.mel if _by_own(essai, personne) else "",
            "demandé le": "demande_le",
            "état": "etat",
            "conclu le": "conclu_le",
            "reçu": "encaissement",
        },
        sans=frozenset(
            {
                *("id", "compte", "id_op", "numcli", "exer", "refdet", "objet", "montant", "saisie", "mel"),
                *("resultrans", "demande_par", "interroge_le", "reponse"),
            }
        ),
    ),
    Partie(
        "factures payées en ligne avec une autre",
        PartPaiement,
        _of_comptes(PartPaiement, "essai__compte", "essai__facture", "facture", "encaissement"),
        {
            "avec la facture": "essai.facture",
            "facture": "facture",
            "montant": _euros("montant"),
            "reçu": "encaissement",
        },
        sans=frozenset({"id", "essai", "montant"}),
    ),
    Partie(
        "erreurs signalées sur une facture",
        SignalementFacture,
        _of_comptes(SignalementFacture, "facture__compte", "facture", "prestation"),
        {
            "facture": "facture",
            "ligne du": lambda dite, personne: dite.prestation.jour if dite.prestation else None,
            "ce qui ne va pas": "texte",
            "dit le": "dit_le",
            "réponse": "reponse",
            "répondu le": "repondu_le",
        },
        sans=frozenset({"id", "prestation", "dit_par", "repondu_par"}),
    ),
    Partie(
        "rappels de factures",
        Relance,
        _of_comptes(Relance, "facture__compte", "facture"),
        {
            "facture": "facture",
            "rappel": "genre",
            "le": "faite_le",
            "raison": "motif",
            "réclamé": _reclame,
            "ce que la liste en dit": "titre",
        },
        sans=frozenset({"id", "faite_par", "montant"}),
    ),
    Partie(
        "attestations",
        Attestation,
        _of_comptes(Attestation, "compte", "remplace"),
        {
            "numéro": "numero",
            "année": "annee_payee",
            "émise le": "emise_le",
            "total": _euros("total"),
            "ce que dit le papier": "contenu",
            "remplace": "remplace",
        },
        sans=frozenset({"id", "annee", "rang", "compte", "total"}),
    ),
    Partie(
        "raisons d’une absence",
        Justification,
        _justifications,
        {"enfant": ENFANT, "jour": "jour", "raison": "raison", "dite le": "dite_le"},
        sans=frozenset({"id", "dite_par"}),
    ),
    Partie(
        "réponses à une absence",
        ReponseAbsence,
        _reponses,
        {
            "enfant": ENFANT,
            "jour": "jour",
            "moment": "creneau",
            "réponse": "reponse",
            "raison": "motif",
            "répondue le": "repondue_le",
        },
        sans=frozenset({"id", "repondue_par"}),
    ),
)
AILLEURS = {
    "facturation.Mois": "un mois que la mairie a arrêté\u202f; chaque facture dit le sien",
    "facturation.Nomination": "le nom d’un agent que la mairie a nommé à la régie, par un acte public",
    "facturation.Versement": "ce que la régie a porté à la trésorerie\u202f; aucune famille n’y est nommée",
}


def _by_own(essai: EssaiPaiement, personne: Demandeur) -> bool:
    return personne.is_from_here(essai.demande_par_id)
