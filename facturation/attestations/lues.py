"""A certificate as its paper is read: from what it froze, one table, a sum by child under it. Reads, never writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from enfance.models import Creneau
from facturation.attestations.emission import SANS_MOMENT
from facturation.models import Attestation
from facturation.montants import arrondir, euros
from portail.dates import MOIS, jour_annee, quantieme_annee, quantieme_mois
from portail.francais import et

# The columns of a child, in their order.
MOMENTS = {
    Creneau.Moment.MATIN.value: "Matin",
    Creneau.Moment.MIDI.value: "Midi",
    Creneau.Moment.SOIR.value: "Soir",
    Creneau.Moment.JOURNEE.value: "Journée",
    SANS_MOMENT: "Au mois",
}
CASES = ("7GA", "7GB", "7GC")  # of the tax return, by child


@dataclass(frozen=True)
class EnfantAtteste:
    """A child of the paper: name, day of birth, the sum, what is to be written in which box of the tax return."""

    nom: str
    prenom: str
    naissance: str
    total: int
    cesu: int
    supplements: int
    case: str

    @property
    def arrondi(self) -> str:
        """The sum in whole euros, a half going up: « 52 € »."""
        return euros(arrondir(Decimal(self.total), 100)).replace(",00", "")


@dataclass(frozen=True)
class LigneAttestee:
    """A line: the month of care, the invoice, when and how it was paid, the sums of the columns, their total."""

    de: str
    facture: str
    payee: str
    sommes: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class AttestationLue:
    """The whole paper. Of one child the columns are the moments; of several, the children."""

    attestation: Attestation
    payeur: str
    adresse: tuple[str, ...]
    enfants: tuple[EnfantAtteste, ...]
    colonnes: tuple[str, ...]
    lignes: tuple[LigneAttestee, ...]
    sommes: tuple[int, ...]
    trop_grands: tuple[str, ...]
    depuis: str
    tresorerie: bool
    remplace: str

    @property
    def emise(self) -> str:
        """The day of issue in French, in Paris: « mardi 12 janvier 2027 »."""
        return jour_annee(timezone.localdate(self.attestation.emise_le))

    @property
    def cesu(self) -> int:
        """What was paid in CESU for all the children of the paper, in centimes."""
        return sum(enfant.cesu for enfant in self.enfants)

    @property
    def cesu_famille(self) -> int:
        """What the family itself paid of these CESU, where it is known, in centimes."""
        return sum(enfant.get("cesu_famille", 0) for enfant in self.attestation.contenu["enfants"])

    @property
    def cesu_employeur(self) -> int:
        """What an employer paid of these CESU, where it is known, in centimes."""
        return sum(enfant.get("cesu_employeur", 0) for enfant in self.attestation.contenu["enfants"])

    @property
    def cesu_non_dit(self) -> int:
        """What of these CESU nobody knows who paid, in centimes."""
        return self.cesu - self.cesu_famille - self.cesu_employeur

    @property
    def supplements(self) -> int:
        """What was paid as supplements for all the children of the paper, in centimes."""
        return sum(enfant.supplements for enfant in self.enfants)

    @property
    def prenoms(self) -> str:
        """The first names of the children of the paper, « Tom et Zoé »; empty without any."""
        return et([enfant.prenom for enfant in self.enfants] or [""])

    @property
    def annee(self) -> int:
        """The calendar year in which what the paper certifies was paid."""
        return self.attestation.annee_payee

    @property
    def serree(self) -> bool:
        """Whether the paper needs smaller letters to hold on one page."""
        return len(self.lignes) + 2 * len(self.enfants) > 12


def lire(attestation: Attestation) -> AttestationLue:
    """This certificate as its paper shows it, read from what it froze; the certificate that it replaces is read with
    it.
    """
    contenu = attestation.contenu
    enfants = [_enfant(dit, rang) for rang, dit in enumerate(contenu["enfants"])]
    colonnes, lignes = _par_enfant(contenu["enfants"]) if len(enfants) > 1 else _par_moment(contenu["enfants"])
    return AttestationLue(
        attestation,
        contenu["payeur"].get("nom", ""),
        tuple(contenu["payeur"].get("adresse", ())),
        tuple(enfants),
        tuple(colonnes),
        tuple(lignes),
        tuple(sum(ligne.sommes[rang] for ligne in lignes) for rang in range(len(colonnes))),
        tuple(f"{dit['prenom']} ({jour_naissance(dit['naissance'])})" for dit in contenu["trop_grands"]),
        _mois_annee(contenu["depuis"]) if contenu["depuis"] else "",
        contenu.get("tresorerie", False),  # not said by those of before lists kept their sums
        attestation.remplace.numero if attestation.remplace else "",
    )


def jour_naissance(iso: str) -> str:
    """The French words of this ISO date: « 12 mars 2022 », « 1er janvier 2020 »."""
    return quantieme_annee(date.fromisoformat(iso))


def _enfant(dit: Mapping[str, Any], rang: int) -> EnfantAtteste:
    return EnfantAtteste(
        f"{dit['prenom']} {dit['nom']}",
        dit["prenom"],
        jour_naissance(dit["naissance"]),
        dit["total"],
        dit["cesu"],
        dit["supplements"],
        CASES[rang] if rang < len(CASES) else "",
    )


def _par_moment(enfants: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[LigneAttestee]]:
    rangees = [ligne for enfant in enfants for ligne in enfant["lignes"]]
    moments = [moment for moment in MOMENTS if any(ligne["moments"].get(moment) for ligne in rangees)]
    return [MOMENTS[moment] for moment in moments], [
        _ligne(rangee, tuple(rangee["moments"].get(moment, 0) for moment in moments)) for rangee in rangees
    ]


def _par_enfant(enfants: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[LigneAttestee]]:
    siens = list(enfants)
    rangees: dict[tuple[Any, ...], tuple[Mapping[str, Any], list[int]]] = {}
    for rang, enfant in enumerate(siens):
        for ligne in enfant["lignes"]:
            cle = ligne["mois"], ligne["correction"], ligne["facture"]
            rangees.setdefault(cle, (ligne, [0] * len(siens)))[1][rang] = ligne["total"]
    return [enfant["prenom"] for enfant in siens], [
        _ligne(ligne, tuple(sommes)) for _, (ligne, sommes) in sorted(rangees.items(), key=lambda paire: paire[0])
    ]


def _ligne(rangee: Mapping[str, Any], sommes: tuple[int, ...]) -> LigneAttestee:
    mois = MOIS[date.fromisoformat(rangee["mois"]).month - 1]
    de = f"Correction {'d’' if mois[0] in 'ao' else 'de '}{mois}" if rangee["correction"] else mois.capitalize()
    payee = "\u202f; ".join(f"{_jour_bref(jour)}, {moyen}" for jour, moyen in rangee["payee"])
    return LigneAttestee(de, rangee["facture"], payee, sommes, sum(sommes))


def _jour_bref(iso: str) -> str:
    """« 3 décembre »: of the year of the paper."""
    return quantieme_mois(date.fromisoformat(iso))


def _mois_annee(iso: str) -> str:
    jour = date.fromisoformat(iso)
    return f"{MOIS[jour.month - 1]} {jour.year}"
