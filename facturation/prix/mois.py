"""From what happened in a month to lines: what each payer owes, and why. Pure: the same code estimates and closes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from facturation.montants import arrondir, repartir
from facturation.prix.dus import (
    AU_MOIS,
    Anomalie,
    Anomalies,
    Contexte,
    Du,
    Ennui,
    FaitDuMois,
    Horaire,
    HoraireAncien,
    PartPayeur,
    Tarification,
    TempsCompte,
)
from facturation.prix.plafonds import Coupe, couper
from facturation.prix.tarifs import (
    AxeTarif,
    GrilleTarif,
    LigneGrille,
    PlafondVote,
    SupplementVote,
    UniteTarif,
    ligne_of,
    prix_of,
    tranches_of,
)
from portail.codes import LabelledCode

__all__ = [
    "Anomalie",
    "Charge",
    "Contexte",
    "Ennui",
    "Facturation",
    "FaitDuMois",
    "Horaire",
    "HoraireAncien",
    "NaturePrestation",
    "PartPayeur",
    "facturer",
    "habitudes_of",
]


class NaturePrestation(LabelledCode):
    SEANCE = "seance", "séance"
    FORFAIT = "forfait", "mois"
    RETARD = "retard", "retard"
    SANS_INSCRIPTION = "sans_inscription", "présence sans inscription"
    ABSENCE = "absence", "absence non excusée"
    PLAFOND = "plafond", "plafond"
    TARDIVE = "tardive", "inscription hors délai"
    CORRECTION = "correction", "correction"
    REPORT = "report", "report d’un autre payeur"


class Charge(NamedTuple):
    """One line, under the names of `Prestation`: what `foyer` owes of `entier`, and why. Amounts in centimes.

    `tarif`, `ligne`, `supplement`, `plafond` are primary keys. `quantite` 0: nothing is due, `motif` or the answer in
    `faits` says why. `prevue`: still to come. `estimee`: the quantity is a guess. `sans_depart`: nobody tapped the
    departure, the créneau's end was counted. `temps`: that counted at the gate, of a price by the tranche.
    """

    foyer: int
    enfant: int
    jour: date
    creneau: int
    nature: NaturePrestation
    quantite: int
    prix: int
    entier: int
    part: int
    montant: int
    credit_impot: bool
    quotient: int | None
    residence: str
    rang: int | None
    tarif: int | None
    ligne: int | None
    supplement: int | None
    faits: Mapping[str, Any]
    prix_dit: Mapping[str, Any]
    motif: str = ""
    prevue: bool = False
    estimee: bool = False
    sans_depart: bool = False
    temps: TempsCompte | None = None
    plafond: int | None = None

    @property
    def minutes(self) -> int | None:
        """The minutes counted at the gate, for a price by the tranche; None for any other price."""
        return None if self.temps is None else self.temps.minutes


@dataclass(frozen=True, slots=True)
class Facturation:
    """The lines of a month, by child, day and créneau, and what is amiss."""

    charges: list[Charge]
    anomalies: list[Anomalie]

    @property
    def bloquantes(self) -> list[Anomalie]:
        """The problems that must be settled before the month is closed."""
        return [anomalie for anomalie in self.anomalies if anomalie.ennui.bloque]


def facturer(faits: Iterable[FaitDuMois], contexte: Contexte) -> Facturation:
    """What each payer owes for these facts, line by line, and what is amiss. The facts are all of one month, each once,
    in whatever order.

    A child's rank is among the children of its foyer that these facts bill: give the facts of a foyer together. A fact
    without a payer, a price or shares of 100 % makes no line.
    """
    tarification = Tarification(contexte)
    dus = tarification.read(faits)
    calcul = _Calcul(contexte, dus)
    return Facturation(calcul.charges(dus), [*tarification.anomalies, *calcul.anomalies])


def habitudes_of(faits: Iterable[FaitDuMois], contexte: Contexte) -> dict[tuple[int, int], int]:
    """For each child and créneau (primary keys), the number of tranches that was commonest in these facts, among
    children who came on closed sheets; the greater on a tie. Left out where no price is by the tranche.
    """
    releve = Tarification(contexte)
    comptes: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for fait in faits:
        regle = releve.regle(fait.creneau, fait.jour) if fait.close and fait.arrivee is not None else None
        if regle is not None and regle.tarif.unite == UniteTarif.TRANCHE and regle.tarif.minutes:
            minutes = regle.temps(fait.arrivee, fait.depart).minutes
            tranches = tranches_of(minutes, regle.tarif.minutes, regle.tarif.tolerance)
            comptes[fait.enfant, fait.creneau][tranches] += 1
    return {cle: max(compte, key=lambda n: (compte[n], n)) for cle, compte in comptes.items()}


class _Unite(NamedTuple):
    """The price of one unit for one child, the line of the grid that says it, and its words; that of the first unit,
    where it is another one.
    """

    prix: int
    ligne: int | None
    rang: int
    prix_dit: Mapping[str, Any]
    premiere: int | None = None

    def times(self, quantite: int) -> int:
        """What so many of it cost, in centimes."""
        if self.premiere is None or not quantite:
            return quantite * self.prix
        return self.premiere + (quantite - 1) * self.prix


class _Ligne(NamedTuple):
    """One line before any share, where caps may lower it."""

    du: Du
    nature: NaturePrestation
    quantite: int
    unite: _Unite
    entier: int
    supplement: SupplementVote | None


class _Calcul:
    """Prices what is due: ranks and siblings are known once everything is."""

    def __init__(self, contexte: Contexte, dus: Sequence[Du]) -> None:
        self._contexte = contexte
        self._anomalies = Anomalies()
        self._charges: list[Charge] = []
        self._unites: dict[tuple[object, ...], _Unite | None] = {}
        self._mots: dict[tuple[object, ...], Mapping[str, Any]] = {}
        self._lignes: list[_Ligne] = []  # where there are caps: priced, not written yet
        self._add = self._keep if contexte.plafonds else self._write
        factures: dict[int, set[int]] = defaultdict(set)
        fratries: dict[tuple[object, ...], set[int]] = defaultdict(set)
        for du in dus:
            billed = du.due and du.quantite
            if billed or du.supplements:
                factures[du.foyer].add(du.fait.enfant)
            if billed and not du.compris and du.regle.tarif.fratrie:
                fratries[_seance_of(du)].add(du.fait.enfant)
        self._factures = {foyer: self._eldest_first(enfants) for foyer, enfants in factures.items()}
        self._fratries = {cle: self._eldest_first(enfants) for cle, enfants in fratries.items()}

    def charges(self, dus: Sequence[Du]) -> list[Charge]:
        """The lines of a bill that these dues make, with their prices."""
        for du in dus:
            self._price(du)
        if self._lignes:
            self._cap()
        for foyer in sorted({du.foyer for du in dus}):
            if foyer not in self._contexte.quotients:
                self._anomalies.add(Anomalie(Ennui.SANS_QUOTIENT, foyer=foyer), foyer)
            if not self._contexte.residences.get(foyer):
                self._anomalies.add(Anomalie(Ennui.SANS_RESIDENCE, foyer=foyer), foyer)
        return self._charges

    @property
    def anomalies(self) -> list[Anomalie]:
        """The problems met while the lines were priced."""
        return self._anomalies.all()

    def _eldest_first(self, enfants: Iterable[int]) -> list[int]:
        naissances = self._contexte.naissances
        return sorted(enfants, key=lambda enfant: (naissances.get(enfant, date.max), enfant))

    def _price(self, du: Du) -> None:
        unite = self._unite(du)
        if du.due and not du.compris and unite is None:
            return self._miss(du)
        rien = _Unite(0, None, 0, self._words(du.regle.tarif, None, 0)) if unite is None else unite
        au_mois = du.regle.tarif.unite in AU_MOIS and not du.en_plus
        if du.due or du.excusee:
            quantite = 0 if du.excusee or du.compris else du.quantite
            nature = NaturePrestation.FORFAIT if quantite and au_mois else NaturePrestation.SEANCE
            entier = rien.times(quantite) if rien.premiere is not None else quantite * rien.prix
            self._add(du, nature, quantite, rien, entier, None)
        for supplement in du.supplements:
            prix = supplement.prix
            if prix is None or supplement.en_tout:
                if unite is None or au_mois:  # a price of the month says none of a séance
                    return self._miss(du)
                prix = _relative(supplement, du, unite.times(du.quantite))
            self._add(
                du, NaturePrestation(supplement.genre), 1, rien._replace(prix=prix, premiere=None), prix, supplement
            )
        return None

    def _keep(
        self,
        du: Du,
        nature: NaturePrestation,
        quantite: int,
        unite: _Unite,
        entier: int,
        supplement: SupplementVote | None,
    ) -> None:
        """A line that caps may lower, to be written once all is priced."""
        self._lignes.append(_Ligne(du, nature, quantite, unite, entier, supplement))

    def _miss(self, du: Du) -> None:
        cle = (du.fait.enfant, du.foyer, du.regle.tarif.cle)
        sans = Anomalie(Ennui.SANS_PRIX, du.fait.jour, du.fait.creneau, du.fait.enfant, du.foyer, du.regle.tarif.cle)
        self._anomalies.add(sans, *cle)

    def _unite(self, du: Du) -> _Unite | None:
        """The price of one unit for this child; None where the grid has a hole."""
        tarif, enfant = du.regle.tarif, du.fait.enfant
        siblings = self._fratries.get(_seance_of(du), []) if tarif.fratrie else self._factures.get(du.foyer, [])
        if enfant not in siblings:  # of what is shown at nothing, or has a supplement alone: the price it would have
            siblings = self._eldest_first([*siblings, enfant])
        combien = len(siblings) if tarif.fratrie else 0
        rang = siblings.index(enfant) + 1
        quotient, residence = self._contexte.quotients.get(du.foyer), self._contexte.residences.get(du.foyer, "")
        nombre = None
        if tarif.axe == AxeTarif.ENFANTS:
            nombre, rang = self._contexte.nombres.get(du.foyer, 0), 0
            if not nombre:
                self._anomalies.add(Anomalie(Ennui.SANS_NOMBRE, foyer=du.foyer), du.foyer)
        ouverte = self._contexte.ouvertures.get(du.fait.creneau) if tarif.prorata and not du.en_plus else None
        cle = (tarif.cle, residence, quotient, rang, combien, nombre, du.en_plus, ouverte)
        if cle not in self._unites:
            ligne = ligne_of(
                tarif.lignes, residence, quotient, combien or rang or nombre or 1, self._contexte.lieu_defaut
            )
            unite = None if ligne is None else self._compute(tarif, ligne, quotient, rang, combien, du.en_plus, ouverte)
            self._unites[cle] = unite and unite._replace(prix_dit=self._said(unite.prix_dit, residence, nombre))
        return self._unites[cle]

    def _compute(
        self,
        tarif: GrilleTarif,
        ligne: LigneGrille,
        quotient: int | None,
        rang: int,
        combien: int,
        en_plus: bool,
        ouverte: tuple[int, int] | None,
    ) -> _Unite | None:
        """`combien`: among so many siblings the price of the séance is cut; 0, each has a price. `ouverte`: on
        how many of the month's days the town has not closed, of how many.
        """
        mots = self._words(tarif, ligne, combien)
        premiere = ligne.premiere if tarif.unite == UniteTarif.TRANCHE else None
        if en_plus:
            if ligne.seance is None:
                return None
            prix, mots = ligne.seance, {**mots, "unite": UniteTarif.SEANCE, "en_plus": True}
        else:
            prix = prix_of(ligne, quotient, tarif.arrondi)
        if ouverte is not None:
            mots = {**mots, "mois": prix, "ouverts": [*ouverte]}
            prix = arrondir(Decimal(prix * ouverte[0]) / ouverte[1], tarif.arrondi)
        if combien:
            prix = repartir(prix, [1] * combien)[rang - 1]
            premiere = None if premiere is None else repartir(premiere, [1] * combien)[rang - 1]
        if premiere is not None:
            mots = {**mots, "premiere": premiere}
        return _Unite(prix, ligne.cle, rang, mots, premiere)

    def _said(self, mots: Mapping[str, Any], residence: str, nombre: int | None) -> Mapping[str, Any]:
        """With the residence as the town names it, where it is none of the two that every town begins with; with how
        many children the home has (0: to be said), where the price depends on it.
        """
        lieu = self._contexte.lieu(residence)
        return {**mots, **({"lieu": lieu} if lieu else {}), **({} if nombre is None else {"enfants": nombre})}

    def _words(self, tarif: GrilleTarif, ligne: LigneGrille | None, combien: int) -> Mapping[str, Any]:
        """What a line keeps of its tariff, when the tariff itself is gone."""
        tranche = None if ligne is None or ligne.qf_min is None else [ligne.qf_min, ligne.qf_max]
        taux = None if ligne is None or ligne.taux is None else str(ligne.taux)
        mots = {
            "deliberation": tarif.deliberation,
            "votee_le": tarif.votee_le.isoformat() if tarif.votee_le else None,
            "debut": tarif.debut.isoformat(),
            "tarif": tarif.nom,
            "unite": tarif.unite,
            "minutes": tarif.minutes,
            "tranche": tranche,
        }
        mots |= {"jours": tarif.jours} if tarif.jours else {}
        mots |= {"tolerance": tarif.tolerance} if tarif.tolerance else {}
        return mots | ({"taux": taux} if taux else {}) | ({"fratrie": combien} if combien else {})

    def _write(
        self,
        du: Du,
        nature: NaturePrestation,
        quantite: int,
        unite: _Unite,
        entier: int,
        supplement: SupplementVote | None,
    ) -> None:
        """One line, or one a payer where the child's price is shared."""
        fait, foyer, tarif = du.fait, du.foyer, du.regle.tarif
        parts = self._parts(fait.enfant, fait.jour, foyer)
        if parts is None:
            self._anomalies.add(Anomalie(Ennui.PARTAGE, fait.jour, enfant=fait.enfant), fait.enfant)
            return
        seance = supplement is None
        mots = unite.prix_dit if supplement is None else self._supplement_words(supplement)
        for payeur, part, montant in zip(*parts, _cut(entier, parts[1]), strict=True):
            self._charges.append(
                Charge(
                    payeur,
                    fait.enfant,
                    fait.jour,
                    fait.creneau,
                    nature,
                    quantite,
                    unite.prix,
                    entier,
                    part,
                    montant,
                    seance,
                    self._contexte.quotients.get(foyer),
                    self._contexte.residences.get(foyer, ""),
                    unite.rang or None,
                    tarif.cle if seance else None,
                    unite.ligne if seance else None,
                    None if supplement is None else supplement.cle,
                    fait.faits,
                    # made from another foyer's quotient and rank: its payer is not shown them
                    mots if payeur == foyer else {**mots, "propre": False},
                    du.compris if seance else "",
                    fait.prevue,
                    du.estimee and seance,
                    du.sans_depart and seance,
                    du.temps if seance else None,
                )
            )

    def _cap(self) -> None:
        """Take off what caps say is too much, then write all lines: those of a séance, then what its caps took off."""
        coupees = zip(self._lignes, couper(self._lignes, self._contexte), strict=True)
        plafonds = {plafond.cle: plafond for plafond in self._contexte.plafonds}
        for _, siennes in groupby(coupees, key=lambda coupee: id(coupee[0].du)):
            lignes = list(siennes)
            for ligne, _ in lignes:
                self._write(*ligne)
            self._lower(lignes, plafonds)

    def _lower(self, lignes: Sequence[tuple[_Ligne, list[Coupe]]], plafonds: Mapping[int, PlafondVote]) -> None:
        """What caps take off the lines of one séance: a line by cap, for what gives the tax credit and for what does
        not. Its payers share what is left of the price, so it is their parts that say how much each is spared.
        """
        du = lignes[0][0].du
        parts = self._parts(du.fait.enfant, du.fait.jour, du.foyer) if any(coupes for _, coupes in lignes) else None
        if parts is None:
            return
        pris: dict[tuple[int, bool], list[int]] = {}
        sommes: dict[int, int] = {}
        for ligne, coupes in lignes:
            reste, avant = ligne.entier, _cut(ligne.entier, parts[1])
            for coupe in coupes:
                reste -= coupe.montant
                apres = _cut(reste, parts[1])
                moins = [nouveau - ancien for nouveau, ancien in zip(apres, avant, strict=True)]
                quoi = (coupe.plafond, ligne.supplement is None)
                pris[quoi] = [a + b for a, b in zip(pris.get(quoi, [0] * len(moins)), moins, strict=True)]
                sommes[coupe.plafond] = coupe.somme
                avant = apres
        grille = next((ligne.unite.ligne for ligne, _ in lignes if ligne.supplement is None), None)
        for (plafond, credit), montants in pris.items():
            case = grille if credit else None
            self._write_plafond(du, plafonds[plafond], case, credit, parts, montants, sommes[plafond])

    def _write_plafond(
        self,
        du: Du,
        plafond: PlafondVote,
        ligne: int | None,
        credit: bool,
        parts: tuple[Sequence[int], Sequence[int]],
        montants: Sequence[int],
        somme: int,
    ) -> None:
        fait, foyer, entier = du.fait, du.foyer, sum(montants)
        mots = self._plafond_words(plafond)
        for payeur, part, montant in zip(*parts, montants, strict=True):
            self._charges.append(
                Charge(
                    payeur,
                    fait.enfant,
                    fait.jour,
                    fait.creneau,
                    NaturePrestation.PLAFOND,
                    1,
                    entier,
                    entier,
                    part,
                    montant,
                    credit,
                    self._contexte.quotients.get(foyer),
                    self._contexte.residences.get(foyer, ""),
                    None,
                    None,
                    ligne,
                    None,
                    {"somme": somme} if payeur == foyer else {},
                    mots if payeur == foyer else {**mots, "propre": False},
                    prevue=fait.prevue,
                    estimee=du.estimee,
                    plafond=plafond.cle,
                )
            )

    def _plafond_words(self, plafond: PlafondVote) -> Mapping[str, Any]:
        cle = ("plafond", plafond.cle)
        if cle not in self._mots:
            self._mots[cle] = {
                "deliberation": plafond.deliberation,
                "votee_le": plafond.votee_le.isoformat() if plafond.votee_le else None,
                "debut": plafond.debut.isoformat(),
                "plafond": plafond.montant,
                "periode": plafond.periode,
                "porteur": plafond.porteur,
            }
        return self._mots[cle]

    def _supplement_words(self, supplement: SupplementVote) -> Mapping[str, Any]:
        cle = ("supplement", supplement.cle)
        if cle not in self._mots:
            self._mots[cle] = {
                "deliberation": supplement.deliberation,
                "votee_le": supplement.votee_le.isoformat() if supplement.votee_le else None,
                "debut": supplement.debut.isoformat(),
                "article": supplement.article,
                "pourcentage": supplement.pourcentage,
                "tolerance": supplement.tolerance,
                **({"en_tout": supplement.prix} if supplement.en_tout else {}),
            }
        return self._mots[cle]

    def _parts(self, enfant: int, jour: date, foyer: int) -> tuple[Sequence[int], Sequence[int]] | None:
        """Who owes on this day and how much per cent, the smaller foyer first; None unless it makes 100."""
        parts: dict[int, int] = defaultdict(int)
        for part in self._contexte.partages.get(enfant, ()):
            if part.holds(jour):
                parts[part.foyer] += part.part
        if not parts:
            return (foyer,), SEUL
        if sum(parts.values()) != 100:
            return None
        payeurs = sorted(parts)
        return payeurs, [parts[payeur] for payeur in payeurs]


def _relative(supplement: SupplementVote, du: Du, seance: int) -> int:
    """The centimes of a supplement that is said by the séance's price: its percentage of it, or what it lacks of the
    whole price, where it is billed at all.
    """
    if supplement.prix is None:
        return arrondir(Decimal(seance * (supplement.pourcentage or 0)) / 100)
    return max(0, supplement.prix - (seance if du.due and not du.compris else 0))


SEUL = (100,)


def _cut(entier: int, parts: Sequence[int]) -> Sequence[int]:
    return (entier,) if parts is SEUL else repartir(entier, parts)


def _seance_of(du: Du) -> tuple[object, ...]:
    """The séance whose siblings share one price: a créneau of a day; the day, the month where one price takes them."""
    fait, tarif = du.fait, du.regle.tarif
    if du.en_plus:
        return du.foyer, tarif.cle, fait.jour
    if tarif.unite in AU_MOIS:
        return du.foyer, tarif.cle
    if tarif.par_jour and tarif.unite == UniteTarif.SEANCE:
        return du.foyer, tarif.cle, fait.jour
    return du.foyer, tarif.cle, fait.jour, fait.creneau
