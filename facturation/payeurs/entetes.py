"""What an invoice freezes of people, and the fingerprint that proves it and its lines unchanged. Reads, never writes.

`entete` is JSON: `payeur` (nom, adresse line by line, identifiants), `enfants` by primary key (prenom, nom, naissance
as ISO 8601), `quotient` (None when unknown), `residence` (« commune », « hors » or empty), `emetteur` where the town
said who issues its invoices (nom, siret, tva, recours, each where it was set).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from enfance.models import Enfant, Foyer, Responsable
from facturation.lignes import LigneFigee, canonical
from facturation.models import Facture, Prestation
from portail.francais import et
from portail.lettres import lettres

SANS_FOYER = "Payeur sans foyer"
TELEPHONES = ("telephone", "telephone_domicile", "telephone_travail")
# The columns of a line that its fingerprint holds: all that is frozen, and nothing that a merge or an erasure changes.
COLONNES = (
    "cle_enfant",
    "creneau_id",
    "nature",
    "quantite",
    "prix",
    "entier",
    "part",
    "montant",
    "credit_impot",
    "quotient",
    "residence",
    "rang",
    "tarif_id",
    "ligne_id",
    "supplement_id",
    "corrige_id",
    "motif",
)  # then `faits` and `prix_dit`
_colonnes = attrgetter(*COLONNES)


@dataclass(frozen=True)
class IdentitePayeur:
    """What a paper says of a payer: names, address for the window of an envelope, accounts; to whom its mail goes."""

    nom: str
    adresse: tuple[str, ...]
    identifiants: tuple[str, ...]
    joignable: int | None = None  # the account (primary key) of its first adult whom mails reach
    telephone: str = ""  # the first one that is known of its adults

    @property
    def json(self) -> dict[str, Any]:
        """What an invoice freezes of its payer, as JSON: name, address line by line, account numbers."""
        return {"nom": self.nom, "adresse": list(self.adresse), "identifiants": list(self.identifiants)}


SANS_ADULTE = IdentitePayeur(SANS_FOYER, (), ())


def identite_gelee(lignes: Iterable[Prestation]) -> IdentitePayeur:
    """The payer that these waiting lines are to be billed to, as the lines froze it when the family was erased; an
    unnamed payer when none of them says.
    """
    for ligne in lignes:
        if dit := ligne.faits.get("payeur"):
            return IdentitePayeur(dit["nom"], tuple(dit["adresse"]), tuple(dit["identifiants"]))
    return SANS_ADULTE


def load_identites(foyers: Collection[int]) -> dict[int, IdentitePayeur]:
    """What papers say today of the payer of each of these foyers (primary keys), by foyer: names, address, accounts,
    and to whom its mail goes. Two queries.
    """
    adultes: dict[int, list[Responsable]] = {}
    lignes = Responsable.objects.filter(foyer__in=foyers).select_related("user").order_by("pk")
    for adulte in lignes:
        adultes.setdefault(adulte.foyer_id, []).append(adulte)
    return {
        foyer.pk: _identite(foyer, adultes.get(foyer.pk, []))
        for foyer in Foyer.objects.filter(pk__in=foyers).order_by()
    }


def _identite(foyer: Foyer, adultes: list[Responsable]) -> IdentitePayeur:
    joints = [adulte.user.pk for adulte in adultes if adulte.user.is_active and adulte.user.is_reached]
    return IdentitePayeur(
        noms_phrase([(adulte.user.first_name, adulte.user.last_name) for adulte in adultes]),
        adresse_of(foyer),
        tuple(adulte.user.identifiant for adulte in adultes),
        next(iter(joints), None),
        next(filter(None, (getattr(adulte, champ) for adulte in adultes for champ in TELEPHONES)), ""),
    )


def noms_phrase(noms: Iterable[tuple[str, str]]) -> str:
    """These (first name, family name) pairs of a foyer's adults in French: « Camille et Dominique Morel »; « Camille
    Morel et Dominique Lefort »; « Payeur sans foyer » without any.
    """
    par_famille: dict[str, list[str]] = {}
    for prenom, nom in noms:
        par_famille.setdefault(nom, []).append(prenom)
    phrases = [f"{et([p for p in prenoms if p] or [''])} {nom}".strip() for nom, prenoms in par_famille.items()]
    return et(sorted(phrases, key=lettres)) if phrases else SANS_FOYER


def adresse_of(foyer: Foyer) -> tuple[str, ...]:
    """The address of this foyer, line by line, for the window of an envelope, four of street at most; empty
    without a street or a town.
    """
    rue = [ligne.strip() for ligne in foyer.adresse.splitlines() if ligne.strip()]
    ville = f"{foyer.code_postal} {foyer.commune}".strip()
    return (*rue[:4], ville) if rue and ville else ()


def load_enfants(cles: Collection[int]) -> dict[int, dict[str, str]]:
    """What papers say of these children (primary keys), as JSON, by primary key: first name, name, birth date. One
    query.
    """
    lignes = Enfant.objects.filter(pk__in=cles).order_by().values_list("pk", "prenom", "nom", "date_naissance")
    return {cle: enfant_json(prenom, nom, naissance) for cle, prenom, nom, naissance in lignes}


def enfant_json(prenom: str, nom: str, naissance: date) -> dict[str, str]:
    """What an invoice freezes of a child, as JSON: first name, name, birth date in ISO 8601."""
    return {"prenom": prenom, "nom": nom, "naissance": naissance.isoformat()}


def entete_of(
    identite: IdentitePayeur,
    enfants: Mapping[int, dict[str, str]],
    cles: Iterable[int],
    *,
    quotient: int | None,
    residence: str,
    emetteur: Mapping[str, str] | None = None,
    lieu: str = "",
) -> dict[str, Any]:
    """What an invoice freezes of people, as JSON: its payer, the children of these primary keys (`cles`) that `enfants`
    describes, the quotient (None: unknown) and the residence; its name (`lieu`) where the town gave it one of its own;
    of who issues it, `emetteur`, where the town said it.
    """
    return {
        "payeur": identite.json,
        "enfants": {str(cle): enfants[cle] for cle in sorted(set(cles)) if cle in enfants},
        "quotient": quotient,
        "residence": residence,
        **({"emetteur": dict(emetteur)} if emetteur else {}),
        **({"lieu": lieu} if lieu else {}),
    }


def empreinte_of(facture: Facture, lignes: Iterable[Prestation | LigneFigee]) -> str:
    """The SHA-256, in hexadecimal, of what this invoice says: its kind, number, total, date to pay, reason, `entete`
    and these lines, in whatever order they come.
    """
    echeance = facture.echeance.isoformat() if facture.echeance else None
    tete = [facture.genre, facture.numero, facture.total, echeance, facture.motif, facture.entete]
    hachage = hashlib.sha256(canonical(tete).encode())
    for ligne in sorted(map(_ligne, lignes)):
        hachage.update(b"\n")
        hachage.update(ligne.encode())
    return hachage.hexdigest()


def _ligne(ligne: Prestation | LigneFigee) -> str:
    """The canonical JSON of a line, a list; what is JSON in it may be written already."""
    tete = canonical([ligne.jour.isoformat(), *_colonnes(ligne)])
    if isinstance(ligne, LigneFigee):
        return f"{tete[:-1]},{ligne.faits},{ligne.prix_dit}]"
    return f"{tete[:-1]},{canonical(ligne.faits)},{canonical(ligne.prix_dit)}]"
