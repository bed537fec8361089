"""When there is no lunch break in the schools shown, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from enfance.cantine.perimetre import COMMUNE, Perimetre
from enfance.jours_fermes import fermes_phrase, jours_fermes
from enfance.models import Classe, Creneau, Inscription, Niveau, Scolarite
from enfance.natures import groupes_titre
from enfance.regles import FermetureVue, Situation
from portail.francais import pluriel

SANS_PAUSE = "Pas de pause méridienne ce jour-là."


def fermetures_phrases(
    situation: Situation, fermetures: Iterable[FermetureVue], perimetre: Perimetre = COMMUNE
) -> list[tuple[FermetureVue, str]]:
    """The closures, among these, that close the lunch break in the schools shown, each with its days and reason in
    words: « mardi 15 décembre (formation de l’équipe), CM1-CM2 Mme Sorbier ». Where several schools are shown, a
    closure of some of them names these. Trips are apart (`sorties_phrases`).
    """
    midis = _midis(situation, perimetre)
    of_midi = _of_midi(midis, (f for f in fermetures if f.is_fermeture), perimetre)
    noms = _classes(of_midi, perimetre)
    phrases = []
    for f in of_midi:
        siennes = sorted(noms[pk] for pk in f.classes & noms.keys())
        jours = jours_fermes(situation.calendrier, midis, f.debut, f.fin)
        if jours and (siennes or not f.classes):
            ecoles = [e.nom for e in perimetre.ecoles if e.pk in f.ecoles] if perimetre.nommee else []
            phrases.append((f, ", ".join([f"{fermes_phrase(jours)} ({f.motif})", *ecoles, *siennes])))
    return phrases


def sorties_phrases(
    situation: Situation, fermetures: Iterable[FermetureVue], perimetre: Perimetre = COMMUNE
) -> list[tuple[FermetureVue, str]]:
    """The trips, among these, that take pupils of the schools shown from the lunch break, and teachers away, each in
    words: « CM1 en sortie mardi 8 décembre (musée), 12 midis de moins ». Two queries at most, none without a trip.
    """
    midis = _midis(situation, perimetre)
    of_midi = _of_midi(midis, (f for f in fermetures if not f.is_fermeture), perimetre)
    if not of_midi:
        return []
    noms = _classes(of_midi, perimetre)
    dans_les_midis = Inscription.objects.filter(creneau__in=[midi.pk for midi in midis])
    moins: Counter[int] = Counter()
    for (pk, _, _), n in dans_les_midis.retirees_by([f.pk for f in of_midi]).items():
        moins[pk] += n
    phrases = []
    for f in of_midi:
        siennes = sorted(noms[pk] for pk in f.classes & noms.keys())
        jours = jours_fermes(situation.calendrier, midis, f.debut, f.fin)
        if jours and (siennes or f.niveaux):
            qui = f.mots.of(groupes_titre([niveau for niveau in Niveau.values if niveau in f.niveaux], siennes))
            ecoles = [e.nom for e in perimetre.ecoles if e.pk in f.ecoles] if perimetre.nommee else []
            suite = [f"{pluriel(moins[f.pk], 'midi,midis')} de moins"] if moins[f.pk] else []
            phrases.append((f, ", ".join([f"{qui} {fermes_phrase(jours)} ({f.motif})", *ecoles, *suite])))
    return phrases


def _of_midi(midis: list[Creneau], fermetures: Iterable[FermetureVue], perimetre: Perimetre) -> list[FermetureVue]:
    """Those of these lunch breaks and of the schools shown, the first to come first."""
    siennes = (
        f
        for f in fermetures
        if midis
        and (not f.creneaux or f.creneaux & {midi.pk for midi in midis})
        and (not (f.ecoles and perimetre.ecoles) or f.ecoles & perimetre.pks)
    )
    return sorted(siennes, key=lambda f: (f.debut, f.fin))


def _classes(fermetures: Iterable[FermetureVue], perimetre: Perimetre) -> dict[int, str]:
    """The names of the classes, of the schools shown, that these closures name."""
    classes: set[int] = set().union(*(f.classes for f in fermetures))
    connues = Classe.objects.filter(pk__in=classes).values_list("pk", "nom", "ecole") if classes else ()
    return {pk: nom for pk, nom, ecole in connues if not perimetre.ecoles or ecole in perimetre.pks}


def _midis(situation: Situation, perimetre: Perimetre) -> list[Creneau]:
    """The lunch breaks of the schools shown."""
    midis = (creneau for creneau in situation.creneaux.values() if creneau.moment == Creneau.Moment.MIDI)
    if not perimetre.ecoles:
        return list(midis)
    return [midi for midi in midis if midi.pk not in situation.tenues or situation.tenues[midi.pk] & perimetre.pks]


def raison_sans_midi(situation: Situation, jour: date, perimetre: Perimetre = COMMUNE) -> str:
    """Why no school shown has a lunch break on that day, in a sentence; empty when it is on for some pupils
    at least.
    """
    calendrier = situation.calendrier
    midis = [midi for midi in _midis(situation, perimetre) if jour.weekday() in midi.jours]
    if vacances := calendrier.vacances(jour):
        return f"{vacances.nom}\u00a0: pas d’école."
    if jour in calendrier.feries:
        return f"Jour férié ({calendrier.feries[jour]})."
    if not calendrier.is_ecole(jour):
        return "Pas d’école ce jour-là."
    if not midis:
        return SANS_PAUSE
    # Who is in no class: what closes a class alone leaves the others.
    places: list[Scolarite | None] = [Scolarite(ecole=ecole) for ecole in perimetre.ecoles] or [None]
    fermes = [
        next((f for f in situation.fermetures if f.covers(jour, midi.pk, place)), None)
        for place in places
        for midi in midis
        if place is None or midi.pk not in situation.tenues or place.ecole_id in situation.tenues[midi.pk]
    ]
    return f"Pause méridienne fermée ({fermes[0].motif})." if fermes and fermes[0] and all(fermes) else ""
