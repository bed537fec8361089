"""A child of the day, as the team may know it: who may fetch it, and that there is something to watch over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from enfance.ecoles import creneaux_of, ecoles_of, nom_ecole
from enfance.equipe.telephones import load_parents
from enfance.famille.fratries import InterditeAilleurs, load_ailleurs
from enfance.famille.homonymes import admission_of, proches
from enfance.famille.personnes import periode_texte
from enfance.models import (
    Absence,
    DemandeAutorisation,
    Inscription,
    Niveau,
    PersonneAutorisee,
    Pointage,
    Responsable,
    Scolarite,
)
from portail.dates import PARIS, jour_annee
from portail.francais import NBSP
from portail.select import ModelTable, select


@dataclass(frozen=True)
class AdulteVenu:
    """Somebody who may fetch the child that day, or, `interdite`, to whom it is never handed. `alerte`: why the team
    looks twice, one person's name being like another's.
    """

    pk: int
    nom: str
    lien: str
    telephone: str
    periode: str
    interdite: bool
    alerte: str = ""

    def __str__(self) -> str:
        return f"{self.nom} ({self.lien})" if self.lien else self.nom


def load_adultes(enfants: Collection[int], jour: date) -> dict[int, list[AdulteVenu]]:
    """The persons who may fetch each of these children that day besides its parents, and those to whom it is never
    handed, by child (primary key). One query; one more where somebody is forbidden. A child without any is left out.
    """
    personnes = load_personnes(enfants, jour)
    interdites: dict[int, list[PersonneAutorisee]] = {}
    for personne in personnes:
        if personne.interdite:
            interdites.setdefault(personne.enfant_id, []).append(personne)
    demandes: dict[int, list[DemandeAutorisation]] = {}
    if interdites:
        for demande in DemandeAutorisation.objects.filter(enfant__in=interdites):
            demandes.setdefault(demande.enfant_id, []).append(demande)
    adultes: dict[int, list[AdulteVenu]] = {}
    for personne in personnes:
        of_enfant = interdites.get(personne.enfant_id, []), demandes.get(personne.enfant_id, [])
        alerte = _tentatives(personne, *of_enfant) if personne.interdite else _ressemblance(personne, *of_enfant)
        periode = periode_texte(personne.debut, personne.fin)
        lu = personne.pk, personne.nom, personne.lien, personne.telephone, periode, personne.interdite
        adulte = AdulteVenu(*lu, alerte)
        adultes.setdefault(personne.enfant_id, []).append(adulte)
    return adultes


PERSONNE = ModelTable(PersonneAutorisee, "p")


def load_personnes(enfants: Collection[int], jour: date) -> list[PersonneAutorisee]:
    """The persons, authorised or forbidden, that hold on that day for these children, in the order of their names."""
    sql = f"""
        SELECT {PERSONNE.columns} FROM enfance_personneautorisee p
        WHERE p.enfant_id IN %s AND p.retiree_le IS NULL
            AND (p.debut IS NULL OR p.debut <= %s) AND (p.fin IS NULL OR p.fin >= %s)
        ORDER BY p.tri, p.id
    """  # noqa: S608 (names of the model alone)
    return select(lambda *ligne: PERSONNE.read(ligne), sql, [list(enfants), jour, jour])


def _tentatives(
    personne: PersonneAutorisee, interdites: list[PersonneAutorisee], demandes: list[DemandeAutorisation]
) -> str:
    """Under what names like this one a parent asked to add somebody, and when; empty when nobody did."""
    tentatives = [
        f"{demande.dit} ({jour_annee(demande.demandee_le.astimezone(PARIS).date())})"
        for demande in demandes
        if not demande.admise and proches(demande.nom, demande.lien, [personne])
    ]
    s = "s" if tentatives[1:] else ""
    return f"Nom{s} demandé{s} par un parent, pas autorisé{s}{NBSP}: {', '.join(tentatives)}" if tentatives else ""


def _ressemblance(
    personne: PersonneAutorisee, interdites: list[PersonneAutorisee], demandes: list[DemandeAutorisation]
) -> str:
    """That this person, who may fetch the child, has a name like that of one to whom it is never handed."""
    proches_ = proches(personne.nom, personne.lien, interdites)
    if not proches_:
        return ""
    noms = " et ".join(interdite.nom for interdite in proches_)
    demande = admission_of(personne, demandes)
    if demande and demande.decidee_le:
        admise_le = jour_annee(demande.decidee_le.astimezone(PARIS).date())
        return f"vérifiez l’identité{NBSP}: homonyme de {noms}, admis par la mairie le {admise_le}"
    return f"vérifiez l’identité{NBSP}: son nom ressemble à celui de {noms}"


class Suivi(Protocol):
    """What `sante_of` needs of a child: a PAI, the last day it counts (None: no end), a free-text instruction."""

    @property
    def pai(self) -> bool:
        """Whether the child has a PAI, a health protocol."""

    @property
    def pai_fin(self) -> date | None:
        """The last day on which the PAI holds; None without an end."""

    @property
    def consigne(self) -> str:
        """The written instruction about the child's health; may be empty."""


def sante_of(enfant: Suivi, jour: date) -> str:
    """That there is something to read about the child's health before it is in one's care, « PAI » or « Consigne »;
    never what. Empty when there is nothing.
    """
    if enfant.pai and (enfant.pai_fin is None or enfant.pai_fin >= jour):
        return "PAI"
    return "Consigne" if enfant.consigne else ""


def classe_dite(niveau: str, classe: str, lieu: str) -> str:
    """The level of a child in words, « CE1 », with its class (`classe`) and its school (`lieu`) where they are given.
    The level is left out when the name of the class begins with it.
    """
    dit = Niveau(niveau).label
    return ", ".join(filter(None, ["" if f"{classe} ".startswith(f"{dit} ") else dit, classe, lieu]))


def classe_of(eleve: Any) -> str:
    """The level, the class and, where the town has several schools, the school of this pupil, in words: « CE1, Mme
    Roux ». `eleve`: a scolarité annotated with `lieu`.
    """
    return classe_dite(eleve.niveau, str(eleve.classe or ""), eleve.lieu)


@dataclass(frozen=True)
class Fiche:
    """What the team may know of a child of the day. `parents`: those who answer for it, with their numbers;
    `ailleurs`: who is forbidden for its brothers and sisters, and not for this child.
    """

    pk: int
    nom: str
    prenom: str
    classe: str
    parents: list[Responsable]
    autorises: list[AdulteVenu]
    interdits: list[AdulteVenu]
    ailleurs: list[InterditeAilleurs]
    sante: str
    pai_fin: date | None
    consigne: str
    absence: str  # « Absence signalée », and of which moments where it is not of the whole day


def load_fiche(pk: int, jour: date, agent: User | None = None) -> Fiche | None:
    """What the team may know of this child (primary key) on that day; None when the child is on no attendance sheet of
    that day, or on none of this agent's.
    """
    return next(iter(_load(_du_jour(jour, agent).filter(enfant=pk), jour, agent)), None)


def load_fiches(jour: date, agent: User | None = None) -> list[Fiche]:
    """What the team may know of each child of that day's attendance sheets (or of this agent's), by increasing primary
    key. The number of queries does not depend on the number of children.
    """
    return _load(_du_jour(jour, agent).order_by("enfant"), jour, agent)


def enfants_du_jour(jour: date, agent: User) -> set[int]:
    """The primary keys of the children who are on this agent's attendance sheets of that day."""
    return set(_du_jour(jour, agent).order_by().values_list("enfant", flat=True))


def _du_jour(jour: date, agent: User | None) -> QuerySet[Scolarite]:
    """The scolarités of those on a sheet of that day: registered, waiting for a place, or there all the same."""
    seance: dict[str, Any] = {"jour": jour, "enfant": OuterRef("enfant")}
    if agent is not None:
        seance["creneau__in"] = creneaux_of(agent).order_by().values("pk")
    sheets = Q(Exists(Inscription.objects.active().filter(**seance)))
    sheets |= Q(Exists(Pointage.objects.filter(**seance, present=True)))
    return Scolarite.objects.known_on(jour).filter(sheets)


def _load(scolarites: QuerySet[Any], jour: date, agent: User | None) -> list[Fiche]:
    eleves = list(scolarites.select_related("enfant", "classe").annotate(lieu=nom_ecole()))
    pks = [eleve.enfant_id for eleve in eleves]
    if not pks:
        return []
    adultes = load_adultes(pks, jour)
    parents = load_parents(pks)
    interdites = PersonneAutorisee.objects.on(jour).filter(interdite=True)
    ecoles = ecoles_of(agent) if agent else None
    ailleurs = load_ailleurs([eleve.enfant for eleve in eleves], interdites, jour, ecoles=ecoles)
    dites = Absence.objects.standing().filter(jour=jour, enfant__in=pks).prefetch_related("creneaux")
    absents = {absence.enfant_id: absence.moments for absence in dites}
    return [
        Fiche(
            pk=eleve.enfant_id,
            nom=str(eleve.enfant),
            prenom=eleve.enfant.prenom,
            classe=classe_of(eleve),
            parents=parents.get(eleve.enfant_id, []),
            autorises=[adulte for adulte in adultes.get(eleve.enfant_id, []) if not adulte.interdite],
            interdits=[adulte for adulte in adultes.get(eleve.enfant_id, []) if adulte.interdite],
            ailleurs=ailleurs.get(eleve.enfant_id, []),
            sante=sante_of(eleve.enfant, jour),
            pai_fin=eleve.enfant.pai_fin,
            consigne=eleve.enfant.consigne,
            absence=_absence_phrase(absents.get(eleve.enfant_id)),
        )
        for eleve in eleves
    ]


def _absence_phrase(moments: str | None) -> str:
    """None: nothing was told."""
    if moments is None:
        return ""
    return "Absence signalée" + (f"{NBSP}: {moments}" if moments else "")
