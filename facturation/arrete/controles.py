"""What to settle before a month is closed, what deserves a look, what is fine: counted, in words, with their doors.

Reads, never writes. What blocks is what `mois` says: a sheet that is not closed where presence is billed, a presence
without payer, a child without price, shares that do not make 100 %, a reason that nobody answered. All else is said and
counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import Exists, Q
from django.urls import reverse

from enfance.models import Creneau, Enfant
from facturation.absences_dues import absences_facturees, reponses
from facturation.arrete.preparation import PreparationMois, fin_de, mois_nom, preparer
from facturation.montants import euros
from facturation.prix.mois import Anomalie, Ennui
from facturation.prix.tarifs import AxeTarif, GenreSupplement
from portail.bureau import nommer
from portail.certain import certain
from portail.dates import MOIS, PARIS, jour_court, mois_suivant
from portail.francais import NBSP, pluriel

MONTRES = 20  # doors of one check
RAISONS = "raisons"  # where the page of the month answers the reasons that families gave


@dataclass(frozen=True)
class PorteControle:
    """Where a check is settled: words of the link, what it says besides to who listens, its address."""

    geste: str
    suite: str
    adresse: str
    texte: str = ""  # of one thing among several: « Lundi 30, soir : 11 enfants attendus »


@dataclass(frozen=True)
class PointControle:
    """One check: how many things it found, its words for one and for many, what they change, where to settle them."""

    code: str
    nombre: int
    mots: str
    effet: str
    bloque: bool = False
    portes: tuple[PorteControle, ...] = ()

    @property
    def texte(self) -> str:
        """The words that follow the number of things found, in the plural from two on: « feuilles non closes »."""
        un, plusieurs = self.mots.split(",")
        return plusieurs if self.nombre > 1 else un

    @property
    def porte(self) -> PorteControle | None:
        """The link to where this check is settled, when there is just one; None when there are none or several."""
        return self.portes[0] if len(self.portes) == 1 else None


@dataclass(frozen=True)
class Controle:
    """A month before it is closed."""

    preparation: PreparationMois
    points: Sequence[PointControle]

    @property
    def refus(self) -> list[str]:
        """Why the month may not be closed, in French sentences; empty when it may."""
        quoi = ", ".join(f"{point.nombre}{NBSP}{point.texte}" for point in self.bloquants)
        nombre = pluriel(len(self.bloquants), "point,points")
        nom = mois_nom(self.preparation.premier)
        reste = [f"{nombre} à régler avant d’arrêter {nom}{NBSP}: {quoi}."] if quoi else []
        return [*self.preparation.trop_tot, *reste]

    @cached_property
    def bloquants(self) -> list[PointControle]:
        """The checks that found something which must be settled before the month is closed."""
        return [point for point in self.points if point.nombre and point.bloque]

    @property
    def attend_reponses(self) -> bool:
        """Whether a family gave a reason for an absence of the month that nobody has answered."""
        return any(point.code == "raisons" for point in self.bloquants)

    @cached_property
    def a_regarder(self) -> list[PointControle]:
        """The checks that found something which deserves a look, and does not keep the month from being closed."""
        return [point for point in self.points if point.nombre and not point.bloque]

    @cached_property
    def bons(self) -> list[PointControle]:
        """The checks that found nothing."""
        return [point for point in self.points if not point.nombre]


def controler(premier: date, now: datetime) -> Controle:
    """The month that begins on `premier`, computed as it would be closed at `now` (aware), with all its checks; nothing
    is written.
    """
    preparation = preparer(premier, now)
    return Controle(preparation, _Points(preparation).all())


class _Points:
    """The checks of one month. Two queries more: names of créneaux, and of the children that are spoken of."""

    def __init__(self, preparation: PreparationMois) -> None:
        self.preparation = preparation
        self.anomalies: dict[Ennui, list[Anomalie]] = {}
        for anomalie in preparation.facturation.anomalies:
            self.anomalies.setdefault(anomalie.ennui, []).append(anomalie)
        self.creneaux = Creneau.objects.in_bulk()
        dits = {anomalie.enfant for anomalie in preparation.facturation.bloquantes if anomalie.enfant}
        charges = preparation.facturation.charges
        self.sans_depart = sorted({(c.jour, c.creneau, c.enfant) for c in charges if c.sans_depart})
        dits |= {enfant for _, _, enfant in self.sans_depart[:MONTRES]}
        self.enfants = Enfant.objects.in_bulk(list(dits)[: 2 * MONTRES])
        self.mois = MOIS[preparation.premier.month - 1]
        self.suivant = MOIS[mois_suivant(preparation.premier).month - 1]

    def all(self) -> list[PointControle]:
        """All the checks of the month, those that block its closing first."""
        return [
            self._feuilles(),
            self._sans_payeur(),
            self._sans_prix(),
            self._partages(),
            self._raisons(),
            self._absences(),
            self._quotients(),
            self._residences(),
            *([self._nombres()] if self._asks_nombres else []),
            self._adresses(),
            self._sans_inscription(),
            self._feuilles_ouvertes(),
            self._sans_depart(),
        ]

    # What blocks

    def _feuilles(self) -> PointControle:
        ouvertes = self.anomalies.get(Ennui.FEUILLE, [])
        attendus = Counter((fait.jour, fait.creneau) for fait in self.preparation.faits if not fait.close)
        portes = tuple(self._feuille(anomalie, attendus) for anomalie in ouvertes[:MONTRES])
        closes = {(fait.jour, fait.creneau) for fait in self.preparation.faits if fait.close}
        if not ouvertes:
            toutes = pluriel(len(closes), "feuille est close,feuilles sont closes")
            effet = f"{self.mois.capitalize()}{NBSP}: {toutes}."
        elif len(ouvertes) == 1:
            effet = f"{portes[0].texte}. L’équipe ou vous pouvez la clore."
        else:
            effet = "Sans elles, on ne sait pas qui est venu. L’équipe ou vous pouvez les clore."
        return PointControle(
            "feuilles", len(ouvertes), "feuille non close,feuilles non closes", effet, bloque=True, portes=portes
        )

    def _feuille(self, anomalie: Anomalie, attendus: Counter[tuple[date, int]]) -> PorteControle:
        jour, creneau = certain(anomalie.jour), self.creneaux[certain(anomalie.creneau)]
        quand = f"{jour_court(jour)}, {creneau.nom_court}"
        combien = pluriel(attendus[jour, creneau.pk], "enfant attendu,enfants attendus")
        return PorteControle(
            "Clore la feuille",
            f"{NBSP}: {quand}",
            f"{reverse('enfance:feuille', args=[jour])}?creneau={creneau.code}",
            f"{quand.capitalize()}{NBSP}: {combien}",
        )

    def _sans_payeur(self) -> PointControle:
        sans = self.anomalies.get(Ennui.SANS_PAYEUR, [])
        effet = (
            "Elle est d’un jour où aucun foyer, ou plusieurs, n’ont la garde\u202f: dites laquelle compte."
            if sans
            else "Chaque présence a son payeur."
        )
        return PointControle(
            "sans_payeur",
            len(sans),
            "présence sans payeur,présences sans payeur",
            effet,
            bloque=True,
            portes=self._fiches(sans, "Voir la garde"),
        )

    def _sans_prix(self) -> PointControle:
        sans = [*self.anomalies.get(Ennui.SANS_TARIF, []), *self.anomalies.get(Ennui.SANS_PRIX, [])]
        effet = "Aucun tarif ne donne de prix à ces séances." if sans else "Chaque séance a trouvé son prix."
        tarifs = (PorteControle("Voir", " les tarifs", reverse("admin:facturation_tarif_changelist")),) if sans else ()
        return PointControle(
            "sans_prix",
            len({(anomalie.enfant, anomalie.creneau) for anomalie in sans}),
            "enfant sans prix,enfants sans prix",
            effet,
            bloque=True,
            portes=(*tarifs, *self._fiches(sans, "Voir l’enfant")),
        )

    def _partages(self) -> PointControle:
        faux = self.anomalies.get(Ennui.PARTAGE, [])
        effet = "Leurs parts ne font pas 100\u00a0%." if faux else "Les parts de chaque partage font 100\u00a0%."
        return PointControle(
            "partages",
            len(faux),
            "partage qui ne fait pas 100\u00a0%,partages qui ne font pas 100\u00a0%",
            effet,
            bloque=True,
            portes=self._fiches(faux, "Voir l’enfant"),
        )

    def _raisons(self) -> PointControle:
        sans = {(enfant, jour) for enfant, jour, raison in self.sans_reponse if raison}
        effet = "Chaque raison donnée par une famille a sa réponse."
        if sans:
            qui = "Sa famille a" if len(sans) == 1 else "Leurs familles ont"
            effet = f"{qui} dit pourquoi{NBSP}: excusez ou facturez, d’un clic."
        lesquelles = " à la raison donnée" if len(sans) == 1 else f" aux {len(sans)}{NBSP}raisons données"
        portes = (PorteControle("Répondre", lesquelles, f"#{RAISONS}"),) if sans else ()
        return PointControle(
            "raisons",
            len(sans),
            "absence dont la raison attend une réponse,absences dont la raison attend une réponse",
            effet,
            bloque=True,
            portes=portes,
        )

    def _fiches(self, anomalies: Sequence[Anomalie], geste: str) -> tuple[PorteControle, ...]:
        """A door a child: its file."""
        premieres: dict[int, Anomalie] = {}
        for anomalie in anomalies:
            if anomalie.enfant is not None and anomalie.enfant in self.enfants:
                premieres.setdefault(anomalie.enfant, anomalie)
        return tuple(
            PorteControle(
                geste,
                f"{NBSP}: {self.enfants[enfant]}",
                reverse("admin:enfance_enfant_change", args=[enfant]),
                self._quoi(self.enfants[enfant], anomalie),
            )
            for enfant, anomalie in list(premieres.items())[:MONTRES]
        )

    def _quoi(self, enfant: Enfant, anomalie: Anomalie) -> str:
        """« Léa Morel, jeudi 26, soir »."""
        creneau = self.creneaux[anomalie.creneau].nom_court if anomalie.creneau else ""
        return ", ".join(filter(None, [str(enfant), jour_court(anomalie.jour) if anomalie.jour else "", creneau]))

    # What deserves a look

    def _absences(self) -> PointControle:
        a_juger = {(enfant, jour) for enfant, jour, raison in self.sans_reponse if not raison}
        effet = (
            f"Sans réponse, elles sont facturées. Une réponse plus tard fera une correction sur {self.suivant}."
            if a_juger
            else "Chaque absence signalée a sa réponse."
        )
        lesquelles = " l’absence" if len(a_juger) == 1 else f" les {len(a_juger)}{NBSP}absences"
        portes = (PorteControle("Juger", lesquelles, reverse("admin:facturation_absences")),) if a_juger else ()
        return PointControle("absences", len(a_juger), "absence à juger,absences à juger", effet, portes=portes)

    @cached_property
    def sans_reponse(self) -> set[tuple[int, date, bool]]:
        """The days (child, day) of the month that are billed though a family told why the child was away, or that it
        would be, and that the town hall has not answered; whether a reason was given. One query.
        """
        debut, fin = self.preparation.premier, fin_de(self.preparation.premier)
        now = self.preparation.now
        dues = absences_facturees(debut, min(fin, now.astimezone(PARIS).date()), now=now)
        dites = dues.filter(Q(dite=True) | Q(justifiee=True)).exclude(Exists(reponses())).order_by()
        lues = list(dites.values_list("enfant", "jour", "creneau", "justifiee"))
        comptees = {(c.enfant, c.jour, c.creneau) for c in self.preparation.facturation.charges} if lues else set()
        return {(e, jour, raison) for e, jour, creneau, raison in lues if not raison or (e, jour, creneau) in comptees}

    def _quotients(self) -> PointControle:
        sans = self.anomalies.get(Ennui.SANS_QUOTIENT, [])
        effet = (
            "Le prix est celui de «\u00a0quotient inconnu\u00a0»."
            if sans
            else "Le quotient de chaque payeur est connu, son attestation vue."
        )
        portes = (PorteControle("Saisir", " les quotients", reverse("admin:facturation_quotients")),) if sans else ()
        return PointControle("quotients", len(sans), "payeur sans quotient,payeurs sans quotient", effet, portes=portes)

    def _residences(self) -> PointControle:
        sans = self.anomalies.get(Ennui.SANS_RESIDENCE, [])
        effet = (
            "Le prix est celui de la commune, tant que la mairie n’a pas dit où vit la famille."
            if sans
            else "Commune ou hors commune\u00a0: c’est dit pour tous."
        )
        portes = (PorteControle("Dire", " les résidences", reverse("admin:facturation_residences")),) if sans else ()
        return PointControle(
            "residences", len(sans), "payeur sans résidence,payeurs sans résidence", effet, portes=portes
        )

    @property
    def _asks_nombres(self) -> bool:
        """Whether a price depends on how many children a home has."""
        return any(tarif.axe == AxeTarif.ENFANTS for tarif in self.preparation.contexte.tarifs)

    def _nombres(self) -> PointControle:
        sans = self.anomalies.get(Ennui.SANS_NOMBRE, [])
        effet = (
            "Le prix est celui d’un foyer d’un enfant, tant que la mairie n’a pas dit combien il en a."
            if sans
            else "Chaque foyer a son nombre d’enfants."
        )
        portes = (PorteControle("Dire", " les nombres d’enfants", reverse("admin:facturation_nombres")),)
        mots = "payeur sans nombre d’enfants,payeurs sans nombre d’enfants"
        return PointControle("nombres", len(sans), mots, effet, portes=portes if sans else ())

    def _adresses(self) -> PointControle:
        emis = [projet for projet in self.preparation.projets if projet.genre]
        sans = [projet for projet in emis if projet.courriel is None and not projet.identite.adresse]
        effet = "Chaque lettre a son adresse."
        if sans:
            noms = nommer([projet.identite.nom for projet in sans], len(sans))
            effet = f"{noms}\u00a0: ni e-mail ni adresse, leur facture est à remettre au guichet."
        return PointControle("adresses", len(sans), "payeur sans adresse,payeurs sans adresse", effet)

    def _sans_inscription(self) -> PointControle:
        venus = [f for f in self.preparation.faits if f.arrivee is not None and not f.inscrit and f.close]
        supplements = self.preparation.contexte.supplements
        prix = {s.prix for s in supplements if s.genre == GenreSupplement.SANS_INSCRIPTION and s.prix}
        plus = f"le supplément de {euros(prix.pop())} est compté" if len(prix) == 1 else "le tarif dit ce qu’il doit"
        effet = f"L’enfant était là\u00a0: {plus}." if venus else "Chaque enfant venu était inscrit."
        du, au = self.preparation.premier, fin_de(self.preparation.premier)
        adresse = f"{reverse('admin:enfance_pointage_ecarts')}?du={du}&au={au}"
        lesquelles = " la présence" if len(venus) == 1 else f" les {len(venus)}{NBSP}présences"
        portes = (PorteControle("Voir", lesquelles, adresse),) if venus else ()
        return PointControle(
            "sans_inscription",
            len(venus),
            "présence sans inscription,présences sans inscription",
            effet,
            portes=portes,
        )

    def _feuilles_ouvertes(self) -> PointControle:
        ouvertes = self.anomalies.get(Ennui.FEUILLE_OUVERTE, [])
        return PointControle(
            "feuilles_ouvertes",
            len(ouvertes),
            "autre feuille non close,autres feuilles non closes",
            "Le prix n’en dépend pas\u00a0: ce qui est inscrit est facturé."
            if ouvertes
            else "Aucune autre feuille n’est ouverte.",
        )

    def _sans_depart(self) -> PointControle:
        sans = self.sans_depart
        effet = (
            "Facturé jusqu’à la fin du créneau, sans retard. Son heure s’écrit sur la feuille, avec un motif."
            if sans
            else "Chaque départ qui compte est noté."
        )
        portes = tuple(self._depart(*case) for case in sans[:MONTRES] if case[2] in self.enfants)
        return PointControle("sans_depart", len(sans), "départ non noté,départs non notés", effet, portes=portes)

    def _depart(self, jour: date, cle: int, enfant: int) -> PorteControle:
        creneau = self.creneaux[cle]
        qui = f"{self.enfants[enfant]}, {jour_court(jour)}, {creneau.nom_court}"
        adresse = f"{reverse('enfance:feuille', args=[jour])}?creneau={creneau.code}"
        return PorteControle("Écrire l’heure", f"{NBSP}: {qui}", adresse, qui)
