"""Closures, trips and teachers away, from one writer: who is touched, closing, opening again. Three doors: the town
hall's pages, two commands.

What is closed is what would have been open: a range begins and ends on days of garderie. Inscriptions go through
`inscriptions.py`. A trial run does everything and takes it back, so that the preview is the thing itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.utils import timezone

from enfance.calendrier import UN_JOUR
from enfance.courriels.tasks import tell_cantines
from enfance.inscriptions import Refus, annuler_fermeture
from enfance.jours_fermes import fermes_phrase, jours_fermes, sans_garderie
from enfance.mairie.touches import EnfantTouche, Touches, enfants_touches, touches_of
from enfance.models import (
    Classe,
    Creneau,
    Ecole,
    Enfant,
    Enregistrement,
    Evenement,
    Fermeture,
    Inscription,
    load_calendrier,
)
from enfance.models.garderie import CreneauQuerySet
from enfance.natures import NatureFermeture
from enfance.regles import Acteur, Cle
from enfance.retours import retablir_fermeture
from portail.dates import du_au, du_au_annee, jour_long
from portail.francais import NBSP, et
from portail.rehearsal import writing

MOTIF_RESTE = "Reste à l’école"


@dataclass(frozen=True)
class Portee:
    """What is closed: days, both included, créneaux, classes, schools (none: all), and the reason that parents read. A
    trip, or a teacher away (`nature`), is of `niveaux` as well (codes), and of nobody among `restent`.
    """

    debut: date
    fin: date
    motif: str
    creneaux: tuple[Creneau, ...] = ()
    classes: tuple[Classe, ...] = ()
    ecoles: tuple[Ecole, ...] = ()
    nature: NatureFermeture = NatureFermeture.FERMETURE
    niveaux: tuple[str, ...] = ()
    restent: tuple[Enfant, ...] = ()

    def covered(self) -> CreneauQuerySet:
        """The créneaux that this closure touches, by the créneaux, schools and classes that it names; all of them when
        it names nothing.
        """
        return Creneau.objects.all().covered_by(self.creneaux, self.ecoles, self.classes)


@dataclass(frozen=True)
class BilanFermeture:
    """What closing or opening again did, or would do. `touches` are the inscriptions cancelled, or given back;
    `refus`, those that could not be given back, with why. `deja`: it was so already, and nothing was changed. No
    `fermeture`: there is nothing to close (`rien_a_fermer`), or to open again.
    """

    fermeture: Fermeture | None
    enregistrement: Enregistrement | None = None
    touches: Touches = field(default_factory=Touches)
    refus: tuple[str, ...] = ()
    deja: bool = False

    def lignes(self) -> Iterator[str]:
        """The report line by line, for a terminal: how many are touched, class by class, which families to call, what
        could not be given back.
        """
        yield f"Sont touchés{NBSP}: {self.touches.phrase}."
        for classe, nombres in self.touches.classes:
            details = ", ".join(f"{nom} {n}" for nom, n in zip(self.touches.creneaux, nombres, strict=True) if n)
            yield f"  {classe}{NBSP}: {details}"
        for titre, elements in (
            ("Aucun e-mail, à appeler", self.touches.injoignables),
            ("Impossible à rétablir", self.refus),
        ):
            if elements:
                yield f"{titre} ({len(elements)}){NBSP}:"
                yield from (f"  - {element}" for element in elements)


def fermer(portee: Portee, user_id: int | None = None, *, now: datetime, simuler: bool = False) -> BilanFermeture:
    """Close these days of garderie: keep the closure, cancel without charge the inscriptions that it covers, tell each
    family once, and the association of the canteen.
    The same closure again, whatever its reason and who stays, is kept as it is and cancels only what was registered
    since; days that have no garderie anyway are not closed, and the report has no `fermeture` when none is left.
    `simuler` does everything and takes it back.
    """
    jours = _jours(portee)
    if not jours:
        return BilanFermeture(None)
    portee = replace(portee, debut=jours[0], fin=jours[-1])
    with writing(rehearsed=simuler):
        portee.covered().lock()  # whoever saves now waits, and then meets the closure
        connue = _find(portee)
        fermeture = connue or _create(portee)
        lignes = list(Inscription.objects.inscrit().under(fermeture).select_related("enfant", "creneau"))
        acteur = Acteur.fermeture(user_id, fermeture.motif, fermeture.nature)
        resultat = annuler_fermeture(fermeture, acteur, now=now)
        bilan = BilanFermeture(
            fermeture, resultat.enregistrement, touches_of(lignes), deja=connue is not None and not resultat.evenements
        )
        _tell_cantine(resultat.enregistrement)
    return bilan


def rouvrir(pk: int, user_id: int | None = None, *, now: datetime, simuler: bool = False) -> BilanFermeture:
    """Lift the closure `pk` from today on: give back the inscriptions that it had cancelled, as far as the rules hold;
    tell the families. `simuler` does everything and takes it back.

    A closure that has not begun is deleted; one under way ends yesterday, as the days before were closed. Children on a
    waiting list keep their rank. When the closure is over or lifted already, nothing changes.
    """
    today = timezone.localdate(now)
    with writing(rehearsed=simuler):
        fermeture = Fermeture.objects.filter(pk=pk, fin__gte=today).first()
        if fermeture:
            fermes = Inscription.objects.filter(jour__gte=today).closed_by(fermeture)
            fermes.creneaux(fermeture.covered().values_list("pk", flat=True)).lock()  # who has moved goes elsewhere
            fermeture = Fermeture.objects.filter(pk=pk, fin__gte=today).first()  # whoever had it may have lifted it
        if fermeture is None:
            return BilanFermeture(None, deja=True)
        a_venir = Inscription.objects.filter(jour__gte=today)
        closed = a_venir.closed_by(fermeture).select_related("enfant", "creneau")
        lignes = {Cle(ligne.enfant_id, ligne.jour, ligne.creneau.code): ligne for ligne in closed}
        attentes = a_venir.filter(etat=Inscription.Etat.ATTENTE).under(fermeture)
        libres = set(attentes.order_by().values_list("jour", "creneau").distinct())
        annule = fermeture.enregistrements.filter(annule=None, annule_par=None).order_by("pk").last()
        _lift(fermeture, today)
        resultat = retablir_fermeture(
            Inscription.objects.filter(pk__in=[ligne.pk for ligne in lignes.values()]),
            libres,
            Acteur.fermeture(user_id, fermeture.mots.levee, fermeture.nature),
            now=now,
            annule=annule,
        )
        rendues = _rendues(resultat.evenements, lignes)
        refus = tuple(_phrase(un_refus, lignes[un_refus.cle]) for un_refus in resultat.refus)
        bilan = BilanFermeture(fermeture, resultat.enregistrement, touches_of(rendues), refus)
        _tell_cantine(resultat.enregistrement)
    return bilan


def rester(pk: int, enfant: int, user_id: int | None = None, *, now: datetime, simuler: bool = False) -> BilanFermeture:
    """Keep this child at school (both by primary key) whom the trip `pk` took: give back what the trip had cancelled of
    its own from today on, as far as the rules hold; tell its family. `simuler` does everything and takes it back.

    When the trip is over, lifted, or leaves the child out already, nothing changes.
    """
    today = timezone.localdate(now)
    with writing(rehearsed=simuler):
        siennes = Inscription.objects.filter(jour__gte=today, enfant=enfant)
        fermeture = _trip(pk, enfant, today)
        if fermeture:
            fermes = siennes.closed_by(fermeture)
            fermes.creneaux(fermeture.covered().values_list("pk", flat=True)).lock()
            fermeture = _trip(pk, enfant, today)  # whoever had it may have lifted it
        if fermeture is None:
            return BilanFermeture(None, deja=True)
        closed = siennes.closed_by(fermeture).select_related("enfant", "creneau")
        lignes = {Cle(ligne.enfant_id, ligne.jour, ligne.creneau.code): ligne for ligne in closed}
        fermeture.restent.add(enfant)
        resultat = retablir_fermeture(
            Inscription.objects.filter(pk__in=[ligne.pk for ligne in lignes.values()]),
            (),
            Acteur.fermeture(user_id, MOTIF_RESTE, fermeture.nature),
            now=now,
            annule=None,
        )
        rendues = _rendues(resultat.evenements, lignes)
        refus = tuple(_phrase(un_refus, lignes[un_refus.cle]) for un_refus in resultat.refus)
        bilan = BilanFermeture(fermeture, resultat.enregistrement, touches_of(rendues), refus)
        _tell_cantine(resultat.enregistrement)
    return bilan


def _trip(pk: int, enfant: int, today: date) -> Fermeture | None:
    """The trip that still takes this child."""
    sorties = Fermeture.objects.exclude(nature=NatureFermeture.FERMETURE).filter(pk=pk, fin__gte=today)
    return sorties.exclude(restent=enfant).first()


def load_liste(fermeture: Fermeture) -> list[EnfantTouche]:
    """The children who have lost a place by this closure, in the order of classes, each with its moments and whom to
    call, for the list to print.
    """
    return enfants_touches(Inscription.objects.closed_by(fermeture).select_related("creneau"))


def rien_a_fermer(portee: Portee) -> str:
    """Why there is nothing to close on these days, as a sentence: none of them has garderie. Empty when one of them
    has.
    """
    jours = _jours(portee)
    return "" if jours else f"Pas de garderie {', '.join(_autres(portee, jours))}{NBSP}: rien à fermer."


def remarques_for(portee: Portee, *, today: date) -> list[str]:
    """Remarks, in French, on days of this closure that may be a mistake: those that have no garderie anyway, and those
    that are before `today`, whose inscriptions are cancelled too. Empty when there is none.
    """
    jours, remarques = _jours(portee), []
    if autres := _autres(portee, jours):
        remarques.append(f"Déjà sans garderie{NBSP}: {'\u202f; '.join(autres)}. Rien n’y est fermé ni annoncé.")
    if passes := [jour for jour in jours if jour < today]:
        remarques.append(
            f"Déjà passé{NBSP}: {fermes_phrase(passes)}. Les inscriptions y seront annulées aussi, donc pas facturées."
        )
    return remarques


def _autres(portee: Portee, jours: list[date]) -> list[str]:
    return sans_garderie(load_calendrier(), jours, portee.debut, portee.fin)


def _jours(portee: Portee) -> list[date]:
    return jours_fermes(load_calendrier(), portee.covered(), portee.debut, portee.fin)


def _find(portee: Portee) -> Fermeture | None:
    """The closure of just this nature, these days, créneaux, classes, levels and schools, whatever its reason and who
    stays.
    """
    cherchee = [{un.pk for un in dits} for dits in (portee.creneaux, portee.classes, portee.ecoles)]
    connues = Fermeture.objects.filter(
        debut=portee.debut, fin=portee.fin, nature=portee.nature, niveaux=" ".join(portee.niveaux)
    )
    for fermeture in connues.order_by("pk"):
        dits = (fermeture.creneaux, fermeture.classes, fermeture.ecoles)
        if [set(siens.values_list("pk", flat=True)) for siens in dits] == cherchee:
            return fermeture
    return None


def _create(portee: Portee) -> Fermeture:
    fermeture = Fermeture.objects.create(
        debut=portee.debut,
        fin=portee.fin,
        motif=portee.motif,
        nature=portee.nature,
        niveaux=" ".join(portee.niveaux),
    )
    fermeture.restent.set(portee.restent)
    fermeture.creneaux.set(portee.creneaux)
    fermeture.classes.set(portee.classes)
    fermeture.ecoles.set(portee.ecoles)
    return fermeture


def _lift(fermeture: Fermeture, today: date) -> None:
    if fermeture.debut < today:
        Fermeture.objects.filter(pk=fermeture.pk).update(fin=today - UN_JOUR)
    else:
        Fermeture.objects.filter(pk=fermeture.pk).delete()


def _tell_cantine(enregistrement: Enregistrement | None) -> None:
    if enregistrement:
        tell_cantines(enregistrement.pk)


def _rendues(evenements: Collection[Evenement], lignes: Mapping[Cle, Inscription]) -> list[Inscription]:
    """What these changes gave back, of what was cancelled; where the child has changed school since, the row that takes
    its place.
    """
    cles = {Cle(e.enfant_id, e.jour, e.creneau.code) for e in evenements}
    rendues, ailleurs = [lignes[cle] for cle in cles & lignes.keys()], cles - lignes.keys()
    if ailleurs:
        leurs = Inscription.objects.filter(
            enfant__in={cle.enfant for cle in ailleurs}, jour__in={cle.jour for cle in ailleurs}
        )
        candidates = leurs.select_related("enfant", "creneau")
        rendues += [ligne for ligne in candidates if Cle(ligne.enfant_id, ligne.jour, ligne.creneau.code) in ailleurs]
    return sorted(rendues, key=lambda ligne: (ligne.jour, ligne.creneau_id, ligne.pk))


def _phrase(refus: Refus, ligne: Inscription) -> str:
    """« Léa Morel, soir, mardi 15 décembre : il n’y a plus de place. »"""
    return f"{ligne.enfant}, {ligne.creneau.nom_court}, {jour_long(ligne.jour)}{NBSP}: {refus.obstacles[0].message}"


def fermeture_phrase(fermeture: Fermeture) -> str:
    """The closure in words without its year: « mardi 15 décembre (formation de l’équipe) »; with the schools that it
    names. Of a trip: « sortie des CM1, mardi 8 décembre (musée) ».
    """
    return f"{_sujet(fermeture)}{du_au(fermeture.debut, fermeture.fin)}{_ecoles(fermeture)} ({fermeture.motif})"


def _sujet(fermeture: Fermeture) -> str:
    """« sortie des CM1, »; nothing of a closure, and not of whom once it is lifted."""
    if fermeture.is_fermeture:
        return ""
    return " ".join(filter(None, [fermeture.mots.titre.lower(), fermeture.de_qui if fermeture.pk else ""])) + ", "


def fermeture_titre(fermeture: Fermeture, *, today: date) -> str:
    """The closure in words: « mardi 15 décembre (formation de l’équipe) », with the schools that it names. The year is
    added when the closure is not within the school year of `today`, so that a wrong year is seen.
    """
    annee = load_calendrier().annee(today)
    if annee and fermeture.debut in annee and fermeture.fin in annee:
        return fermeture_phrase(fermeture)
    return fermeture_annee(fermeture)


def fermeture_annee(fermeture: Fermeture) -> str:
    """The closure in words, always with its year: « mardi 15 décembre 2026 (formation de l’équipe) »; with the schools
    that it names.
    """
    jours = du_au_annee(fermeture.debut, fermeture.fin)
    return f"{_sujet(fermeture)}{jours}{_ecoles(fermeture)} ({fermeture.motif})"


def _ecoles(fermeture: Fermeture) -> str:
    """« , École du Hameau »; nothing where it names none, or is lifted."""
    noms = [ecole.nom for ecole in fermeture.ecoles.all()] if fermeture.pk else []
    return f", {et(noms)}" if noms else ""
