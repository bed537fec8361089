"""After a month is closed: what live data says otherwise, proposed to the secretary. Nothing is counted without them.

The month is computed again by the code that closed it, and set beside its frozen lines and what corrected them since.
Days that were purged, erased or anonymised, and sheets that are open again, propose nothing. Amounts are centimes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

from enfance.calendrier import UN_JOUR
from enfance.models import Creneau, Geste, Inscription, Pointage
from facturation.arrete.contextes import load_contexte
from facturation.arrete.lecture import Case, load_faits
from facturation.arrete.preparation import fin_de
from facturation.arrete.propositions import Cause, CleLigne, CorrectionProposee, CoteCorrection, Difference
from facturation.models import Compte, Mois, Prestation, Quotient
from facturation.papiers.mots import RESIDENCES
from facturation.payeurs.entetes import SANS_ADULTE, load_enfants, load_identites
from facturation.prix.mois import Anomalie, Charge, Ennui, facturer
from portail.dates import PARIS, jour_court, jour_long
from portail.francais import NBSP, et

Nature = Prestation.Nature
CORRIGEES = (Nature.CORRECTION,)


def load_propositions(mois: Mois) -> list[CorrectionProposee]:
    """What this closed month would be otherwise today, by payer. A fixed number of queries."""
    return _Comparaison(mois).propositions()


class _Comparaison:
    def __init__(self, mois: Mois) -> None:
        self.mois, self.premier, self.fin = mois, mois.premier, fin_de(mois.premier)
        lendemain = self.fin + UN_JOUR
        self.comptes = _load_comptes()
        self.faits = load_faits(self.premier, self.fin, today=lendemain)
        self.contexte = load_contexte(self.premier, today=lendemain)
        self.facturation = facturer(self.faits, self.contexte)
        self.effaces: set[Case] = set()  # séances of payers who are no more
        self.mois_effaces: set[tuple[int, str]] = set()  # and their prices of the month: the child and the nature
        self.sans_dossier: set[int] = set()  # foyers that were billed a child whose file is no more
        self.en_plus: dict[CleLigne, int] = defaultdict(int)
        self.anciennes = self._load_anciennes()
        self.dernieres: dict[CleLigne, Prestation] = {}
        self.deja = self._load_deja()
        self.nouvelles = {self._cle(charge.foyer, charge.enfant, charge): charge for charge in self.facturation.charges}

    def propositions(self) -> list[CorrectionProposee]:
        differences = self._differences()
        if not differences:
            return []
        self.gestes = self._load_gestes()
        self.prenoms = load_enfants({difference.cle.enfant for difference in differences})
        self.creneaux = dict(Creneau.objects.order_by().values_list("pk", "nom_court"))
        identites = load_identites({difference.cle.foyer for difference in differences})
        self.noms = {foyer: identite.nom for foyer, identite in identites.items()}
        groupes: dict[tuple[Any, ...], list[Difference]] = defaultdict(list)
        for difference in differences:
            groupes[_groupe(difference)].append(difference)
        trouvees = [self._proposition(siennes) for siennes in groupes.values()]
        return sorted((p for p in trouvees if p.cotes), key=lambda p: (p.cotes[0].nom, p.quoi))

    # What stands

    def _cle(self, foyer: int, enfant: int, ligne: Any) -> CleLigne:
        if ligne.nature == Nature.FORFAIT:  # on the first billed séance, whichever it is
            return CleLigne(foyer, enfant, self.premier, 0, f"{ligne.nature}:{_tarif(ligne)}")
        return CleLigne(foyer, enfant, ligne.jour, _creneau(ligne), ligne.nature)

    def _load_anciennes(self) -> dict[CleLigne, Prestation]:
        """The frozen lines of who still has a foyer and a file. Of several that files or homes made one leave on one
        séance, the first stands, and the sums of the others were billed besides.
        """
        lignes = Prestation.objects.filter(mois=self.mois).select_related("facture")
        trouvees: dict[CleLigne, Prestation] = {}
        for ligne in lignes.order_by("pk"):
            foyer = self.comptes.get(ligne.compte_id)
            if ligne.enfant_id is None:
                self.sans_dossier |= {foyer} if foyer else set()
            elif foyer is None:
                self._efface(ligne, self._cle(0, ligne.enfant_id, ligne).nature)
            else:
                cle = self._cle(foyer, ligne.enfant_id, ligne)
                if trouvees.setdefault(cle, ligne) is not ligne:
                    self.en_plus[cle] += ligne.montant
        return trouvees

    def _load_deja(self) -> dict[CleLigne, int]:
        """What corrected these lines since, whether or not it is on an invoice yet; and the last that did of each."""
        deja: dict[CleLigne, int] = defaultdict(int, self.en_plus)
        jours = {"jour__gte": self.premier, "jour__lte": self.fin}
        lignes = Prestation.objects.filter(nature__in=CORRIGEES, enfant__isnull=False, **jours)
        for ligne in lignes.order_by("pk"):
            foyer, nature = self.comptes.get(ligne.compte_id), ligne.faits.get("nature")
            if foyer is None:
                self._efface(ligne, nature or "")
            elif nature and ligne.enfant_id is not None:
                du_mois = nature.startswith(Nature.FORFAIT)
                jour, creneau = (self.premier, 0) if du_mois else (ligne.jour, _creneau(ligne))
                cle = CleLigne(foyer, ligne.enfant_id, jour, creneau, nature)
                deja[cle] += ligne.montant
                self.dernieres[cle] = ligne
        return deja

    def _efface(self, ligne: Prestation, nature: str) -> None:
        """Its payer is no more: nobody else is asked what they have paid."""
        assert ligne.enfant_id is not None
        self.effaces.add((ligne.enfant_id, ligne.jour, _creneau(ligne)))
        if nature.startswith(Nature.FORFAIT):
            self.mois_effaces.add((ligne.enfant_id, nature))

    def _load_gestes(self) -> dict[Case, date]:
        """The sheets that were corrected since the month was closed: the day of the last tap."""
        gestes = Geste.objects.filter(
            pointage__jour__gte=self.premier, pointage__jour__lte=self.fin, recu_le__gt=self.mois.arrete_le
        )
        lignes = gestes.order_by("recu_le").values_list(
            "pointage__enfant", "pointage__jour", "pointage__creneau", "recu_le"
        )
        return {(enfant, jour, creneau): le.astimezone(PARIS).date() for enfant, jour, creneau, le in lignes}

    def cles(self) -> Iterable[CleLigne]:
        return self.anciennes.keys() | self.nouvelles.keys() | self.deja.keys()

    def figees(self, cle: CleLigne) -> list[Prestation]:
        """What was frozen of this line: at the closing, by its last correction."""
        return [ligne for ligne in (self.anciennes.get(cle), self.dernieres.get(cle)) if ligne]

    # What differs

    def _differences(self) -> list[Difference]:
        perdus = _Perdus(self)
        trouvees = []
        for cle in self.cles():
            ancienne, nouvelle, deja = self.anciennes.get(cle), self.nouvelles.get(cle), self.deja.get(cle, 0)
            avant, apres = (ancienne.montant if ancienne else 0) + deja, nouvelle.montant if nouvelle else 0
            if avant != apres and not perdus.holds(cle):
                cause = self._cause(cle, ancienne, nouvelle)
                horaire = self.contexte.creneaux.get(cle.creneau)
                matin = horaire is not None and horaire.moment == Creneau.Moment.MATIN
                trouvees.append(Difference(cle, ancienne, deja, nouvelle, cause, matin, self.dernieres.get(cle)))
        return _en_paires(difference for difference in trouvees if not perdus.holds_rang(difference))

    def _cause(self, cle: CleLigne, ancienne: Prestation | None, nouvelle: Charge | None) -> Cause:
        if ancienne is None or nouvelle is None:
            if cle.nature == Nature.ABSENCE and self._is_other_reponse(cle, ancienne):
                return Cause.ABSENCE
            return Cause.FEUILLE if (cle.enfant, cle.jour, cle.creneau) in self._pointes else Cause.INSCRIPTION
        if ancienne.quotient != nouvelle.quotient:
            return Cause.QUOTIENT
        if (ancienne.residence or "commune") != (nouvelle.residence or "commune"):
            return Cause.RESIDENCE
        if ancienne.faits.get("reponse", {}).get("reponse") != nouvelle.faits.get("reponse", {}).get("reponse"):
            return Cause.ABSENCE
        if ancienne.faits.get("presence") != nouvelle.faits.get("presence"):
            return Cause.FEUILLE
        return Cause.PRIX

    def _is_other_reponse(self, cle: CleLigne, ancienne: Prestation | None) -> bool:
        """Whether who is absent still, from the séance of this supplement, was answered otherwise since: an excuse
        takes the supplement away, and the séance alone tells the answer.
        """
        dite = ancienne or self.anciennes.get(cle._replace(nature=Nature.SEANCE))
        avant = dite.faits.get("reponse", {}) if dite else {}
        apres = self._reponses.get((cle.enfant, cle.jour, cle.creneau))
        return apres is not None and avant.get("reponse") != apres.get("reponse")

    @cached_property
    def _reponses(self) -> Mapping[Case, Mapping[str, Any]]:
        """What the town hall answers today for those who were absent; empty where it has not."""
        absents = (fait for fait in self.faits if "presence" not in fait.faits)
        return {(fait.enfant, fait.jour, fait.creneau): fait.faits.get("reponse", {}) for fait in absents}

    @cached_property
    def _pointes(self) -> set[Case]:
        lignes = Pointage.objects.filter(jour__gte=self.premier, jour__lte=self.fin).order_by()
        return set(lignes.values_list("enfant", "jour", "creneau"))

    # In words

    def _proposition(self, differences: Sequence[Difference]) -> CorrectionProposee:
        par_foyer: dict[int, list[Difference]] = defaultdict(list)
        for difference in sorted(differences, key=lambda d: d.cle):
            par_foyer[difference.cle.foyer].append(difference)
        cause = differences[0].cause
        cotes = [
            CoteCorrection(foyer, self.noms.get(foyer, SANS_ADULTE.nom), siennes, self._motif(cause, siennes))
            for foyer, siennes in par_foyer.items()
        ]
        cotes.sort(key=lambda cote: (cote.montant, cote.nom))
        return CorrectionProposee(cause, self._quoi(differences), [cote for cote in cotes if cote.montant])

    def _quoi(self, differences: Sequence[Difference]) -> str:
        """« Louise, jeudi 26, soir », « Nino, du lundi 2 au lundi 30 »."""
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
            return f"{cause.value}{NBSP}: {RESIDENCES[nouvelles[0].residence]}." if propre else f"{Cause.PRIX.value}."
        cases = [(d.cle.enfant, d.cle.jour, d.cle.creneau) for d in differences]
        if cause is Cause.FEUILLE:
            jours = [self.gestes[case] for case in cases if case in self.gestes]
            return f"{cause.value} le {jour_long(max(jours))}." if jours else f"{cause.value}."
        if cause is Cause.ABSENCE and (reponse := self._reponses.get(cases[0])):
            mot = "excusée" if reponse["reponse"] == "excusee" else "facturée"
            return f"Absence {mot}{NBSP}: {reponse['motif'].rstrip('.')}."
        return f"{cause.value}."


class _Perdus:
    """The lines of which live data cannot say whether they changed: it was purged, erased, or is not known now."""

    def __init__(self, comparaison: _Comparaison) -> None:
        self.comparaison = comparaison
        jours = {"jour__gte": comparaison.premier, "jour__lte": comparaison.fin}
        self.inscrits = set(Inscription.objects.filter(**jours).order_by().values_list("enfant", "jour", "creneau"))
        self.pointes = comparaison._pointes
        self.repondus = {case for case, reponse in comparaison._reponses.items() if reponse}
        self.dits = set(Quotient.objects.order_by().values_list("compte__foyer", flat=True))
        self.feuilles: set[tuple[date | None, int | None]] = set()
        self.cases: set[tuple[Any, ...]] = {*comparaison.effaces}
        self.mois = comparaison.mois_effaces
        self.enfants: set[int | None] = set()
        for anomalie in comparaison.facturation.bloquantes:
            self._add(anomalie)

    def _add(self, anomalie: Anomalie) -> None:
        if anomalie.ennui is Ennui.FEUILLE:
            self.feuilles.add((anomalie.jour, anomalie.creneau))
        elif anomalie.ennui is Ennui.SANS_PAYEUR:
            self.cases.add((anomalie.enfant, anomalie.jour, anomalie.creneau))
        else:
            self.enfants.add(anomalie.enfant)

    def holds(self, cle: CleLigne) -> bool:
        """Whether nothing is proposed of this line."""
        if cle.enfant in self.enfants or (cle.enfant, cle.nature) in self.mois:
            return True
        if self._is_unknown((cle.enfant, cle.jour, cle.creneau)):
            return True
        return any(self._lost(cle, figee) for figee in self.comparaison.figees(cle))

    def _is_unknown(self, case: Case) -> bool:
        return case in self.cases or case[1:] in self.feuilles

    def holds_rang(self, difference: Difference) -> bool:
        """Whether nothing is proposed of this line because its rank alone has changed, and that of an elder is lost."""
        return _is_rang_alone(difference) and not self._rangs_perdus.isdisjoint(self._foyers(difference.cle))

    @cached_property
    def _rangs_perdus(self) -> set[int]:
        """The foyers of which it is not known now whom they are billed: one of their lines is held."""
        tenus = (self._foyers(cle) for cle in self.comparaison.cles() if self.holds(cle))
        return self.comparaison.sans_dossier.union(*tenus)

    def _foyers(self, cle: CleLigne) -> set[int]:
        """Who pays this line, and the foyer whose quotient and ranks make its price."""
        nouvelle = self.comparaison.nouvelles.get(cle)
        case = (cle.enfant, nouvelle.jour, nouvelle.creneau) if nouvelle else (cle.enfant, cle.jour, cle.creneau)
        foyer = self._dus_par.get(case)
        return {cle.foyer, foyer} if foyer else {cle.foyer}

    @cached_property
    def _dus_par(self) -> Mapping[Case, int | None]:
        return {(fait.enfant, fait.jour, fait.creneau): fait.foyer for fait in self.comparaison.faits}

    def _lost(self, cle: CleLigne, figee: Prestation) -> bool:
        """Whether what this frozen line was made from is no more."""
        gelee: Case = (cle.enfant, figee.jour, figee.creneau_id or 0)
        faits: Mapping[str, Any] = figee.faits
        vue = "presence" in faits or "depart" in faits.get("apres", {})
        return (
            self._is_unknown(gelee)  # a price of the month stands on a séance, its key does not
            or (gelee not in self.inscrits and gelee not in self.pointes)
            or (vue and gelee not in self.pointes)
            or ("reponse" in faits and gelee not in self.repondus and gelee not in self.pointes)
            or (figee.quotient is not None and cle.foyer not in self.dits and "propre" not in figee.prix_dit)
        )


def _en_paires(differences: Iterable[Difference]) -> list[Difference]:
    """The same, where what payers exchange of one line has one cause: one owes what the other does not, or their parts
    have changed.
    """
    par_ligne: dict[tuple[Any, ...], list[Difference]] = defaultdict(list)
    for difference in differences:
        par_ligne[difference.cle[1:]].append(difference)
    dites: list[Difference] = []
    for siennes in par_ligne.values():
        opposees = len({difference.montant > 0 for difference in siennes}) > 1
        if opposees or (len(siennes) > 1 and any(_is_other_part(difference) for difference in siennes)):
            siennes = [replace(difference, cause=Cause.GARDE) for difference in siennes]
        dites += siennes
    return dites


def _is_other_part(difference: Difference) -> bool:
    ancienne, nouvelle = difference.ancienne, difference.nouvelle
    return ancienne is not None and nouvelle is not None and ancienne.part != nouvelle.part


def _is_rang_alone(difference: Difference) -> bool:
    """Whether nothing tells the old from the new but the child's rank, or how many siblings share the price."""
    dite, nouvelle = difference.derniere or difference.ancienne, difference.nouvelle
    if dite is None or nouvelle is None or _is_other_part(difference):
        return False
    (rang, dit), (autre_rang, autre_dit) = _rang_et_reste(dite), _rang_et_reste(nouvelle)
    return rang != autre_rang and dit == autre_dit


def _rang_et_reste(ligne: Prestation | Charge) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    prix, quantite = ligne.prix_dit, ligne.faits.get("apres", {}).get("quantite", ligne.quantite)
    tarif = (prix.get("tarif"), prix.get("deliberation"), prix.get("debut"))
    return (ligne.rang, prix.get("fratrie")), (ligne.quotient, ligne.residence or "commune", quantite, *tarif)


def _groupe(difference: Difference) -> tuple[Any, ...]:
    """What is said, and applied, together."""
    cle, cause = difference.cle, difference.cause
    if cause is Cause.GARDE:
        return cause, cle.enfant
    if cause in {Cause.QUOTIENT, Cause.RESIDENCE, Cause.PRIX}:
        return cause, cle.foyer, cle.enfant
    return cause, cle.foyer, cle.enfant, cle.jour


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


def _creneau(ligne: Any) -> int:
    """The primary key of its créneau, of a `Charge` or a `Prestation`; 0 without one."""
    return (ligne.creneau if isinstance(ligne, Charge) else ligne.creneau_id) or 0


def _tarif(ligne: Any) -> int | None:
    return ligne.tarif if isinstance(ligne, Charge) else ligne.tarif_id
