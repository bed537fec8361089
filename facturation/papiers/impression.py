"""An invoice on paper: one row a child, moment and price, with its days; the same sums as on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from facturation.models import Prestation
from facturation.montants import euros
from facturation.papiers import mots
from facturation.papiers.facture import FactureLue
from facturation.papiers.pourquoi import is_excusee, is_own_price, titre, titre_correction, vote_texte
from facturation.prix.tarifs import UniteTarif, rang_dit
from portail.francais import NBSP, accord

Nature = Prestation.Nature


@dataclass(frozen=True)
class RangeePapier:
    """A row: what, which days, how many, the price of one (empty where there is none), the sum in centimes."""

    nom: str
    jours: str
    nombre: str
    prix: int | None
    montant: int


@dataclass(frozen=True)
class GroupePapier:
    """The rows of a child, or the corrections, and their sum in centimes; `total` is its words, empty without any."""

    nom: str
    rangees: list[RangeePapier]
    total: str
    montant: int


def groupes_papier(lue: FactureLue) -> list[GroupePapier]:
    """The rows of this invoice for its paper: those of each child with their sum, then those of the corrections and of
    what was carried over from another account.
    """
    du_mois = lue.facture.mois.premier if lue.facture.mois else None
    groupes = []
    for groupe in lue.groupes:
        lignes = [ligne for jour in groupe.jours for ligne in jour.lignes]
        rangs = {ligne.rang for ligne in lignes if ligne.rang and is_own_price(ligne)}
        rang = f" ({rang_dit(rangs.pop() or 1)})" if len(rangs) == 1 else ""
        total = f"Total {groupe.nom}"
        groupes.append(GroupePapier(f"{groupe.nom}{rang}", _rangees(lignes, du_mois), total, groupe.montant))
    for groupe in lue.corrections:
        rangees = [
            _corrigee(ligne, lue.prenoms_by_key.get(ligne.cle_enfant, "")) for j in groupe.jours for ligne in j.lignes
        ]
        groupes.append(GroupePapier(groupe.nom, rangees, "", groupe.montant))
    return groupes


def colonne_papier(lue: FactureLue) -> str:
    """The head of the column of days on paper: « Jours de novembre (soir : demi-heures commencées) »."""
    jours = f"Jours {lue.de_mois}" if lue.de_mois else "Jours"
    for ligne in lue.lignes:
        if ligne.prix_dit.get("unite") == UniteTarif.TRANCHE and ligne.creneau:
            _, unite = mots.combien(2, "tranche", ligne.prix_dit.get("minutes")).split(NBSP, 1)
            moment = ligne.creneau.nom_court
            return f"{jours} ({moment}{NBSP}: {unite} {mots.commencees(2, ligne.prix_dit.get('minutes'))})"
    return jours


def notes_papier(lue: FactureLue) -> list[str]:
    """The French notes that stand under the rows of the paper: the votes, what gives no tax credit, how a price is
    shared between two foyers.
    """
    votes = dict.fromkeys(vote_texte(ligne) for ligne in lue.lignes if ligne.prix_dit.get("deliberation"))
    notes = [f"Tarif voté par le conseil municipal{NBSP}: {', '.join(votes)}."] if votes else []
    if any(not ligne.credit_impot and ligne.montant > 0 for ligne in lue.lignes):
        notes.append("Retard et présence sans inscription ne comptent pas pour le crédit d’impôt.")
    if any(ligne.part < 100 for ligne in lue.lignes):
        notes.append("Une garderie partagée entre deux foyers\u00a0: chacun reçoit sa part.")
    if not all(map(is_own_price, lue.lignes)):
        notes.append(
            "Un moment que l’autre foyer a inscrit a le prix de ce foyer, puis se partage\u00a0: "
            "le même moment peut donc avoir deux prix."
        )
    return notes


def _rangees(lignes: Iterable[Prestation], du_mois: date | None) -> list[RangeePapier]:
    groupes: dict[tuple[Any, ...], list[Prestation]] = {}
    for ligne in lignes:
        if ligne.nature == Nature.SEANCE and not ligne.montant:
            cle: tuple[Any, ...] = (8, "excusee" if is_excusee(ligne) else ligne.motif)
        elif ligne.nature in {Nature.SEANCE, Nature.FORFAIT}:
            ordre = ligne.creneau.ordre if ligne.creneau else 0
            autre = not is_own_price(ligne)
            dit = ligne.prix_dit
            cle = (1, ordre, titre(ligne), autre, ligne.prix, ligne.part, dit.get("unite"), dit.get("premiere"))
        elif ligne.nature == Nature.PLAFOND:
            cle = (7, ligne.nature, titre(ligne), ligne.part)
        else:
            cle = (5, ligne.nature, titre(ligne), ligne.prix, ligne.part)
        groupes.setdefault(cle, []).append(ligne)
    return [_rangee(cle, groupes[cle], du_mois) for cle in sorted(groupes, key=lambda cle: tuple(map(str, cle)))]


def _rangee(cle: tuple[Any, ...], lignes: list[Prestation], du_mois: date | None) -> RangeePapier:
    premiere, montant = lignes[0], sum(ligne.montant for ligne in lignes)
    part = f", part de {premiere.part}{NBSP}%" if premiere.part < 100 else ""
    if cle[0] == 8:
        nom = (
            "Absence excusée"
            if is_excusee(premiere)
            else (premiere.motif[:1].upper() + premiere.motif[1:]) or "Rien à payer"
        )
        return RangeePapier(nom, _jours_moments(lignes, du_mois), accord(len(lignes), "moment"), None, montant)
    if cle[0] == 7:
        jours = ", ".join(dict.fromkeys(_jour(ligne, du_mois) for ligne in lignes))
        return RangeePapier(f"{titre(premiere)}{part}", jours, "", None, montant)
    if cle[0] == 5:
        jours = ", ".join(_jour_supplement(ligne, du_mois) for ligne in lignes)
        return RangeePapier(f"{titre(premiere)}{part}", jours, str(len(lignes)), premiere.prix, montant)
    unite, minutes = premiere.prix_dit.get("unite", ""), premiere.prix_dit.get("minutes")
    nombre = mots.combien(sum(ligne.quantite for ligne in lignes), unite, minutes)
    tranches = unite == UniteTarif.TRANCHE
    jours = ", ".join(f"{_jour(ligne, du_mois)}{f'{NBSP}({ligne.quantite})' if tranches else ''}" for ligne in lignes)
    autre = "" if is_own_price(premiere) else ", inscrit par l’autre foyer"
    dit = premiere.prix_dit
    durees = f" (première{NBSP}: {euros(dit['premiere'])})" if dit.get("premiere") is not None else ""
    return RangeePapier(f"{titre(premiere)}{durees}{autre}{part}", jours, nombre, premiere.prix, montant)


def _jour(ligne: Prestation, du_mois: date | None) -> str:
    """« 12 »; « 12 octobre » of another month than the invoice's."""
    if ligne.jour.replace(day=1) == du_mois:
        return str(ligne.jour.day)
    return mots.jour_sans_annee(ligne.jour)


def _jours_moments(lignes: Iterable[Prestation], du_mois: date | None) -> str:
    """« 10 (matin, midi) »."""
    par_jour: dict[str, list[str]] = {}
    for ligne in lignes:
        par_jour.setdefault(_jour(ligne, du_mois), []).append(ligne.creneau.nom_court if ligne.creneau else "")
    return ", ".join(f"{jour} ({', '.join(moments)})" for jour, moments in par_jour.items())


def _jour_supplement(ligne: Prestation, du_mois: date | None) -> str:
    """« 19 (départ 18 h 41) »."""
    depart = mots.lu((ligne.faits.get("presence") or {}).get("depart"))
    return f"{_jour(ligne, du_mois)} (départ {mots.heure_of(depart)})" if depart else _jour(ligne, du_mois)


def _corrigee(ligne: Prestation, prenom: str) -> RangeePapier:
    facture = ligne.corrige.facture if ligne.corrige else None
    origine = f" (facture {facture.numero})" if facture else ""
    if ligne.nature == Nature.REPORT:
        return RangeePapier("Report", ligne.motif, "", None, ligne.montant)
    return RangeePapier(prenom, f"{titre_correction(ligne)}{NBSP}: {ligne.motif}{origine}", "", None, ligne.montant)
