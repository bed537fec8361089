"""What holds on certain days beside the calendar: closures, lists, meals, absences, waiting lists, patterns, news. Each
is one SELECT, whatever the children and the days; none is asked where nothing could be found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from enfance.models import Creneau, Inscription
from enfance.natures import NatureFermeture
from enfance.regles import FermetureVue, ListeVue
from enfance.semaine_modele import Modele
from portail.select import select

type Jour = tuple[int, date]  # a child and its day


class Fermetures(NamedTuple):
    """The oldest written first; those that the parent has put away (primary keys)."""

    fermetures: tuple[FermetureVue, ...]
    lues: frozenset[int]


def load_fermetures(depuis: date, responsable: int | None, today: date) -> Fermetures:
    """The closures that are not over on the day `depuis`, and the primary keys of those not over `today` whose
    announcement this parent (primary key, or None) has hidden. One query.
    """
    lignes = lignes_fermetures(depuis, responsable)
    par_pk: dict[int, list[LigneFermeture]] = {}
    for ligne in lignes:
        par_pk.setdefault(ligne.pk, []).append(ligne)
    fermetures = tuple(
        FermetureVue(
            siennes[0].debut,
            siennes[0].fin,
            siennes[0].motif,
            creneaux=_named(ligne.creneau for ligne in siennes),
            classes=_named(ligne.classe for ligne in siennes),
            ecoles=_named(ligne.ecole for ligne in siennes),
            niveaux=frozenset(siennes[0].niveaux.split()),
            restent=_named(ligne.reste for ligne in siennes),
            nature=NatureFermeture(siennes[0].nature),
            pk=pk,
        )
        for pk, siennes in par_pk.items()
    )
    return Fermetures(fermetures, _named(ligne.lue for ligne in lignes if ligne.fin >= today))


class LigneFermeture(NamedTuple):
    """A closure with one of its créneaux, classes and schools, None where it names none, or with one of the children
    whom it leaves out (`reste`). `niveaux`: codes set apart by spaces; `lue`: its own key, where the parent has put it
    away.
    """

    pk: int
    debut: date
    fin: date
    motif: str
    creneau: int | None
    classe: int | None
    ecole: int | None
    lue: int | None
    nature: str
    niveaux: str
    reste: int | None


def lignes_fermetures(depuis: date, responsable: int | None) -> list[LigneFermeture]:
    """The rows of the closures that are not over on that day, the oldest written first: one row for each créneau, class
    and school that a closure names, marked where the parent `responsable` (primary key) has hidden its announcement;
    and one for each child whom it leaves out.
    """
    sql = """
        SELECT
            f.id, f.debut, f.fin, f.motif, m.creneau_id, k.classe_id, e.ecole_id, l.fermeture_id, f.nature, f.niveaux,
            NULL
        FROM enfance_fermeture f
        LEFT JOIN enfance_fermeture_creneaux m ON m.fermeture_id = f.id
        LEFT JOIN enfance_fermeture_classes k ON k.fermeture_id = f.id
        LEFT JOIN enfance_fermeture_ecoles e ON e.fermeture_id = f.id
        LEFT JOIN enfance_fermeturelue l ON l.fermeture_id = f.id AND l.responsable_id = %s
        WHERE f.fin >= %s
        UNION ALL
        SELECT f.id, f.debut, f.fin, f.motif, NULL, NULL, NULL, NULL, f.nature, f.niveaux, r.enfant_id
        FROM enfance_enfantreste r JOIN enfance_fermeture f ON f.id = r.fermeture_id
        WHERE f.fin >= %s
        ORDER BY 1
    """
    return select(LigneFermeture, sql, [responsable, depuis, depuis])


class LigneListe(NamedTuple):
    """A list of the association with one of its schools, None where it names none."""

    pk: int
    debut: date
    fin: date
    ecole: int | None


def load_listes(debut: date, fin: date) -> tuple[ListeVue, ...]:
    """The lists of meals that cover one of the days from `debut` to `fin`, both included. One query."""
    vues: dict[int, ListeVue] = {}
    for ligne in lignes_listes(debut, fin):
        vue = vues.get(ligne.pk, ListeVue(ligne.debut, ligne.fin))
        vues[ligne.pk] = replace(vue, ecoles=vue.ecoles | _named([ligne.ecole]))
    return tuple(vues.values())


def lignes_listes(debut: date, fin: date) -> list[LigneListe]:
    """The rows of the lists of meals that cover one of the days from `debut` to `fin`, both included: one row for each
    school that a list names.
    """
    sql = """
        SELECT l.id, l.debut, l.fin, e.ecole_id
        FROM enfance_listerepas l LEFT JOIN enfance_listerepas_ecoles e ON e.listerepas_id = l.id
        WHERE l.debut <= %s AND l.fin >= %s
        ORDER BY l.id
    """
    return select(LigneListe, sql, [fin, debut])


def load_repas(enfants: Collection[int], debut: date, fin: date) -> frozenset[Jour]:
    """The meals ordered for these children (primary keys), and not said to be cancelled, from `debut` to `fin`, both
    included: pairs of child and day. One query.
    """
    sql = """
        SELECT enfant_id, jour FROM enfance_repas
        WHERE enfant_id IN %s AND annule_le IS NULL AND jour BETWEEN %s AND %s
    """
    return frozenset(select(lambda enfant, jour: (enfant, jour), sql, [list(enfants), debut, fin]))


def load_repas_sans_midi(enfants: Collection[int], today: date) -> date | None:
    """The last day, from today on, on which one of these children (primary keys) has a meal ordered and no place at the
    lunch break; None without any. One query.
    """
    sql = """
        SELECT r.jour FROM enfance_repas r
        WHERE r.enfant_id IN %s AND r.annule_le IS NULL AND r.jour >= %s AND NOT EXISTS (
            SELECT 1 FROM enfance_inscription i JOIN enfance_creneau c ON c.id = i.creneau_id
            WHERE i.enfant_id = r.enfant_id AND i.jour = r.jour AND i.etat = %s AND c.moment = %s
        )
        ORDER BY r.jour DESC LIMIT 1
    """
    valeurs = [list(enfants), today, Inscription.Etat.INSCRIT.value, Creneau.Moment.MIDI.value]
    return next(iter(select(lambda jour: jour, sql, valeurs)), None)


class CreneauAbsent(NamedTuple):
    """An absence with one of its créneaux (primary key), None for the whole day."""

    enfant: int
    jour: date
    creneau: int | None


def load_absences(enfants: Collection[int], debut: date, fin: date) -> dict[Jour, frozenset[int]]:
    """The absences of these children (primary keys) told and not taken back, from `debut` to `fin`, both included: by
    child and day, the créneaux (primary keys) that they name, none for the whole day. One query.
    """
    dites: dict[Jour, frozenset[int]] = {}
    for ligne in lignes_absences(enfants, debut, fin):
        key = ligne.enfant, ligne.jour
        dites[key] = dites.get(key, frozenset()) | _named([ligne.creneau])
    return dites


def lignes_absences(enfants: Collection[int], debut: date, fin: date) -> list[CreneauAbsent]:
    """The rows of the absences of these children (primary keys) told and not taken back, from `debut` to `fin`, both
    included: one row for each créneau that an absence names.
    """
    sql = """
        SELECT a.enfant_id, a.jour, c.creneau_id
        FROM enfance_absence a LEFT JOIN enfance_absence_creneaux c ON c.absence_id = a.id
        WHERE a.enfant_id IN %s AND a.retiree_le IS NULL AND a.jour BETWEEN %s AND %s
    """
    return select(CreneauAbsent, sql, [list(enfants), debut, fin])


def load_attendus(creneaux: Collection[int], debut: date, fin: date) -> frozenset[tuple[date, int]]:
    """The days and créneaux, among these (primary keys) and from `debut` to `fin` (included), for which somebody is on
    the waiting list. One query.
    """
    sql = """
        SELECT DISTINCT jour, creneau_id FROM enfance_inscription
        WHERE creneau_id IN %s AND etat = %s AND jour BETWEEN %s AND %s
    """
    valeurs = [list(creneaux), Inscription.Etat.ATTENTE.value, debut, fin]
    return frozenset(select(lambda jour, creneau: (jour, creneau), sql, valeurs))


def load_rangs(enfants: Collection[int], debut: date, fin: date) -> dict[int, int]:
    """The ranks, from 1, of these children (primary keys) on the waiting lists from `debut` to `fin` (included), by
    primary key of the inscription. One query.
    """
    sql = """
        SELECT i.id, (
            SELECT COUNT(*) FROM enfance_inscription d
            WHERE d.creneau_id = i.creneau_id AND d.jour = i.jour AND d.etat = i.etat AND (
                d.attente_depuis < i.attente_depuis OR (d.attente_depuis = i.attente_depuis AND d.id <= i.id)
            )
        )
        FROM enfance_inscription i
        WHERE i.enfant_id IN %s AND i.etat = %s AND i.jour BETWEEN %s AND %s
    """
    valeurs = [list(enfants), Inscription.Etat.ATTENTE.value, debut, fin]
    return dict(select(lambda pk, rang: (pk, rang), sql, valeurs))


def load_actualites(today: date) -> tuple[str, ...]:
    """The texts of the town hall's news to show today, the latest first. One query."""
    sql = """
        SELECT texte FROM enfance_actualite
        WHERE debut <= %s AND (fin IS NULL OR fin >= %s) AND retiree_le IS NULL
        ORDER BY debut DESC, id DESC
    """
    return tuple(select(str, sql, [today, today]))


class LigneModele(NamedTuple):
    """A weekly pattern with one of its boxes (weekday, Monday being 0, and primary key of the créneau), or None."""

    pk: int
    enfant: int
    debut: date
    fin: date
    depuis: date | None
    jour_semaine: int | None
    creneau: int | None


def load_modeles(enfants: Collection[int], foyer: int, today: date, codes: dict[int, str]) -> tuple[Modele, ...]:
    """The weekly patterns of this home for these children (primary keys) that are not over today, the latest written
    first. `codes`: the code of each créneau, by primary key. One query.
    """
    modeles: dict[int, Modele] = {}
    for ligne in lignes_modeles(enfants, foyer, today):
        modele = modeles.get(ligne.pk, Modele(ligne.enfant, frozenset(), ligne.debut, ligne.fin, ligne.depuis))
        if ligne.creneau is not None and ligne.jour_semaine is not None:
            modele = replace(modele, boxes=modele.boxes | {(ligne.jour_semaine, codes[ligne.creneau])})
        modeles[ligne.pk] = modele
    return tuple(modeles.values())


def lignes_modeles(enfants: Collection[int], foyer: int, today: date) -> list[LigneModele]:
    """The rows of the weekly patterns of this home for these children (primary keys) that are not over today, the
    latest written first: one row for each box of a pattern, and one for an empty pattern.
    """
    sql = """
        SELECT s.id, s.enfant_id, s.debut, s.fin, s.depuis, m.jour_semaine, m.creneau_id
        FROM enfance_semainetype s LEFT JOIN enfance_momenttype m ON m.semaine_type_id = s.id
        WHERE s.enfant_id IN %s AND s.foyer_id = %s AND s.fin >= %s
        ORDER BY s.id DESC
    """
    return select(LigneModele, sql, [list(enfants), foyer, today])


def _named(pks: Iterable[int | None]) -> frozenset[int]:
    return frozenset(pk for pk in pks if pk)
