"""The créneaux of a day, as the sheet leads from one to the other. Reads, never writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db.models import BigIntegerField, Count, DateField, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from enfance.ecoles import PLUSIEURS, creneaux_in, ecoles_seen_by
from enfance.equipe.lieux import Lieux, load_lieux
from enfance.models import AdultesPresents, AnneeScolaire, Creneau, Ecole, Fermeture, Inscription
from portail.dates import heure_texte
from portail.francais import NBSP
from portail.requetes import Inconnue, Requete

CLE = BigIntegerField()


@dataclass(frozen=True)
class Onglet:
    """A créneau of the day: how many hold a place, who closed its sheet, why it is closed to all if it is, how many
    adults somebody said were there, what the town declared for the year. Where the town has several schools, `lieu`
    names those that hold it, `partage` says that they are several, `fermetures` which of them are closed, and why.
    """

    creneau: Creneau
    inscrits: int
    clos_le: datetime | None
    clos_par: str
    ferme: str
    adultes: int | None
    declaree: bool
    pedt: bool
    lieu: str = ""
    partage: bool = False
    fermetures: Sequence[str] = ()

    @property
    def fin(self) -> str:
        """« 18 h 30 »."""
        return heure_texte(self.creneau.fin)


@dataclass(frozen=True)
class Onglets:
    """Those of the school that is shown; in a town of several, `lieux` says which it is."""

    onglets: list[Onglet] = field(default_factory=list)
    lieux: Lieux = field(default_factory=Lieux)


def load_onglets(jour: date, agent: User | None = None, *, code: str = "", ecole: str = "") -> Onglets:
    """The créneaux of this weekday that this agent may see, or all of them; of one school (`load_lieux`) where there
    are several. One query; four more in a town of several schools, two more on a day when one of them is closed.
    """
    qui = TOUS if agent is None else PARTOUT if agent.is_superuser else AGENT
    annotes = list(CRENEAUX({"jour": jour, "agent": agent and agent.pk}, qui))
    lieux = load_lieux(annotes, agent, code=code, ecole=ecole, jour=jour)
    onglets = [
        Onglet(
            creneau=c,
            inscrits=c.inscrits or 0,
            clos_le=c.clos_le,
            clos_par=f"{c.clos_prenom or ''} {c.clos_nom or ''}".strip(),
            ferme=c.ferme or "",
            adultes=c.adultes,
            declaree=bool(c.declaree),
            pedt=bool(c.pedt),
            lieu=lieux.nom_of(c),
            partage=len(lieux.ecoles_of(c)) > 1,
        )
        for c in annotes
        if jour.weekday() in c.jours and lieux.shows(c)
    ]
    return Onglets(_with_fermetures(onglets, lieux, jour), lieux)


def _build_creneaux(qui: str) -> QuerySet[Any]:
    """Those of all, of whoever sees every school, or of an agent, with what a day makes of them."""
    jour: Any = Inconnue("jour", DateField())
    siens: QuerySet[Any] = Creneau.objects.all()
    if qui != TOUS:
        siens = creneaux_in(Ecole.objects.all() if qui == PARTOUT else ecoles_seen_by(Inconnue("agent", CLE)))
    inscrits = Inscription.objects.inscrit().filter(creneau=OuterRef("pk"), jour=jour).order_by().values("creneau")
    fermetures = Fermeture.objects.filter(Q(creneaux=None) | Q(creneaux=OuterRef("pk")), classes=None, ecoles=None)
    adultes = AdultesPresents.objects.filter(creneau=OuterRef("pk"), jour=jour)
    annee = AnneeScolaire.objects.filter(debut__lte=jour, fin__gte=jour)
    onglets: QuerySet[Any] = siens.annotate(
        plusieurs=PLUSIEURS,
        inscrits=Subquery(inscrits.annotate(n=Count("*")).values("n")),
        ferme=Subquery(fermetures.filter(debut__lte=jour, fin__gte=jour).values("motif")[:1]),
        appel=FilteredRelation("appels", condition=Q(appels__jour=jour, appels__rouvert_le=None)),
        clos_le=F("appel__clos_le"),
        clos_prenom=F("appel__clos_par__first_name"),
        clos_nom=F("appel__clos_par__last_name"),
        adultes=Subquery(adultes.values("nombre")[:1]),
        declaree=Subquery(annee.values("declaree")[:1]),
        pedt=Subquery(annee.values("pedt")[:1]),
    )
    return onglets


TOUS, PARTOUT, AGENT = "tous", "partout", "agent"  # whose créneaux: everybody's, of every school, of an agent's
CRENEAUX = Requete(_build_creneaux)


def _with_fermetures(onglets: list[Onglet], lieux: Lieux, jour: date) -> list[Onglet]:
    """The same with the closures of some schools: a créneau whose schools are all closed is closed to all."""
    if not lieux.tenues:
        return onglets
    fermetures = Fermeture.objects.filter(debut__lte=jour, fin__gte=jour, classes=None).exclude(ecoles=None).distinct()
    motifs: dict[tuple[int, int], str] = {}
    for fermeture in fermetures.order_by("pk").prefetch_related("ecoles", "creneaux"):
        fermes = {creneau.pk for creneau in fermeture.creneaux.all()} or lieux.tenues.keys()
        for ecole in fermeture.ecoles.all():
            for creneau in fermes:
                motifs.setdefault((creneau, ecole.pk), fermeture.motif)
    return [_with_motifs(onglet, lieux, motifs) for onglet in onglets]


def _with_motifs(onglet: Onglet, lieux: Lieux, motifs: dict[tuple[int, int], str]) -> Onglet:
    ecoles = lieux.ecoles_of(onglet.creneau)
    siens = {ecole: motifs[onglet.creneau.pk, ecole.pk] for ecole in ecoles if (onglet.creneau.pk, ecole.pk) in motifs}
    if onglet.ferme or not siens:
        return onglet
    if len(siens) == len(ecoles):
        return replace(onglet, ferme=", ".join(dict.fromkeys(siens.values())))
    return replace(onglet, fermetures=[f"{ecole}{NBSP}: {motif}" for ecole, motif in siens.items()])
