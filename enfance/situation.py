"""Reads what the rules need to know, in a fixed number of queries whatever the children and the days."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from enfance import faits
from enfance.cadre import load_cadre
from enfance.calendrier import UN_JOUR
from enfance.extensions import ExtensionEnfance
from enfance.models import AnneeScolaire, Classe, Creneau, Ecole, Enfant, Garde, Inscription, Scolarite
from enfance.regles import Acteur, Cle, InscriptionLue, Situation, SupplementTardif
from portail.dates import PARIS
from portail.select import ModelTable, instant, read, select


def load_situation(
    acteur: Acteur,
    debut: date,
    fin: date,
    *,
    now: datetime,
    enfants: Iterable[int] | None = None,
    places: bool = True,
    occupation: bool = True,
    inscriptions: bool = True,
    modeles: bool = False,
    accueil: bool = False,
) -> Situation:
    """All that the rules need to know from `debut` to `fin`, both included, for the children that `acteur` may see: a
    parent, their own; the town hall, those of the home for which it acts, and `enfants` (primary keys) alone if given;
    without a home, only `enfants`.

    One SELECT a fact, nine whatever the children and the days (`enfance.faits`); one more to count the places taken, if
    `places` asks for it and a créneau has a limit; one more when somebody waits. `modeles` adds the weekly patterns of
    the actor's home (one), `accueil` what the home page tells (two): the news, the last meal without its lunch break,
    and the last change, which comes with the children.

    Without `inscriptions`, no booking is read (a whole school has many). Without `occupation`, the places taken are
    left to `with_occupation`, as the page of a whole year may not need them.
    """
    cadre = load_cadre()
    creneaux, tenues = cadre.creneaux.par_code, cadre.creneaux.tenues
    codes = {creneau.pk: code for code, creneau in creneaux.items()}
    lues = _scolarites(acteur, enfants, accueil)
    lignes = [lue.scolarite for lue in lues]
    scolarites: dict[tuple[int, date], tuple[Scolarite, ...]] = {}
    for ligne in lignes:
        key = (ligne.enfant_id, ligne.annee.debut)
        scolarites[key] = (*scolarites.get(key, ()), ligne)
    pks = list(dict.fromkeys(ligne.enfant_id for ligne in lignes))
    gardes: dict[int, tuple[Garde, ...]] = {}
    for garde in load_gardes(pks):
        gardes[garde.enfant_id] = (*gardes.get(garde.enfant_id, ()), garde)
    connues: dict[Cle, InscriptionLue] = {}
    if inscriptions:
        for inscription in lignes_inscriptions(pks, debut, fin):
            connues[Cle(inscription.enfant, inscription.jour, codes[inscription.creneau])] = inscription.lue
    attendent = {cle.enfant for cle, connue in connues.items() if connue.etat == Inscription.Etat.ATTENTE}
    today = now.astimezone(PARIS).date()
    if pks and tenues:  # what no school of theirs holds is not theirs to see, but where they have a row
        codes_connus, depuis = {cle.creneau for cle in connues}, min(debut, today)
        ecoles = {s.ecole_id for s in lignes if s.annee.fin >= depuis and (s.depart is None or s.depart > depuis)}
        ecoles = ecoles or {ligne.ecole_id for ligne in lignes}
        creneaux = {
            code: creneau
            for code, creneau in creneaux.items()
            if creneau.pk not in tenues or tenues[creneau.pk] & ecoles or code in codes_connus
        }
    attendus = [creneau.pk for creneau in creneaux.values()] if places else []
    responsable = acteur.responsable.pk if acteur.responsable else None
    fermetures, fermetures_lues = faits.load_fermetures(min(debut, today), responsable, today)
    return Situation(
        now=now,
        acteur=acteur,
        calendrier=cadre.calendrier,
        limites=cadre.limites,
        creneaux=creneaux,
        regles=ExtensionEnfance.installed().regles,
        tardives=_tardives(acteur, creneaux.values()),
        enfants={ligne.enfant_id: ligne.enfant for ligne in lignes},
        scolarites=scolarites,
        tenues=tenues,
        tous=cadre.creneaux.par_code,
        gardes=gardes,
        fermetures=tuple(f for f in fermetures if f.debut <= fin and f.fin >= debut),
        annoncees=tuple(f for f in fermetures if f.fin >= today),
        fermetures_lues=fermetures_lues,
        actualites=faits.load_actualites(today) if accueil else (),
        inscriptions=connues,
        occupation=_occupation(creneaux.values(), debut, fin) if places and occupation else {},
        attendus=faits.load_attendus(attendus, debut, fin),
        rangs=faits.load_rangs(attendent, debut, fin),
        absences=faits.load_absences(pks, debut, fin),
        repas=faits.load_repas(pks, debut, fin),
        listes_repas=faits.load_listes(debut, fin),
        repas_sans_midi=faits.load_repas_sans_midi(pks, today) if accueil else None,
        modeles=faits.load_modeles(pks, acteur.chez.pk, today, codes) if modeles and acteur.chez else (),
        dernier_changement=max((lue.dernier for lue in lues if lue.dernier), default=None),
        jours=(debut, fin) if inscriptions and places and occupation else None,
    )


def _tardives(acteur: Acteur, creneaux: Iterable[Creneau]) -> Callable[[Creneau, date], SupplementTardif | None] | None:
    """What it costs a parent to book after the limit; None for anybody else, and where no créneau has a second limit:
    nothing more is then read.
    """
    if acteur.responsable is None or all(creneau.delai_tardif_id is None for creneau in creneaux):
        return None
    dites = [tardives() for tardives in ExtensionEnfance.installed().tardives]
    return (lambda creneau, jour: next(filter(None, (dit(creneau, jour) for dit in dites)), None)) if dites else None


def with_occupation(situation: Situation, debut: date, fin: date) -> Situation:
    """This situation, loaded without `occupation`, with the places taken from `debut` to `fin` read now. One query."""
    return replace(situation, occupation=_occupation(situation.creneaux.values(), debut, fin))


class ScolariteLue(NamedTuple):
    """A place with its child, its year, its school and its class; when anything of the child last changed."""

    scolarite: Scolarite
    dernier: datetime | None


TABLES = (
    ModelTable(Scolarite, "s"),
    ModelTable(Enfant, "e", "onde"),
    ModelTable(AnneeScolaire, "a"),
    ModelTable(Ecole, "o"),
    ModelTable(Classe, "k"),
)


def _scolarites(acteur: Acteur, enfants: Iterable[int] | None, accueil: bool) -> list[ScolariteLue]:
    """The places in their years of the children that a parent or a home may see, or of any of `enfants`."""
    seuls = None
    if enfants is not None or acteur.chez is None:
        seuls = sorted(set(enfants or ()))
    if seuls == []:
        return []
    return load_scolarites(
        responsable=acteur.responsable.pk if acteur.responsable else None,
        foyer=acteur.pour.pk if acteur.pour else None,
        enfants=seuls,
        dernier=accueil,
    )


def load_scolarites(
    *, responsable: int | None, foyer: int | None, enfants: Collection[int] | None, dernier: bool
) -> list[ScolariteLue]:
    """The places at school, in all years, of the children whom this adult sees, or of this home (primary keys), and of
    these `enfants` alone if given, in the order of their ages, the eldest first; with `dernier`, when each child's
    inscriptions last changed. One query.
    """
    conditions: list[str] = []
    valeurs: list[Any] = []
    if responsable is not None:
        conditions.append("""
            s.enfant_id IN (
                SELECT enfant_id FROM enfance_responsabilite WHERE responsable_id = %s AND NOT suspendue
            )""")
        valeurs.append(responsable)
    elif foyer is not None:
        conditions.append("""
            s.enfant_id IN (
                SELECT enfant_id FROM enfance_garde WHERE foyer_id = %s
                UNION
                SELECT l.enfant_id FROM enfance_responsabilite l
                JOIN enfance_responsable r ON r.id = l.responsable_id
                WHERE r.foyer_id = %s AND NOT l.suspendue
            )""")
        valeurs += [foyer, foyer]
    if enfants is not None:
        conditions.append("s.enfant_id IN %s")
        valeurs.append(list(enfants))
    change = """(
        SELECT n.quand FROM enfance_evenement v JOIN enfance_enregistrement n ON n.id = v.enregistrement_id
        WHERE v.enfant_id = s.enfant_id ORDER BY v.enregistrement_id DESC LIMIT 1
    )"""
    sql = f"""
        SELECT {", ".join(table.columns for table in TABLES)}, {change if dernier else "NULL"}
        FROM enfance_scolarite s
        JOIN enfance_enfant e ON e.id = s.enfant_id
        JOIN enfance_anneescolaire a ON a.id = s.annee_id
        JOIN enfance_ecole o ON o.id = s.ecole_id
        LEFT JOIN enfance_classe k ON k.id = s.classe_id
        WHERE {" AND ".join(conditions)}
        ORDER BY e.date_naissance, e.prenom, e.id, s.debut ASC NULLS FIRST
    """  # noqa: S608 (names of the models, and the two conditions above)
    return select(_scolarite_lue, sql, valeurs)


def _scolarite_lue(*ligne: Any) -> ScolariteLue:
    scolarite, scolarite.enfant, scolarite.annee, scolarite.ecole, scolarite.classe, dernier = read(ligne, *TABLES)
    return ScolariteLue(scolarite, instant(dernier))


GARDE = ModelTable(Garde, "g")


def load_gardes(enfants: Collection[int]) -> list[Garde]:
    """The rules of custody (gardes) of these children (primary keys), in the order in which they were written. One
    query.
    """
    sql = f"SELECT {GARDE.columns} FROM enfance_garde g WHERE g.enfant_id IN %s ORDER BY g.id"  # noqa: S608 (names alone)
    return select(lambda *ligne: GARDE.read(ligne), sql, [list(enfants)])


class LigneInscription(NamedTuple):
    """An inscription with its box: the child and the créneau by their primary keys."""

    enfant: int
    jour: date
    creneau: int
    lue: InscriptionLue


def lignes_inscriptions(enfants: Collection[int], debut: date, fin: date) -> list[LigneInscription]:
    """The inscriptions of these children (primary keys) from `debut` to `fin`, both included, in the order in which
    they were written. One query.
    """
    sql = """
        SELECT enfant_id, jour, creneau_id, id, etat, origine, foyer_id, attente_depuis
        FROM enfance_inscription
        WHERE enfant_id IN %s AND jour BETWEEN %s AND %s
        ORDER BY id
    """
    return select(_ligne_inscription, sql, [list(enfants), debut, fin])


def _ligne_inscription(
    enfant: int, jour: date, creneau: int, pk: int, etat: str, origine: str, foyer: int | None, depuis: datetime | None
) -> LigneInscription:
    return LigneInscription(enfant, jour, creneau, InscriptionLue(pk, etat, origine, foyer, instant(depuis)))


def _occupation(creneaux: Iterable[Creneau], debut: date, fin: date) -> dict[tuple[date, int], int]:
    """How many places are taken, by day and créneau, of those that have a number of them."""
    return load_occupation([creneau.pk for creneau in creneaux if creneau.places is not None], debut, fin)


def load_occupation(creneaux: Collection[int], debut: date, fin: date) -> dict[tuple[date, int], int]:
    """How many places of these créneaux (primary keys) are taken from `debut` to `fin`, both included, by day and
    créneau; a pair without any is left out. One query.
    """
    # All of it is in the index: the rows themselves are not looked at.
    sql = """
        SELECT jour, creneau_id, COUNT(*) FROM enfance_inscription
        WHERE creneau_id IN %s AND etat = %s AND jour BETWEEN %s AND %s
        GROUP BY jour, creneau_id
    """
    valeurs = [list(creneaux), Inscription.Etat.INSCRIT.value, debut, fin]
    return {(jour, creneau): n for jour, creneau, n in select(lambda *ligne: ligne, sql, valeurs)}


def load_places(debut: date, fin: date, *, today: date) -> dict[tuple[date, str], int]:
    """The places left from `debut` to `fin`, today or later, by day and code of the créneau, for the créneaux whose
    places are limited.

    Holidays and closures are not taken into account, as their boxes are not shown. Two queries, one without such a
    créneau.
    """
    creneaux = list(Creneau.objects.filter(places__isnull=False))
    prises = _occupation(creneaux, max(debut, today), fin)
    jours = [debut + UN_JOUR * n for n in range((fin - debut).days + 1)]
    return {
        (jour, creneau.code): max(0, creneau.places - prises.get((jour, creneau.pk), 0))
        for jour in jours
        for creneau in creneaux
        if jour >= today and jour.weekday() in creneau.jours and creneau.places is not None
    }


def refresh_rangs(situation: Situation) -> Situation:
    """This situation, after a write, with the ranks that its inscriptions on waiting lists have now. One query, none
    when nobody waits.
    """
    attentes = [i.pk for i in situation.inscriptions.values() if i.etat == Inscription.Etat.ATTENTE]
    if not attentes:
        return situation.with_rangs({})
    lignes = Inscription.objects.filter(pk__in=attentes).with_rang()
    return situation.with_rangs({ligne.pk: ligne.rang for ligne in lignes if ligne.rang})
