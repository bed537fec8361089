"""What a correction of a closed month is about and why, in the words that the secretary and the family read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from enfance.models import Creneau, Geste
from facturation.arrete.lecture import Case
from facturation.arrete.preparation import fin_de
from facturation.arrete.propositions import Cause, CorrectionProposee, CoteCorrection, Difference
from facturation.arrete.vivant import MoisVivant
from facturation.models import Mois, ReponseAbsence
from facturation.papiers.mots import residence_texte
from facturation.payeurs.entetes import SANS_ADULTE, load_enfants, load_identites
from portail.dates import PARIS, jour_court, jour_long
from portail.francais import NBSP, et


class Motifs:
    """The words of these differences of one month; the names are read once for all."""

    def __init__(self, mois: Mois, vivant: MoisVivant, differences: Sequence[Difference]) -> None:
        self.vivant = vivant
        self.gestes = _load_gestes(mois)
        self.prenoms = load_enfants({difference.cle.enfant for difference in differences})
        self.creneaux = dict(Creneau.objects.order_by().values_list("pk", "nom_court"))
        identites = load_identites({difference.cle.foyer for difference in differences})
        self.noms = {foyer: identite.nom for foyer, identite in identites.items()}

    def proposition(self, differences: Sequence[Difference]) -> CorrectionProposee:
        """The correction to propose for these differences between what was billed and what is due, at least one, which
        all have the same cause.

        It has a side for each payer, smallest amount first; a payer whose differences add up to 0 has none.
        """
        par_foyer: dict[int, list[Difference]] = defaultdict(list)
        for difference in sorted(differences, key=lambda d: d.cle):
            par_foyer[difference.cle.foyer].append(difference)
        cause = differences[0].cause
        cotes = [
            CoteCorrection(foyer, self.noms.get(foyer, SANS_ADULTE.nom), siennes, self._motif(cause, siennes))
            for foyer, siennes in par_foyer.items()
        ]
        cotes.sort(key=lambda cote: (cote.montant, cote.nom))
        return CorrectionProposee(cause, self.quoi(differences), [cote for cote in cotes if cote.montant])

    def quoi(self, differences: Sequence[Difference]) -> str:
        """What these differences are about, in French: « Louise, jeudi 26, soir », « Nino, du lundi 2 au lundi 30 »."""
        dits = {d.cle.enfant for d in differences} & self.prenoms.keys()
        prenoms = et(sorted(self.prenoms[enfant]["prenom"] for enfant in dits))
        jours = sorted({difference.cle.jour for difference in differences})
        if len(jours) > 1:
            return f"{prenoms}, du {jour_court(jours[0])} au {jour_court(jours[-1])}"
        moments = {self.creneaux.get(difference.cle.creneau, "") for difference in differences} - {""}
        return ", ".join([prenoms, jour_court(jours[0]), *sorted(moments)])

    def _motif(self, cause: Cause, differences: Sequence[Difference]) -> str:
        """What the family reads of it: nothing of another foyer's quotient."""
        nouvelles = [difference.nouvelle for difference in differences if difference.nouvelle]
        propre = all(charge.prix_dit.get("propre", True) for charge in nouvelles)
        if cause is Cause.QUOTIENT and nouvelles:
            if not propre:
                return f"{Cause.PRIX.value}."
            quotient = nouvelles[0].quotient
            return f"{cause.value}{NBSP}: {'inconnu' if quotient is None else quotient}."
        if cause is Cause.RESIDENCE and nouvelles:
            return (
                f"{cause.value}{NBSP}: {residence_texte(nouvelles[0].residence, nouvelles[0].prix_dit)}."
                if propre
                else f"{Cause.PRIX.value}."
            )
        cases = [(d.cle.enfant, d.cle.jour, d.cle.creneau) for d in differences]
        if cause is Cause.FEUILLE:
            jours = [self.gestes[case] for case in cases if case in self.gestes]
            return f"{cause.value} le {jour_long(max(jours))}." if jours else f"{cause.value}."
        if cause is Cause.ABSENCE and (reponse := self.vivant.reponses.get(cases[0])):
            mot = "excusée" if reponse["reponse"] == ReponseAbsence.Reponse.EXCUSEE else "facturée"
            return f"Absence {mot}{NBSP}: {reponse['motif'].rstrip('.')}."
        return f"{cause.value}."


def _load_gestes(mois: Mois) -> dict[Case, date]:
    """The sheets that were corrected since the month was closed: the day of the last tap."""
    gestes = Geste.objects.filter(
        pointage__jour__gte=mois.premier, pointage__jour__lte=fin_de(mois.premier), recu_le__gt=mois.arrete_le
    )
    lignes = gestes.order_by("recu_le").values_list(
        "pointage__enfant", "pointage__jour", "pointage__creneau", "recu_le"
    )
    return {(enfant, jour, creneau): le.astimezone(PARIS).date() for enfant, jour, creneau, le in lignes}
