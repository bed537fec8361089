"""A rule tried over closed months, from the database. Reads, never writes; centimes.

What was booked, cancelled and seen at the gate is read as it is known today, and priced twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache

from django.db.models import Exists

from enfance import delais
from enfance.delais import Delai
from enfance.models import Appel, Ecole, Enregistrement, Evenement, Fermeture, Inscription, Scolarite, load_calendrier
from enfance.silences import report
from facturation.arrete.contextes import load_contextes
from facturation.arrete.lecture import PAR_UN_PARENT, load_faits
from facturation.arrete.preparation import fin_de
from facturation.essai_regle.calcul import BilanEssai, Case, MoisVecu, creneaux_of
from facturation.essai_regle.histoire import Acte, LimitesEssayees
from facturation.essai_regle.regle import Gestes, Quoi, RegleEssayee
from facturation.essai_regle.tableaux import (
    LigneTouchee,
    TableauEssai,
    ecarts_of,
    tableau_ecoles,
    tableau_quotients,
    total_of,
)
from facturation.models import LigneTarif, Mois
from facturation.prix.mois import Contexte, FaitDuMois
from portail.dates import instant

TRIMESTRE = 3
BEAUCOUP = 150_000  # inscriptions: more are tried by the command, a page has to answer
Rappel = Callable[[], object]


@dataclass(frozen=True)
class EssaiRegle:
    """What a trial gave. `premiers`: the first days of its months. `sans_prix`: children for whom nothing can be said,
    at whose prices the rule stops.
    """

    regle: RegleEssayee
    premiers: tuple[date, ...]
    total: LigneTouchee
    par_quotient: TableauEssai
    par_ecole: TableauEssai
    de_plus: int
    de_moins: int
    tardives: int
    refusees: int
    retenues: int
    sans_prix: int


def load_mois_arretes() -> list[date]:
    """The first days of the closed months, the oldest first: those over which a rule may be tried."""
    return list(Mois.objects.order_by("premier").values_list("premier", flat=True))


def dernier_trimestre(arretes: Sequence[date]) -> tuple[date, ...]:
    """The last three of these months."""
    return tuple(arretes[-TRIMESTRE:])


def is_beaucoup(premiers: Collection[date]) -> bool:
    """Whether so many inscriptions stand in these months that a page would be too long in trying a rule."""
    if not premiers:
        return False
    return bool(Inscription.objects.inscrit().between(min(premiers), fin_de(max(premiers))).count() > BEAUCOUP)


def essayer(regle: RegleEssayee, premiers: Sequence[date], *, today: date, avance: Rappel = lambda: None) -> EssaiRegle:
    """What families would have paid had this rule held over the months that begin on these days (one at least), every
    act made when it was. `avance` is called after each month.
    """
    contextes = load_contextes(premiers, today=today)
    bilan = BilanEssai()
    for premier in premiers:
        bilan.add(_load_mois(regle, premier, contextes[premier], today), regle)
        avance()
    ecarts = ecarts_of(bilan).values()
    dernier = contextes[max(premiers)]
    return EssaiRegle(
        regle,
        tuple(premiers),
        total_of(bilan),
        tableau_quotients(bilan, dernier.quotients, _bornes(bilan.tarifs)),
        tableau_ecoles(bilan, _ecoles(premiers), list(Ecole.objects.values_list("pk", "nom"))),
        sum(1 for ecart in ecarts if ecart > 0),
        sum(1 for ecart in ecarts if ecart < 0),
        bilan.tardives,
        bilan.refusees,
        bilan.retenues,
        len(bilan.sans_prix),
    )


def _bornes(tarifs: Collection[int]) -> set[int]:
    """Where the tranches of quotient of these tariffs (primary keys) begin, but the first."""
    lignes = LigneTarif.objects.filter(tarif__in=tarifs, qf_min__gt=0).order_by()
    return {borne for borne in lignes.values_list("qf_min", flat=True) if borne}


def _ecoles(premiers: Collection[date]) -> dict[int, int]:
    """The school of each child (primary keys), the last where it was a pupil by the end of these months."""
    places = Scolarite.objects.filter(annee__debut__lte=fin_de(max(premiers))).order_by("annee__debut", "debut", "pk")
    return dict(places.values_list("enfant", "ecole"))


def _load_mois(regle: RegleEssayee, premier: date, contexte: Contexte, today: date) -> MoisVecu:
    fin = fin_de(premier)
    faits = load_faits(premier, fin, today=today, preuves=False)
    if not regle.quoi.reads_history:
        return MoisVecu(faits, contexte)
    limites = limites_of(regle)
    histoires = load_histoires(premier, fin, creneaux_of(contexte, regle), limites)
    return MoisVecu(faits, contexte, histoires, _load_annulees(premier, fin, histoires), limites)


def limites_of(regle: RegleEssayee) -> Callable[[date], LimitesEssayees]:
    """The instants at which each day closes under this rule, moved by the silences of the portal that were declared;
    each is worked out once.
    """
    calendrier = load_calendrier()

    def at(jour: date, delai: Delai | None) -> datetime | None:
        if delai is None:
            return None
        limite = delais.limite(jour, delai, calendrier)
        reportee = report(limite, calendrier.silences, jamais_apres=instant(jour, time.max))
        return (reportee.apres if reportee else limite).astimezone(UTC)

    @cache
    def of(jour: date) -> LimitesEssayees:
        premiere, derniere = at(jour, regle.premiere), at(jour, regle.derniere)
        if regle.quoi == Quoi.TARDIVE:
            return LimitesEssayees(premiere, derniere)
        inscription = premiere if regle.gestes != Gestes.ANNULER else None
        annulation = premiere if regle.gestes != Gestes.INSCRIRE else None
        return LimitesEssayees(None, inscription, annulation)

    return of


def load_histoires(
    debut: date, fin: date, creneaux: Collection[int], limites: Callable[[date], LimitesEssayees]
) -> dict[Case, list[Acte]]:
    """The acts at each séance of these créneaux (primary keys) and days in which a parent's came after one of its
    limits, in their order. One query.
    """
    lus = Evenement.objects.filter(jour__gte=debut, jour__lte=fin, creneau__in=creneaux)
    champs = ("enfant", "jour", "creneau", "enregistrement__quand", "enregistrement__porte", "avant", "apres")
    histoires: dict[Case, list[Acte]] = defaultdict(list)
    tard: set[Case] = set()
    for enfant, jour, creneau, quand, porte, avant, apres in (
        lus.order_by("enregistrement__quand", "enregistrement", "pk").values_list(*champs).iterator(5000)
    ):
        acte = Acte(quand, Enregistrement.Porte(porte) in PAR_UN_PARENT, avant, apres)
        histoires[enfant, jour, creneau].append(acte)
        if acte.parent and any(limite is not None and quand >= limite for limite in limites(jour)):
            tard.add((enfant, jour, creneau))
    return {case: histoires[case] for case in tard}


def _load_annulees(debut: date, fin: date, histoires: Mapping[Case, Sequence[Acte]]) -> dict[Case, FaitDuMois]:
    """The facts that the cancelled séances among these would have been: the child was a pupil that day, and no closure
    covered it. Three queries, and one a closure.
    """
    annulees = Inscription.objects.filter(etat=Inscription.Etat.ANNULEE).between(debut, fin)
    sans_retour = {
        pk
        for fermeture in Fermeture.objects.filter(debut__lte=fin, fin__gte=debut)
        for pk in annulees.under(fermeture).order_by().values_list("pk", flat=True)
    }
    closes = set(Appel.objects.clos().filter(jour__gte=debut, jour__lte=fin).order_by().values_list("jour", "creneau"))
    eleves = annulees.filter(Exists(Scolarite.objects.au_jour())).order_by()
    return {
        (enfant, jour, creneau): FaitDuMois(enfant, jour, creneau, foyer, close=(jour, creneau) in closes)
        for pk, enfant, jour, creneau, foyer in eleves.values_list("pk", "enfant", "jour", "creneau", "foyer")
        if (enfant, jour, creneau) in histoires and pk not in sans_retour
    }
