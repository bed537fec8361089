"""The only writer of inscriptions: lock, ask the rules again, write, trace, enqueue the mail, in one transaction.

Three doors lead here: the parent's page, the admin, the commands. All valid changes are saved, each refused one is
returned with its reason. What is already as wanted changes nothing, so a double click is harmless.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from enfance.ecriture import UN_RANG, give, note, serve, tell, write
from enfance.extensions import LimiteDeplacee
from enfance.models import Creneau, Enregistrement, EtatInscription, Evenement, EvenementRepas, Fermeture, Inscription
from enfance.models.inscriptions import InscriptionQuerySet
from enfance.regles import (
    MOTIF_REPAS,
    Acteur,
    Action,
    Cle,
    Obstacle,
    Situation,
    obstacles_depart,
    obstacles_for,
    tardif_of,
)
from enfance.situation import load_situation, refresh_rangs
from portail.certain import certain
from portail.fusions import Lien

Etat = Inscription.Etat


@dataclass(frozen=True)
class Changement:
    """The state wanted for a box: inscrit, annulée, or attente (« on the list, or a place if one has come free »).

    `origine` is who is said to have written it, by default the door of the save. `tardif`: the supplement of a late
    booking that the parent was told before ticking the box, in words; the box is booked late for that one alone.
    """

    cle: Cle
    voulu: str
    origine: str = ""
    tardif: str = ""


@dataclass(frozen=True)
class Refus:
    """A change that was not made, and why: the first obstacle is the most telling."""

    cle: Cle
    voulu: str
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True)
class Resultat:
    """What a save did, and the situation as it now is. `enregistrement` is None when nothing changed."""

    enregistrement: Enregistrement | None
    evenements: tuple[Evenement, ...]
    refus: tuple[Refus, ...]
    situation: Situation | None = None
    repas: tuple[EvenementRepas, ...] = ()

    @property
    def reussis(self) -> int:
        """How many changes were made."""
        return len(self.evenements) + len(self.repas)


def enregistrer(
    changements: Iterable[Changement],
    acteur: Acteur,
    *,
    now: datetime,
    jours: tuple[date, date] | None = None,
    annule: Enregistrement | None = None,
    silent: bool = False,
) -> Resultat:
    """Save these changes, as far as the rules let `acteur` make them at `now` (aware); the others are returned as
    refused, each with its reasons.

    Cancellations come first (`lots`): the places that they free go to the waiting list, and what is left may serve the
    other changes. A full créneau refuses a change that wanted a place and not the waiting list. `jours` widens the
    returned situation to the days that a page shows; `annule` is the save that this one undoes; `silent`: the caller
    tells the families itself. Without any change asked, the result has no situation.
    """
    par_cle = {changement.cle: changement for changement in changements}
    voulus = {cle: Etat(changement.voulu) for cle, changement in par_cle.items()}
    origines = {cle: changement.origine for cle, changement in par_cle.items() if changement.origine}
    dits = {cle: changement.tardif for cle, changement in par_cle.items() if changement.tardif}
    if not voulus:
        return Resultat(None, (), ())
    enregistrement, servi, evenements, refus = None, None, [], []
    with transaction.atomic():
        Creneau.objects.lock({cle.creneau for cle in voulus})
        situation = _load(voulus, acteur, now, jours)
        for lot in lots(situation, voulus):
            situation, faits, refuses, tardifs = _decide_all(situation, lot, dits)
            situation, enregistrement, ecrit = write(
                situation, faits, enregistrement, origines=origines, annule=annule, tardifs=tardifs
            )
            situation, servi = serve(situation, ecrit, servi)
            evenements += ecrit
            refus += refuses
        if enregistrement:
            if not silent:
                tell(enregistrement)
            situation = refresh_rangs(situation)
    return Resultat(enregistrement, tuple(evenements), tuple(refus), situation)


def annuler_departs(
    enfants: Iterable[int], depuis: date, acteur: Acteur, *, now: datetime, fin: date | None = None
) -> Resultat:
    """Cancel the inscriptions of these pupils who have left, from the day `depuis` on (to `fin`), past days apart;
    their places are given to those who wait. No rule is asked, and no mail is sent about the cancellations.

    Whoever acts, they get the `origine` of an import, by which `retablir_departs` finds them if the pupil comes back.
    """
    with transaction.atomic():
        enfants = set(enfants)
        Creneau.objects.for_enfants(enfants).lock()  # so that no save slips in between the look and the writing
        premier = max(depuis, timezone.localdate(now))
        lignes = Inscription.objects.active().between(premier, fin or date.max).filter(enfant__in=enfants)
        return _annuler(lignes, acteur, now, origine=Inscription.Origine.IMPORT)


def annuler_hors_ecole(inscriptions: Collection[int], acteur: Acteur, *, now: datetime) -> Resultat:
    """Cancel these inscriptions (primary keys), as a change of the calendar has left them on days without school; the
    families are told.
    """
    with transaction.atomic():
        lignes = Inscription.objects.filter(pk__in=inscriptions)
        Creneau.objects.filter(pk__in=lignes.order_by().values("creneau")).lock()
        resultat = _annuler(lignes.active(), acteur, now)
        if resultat.enregistrement:
            tell(resultat.enregistrement)
        return resultat


def annuler_fermeture(fermeture: Fermeture, acteur: Acteur, *, now: datetime) -> Resultat:
    """Cancel the inscriptions that this closure, just written, covers; the families are told. Places that it frees for
    other classes are given to those who wait.

    A child on a waiting list keeps its rank: the rule « fermeture » suspends the list.
    """
    with transaction.atomic():
        fermeture.covered().lock()
        resultat = _annuler(Inscription.objects.inscrit().under(fermeture), acteur, now, fermeture=fermeture)
        if resultat.enregistrement:
            tell(resultat.enregistrement)
        return resultat


def servir_creneau(creneau: Creneau, *, now: datetime) -> list[Cle]:
    """Give the places that this créneau has left, from today on, to those who wait for it, after it has got more of
    them. Returns the boxes that got a place.
    """
    with transaction.atomic():
        Creneau.objects.lock({creneau.code})
        attentes = Inscription.objects.filter(etat=Etat.ATTENTE, creneau=creneau, jour__gte=timezone.localdate(now))
        jours = attentes.order_by().values_list("jour", flat=True).distinct()
        return list(give({(jour, creneau.pk) for jour in jours}, now=now)[0])


def classer(
    jour: date, creneau: Creneau, avant: Sequence[int], ordre: Sequence[int], acteur: Acteur, *, now: datetime
) -> Enregistrement | None:
    """Put the waiting list of this day and créneau in the order `ordre` (primary keys of the inscriptions), and tell
    each family whose rank changes. It is the only way to make a rank worse. Returns the save, with the actor's reason;
    ValueError without a reason.

    None, and nothing is changed, when the list is already in this order, or is no longer the one that was displayed
    (`avant`): somebody has joined it, left it or been given a place.
    """
    if not acteur.motif:
        raise ValueError("the order of a waiting list is not changed without a motif")
    with transaction.atomic():
        Creneau.objects.lock({creneau.code})
        liste = list(Inscription.objects.attente_for({(jour, creneau.pk)}))
        if [inscription.pk for inscription in liste] != list(avant) or sorted(avant) != sorted(ordre):
            return None
        rangs = {pk: rang for rang, pk in enumerate(ordre, 1)}
        deplaces = [(i, rang, rangs[i.pk]) for rang, i in enumerate(liste, 1) if rangs[i.pk] != rang]
        if not deplaces:
            return None
        depuis = datetime.min.replace(tzinfo=UTC)
        for pk, inscription in zip(ordre, liste, strict=True):  # the instants stay, in order, and change hands
            depuis = max(certain(inscription.attente_depuis), depuis + UN_RANG)
            Inscription.objects.filter(pk=pk).update(attente_depuis=depuis)
        enregistrement = note(acteur, now)
        Evenement.objects.bulk_create(
            Evenement(
                enregistrement=enregistrement,
                enfant_id=inscription.enfant_id,
                jour=jour,
                creneau=creneau,
                avant=Etat.ATTENTE,
                apres=Etat.ATTENTE,
                rang_avant=rang_avant,
                rang_apres=rang_apres,
            )
            for inscription, rang_avant, rang_apres in deplaces
        )
        tell(enregistrement)
        return enregistrement


def count_in_time(reportees: Iterable[LimiteDeplacee]) -> int:
    """Make in time what parents booked late between a deadline to register and the one that it becomes by a silence of
    the portal: the supplement that they were told of is not owed. Returns how many inscriptions that changes.

    What was told to the parents stays as it was in the trace of their saves.
    """
    with transaction.atomic():
        inscrire = [une for une in reportees if une.action is Action.INSCRIRE]
        Creneau.objects.lock({une.creneau.code for une in inscrire})
        meme = {"enfant": OuterRef("enfant"), "jour": OuterRef("jour"), "creneau": OuterRef("creneau")}
        prises = Evenement.objects.filter(**meme).exclude(hors_delai="").order_by("-enregistrement_id")
        tardives = Inscription.objects.filter(hors_delai=True).annotate(
            prise_le=Subquery(prises.values("enregistrement__quand")[:1])
        )
        return sum(
            tardives.filter(
                jour=une.jour, creneau=une.creneau.pk, prise_le__gte=une.avant, prise_le__lt=une.apres
            ).update(hors_delai=False)
            for une in inscrire
        )


def suit_sans_doubler(lien: Lien) -> int:
    """Give a child the inscriptions of its double, when two files of one child are merged; returns how many rows
    follow. The créneaux are locked.

    Where both have an inscription for the same box, the better one stays: a place, then the better rank, then a
    cancelled one that may be given back.
    """
    connues = {(ligne.jour, ligne.creneau_id): ligne for ligne in lien.connues}
    deux = [(connues[cle], ligne) for ligne in lien.lignes if (cle := (ligne.jour, ligne.creneau_id)) in connues]
    Inscription.objects.filter(pk__in=[max(paire, key=_valeur).pk for paire in deux]).delete()
    return lien.suit()


def _valeur(ligne: Inscription) -> tuple[int, datetime, bool, int]:
    """The lower, the better."""
    jamais = datetime.max.replace(tzinfo=UTC)
    attend = ligne.etat == Etat.ATTENTE
    rendue = ligne.origine in {Inscription.Origine.FERMETURE, Inscription.Origine.IMPORT}
    return Etat.values.index(ligne.etat), ligne.attente_depuis or jamais, not rendue, ligne.pk if attend else 0


def accorder(
    enfant: int,
    cases: Collection[tuple[date, int]],
    libres: Collection[tuple[date, int]],
    acteur: Acteur,
    *,
    now: datetime,
) -> Enregistrement | None:
    """After two files of this child (primary key) were merged, make the trace agree with the inscriptions for the boxes
    that both files had (`cases`: day and créneau), and give the places that were held twice (`libres`) to those who
    wait.

    The families are told, unless all these days are past. Returns the save; None when the trace already agreed.
    """
    du_jour = {jour for jour, _ in cases}
    traces = Evenement.objects.filter(enfant=enfant, jour__in=du_jour).order_by("enregistrement_id", "pk")
    derniers = {(jour, creneau): etat for jour, creneau, etat in traces.values_list("jour", "creneau", "apres")}
    lignes = Inscription.objects.filter(enfant=enfant, jour__in=du_jour).values_list("jour", "creneau", "etat")
    ecarts = [
        (jour, creneau, etat)
        for jour, creneau, etat in lignes
        if (jour, creneau) in cases and derniers.get((jour, creneau), etat) != etat
    ]
    enregistrement = note(acteur, now) if ecarts else None
    Evenement.objects.bulk_create(
        Evenement(
            enregistrement=enregistrement,
            enfant_id=enfant,
            jour=jour,
            creneau_id=creneau,
            avant=derniers[jour, creneau],
            apres=etat,
        )
        for jour, creneau, etat in ecarts
    )
    if enregistrement and any(jour >= timezone.localdate(now) for jour, _, _ in ecarts):
        tell(enregistrement)
    give(libres, now=now)
    return enregistrement


def _annuler(
    lignes: InscriptionQuerySet,
    acteur: Acteur,
    now: datetime,
    *,
    fermeture: Fermeture | None = None,
    origine: str | None = None,
) -> Resultat:
    """Cancel these inscriptions without asking any rule, and give the places. The créneaux are locked."""
    cles = [Cle(*ligne) for ligne in lignes.values_list("enfant", "jour", "creneau__code")]
    situation = _load(cles, acteur, now) if cles else None
    faits = {cle: Etat.ANNULEE.value for cle in cles if situation and situation.etat(cle) != Etat.ANNULEE}
    if situation is None or not faits:
        return Resultat(None, (), ())
    origines = dict.fromkeys(faits, origine) if origine else {}
    situation, enregistrement, evenements = write(
        situation, faits, note(acteur, now, fermeture=fermeture), origines=origines
    )
    serve(situation, evenements)
    return Resultat(enregistrement, tuple(evenements), ())


def _load(cles: Collection[Cle], acteur: Acteur, now: datetime, jours: tuple[date, date] | None = None) -> Situation:
    dates = [*(cle.jour for cle in cles), *(jours or ())]
    enfants = None if acteur.chez else {cle.enfant for cle in cles}
    return load_situation(acteur, min(dates), max(dates), now=now, enfants=enfants)


def lots(situation: Situation, voulus: Mapping[Cle, EtatInscription]) -> list[dict[Cle, EtatInscription]]:
    """The wanted states, in lots to be written one after the other: cancellations first, whose places may serve the
    rest; then the rest; last, the lunch breaks that a child who eats leaves for another one of that day, as it may
    leave one only once it has the other.

    Of several lunch breaks left on a day, each has its own lot: whether the meal keeps the next one depends on what
    became of the one before.
    """
    repas = [cle for cle in voulus if situation.has_repas(cle)]
    quittes = Counter((cle.enfant, cle.jour) for cle in repas if voulus[cle] == Etat.INSCRIT)
    en_ordre: list[dict[Cle, EtatInscription]] = [{}, {}]
    for cle, voulu in sorted(voulus.items()):
        rang = 0 if voulu == Etat.ANNULEE else 1
        if voulu == Etat.ANNULEE and cle in repas:
            avant = quittes[cle.enfant, cle.jour]
            rang = avant and avant + 1
            quittes[cle.enfant, cle.jour] += 1
        en_ordre += [{} for _ in range(len(en_ordre), rang + 1)]
        en_ordre[rang][cle] = voulu
    return en_ordre


def _decide_all(
    situation: Situation, voulus: dict[Cle, EtatInscription], dits: Mapping[Cle, str]
) -> tuple[Situation, dict[Cle, str], list[Refus], dict[Cle, str]]:
    """The situation with its places taken, what of this is a change that the rules allow, what is refused, and the
    boxes that are booked late, with their supplement, where `dits` says that it was told.
    """
    faits: dict[Cle, str] = {}
    refus, tardifs = [], dict[Cle, str]()
    for cle, voulu in sorted(voulus.items()):
        avant = situation.etat(cle)
        if voulu == avant or (voulu, avant) == (Etat.ATTENTE, Etat.INSCRIT):
            continue
        apres, obstacles = decide(situation, cle, voulu, dits.get(cle, ""))
        if cle in dits and not obstacles and decide(situation, cle, voulu)[1]:
            tardifs[cle] = dits[cle]
        if obstacles:
            refus.append(Refus(cle, voulu, tuple(obstacles)))
        elif apres != avant:
            if apres == Etat.INSCRIT and _excused_by_repas(situation, cle):
                situation = situation.with_motif(MOTIF_REPAS)
            faits[cle] = apres
            situation = situation.with_places(cle, (apres == Etat.INSCRIT) - (avant == Etat.INSCRIT))
    return situation, faits, refus, tardifs


def _excused_by_repas(situation: Situation, cle: Cle) -> bool:
    """Whether only a meal lets this actor pass over a rule: the save is then flagged by its motif."""
    if situation.acteur.motif or not situation.has_repas(cle):
        return False
    return any(obstacle.repas for obstacle in obstacles_for(situation, cle, Action.INSCRIRE))


def decide(situation: Situation, cle: Cle, voulu: str, tardif: str = "") -> tuple[str, list[Obstacle]]:
    """The state that this box would get for the wanted one, and the obstacles that forbid it to the situation's actor
    (empty when it is allowed). Who asks for the waiting list of a full créneau joins it, a reason to pass over the
    places or not; who was told of the supplement `tardif` books late for it, and joins no list. Writes nothing.
    """
    if (situation.etat(cle), voulu) == (Etat.ATTENTE, Etat.ANNULEE):
        return Etat.ANNULEE, [o for o in obstacles_depart(situation, cle) if not o.passed_by(situation.acteur)]
    action = Action.ANNULER if voulu == Etat.ANNULEE else Action.INSCRIRE
    tous = obstacles_for(situation, cle, action)
    obstacles = [o for o in tous if not o.passed_by(situation.acteur)]
    if tardif and voulu == Etat.INSCRIT and tardif_of(obstacles) == tardif:
        return Etat.INSCRIT, []
    if voulu == Etat.ATTENTE and any(o.code == "complet" for o in tous):
        return Etat.ATTENTE, [o for o in obstacles if o.code != "complet"]
    return Etat.ANNULEE if voulu == Etat.ANNULEE else Etat.INSCRIT, obstacles
