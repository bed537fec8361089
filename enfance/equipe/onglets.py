"""The créneaux of a day, as the sheet leads from one to the other. Reads, never writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from accounts.models import User
from enfance.ecoles import SUR_PLACE
from enfance.equipe.lieux import Lieux, load_lieux
from enfance.models import Creneau, Fermeture, Inscription
from enfance.natures import NatureFermeture
from portail.dates import heure_texte
from portail.francais import NBSP, pluriel
from portail.select import ModelTable, instant, read, select


@dataclass(frozen=True)
class Onglet:
    """A créneau of the day: how many hold a place, who closed its sheet, why it is closed to all if it is, how many
    adults somebody said were there, what the town declared for the year. Where the town has several schools, `lieu`
    names those that hold it, `partage` says that they are several, `fermetures` which of them are closed, and why.
    `sorties`: who is on a trip, or without their teacher, and how many that makes less.
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
    sorties: Sequence[str] = ()

    @property
    def fin(self) -> str:
        """The hour at which the créneau ends, in words: « 18 h 30 »."""
        return heure_texte(self.creneau.fin)


@dataclass(frozen=True)
class Onglets:
    """Those of the school that is shown; in a town of several, `lieux` says which it is."""

    onglets: list[Onglet] = field(default_factory=list)
    lieux: Lieux = field(default_factory=Lieux)


def load_onglets(jour: date, agent: User | None = None, *, code: str = "", ecole: str = "") -> Onglets:
    """The créneaux held on this day's weekday that this agent may see (or all), with what the day made of each; of one
    school where the town has several, which `code` or `ecole` may choose.

    One query; four more in a town of several schools, two more on a day when one of them is closed, four more on a day
    of a trip.
    """
    lignes = lignes_creneaux(jour, agent)
    lieux = load_lieux([ligne.creneau for ligne in lignes], agent, code=code, ecole=ecole, jour=jour)
    onglets = [
        Onglet(
            creneau=ligne.creneau,
            inscrits=ligne.inscrits,
            clos_le=ligne.clos_le,
            clos_par=f"{ligne.clos_prenom or ''} {ligne.clos_nom or ''}".strip(),
            ferme=ligne.ferme or "",
            adultes=ligne.adultes,
            declaree=bool(ligne.declaree),
            pedt=bool(ligne.pedt),
            lieu=lieux.nom_of(ligne.creneau),
            partage=len(lieux.ecoles_of(ligne.creneau)) > 1,
        )
        for ligne in lignes
        if jour.weekday() in ligne.creneau.jours and lieux.shows(ligne.creneau)
    ]
    onglets = _with_fermetures(onglets, lieux, jour)
    return Onglets(_with_sorties(onglets, lieux, jour) if any(ligne.sortie for ligne in lignes) else onglets, lieux)


class LigneCreneau(NamedTuple):
    """A créneau, and what a day makes of it; None for what nobody said."""

    creneau: Any  # it says whether the town has several schools (`plusieurs`)
    inscrits: int
    ferme: str | None
    sortie: bool
    clos_le: datetime | None
    clos_prenom: str | None
    clos_nom: str | None
    adultes: int | None
    declaree: bool | None
    pedt: bool | None


CRENEAU = ModelTable(Creneau, "c")


# As `creneaux_of` says it of an agent: those of a school that they see, or of every school while they see one.
SIENS = """
    WHERE EXISTS (
        SELECT 1 FROM enfance_ecole o
        WHERE (
            %s
            OR EXISTS (
                SELECT 1 FROM accounts_user_groups g JOIN auth_group n ON n.id = g.group_id
                WHERE g.user_id = %s AND n.name NOT IN %s
            )
            OR NOT EXISTS (SELECT 1 FROM enfance_ecole d WHERE d.id <> o.id)
            OR EXISTS (SELECT 1 FROM enfance_affectation s WHERE s.ecole_id = o.id AND s.agent_id = %s)
        ) AND (
            NOT EXISTS (SELECT 1 FROM enfance_creneau_ecoles t WHERE t.creneau_id = c.id)
            OR EXISTS (SELECT 1 FROM enfance_creneau_ecoles t WHERE t.creneau_id = c.id AND t.ecole_id = o.id)
        )
    )
"""


def lignes_creneaux(jour: date, agent: User | None) -> list[LigneCreneau]:
    """The créneaux of this agent's schools (or all of them), in their order, whatever their weekdays, with what that
    day made of each: how many are registered, who closed the sheet, why it is closed… One query.
    """
    sql = f"""
        SELECT {CRENEAU.columns},
            (SELECT COUNT(*) > 1 FROM enfance_ecole),
            (SELECT COUNT(*) FROM enfance_inscription i WHERE i.creneau_id = c.id AND i.jour = %s AND i.etat = %s),
            (
                SELECT f.motif FROM enfance_fermeture f
                LEFT JOIN enfance_fermeture_creneaux m ON m.fermeture_id = f.id
                WHERE f.nature = %s AND f.debut <= %s AND f.fin >= %s AND (m.creneau_id IS NULL OR m.creneau_id = c.id)
                    AND NOT EXISTS (SELECT 1 FROM enfance_fermeture_classes k WHERE k.fermeture_id = f.id)
                    AND NOT EXISTS (SELECT 1 FROM enfance_fermeture_ecoles e WHERE e.fermeture_id = f.id)
                ORDER BY f.debut DESC, f.id LIMIT 1
            ),
            EXISTS (SELECT 1 FROM enfance_fermeture f WHERE f.nature <> %s AND f.debut <= %s AND f.fin >= %s),
            a.clos_le, u.first_name, u.last_name,
            (
                SELECT p.nombre FROM enfance_adultespresents p WHERE p.creneau_id = c.id AND p.jour = %s
                ORDER BY p.fait_le DESC, p.recu_le DESC, p.id DESC LIMIT 1
            ),
            y.declaree, y.pedt
        FROM enfance_creneau c
        LEFT JOIN enfance_appel a ON a.creneau_id = c.id AND a.jour = %s AND a.rouvert_le IS NULL
        LEFT JOIN accounts_user u ON u.id = a.clos_par_id
        LEFT JOIN enfance_anneescolaire y ON y.id = (
            SELECT id FROM enfance_anneescolaire WHERE debut <= %s AND fin >= %s ORDER BY debut DESC LIMIT 1
        )
        {SIENS if agent else ""}
        ORDER BY c.ordre, c.debut, c.id
    """  # noqa: S608 (names of the model, and the text above)
    fermeture = NatureFermeture.FERMETURE.value
    valeurs = [jour, Inscription.Etat.INSCRIT.value, fermeture, jour, jour, fermeture, *[jour] * 6]
    if agent:
        valeurs += [agent.is_superuser, agent.pk, list(SUR_PLACE), agent.pk]
    return select(_ligne_creneau, sql, valeurs)


def _ligne_creneau(*ligne: Any) -> LigneCreneau:
    creneau, plusieurs, inscrits, ferme, sortie, clos_le, *reste = read(ligne, CRENEAU)
    creneau.plusieurs = bool(plusieurs)
    return LigneCreneau(creneau, inscrits, ferme, bool(sortie), instant(clos_le), *reste)


def _with_fermetures(onglets: list[Onglet], lieux: Lieux, jour: date) -> list[Onglet]:
    """The same with the closures of some schools: a créneau whose schools are all closed is closed to all."""
    if not lieux.tenues:
        return onglets
    du_jour = Fermeture.objects.filter(nature=NatureFermeture.FERMETURE, debut__lte=jour, fin__gte=jour, classes=None)
    fermetures = du_jour.exclude(ecoles=None).distinct()
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


def _with_sorties(onglets: list[Onglet], lieux: Lieux, jour: date) -> list[Onglet]:
    """The same with the trips of the day: whoever is on one is not missing."""
    du_jour = Fermeture.objects.exclude(nature=NatureFermeture.FERMETURE).filter(debut__lte=jour, fin__gte=jour)
    sorties = list(du_jour.order_by("pk").prefetch_related("classes", "creneaux", "ecoles"))
    moins = Inscription.objects.filter(jour=jour).retirees_by([sortie.pk for sortie in sorties])
    return [
        replace(
            onglet,
            sorties=[
                _sortie_phrase(sortie, moins.get((sortie.pk, jour, onglet.creneau.pk), 0))
                for sortie in sorties
                if _is_touche(onglet.creneau, sortie, lieux)
            ],
        )
        for onglet in onglets
    ]


def _is_touche(creneau: Creneau, sortie: Fermeture, lieux: Lieux) -> bool:
    """Whether the trip is of this créneau, and of a school that holds it."""
    creneaux, ecoles = sortie.creneaux.all(), {str(ecole) for ecole in sortie.ecoles.all()}
    tenues = {str(ecole) for ecole in lieux.ecoles_of(creneau)}
    return (not creneaux or creneau in creneaux) and (not (ecoles and tenues) or bool(ecoles & tenues))


def _sortie_phrase(sortie: Fermeture, moins: int) -> str:
    """« CM1 en sortie (musée, retour à 18 h) : 7 enfants de moins »."""
    suite = f"{NBSP}: {pluriel(moins, 'enfant,enfants')} de moins" if moins else ""
    return f"{sortie.mots.of(sortie.groupes)} ({sortie.motif}){suite}"
