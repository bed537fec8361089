"""What a save makes of a family's month: what it would have cost, what it costs by now, what of it is sure. Reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from enfance.models import Creneau, Enfant, Evenement, Inscription, Responsable
from facturation.arrete.estimations import comparer
from facturation.papiers import mots
from facturation.papiers.prenoms import prenoms_vivants
from facturation.prix.dus import Contexte, FaitDuMois
from facturation.prix.mois import Charge
from portail.francais import NBSP, de, et

INSCRIT = Inscription.Etat.INSCRIT


@dataclass(frozen=True)
class MoisDevenu:
    """Amounts in centimes. `avant`: None where no save is asked about. `estime`: whether some of it is a guess, and
    `comment`, in sentences, what that guess is.
    """

    premier: date
    avant: int | None
    maintenant: int
    sur: int
    estime: bool
    comment: Sequence[str]

    @property
    def titre(self) -> str:
        """The title of the box: « Ce que décembre devient », « Ce qu’avril devient »."""
        mois = mots.mois_texte(self.premier)
        return f"Ce {'qu’' if mois[0] in 'ao' else 'que '}{mois} devient"


def load_devient(responsable: Responsable, premier: date, enregistrement: int | None, today: date) -> MoisDevenu | None:
    """What the month that begins on `premier` costs the foyer of this parent by now, beside what it cost before a save
    (`enregistrement`, primary key) of this parent's own, when one is given and changed something of this month.

    None while no tariff exists. Some twenty queries, whatever the children.
    """
    foyer = responsable.foyer_id
    changes = list(_changes(responsable, premier, enregistrement))
    alors, maintenant, contexte = comparer(foyer, premier, today, _undo(changes, today))
    if not contexte.tarifs:
        return None
    estimees = [charge for charge in maintenant.prevues if charge.estimee]
    return MoisDevenu(
        premier,
        alors.total if changes else None,
        maintenant.total,
        maintenant.sur,
        bool(estimees) or any(charge.estimee for charge in alors.prevues),
        list(_comment(estimees, contexte)),
    )


def _changes(responsable: Responsable, premier: date, enregistrement: int | None) -> Iterable[Evenement]:
    """What this save of theirs changed in this month. One query, none without a save."""
    if enregistrement is None:
        return []
    siens = Evenement.objects.filter(enregistrement=enregistrement, enregistrement__auteur=responsable.user_id)
    return siens.filter(jour__year=premier.year, jour__month=premier.month).order_by("pk")


def _undo(changes: Sequence[Evenement], today: date) -> Callable[[Sequence[FaitDuMois]], Sequence[FaitDuMois]]:
    """The facts as they were before these changes. Another query where some took a place away: who paid for it."""
    ajoutes = {_case(e) for e in changes if e.apres == INSCRIT}
    retires = [e for e in changes if e.avant == INSCRIT]
    foyers: dict[tuple[int, date, int], int | None] = {}
    if retires:
        lignes = Inscription.objects.filter(
            enfant__in={e.enfant_id for e in retires}, jour__in={e.jour for e in retires}
        )
        for enfant, jour, creneau, foyer in lignes.order_by().values_list("enfant", "jour", "creneau", "foyer"):
            foyers[enfant, jour, creneau] = foyer

    def undone(faits: Sequence[FaitDuMois]) -> Sequence[FaitDuMois]:
        restes = [fait for fait in faits if fait.arrivee is not None or fait[:3] not in ajoutes]
        connus = {fait[:3] for fait in restes}
        rendus = [_case(e) for e in retires if _case(e) not in connus]
        return restes + [
            FaitDuMois(*case, foyers.get(case), close=False, prevue=case[1] >= today) for case in dict.fromkeys(rendus)
        ]

    return undone


def _case(evenement: Evenement) -> tuple[int, date, int]:
    return evenement.enfant_id, evenement.jour, evenement.creneau_id


def _comment(estimees: Sequence[Charge], contexte: Contexte) -> Iterable[str]:
    """« Soir de Léa : environ 3 demi-heures, le plus souvent, ces quatre dernières semaines. »
    Two queries, none where nothing is a guess.
    """
    if not estimees:
        return
    prenoms = prenoms_vivants(Enfant.objects.in_bulk({charge.enfant for charge in estimees}).values())
    creneaux = Creneau.objects.in_bulk({charge.creneau for charge in estimees})
    groupes: dict[tuple[int, str, bool], dict[str, None]] = {}
    for charge in sorted(estimees, key=lambda c: (creneaux[c.creneau].debut, c.quantite)):
        combien = mots.combien(charge.quantite, "tranche", charge.prix_dit.get("minutes"))
        connue = (charge.enfant, charge.creneau) in contexte.habitudes
        groupes.setdefault((charge.creneau, combien, connue), {})[prenoms.get(charge.enfant, "")] = None
    for (creneau, combien, connue), siens in groupes.items():
        comment = "le plus souvent, ces quatre dernières semaines" if connue else "jusqu’à la fermeture"
        yield f"{creneaux[creneau].titre} {de(et(list(siens)))}{NBSP}: environ {combien}, {comment}."
