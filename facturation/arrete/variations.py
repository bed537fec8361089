"""The payers whose month changed most, per school day, and why: read from the data, else « à vérifier ». Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, Sum

from enfance.calendrier import UN_JOUR
from enfance.models import Creneau, Enfant, Garde, Scolarite, SemaineType
from facturation.arrete.preparation import PreparationMois, Projet, fin_de, jours_ecole
from facturation.models import Mois, Prestation, ReponseAbsence
from facturation.montants import arrondir, euros
from facturation.papiers.mots import residence_texte
from facturation.payeurs.entetes import SANS_ADULTE, load_identites
from facturation.prix.mois import Charge
from portail.dates import MOIS, PARIS, jour_long, mois_precedent, quantieme
from portail.francais import NBSP, et, pluriel

DIX = 10
A_VERIFIER = "à vérifier"
Nature = Prestation.Nature
TRANCHES = Decimal("0.5")  # how many more of them an evening takes, on average, to be a cause
SOUVENT = Decimal("0.15")  # of the school days: how much oftener a child comes, to be a cause
ENTIER = 100  # per cent


@dataclass(frozen=True)
class Variation:
    """One payer: what both months cost, the difference a school day, why. Amounts in centimes."""

    foyer: int
    nom: str
    avant: int
    apres: int
    par_jour: int
    causes: tuple[str, ...]

    @property
    def pourquoi(self) -> str:
        """Why the month of this payer changed, in French; « à vérifier » when no cause is known."""
        return "\u202f; ".join(self.causes) or A_VERIFIER

    @property
    def connue(self) -> bool:
        """Whether at least one cause of the change is known."""
        return bool(self.causes)


def load_variations(preparation: PreparationMois) -> list[Variation]:
    """The ten payers whose cost for a school day changed most since the month before, those without a known cause
    first.

    Empty unless the month before is closed and both months have school days. A fixed number of queries.
    """
    clos = Mois.objects.filter(premier=mois_precedent(preparation.premier)).first()
    jours, jours_avant = preparation.jours_ecole, jours_ecole(mois_precedent(preparation.premier))
    if clos is None or not jours or not jours_avant:
        return []
    avant = dict(
        Prestation.objects.filter(mois=clos, compte__foyer__isnull=False)
        .order_by()
        .values_list("compte__foyer")
        .annotate(Sum("montant"))
    )
    apres = {projet.foyer: projet for projet in preparation.projets if projet.foyer is not None}
    ecarts = {
        foyer: Decimal(_du_mois(apres.get(foyer))) / jours - Decimal(avant.get(foyer, 0)) / jours_avant
        for foyer in apres.keys() | avant.keys()
    }
    grands = sorted((foyer for foyer in ecarts if ecarts[foyer]), key=lambda foyer: (-abs(ecarts[foyer]), foyer))[:DIX]
    if not grands:
        return []
    causes = _Causes(preparation, clos, grands, jours, jours_avant)
    variations = [
        Variation(
            foyer,
            causes.noms[foyer],
            avant.get(foyer, 0),
            _du_mois(apres.get(foyer)),
            arrondir(ecarts[foyer]),
            tuple(causes.of(foyer, apres.get(foyer))),
        )
        for foyer in grands
    ]
    return sorted(variations, key=lambda variation: variation.connue)  # stable: each half keeps the largest first


def _du_mois(projet: Projet | None) -> int:
    return projet.du_mois if projet else 0


class _Causes:
    """Why the month of these foyers changed. Seven queries, whatever they are."""

    def __init__(
        self, preparation: PreparationMois, clos: Mois, foyers: Collection[int], jours: int, jours_avant: int
    ) -> None:
        self.premier, self.fin = preparation.premier, fin_de(preparation.premier)
        self.debut = clos.premier
        self.jours, self.jours_avant = jours, jours_avant
        self.contexte = preparation.contexte
        self.lignes: dict[int, list[Prestation]] = defaultdict(list)
        frozen: Any = Prestation.objects.filter(mois=clos, compte__foyer__in=foyers).annotate(foyer=F("compte__foyer"))
        for ligne in frozen.order_by("jour", "pk"):
            self.lignes[ligne.foyer].append(ligne)
        charges = [c for p in preparation.projets if p.foyer in set(foyers) for c in p.charges]
        self.enfants = {c.enfant for c in charges} | {li.cle_enfant for siens in self.lignes.values() for li in siens}
        self.prenoms = dict(Enfant.objects.filter(pk__in=self.enfants).order_by().values_list("pk", "prenom"))
        self.creneaux = dict(Creneau.objects.order_by().values_list("pk", "nom_court"))
        self.gardes = self._load_gardes()
        self.places = self._load_places()
        self.semaines = self._load_semaines(foyers)
        self.noms = self._load_noms(preparation, foyers)

    def of(self, foyer: int, projet: Projet | None) -> Iterable[str]:
        """Why the month of this foyer (primary key) changed, in French, the most telling causes first."""
        charges = projet.charges if projet else ()
        avant, apres = _seances(self.lignes[foyer]), _seances(charges)
        arrives = {enfant for enfant, _ in apres} - {enfant for enfant, _ in avant}
        partis = {enfant for enfant, _ in avant} - {enfant for enfant, _ in apres}
        touched = [enfant for enfant in self.gardes if enfant in {e for e, _ in avant.keys() | apres.keys()}]
        yield from self._garde(touched)
        yield from self._arrivees(arrives - set(touched), charges)
        yield from self._departs(partis - set(touched))
        yield from self._quotient(foyer, charges)
        yield from self._residence(foyer, charges)
        if foyer in self.semaines:
            yield f"Semaine type changée le {jour_long(self.semaines[foyer])}"
        yield from self._retards(foyer, charges)
        yield from self._excuses(charges)
        restent = [cle for cle in avant.keys() | apres.keys() if cle[0] not in arrives | partis | set(touched)]
        yield from self._habitudes({cle: (avant.get(cle), apres.get(cle)) for cle in sorted(restent)})

    def _load_noms(self, preparation: PreparationMois, foyers: Collection[int]) -> dict[int, str]:
        identites = load_identites(foyers)
        return {foyer: identites.get(foyer, SANS_ADULTE).nom for foyer in foyers}

    def _load_gardes(self) -> dict[int, date]:
        """The children whose garde begins or ends since the month before began, and that day."""
        change = Q(debut__gt=self.debut, debut__lte=self.fin) | Q(fin__gte=self.debut, fin__lt=self.fin)
        gardes = Garde.objects.filter(change, enfant__in=self.enfants).order_by("pk")
        jours: dict[int, date] = {}
        for garde in gardes:
            jour = garde.debut if garde.debut and garde.debut > self.debut else (garde.fin or self.debut) + UN_JOUR
            jours[garde.enfant_id] = max(jour, jours.get(garde.enfant_id, jour))
        return jours

    def _load_places(self) -> dict[int, Scolarite]:
        places = Scolarite.objects.filter(enfant__in=self.enfants, annee__debut__lte=self.fin)
        return {place.enfant_id: place for place in places.order_by("annee__debut", F("debut").asc(nulls_first=True))}

    def _load_semaines(self, foyers: Collection[int]) -> dict[int, date]:
        """The foyers that chose another weekly pattern since the month before began, and that day."""
        choisies = SemaineType.objects.filter(foyer__in=foyers, modifiee_le__date__gt=self.debut)
        lignes = choisies.filter(modifiee_le__date__lte=self.fin).order_by("modifiee_le")
        return {semaine.foyer_id: semaine.modifiee_le.astimezone(PARIS).date() for semaine in lignes}

    # Cause by cause

    def _garde(self, enfants: Iterable[int]) -> Iterable[str]:
        for enfant in sorted(enfants):
            yield f"{self._prenom(enfant)}{NBSP}: garde changée le {jour_long(self.gardes[enfant])}"

    def _arrivees(self, enfants: Iterable[int], charges: Sequence[Charge]) -> Iterable[str]:
        for enfant in sorted(enfants):
            place = self.places.get(enfant)
            if place and place.debut and self.debut <= place.debut <= self.fin:
                yield f"{self._prenom(enfant)}{NBSP}: arrivée le {jour_long(place.debut)}"
            else:
                premier = min(charge.jour for charge in charges if charge.enfant == enfant)
                yield f"{self._prenom(enfant)} vient depuis le {jour_long(premier)}"

    def _departs(self, enfants: Iterable[int]) -> Iterable[str]:
        for enfant in sorted(enfants):
            place = self.places.get(enfant)
            if place and place.depart and self.debut <= place.depart <= self.fin + UN_JOUR:
                yield f"{self._prenom(enfant)}{NBSP}: départ le {jour_long(place.depart)}"
            else:
                yield f"{self._prenom(enfant)} ne vient plus"

    def _quotient(self, foyer: int, charges: Sequence[Charge]) -> Iterable[str]:
        vus = [ligne.quotient for ligne in self.lignes[foyer] if ligne.tarif_id and ligne.part == ENTIER]
        if not vus or not charges or (avant := vus[-1]) == (apres := self.contexte.quotients.get(foyer)):
            return
        if apres is None:
            veille = self.premier - UN_JOUR
            fini = f"{quantieme(veille)} {MOIS[veille.month - 1]}"
            yield f"Quotient fini le {fini}{NBSP}: prix «\u00a0quotient inconnu\u00a0»"
        else:
            yield f"Quotient {apres}, {'inconnu' if avant is None else avant} avant"

    def _residence(self, foyer: int, charges: Sequence[Charge]) -> Iterable[str]:
        """Not said, it is priced as the commune: no change."""
        vues = [ligne.residence for ligne in self.lignes[foyer] if ligne.tarif_id and ligne.part == ENTIER]
        if not vues or not charges:
            return
        lieux = self.contexte.lieux
        avant, apres = (
            residence_texte(code or self.contexte.lieu_defaut, {"lieu": lieux.get(code or self.contexte.lieu_defaut)})
            for code in (vues[-1], self.contexte.residences.get(foyer, ""))
        )
        if avant != apres:
            yield f"Résidence{NBSP}: {apres}, {avant} avant"

    def _retards(self, foyer: int, charges: Sequence[Charge]) -> Iterable[str]:
        retards = [charge.montant for charge in charges if charge.nature == Nature.RETARD]
        anciens = sum(ligne.nature == Nature.RETARD for ligne in self.lignes[foyer])
        if len(retards) > anciens:
            yield f"{pluriel(len(retards), 'retard,retards')}{NBSP}: {euros(sum(retards))}"
        elif len(retards) < anciens:
            avant = f"{pluriel(anciens, 'retard,retards')} en {MOIS[self.debut.month - 1]}"
            yield f"{avant}, {len(retards) or 'aucun'} depuis"

    def _excuses(self, charges: Sequence[Charge]) -> Iterable[str]:
        jours: dict[int, set[date]] = defaultdict(set)
        for charge in charges:
            if charge.faits.get("reponse", {}).get("reponse") == ReponseAbsence.Reponse.EXCUSEE:
                jours[charge.enfant].add(charge.jour)
        for enfant, siens in sorted(jours.items()):
            yield f"{self._prenom(enfant)}{NBSP}: {pluriel(len(siens), 'absence excusée,absences excusées')}"

    def _habitudes(self, cases: Mapping[tuple[int, int], tuple[Any, Any]]) -> Iterable[str]:
        """Créneaux that a child takes up or leaves; evenings that last longer."""
        gagnes: dict[int, list[str]] = defaultdict(list)
        perdus: dict[int, list[str]] = defaultdict(list)
        for (enfant, creneau), (avant, apres) in cases.items():
            nom = self.creneaux.get(creneau, "")
            if avant is None and apres is not None:
                gagnes[enfant].append(nom)
            elif apres is None and avant is not None:
                perdus[enfant].append(nom)
        for enfant, noms in gagnes.items():
            yield f"{self._prenom(enfant)} vient aussi {_les(noms)}"
        for enfant, noms in perdus.items():
            yield f"{self._prenom(enfant)} ne vient plus {_les(noms)}"
        for (enfant, creneau), (avant, apres) in cases.items():
            if avant and apres:
                yield from self._plus_ou_moins(enfant, creneau, avant, apres)

    def _plus_ou_moins(self, enfant: int, creneau: int, avant: Any, apres: Any) -> Iterable[str]:
        nom, prenom = self.creneaux.get(creneau, ""), self._prenom(enfant)
        longueur = Decimal(apres[1]) / apres[0] - Decimal(avant[1]) / avant[0]
        if abs(longueur) >= TRANCHES:
            yield f"{prenom}{NBSP}: {nom} {'plus long' if longueur > 0 else 'plus court'} qu’avant"
        seances = Decimal(apres[0]) / self.jours - Decimal(avant[0]) / self.jours_avant
        if abs(seances) >= SOUVENT:
            avant_dit = f"{avant[0]} en {self.jours_avant}{NBSP}jours en {MOIS[self.debut.month - 1]}"
            yield f"{prenom}{NBSP}: {apres[0]} fois le {nom} en {self.jours}{NBSP}jours, {avant_dit}"

    def _prenom(self, enfant: int) -> str:
        return str(self.prenoms.get(enfant, "Un enfant"))


def _les(noms: Iterable[str]) -> str:
    """« le midi et le soir »."""
    return et([f"le {nom}" for nom in dict.fromkeys(noms)])


def _seances(lignes: Iterable[Any]) -> dict[tuple[int, int], tuple[int, int]]:
    """How many séances and units, by child and créneau, of these lines; excused ones are none."""
    sommes: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for ligne in lignes:
        if ligne.nature in {Nature.SEANCE, Nature.FORFAIT} and ligne.quantite:
            charge = isinstance(ligne, Charge)
            cle = (ligne.enfant, ligne.creneau) if charge else (ligne.cle_enfant, ligne.creneau_id)
            sommes[cle][0] += 1
            sommes[cle][1] += ligne.quantite
    return {cle: (nombre, unites) for cle, (nombre, unites) in sommes.items()}
