"""What a month costs a family before its invoice: so far, what is planned until its end, by child and day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from enfance.models import Creneau, Enfant
from facturation.arrete.estimations import estimer
from facturation.arrete.preparation import fin_de
from facturation.arrete.seances import seances_of
from facturation.models import Mois, Prestation
from facturation.montants import euros
from facturation.papiers import mots
from facturation.papiers.facture import LigneEchelle
from facturation.papiers.pourquoi import SUPPLEMENTS
from facturation.papiers.prenoms import prenoms_vivants
from facturation.prix.mois import Charge
from facturation.prix.tarifs import UniteTarif
from portail.dates import jour_court, jour_long, mois_precedent, mois_suivant
from portail.francais import NBSP, accord, et

Nature = Prestation.Nature


@dataclass(frozen=True)
class MoisEnCours:
    """A month that has no invoice yet. `fini`: it is over, its invoice is being made. Amounts are centimes."""

    premier: date
    fini: bool
    a_ce_jour: int
    seances: int
    prevu: str
    lignes: list[LigneEchelle]
    jusqu_au: str

    @property
    def titre(self) -> str:
        """The title of the month: « Décembre, à ce jour »; « Novembre, avant la facture » once it is over."""
        return f"{mots.mois_texte(self.premier).capitalize()}, {'avant la facture' if self.fini else 'à ce jour'}"

    @property
    def compte(self) -> str:
        """How many moments were counted so far: « 5 moments », « aucun moment »."""
        return accord(self.seances, "moment") if self.seances else "aucun moment"

    @property
    def facture_en(self) -> str:
        """When the invoice of this month comes, in French: « début janvier »."""
        return f"début {mots.mois_texte(mois_suivant(self.premier))}"

    @property
    def vide(self) -> bool:
        """Whether there is nothing to show: no moment counted, nothing to pay, nothing planned."""
        return not (self.seances or self.a_ce_jour or self.prevu)


def load_mois_en_cours(foyer: int, today: date) -> list[MoisEnCours]:
    """The months of this foyer (primary key) that have no invoice yet: the month before that of `today`, when it is not
    closed and holds something, then that of `today`. A fixed number of queries.
    """
    premier = today.replace(day=1)
    precedent = mois_precedent(premier)
    ouverts = {premier, precedent} - set(Mois.objects.filter(premier__gte=precedent).values_list("premier", flat=True))
    lus = [_load(foyer, mois, today) for mois in sorted(ouverts)]
    return [lu for lu in lus if lu.premier == premier or not lu.vide]


def _load(foyer: int, premier: date, today: date) -> MoisEnCours:
    estimation = estimer([foyer], premier, today)[foyer]
    passees = estimation.passees
    enfants = Enfant.objects.in_bulk({charge.enfant for charge in passees})
    creneaux = Creneau.objects.in_bulk() if passees else {}
    fini = fin_de(premier) < today
    dernier = min(fin_de(premier), today)
    return MoisEnCours(
        premier=premier,
        fini=fini,
        a_ce_jour=estimation.a_ce_jour,
        seances=seances_of(passees),
        prevu=_prevu(estimation.prevues),
        lignes=_lignes(passees, enfants, creneaux),
        jusqu_au=f"En tout, jusqu’au {jour_long(dernier)}" if fini else f"À ce jour, {jour_long(today)}",
    )


def _prevu(charges: Iterable[Charge]) -> str:
    """What is booked until the end, and how much of it is sure; the hours of departure will say the rest."""
    prevues = list(charges)
    if not prevues:
        return ""
    tout, sur = sum(charge.montant for charge in prevues), sum(c.montant for c in prevues if not c.estimee)
    debut = f"Déjà prévu d’ici la fin du mois{NBSP}: {accord(seances_of(prevues), 'moment')}"
    if not any(charge.estimee for charge in prevues):
        return f"{debut}, {euros(tout)}."
    if not sur:
        return f"{debut}, environ {euros(tout)}{NBSP}: cela dépendra des départs."
    dont = f"dont {euros(sur)} {mots.accorde_somme(sur, 'sûr')}"
    return f"{debut}, environ {euros(tout)}, {dont}. Le reste dépendra des départs."


def _lignes(
    charges: Iterable[Charge], enfants: Mapping[int, Enfant], creneaux: Mapping[int, Creneau]
) -> list[LigneEchelle]:
    """« Léa, mardi 1er : matin et midi »: one line a day and child."""
    par_jour: dict[tuple[date, int], list[Charge]] = {}
    for charge in charges:
        par_jour.setdefault((charge.jour, charge.enfant), []).append(charge)
    prenoms, lignes = prenoms_vivants(enfants.values()), []
    for (jour, enfant), siennes in sorted(par_jour.items()):
        prenom = prenoms.get(enfant, "")
        moments = et(list(dict.fromkeys(_moment(charge, creneaux) for charge in siennes)))
        lignes.append(
            LigneEchelle(f"{prenom}, {jour_court(jour)}{NBSP}: {moments}", sum(charge.montant for charge in siennes))
        )
    return lignes


def _moment(charge: Charge, creneaux: Mapping[int, Creneau]) -> str:
    """« soir (3 demi-heures) », « retard »."""
    if charge.nature in SUPPLEMENTS:
        return str(Nature(charge.nature).label)
    if charge.nature == Nature.PLAFOND:
        return mots.plafond_texte(charge.prix_dit)
    moment = creneaux[charge.creneau].nom_court if charge.creneau in creneaux else ""
    if charge.prix_dit.get("unite") == UniteTarif.TRANCHE and charge.quantite:
        comment = "sans heure de départ, " if charge.sans_depart else ""
        if "presence" not in charge.faits and not charge.estimee:
            comment = "aucune présence notée, "
        return f"{moment} ({comment}{mots.combien(charge.quantite, 'tranche', charge.prix_dit.get('minutes'))})"
    return moment
