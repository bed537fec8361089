"""What stands of a closed month: its frozen lines, and what corrected them since. Amounts are centimes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from facturation.arrete.lecture import Case
from facturation.arrete.preparation import fin_de
from facturation.arrete.propositions import CleLigne
from facturation.models import Compte, Mois, Prestation
from facturation.prix.mois import Charge
from facturation.prix.tarifs import PeriodePlafond
from portail.certain import certain

Nature = Prestation.Nature


class Figees:
    """What each line of a month was frozen as, and what was proposed and accepted of it since. Three queries."""

    def __init__(self, mois: Mois) -> None:
        self.premier, self.fin = mois.premier, fin_de(mois.premier)
        self.anciennes: dict[CleLigne, Prestation] = {}
        self.deja: dict[CleLigne, int] = defaultdict(int)  # what corrected it, whether or not on an invoice yet
        self.dernieres: dict[CleLigne, Prestation] = {}  # the last that did
        self.effaces: set[Case] = set()  # séances of payers who are no more
        self.mois_effaces: set[tuple[int, str]] = set()  # and their prices of the month: the child and the nature
        self.sans_dossier: set[int] = set()  # foyers that were billed a child whose file is no more
        self._comptes = _load_comptes()
        self._load_lignes(mois)
        self._load_corrections()

    def avant(self, cle: CleLigne) -> int:
        """What was billed and corrected of this line until now, in centimes; 0 where nothing was billed."""
        ancienne = self.anciennes.get(cle)
        return (ancienne.montant if ancienne else 0) + self.deja.get(cle, 0)

    def all_of(self, cle: CleLigne) -> Iterable[Prestation]:
        """What was frozen of this line: first as the month was closed, then as its last correction left it; only those
        that exist.
        """
        return [ligne for ligne in (self.anciennes.get(cle), self.dernieres.get(cle)) if ligne]

    def _load_lignes(self, mois: Mois) -> None:
        """The frozen lines of who still has a foyer and a file. Of several that files or homes made one leave on one
        séance, the first stands, and the sums of the others were billed besides.
        """
        for ligne in Prestation.objects.filter(mois=mois).select_related("facture").order_by("pk"):
            foyer = self._comptes.get(ligne.compte_id)
            if ligne.enfant_id is None:
                self.sans_dossier |= {foyer} if foyer else set()
            elif foyer is None:
                self._efface(ligne, cle_of(0, ligne.enfant_id, ligne, self.premier).nature)
            else:
                cle = cle_of(foyer, ligne.enfant_id, ligne, self.premier)
                if self.anciennes.setdefault(cle, ligne) is not ligne:
                    self.deja[cle] += ligne.montant

    def _load_corrections(self) -> None:
        jours = {"jour__gte": self.premier, "jour__lte": self.fin}
        lignes = Prestation.objects.filter(nature=Nature.CORRECTION, enfant__isnull=False, **jours)
        for ligne in lignes.order_by("pk"):
            foyer, nature = self._comptes.get(ligne.compte_id), ligne.faits.get("nature")
            if foyer is None:
                self._efface(ligne, nature or "")
            elif nature and ligne.enfant_id is not None:
                du_mois = nature.startswith((Nature.FORFAIT, f"{Nature.PLAFOND}:{PeriodePlafond.MOIS}"))
                jour, creneau = (self.premier, 0) if du_mois else (ligne.jour, _creneau(ligne))
                if nature.startswith(Nature.PLAFOND):
                    creneau = 0
                cle = CleLigne(foyer, ligne.enfant_id, jour, creneau, nature)
                self.deja[cle] += ligne.montant
                self.dernieres[cle] = ligne

    def _efface(self, ligne: Prestation, nature: str) -> None:
        """Its payer is no more: nobody else is asked what they have paid."""
        enfant = certain(ligne.enfant_id)
        self.effaces.add((enfant, ligne.jour, _creneau(ligne)))
        if nature.startswith(Nature.FORFAIT):
            self.mois_effaces.add((enfant, nature))


def cle_of(foyer: int, enfant: int, ligne: Prestation | Charge, premier: date) -> CleLigne:
    """The key that says which line of the month that begins on `premier` this one is, so that a frozen line and one
    computed again are found to be the same. `foyer` and `enfant` are primary keys.
    """
    if ligne.nature == Nature.FORFAIT:  # on the first billed séance, whichever it is
        return CleLigne(foyer, enfant, premier, 0, f"{ligne.nature}:{_tarif(ligne)}")
    if ligne.nature == Nature.PLAFOND:  # all that it takes off this child on this day, or in this month
        plafond = ligne.plafond if isinstance(ligne, Charge) else ligne.plafond_id
        periode = ligne.prix_dit.get("periode", PeriodePlafond.JOUR)
        jour = premier if periode == PeriodePlafond.MOIS else ligne.jour
        return CleLigne(foyer, enfant, jour, 0, f"{ligne.nature}:{periode}:{plafond}:{int(ligne.credit_impot)}")
    return CleLigne(foyer, enfant, ligne.jour, _creneau(ligne), ligne.nature)


def _load_comptes() -> dict[int, int]:
    """The foyer that answers today for each payer, itself or the one that it was made one with. One query."""
    lignes = {cle: (foyer, dans) for cle, foyer, dans in Compte.objects.values_list("pk", "foyer", "reuni_dans")}
    foyers = {}
    for cle in lignes:
        foyer, dans = lignes[cle]
        while foyer is None and dans is not None:
            foyer, dans = lignes[dans]
        if foyer is not None:
            foyers[cle] = foyer
    return foyers


def _creneau(ligne: Prestation | Charge) -> int:
    """The primary key of its créneau, of a `Charge` or a `Prestation`; 0 without one."""
    return (ligne.creneau if isinstance(ligne, Charge) else ligne.creneau_id) or 0


def _tarif(ligne: Prestation | Charge) -> int | None:
    return ligne.tarif if isinstance(ligne, Charge) else ligne.tarif_id
