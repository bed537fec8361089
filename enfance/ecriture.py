"""Writes what `inscriptions`, `retours` and `changement_ecole` have decided: rows, trace, waiting lists, mails. No
other module calls it, but that a save is noted and told of by `planning.repas` as well.

All of it is called within a transaction that has locked the créneaux, once the rules have been asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from accounts import outbox
from accounts.models import User
from enfance.models import Enregistrement, Evenement, Fermeture, Inscription
from enfance.regles import Acteur, Action, Cle, InscriptionLue, Situation, obstacles_for
from enfance.situation import load_situation
from portail.certain import certain
from portail.select import instant, kept, select

Etat = Inscription.Etat
ORIGINES = {
    Enregistrement.Porte.PORTAIL: Inscription.Origine.PORTAIL,
    Enregistrement.Porte.MAIRIE: Inscription.Origine.MAIRIE,
    Enregistrement.Porte.IMPORT: Inscription.Origine.IMPORT,
    Enregistrement.Porte.SYSTEME: Inscription.Origine.LISTE_ATTENTE,
    Enregistrement.Porte.SEMAINE_TYPE: Inscription.Origine.SEMAINE_TYPE,
    Enregistrement.Porte.REPAS: Inscription.Origine.IMPORT,
    **dict.fromkeys(Enregistrement.FERMANTES, Inscription.Origine.FERMETURE),
}
RENDENT = {*Enregistrement.FERMANTES, Enregistrement.Porte.IMPORT}  # give back what they cancelled, as it was
UN_RANG = timedelta(microseconds=1)  # between two who wait, where the clock puts nothing
ENSEMBLE = timedelta(minutes=5)  # from the first save of a parent on, those that one mail tells
SEND = "enfance.courriels.tasks.send_enregistrements"
TOLD_TO_AUTHOR = {Enregistrement.Porte.PORTAIL, Enregistrement.Porte.SEMAINE_TYPE}


def note(
    acteur: Acteur,
    now: datetime,
    *,
    annule: Enregistrement | None = None,
    fermeture: Fermeture | None = None,
) -> Enregistrement:
    """Create a save by this actor at `now`, still without changes; it may undo the save `annule`, or follow from the
    closure `fermeture`. A parent's joins the mail of an earlier one of theirs that still waits, if there is one.
    """
    auteur = acteur.user_id if acteur.porte in TOLD_TO_AUTHOR else None
    return Enregistrement.objects.create(
        auteur_id=acteur.user_id,
        foyer=acteur.foyer,
        porte=acteur.porte,
        quand=now,
        motif=acteur.motif,
        preuve=acteur.preuve,
        annule=annule,
        fermeture=fermeture,
        dit_avec_id=_premier(auteur, now) if auteur else None,
    )


def write(
    situation: Situation,
    faits: dict[Cle, str],
    enregistrement: Enregistrement | None = None,
    *,
    origines: Mapping[Cle, str] = MappingProxyType({}),
    annule: Enregistrement | None = None,
    tardifs: Mapping[Cle, str] = MappingProxyType({}),
) -> tuple[Situation, Enregistrement | None, list[Evenement]]:
    """Write these states of boxes and the trace of each change, under the save `enregistrement` or a new one (which
    undoes `annule`). Returns the situation with the rows as they now are, the save, and the changes; with nothing to
    write, no save is made (`enregistrement` comes back, None or not).

    `origines`: who is said to have written a box, by default the actor's door. `tardifs`: the boxes that a parent books
    late, and the supplement in words; any other that is booked is not late, but for those that a closure or a departure
    gives back as they were. Rows that become alike are written by one UPDATE, as a year is thousands of rows.
    """
    if not faits:
        return situation, enregistrement, []
    acteur = situation.acteur
    enregistrement = enregistrement or note(acteur, situation.now, annule=annule)
    if acteur.motif and not enregistrement.motif:  # the first lot of the same save passed over nothing
        enregistrement.motif = acteur.motif
        enregistrement.save(update_fields=["motif"])
    origine = ORIGINES[Enregistrement.Porte(acteur.porte)]
    ecrites: dict[Cle, InscriptionLue] = {}
    nouvelles: dict[Cle, Inscription] = {}
    evenements = []
    connues: dict[tuple[tuple[str, Any], ...], list[int]] = {}
    arrivees = _arrivees(situation, faits)
    for cle, etat in sorted(faits.items()):
        creneau = situation.creneaux[cle.creneau]
        connue = situation.inscriptions.get(cle)
        evenements.append(
            Evenement(
                enregistrement=enregistrement,
                enfant_id=cle.enfant,
                jour=cle.jour,
                creneau=creneau,
                avant=connue.etat if connue else "",
                apres=etat,
                hors_delai=tardifs.get(cle, ""),
                limite=situation.limite(cle.jour, creneau, Action.INSCRIRE) if cle in tardifs else None,
            )
        )
        foyer = connue.foyer_id if connue else None
        if etat != Etat.ANNULEE:
            foyer = situation.payeur_if_booked(cle)
        depuis = arrivees[cle.jour, creneau.pk] if etat == Etat.ATTENTE else None
        lue = InscriptionLue(connue.pk if connue else 0, etat, origines.get(cle, origine), foyer, depuis)
        ecrites[cle] = lue
        if connue:
            ecrit: dict[str, Any] = {"etat": etat, "origine": lue.origine, "attente_depuis": depuis}
            if etat != Etat.ANNULEE and acteur.porte not in RENDENT:
                ecrit["hors_delai"] = cle in tardifs
            if foyer != connue.foyer_id:  # else a closure of a school would be an UPDATE a home
                ecrit["foyer"] = foyer
            connues.setdefault(tuple(ecrit.items()), []).append(lue.pk)
        else:
            nouvelles[cle] = Inscription(
                enfant_id=cle.enfant,
                jour=cle.jour,
                creneau=creneau,
                etat=etat,
                origine=lue.origine,
                foyer_id=foyer,
                attente_depuis=depuis,
                hors_delai=cle in tardifs,
            )
    Inscription.objects.bulk_create(nouvelles.values())
    for cle, nouvelle in nouvelles.items():
        ecrites[cle] = ecrites[cle]._replace(pk=nouvelle.pk)
    for ecrits, pks in connues.items():
        Inscription.objects.filter(pk__in=pks).update(**dict(ecrits))
    Evenement.objects.bulk_create(evenements)
    return situation.with_inscriptions(ecrites).with_attendus(arrivees), enregistrement, evenements


def _arrivees(situation: Situation, faits: Mapping[Cle, str]) -> dict[tuple[date, int], datetime]:
    """Since when those who join a waiting list by this save wait, by day and créneau (primary key).

    It is now, and always after the last who waits there: the clock was read before the lock, and may go back. Two
    children of one save share the instant, and keep the order of their rows.
    """
    listes = {(cle.jour, situation.creneaux[cle.creneau].pk) for cle, etat in faits.items() if etat == Etat.ATTENTE}
    derniers = Inscription.objects.dernieres_attentes(listes) if listes else {}
    apres = {liste: depuis + UN_RANG for liste, depuis in derniers.items()}
    return {liste: max(situation.now, apres.get(liste, situation.now)) for liste in listes}


def serve(
    situation: Situation, evenements: Collection[Evenement], avec: Enregistrement | None = None
) -> tuple[Situation, Enregistrement | None]:
    """Give the places that these changes freed to those who wait for them, in one save (`avec`, or a new one). Returns
    the situation with these places taken, and the save that gave them (`avec`, None or not, without any).

    The situation must have been read under the lock of these créneaux, so that it knows all those who wait.
    """
    liberees = {(e.jour, e.creneau_id) for e in evenements if (e.avant, e.apres) == (Etat.INSCRIT, Etat.ANNULEE)}
    donnees, enregistrement = give(liberees & situation.attendus, now=situation.now, avec=avec)
    for cle, inscription in donnees.items():
        situation = situation.with_places(cle, 1)
        if cle in situation.inscriptions:  # a child of the same save
            situation = situation.with_inscriptions({cle: inscription})
    return situation, enregistrement


def give(
    libres: Collection[tuple[date, int]], *, now: datetime, avec: Enregistrement | None = None
) -> tuple[dict[Cle, InscriptionLue], Enregistrement | None]:
    """Give the places left on these days of créneaux (primary keys) to those who wait, in the order of their rank, as
    long as every rule allows it and the deadline to cancel is to come.

    All is one save, so one mail an adult: a new one, or `avec`, which gave the first places of the same event. Returns
    the boxes that got a place, and the save (`avec`, None or not, without any).
    """
    if not libres:
        return {}, avec
    attentes = [i for i in Inscription.objects.attente_for(libres) if (i.jour, i.creneau_id) in libres]
    if not attentes:
        return {}, avec
    jours, enfants = [i.jour for i in attentes], {i.enfant_id for i in attentes}
    liste = load_situation(Acteur.systeme(), min(jours), max(jours), now=now, enfants=enfants)
    donnees, enregistrement = {}, avec
    for inscription in attentes:
        cle = Cle(inscription.enfant_id, inscription.jour, inscription.creneau.code)
        creneau = liste.creneaux[cle.creneau]
        obstacles = [o for o in obstacles_for(liste, cle, Action.INSCRIRE) if o.code != "limite"]
        if obstacles or now >= liste.limite(cle.jour, creneau, Action.ANNULER):
            continue
        if inscription.foyer_id not in (None, *liste.foyers(cle.enfant, cle.jour, creneau)):
            continue  # who chose the list has garde no more, and the other foyer asked for nothing
        liste, enregistrement, _ = write(liste.with_places(cle, 1), {cle: Etat.INSCRIT.value}, enregistrement)
        donnees[cle] = liste.inscriptions[cle]
    if enregistrement and avec is None:
        tell(enregistrement)
    return donnees, enregistrement


def tell(enregistrement: Enregistrement) -> None:
    """Enqueue the mails of this save: of a parent's saves within five minutes, one mail to its author; of any other
    save, one at once to each adult with access.
    """
    if enregistrement.porte not in TOLD_TO_AUTHOR or enregistrement.auteur_id is None:
        outbox.enqueue("enfance.courriels.tasks.tell_family", enregistrement.pk)
    elif enregistrement.dit_avec_id is None:
        outbox.enqueue(SEND, enregistrement.pk, at=enregistrement.quand + ENSEMBLE)


def _premier(auteur: int, now: datetime) -> int | None:
    """The author's save (primary keys) of these last minutes whose mail waits, and tells what is saved now too.

    The author's row is locked, so that two saves at once open one mail between them; and so is the task of that mail,
    so that no worker takes it before this save is written.
    """
    list(User.objects.select_for_update(no_key=True).filter(pk=auteur).order_by().values_list("pk"))
    for premier, quand in recents_to_tell(auteur, now)[:1]:
        if outbox.lock_enqueued(SEND, premier, at=quand + ENSEMBLE):
            return premier
    return None


def recents_to_tell(auteur: int, now: datetime) -> list[tuple[int, datetime]]:
    """The saves of this author (account) within the last five minutes that opened a mail, as primary key and instant,
    the latest first.
    """
    sql = """
        SELECT id, quand FROM enfance_enregistrement
        WHERE auteur_id = %s AND dit_avec_id IS NULL AND porte IN %s AND quand > %s AND quand < %s
        ORDER BY id DESC
    """
    portes = [porte.value for porte in sorted(TOLD_TO_AUTHOR)]
    bornes = kept(now - ENSEMBLE), kept(now + ENSEMBLE)  # a clock may go back
    return select(lambda pk, quand: (pk, certain(instant(quand))), sql, [auteur, portes, *bornes])


def keep_payeurs(situation: Situation, sources: Mapping[Cle, Inscription]) -> None:
    """Keep the paying home of each box just written in place of an inscription of another school (`sources`, by new
    box): to change school is not to change home.
    """
    par_foyer: dict[int, list[int]] = {}
    for cle, ligne in sources.items():
        nouvelle = situation.inscriptions[cle]
        if ligne.foyer_id and nouvelle.foyer_id != ligne.foyer_id:
            par_foyer.setdefault(ligne.foyer_id, []).append(nouvelle.pk)
    for foyer, pks in par_foyer.items():
        Inscription.objects.filter(pk__in=pks).update(foyer=foyer)


def origines_before(cles: Collection[Cle]) -> dict[Cle, str]:
    """Who had registered each of these boxes before a closure or a departure cancelled it, so that giving it back
    leaves it as it was; saves that were undone do not count. A box that nobody had registered is not in it.
    """
    if not cles:
        return {}
    jours = [cle.jour for cle in cles]
    lignes = (
        Evenement.objects.filter(
            apres=Etat.INSCRIT,
            enregistrement__annule=None,
            enregistrement__annule_par=None,
            enfant__in={cle.enfant for cle in cles},
            jour__range=(min(jours), max(jours)),
        )
        .order_by("enregistrement_id")
        .values_list("enfant", "jour", "creneau__code", "enregistrement__porte")
    )
    return {
        Cle(enfant, jour, creneau): ORIGINES[Enregistrement.Porte(porte)] for enfant, jour, creneau, porte in lignes
    }
