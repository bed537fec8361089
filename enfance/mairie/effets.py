"""What a change of a créneau, or of a deadline, does to what is to come: in sentences, before it is made."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from enfance import delais
from enfance.calendrier import Calendrier
from enfance.delais import Delai, instant_phrase, limite
from enfance.models import Creneau, Inscription, RegleDelai, load_calendrier
from portail.dates import PARIS, instant, jour_long
from portail.francais import NBSP, et

HORIZON = timedelta(weeks=9)  # far enough for a deadline of the month before
NOMMES = 12


@dataclass(frozen=True)
class Reglage:
    """A créneau as it is set: what a change may touch."""

    pk: int
    nom: str
    jours: frozenset[int]
    heures: str
    places: int | None
    inscrire: Delai
    annuler: Delai
    tardif: Delai | None = None

    @classmethod
    def of(cls, creneau: Creneau) -> Reglage:
        """What is set on this créneau today: its days, hours, places and deadlines. The deadline to cancel is that to
        register where it has none of its own.
        """
        annulation = creneau.delai_annulation or creneau.delai_inscription
        return cls(
            creneau.pk,
            str(creneau),
            creneau.jours,
            creneau.heures,
            creneau.places,
            creneau.delai_inscription.valeur,
            annulation.valeur,
            creneau.delai_tardif.valeur if creneau.delai_tardif else None,
        )

    def following(self, avant: Delai, apres: Delai) -> Reglage:
        """The same settings with the deadline `apres` in place of `avant`, wherever `avant` stands."""
        return replace(
            self,
            inscrire=apres if self.inscrire == avant else self.inscrire,
            annuler=apres if self.annuler == avant else self.annuler,
            tardif=apres if self.tardif == avant else self.tardif,
        )


def effets_creneau(avant: Reglage, apres: Reglage, *, now: datetime) -> list[str]:
    """What changing a créneau from the settings `avant` to `apres` does, in sentences for the agent: to the
    inscriptions to come, to the days with more children than places, to the days that parents may still change. Days
    that close or open again are looked for in the nine weeks to come. A deadline that changes is always told, even if
    no day is closed or opened by it; empty when nothing of these is touched.
    """
    limites = [phrase for groupe in _limites(avant, apres, load_calendrier(), now) for phrase in groupe]
    return [*_horaire(avant, apres, now), *_places(avant, apres, now), *limites]


def effets_regle(regle: RegleDelai, avant: Delai, apres: Delai, *, now: datetime) -> list[str]:
    """What changing the deadline of this rule from `avant` to `apres` does, in sentences for the agent, for all the
    créneaux that follow it; those for which it does the same are told together.
    """
    calendrier = load_calendrier()
    par_effet: dict[tuple[str, ...], list[str]] = {}  # by what it does, the créneaux to which it does so
    for creneau in Creneau.objects.with_delais().filter(pk__in=_suivants(regle)):
        deja = Reglage.of(creneau)
        for titre, *suite in _limites(deja, deja.following(avant, apres), calendrier, now):
            nom, _, reste = titre.partition(", ")
            par_effet.setdefault((reste, *suite), []).append(nom)
    return [phrase for (reste, *suite), noms in par_effet.items() for phrase in (f"{et(noms)}, {reste}", *suite)]


def _suivants(regle: RegleDelai) -> set[int]:
    suivants = (regle.creneaux, regle.creneaux_a_annuler, regle.creneaux_tardifs)
    return {creneau.pk for siens in suivants for creneau in siens.all()}


def _horaire(avant: Reglage, apres: Reglage, now: datetime) -> Iterator[str]:
    if avant.heures == apres.heures:
        return
    a_venir = Inscription.objects.active().filter(creneau=avant.pk, jour__gte=_today(now))
    inscriptions, enfants = a_venir.count(), a_venir.order_by().values("enfant").distinct().count()
    if inscriptions:
        yield (
            f"Horaire{NBSP}: {avant.heures} → {apres.heures}. Inscriptions à venir, qui suivent la nouvelle heure"
            f"{NBSP}: {inscriptions} (enfants{NBSP}: {enfants}). Les familles ne sont pas prévenues d’elles-mêmes"
            f"{NBSP}: écrivez-leur."
        )


def _places(avant: Reglage, apres: Reglage, now: datetime) -> Iterator[str]:
    """More places harm nobody: they are not asked about."""
    if apres.places is None or (avant.places is not None and avant.places <= apres.places):
        return
    pris = Inscription.objects.inscrit().filter(creneau=avant.pk, jour__gte=_today(now)).occupation()
    trop = [f"{jour_long(jour)} ({n})" for (jour, _), n in sorted(pris.items()) if n > apres.places]
    if trop:
        yield f"Jours avec plus d’inscrits que de places{NBSP}: {_liste(trop)}. Personne n’est retiré."


def _limites(avant: Reglage, apres: Reglage, calendrier: Calendrier, now: datetime) -> Iterator[list[str]]:
    """The sentences, the first being « Soir, inscrire : … »; apart where the two deadlines do not change alike."""
    if avant.tardif != apres.tardif:
        yield list(_tardif(apres, calendrier, now))
    changes = {
        "inscrire": (avant.inscrire, apres.inscrire),
        "annuler": (avant.annuler, apres.annuler),
    }
    gestes = [geste for geste, (ancien, nouveau) in changes.items() if ancien != nouveau]
    if not gestes:
        return
    if len(gestes) == 2 and changes["inscrire"] == changes["annuler"]:
        yield list(_limite(apres, "inscrire et annuler", *changes["inscrire"], calendrier, now))
        return
    for geste in gestes:
        yield list(_limite(apres, geste, *changes[geste], calendrier, now))


def _tardif(creneau: Reglage, calendrier: Calendrier, now: datetime) -> Iterator[str]:
    """Until when parents may book late, and between which instants for the next day of each weekday."""
    if creneau.tardif is None:
        yield f"{creneau.nom}, inscrire en retard{NBSP}: plus possible. Rien n’est annulé."
        return
    yield f"{creneau.nom}, inscrire en retard{NBSP}: {delais.delai_phrase(creneau.tardif)}, au supplément voté."
    exemples: set[int] = set()
    for jour in calendrier.jours_ecole(_today(now) + timedelta(days=1), _today(now) + HORIZON):
        if jour.weekday() in creneau.jours - exemples:
            exemples.add(jour.weekday())
            normale, tardive = (limite(jour, delai, calendrier) for delai in (creneau.inscrire, creneau.tardif))
            yield f"pour {jour_long(jour)}{NBSP}: de {instant_phrase(normale)}, à {instant_phrase(tardive)}."


def tardif_phrase(inscrire: Delai, tardif: Delai, debut: time, jours: Collection[int], *, now: datetime) -> str:
    """Why this deadline cannot be the late one of a créneau that begins at `debut` on these weekdays, by the first day
    to come on which it is not after the limit to register, or is after the beginning; empty when it can.
    """
    calendrier = load_calendrier()
    for jour in calendrier.jours_ecole(_today(now) + timedelta(days=1), _today(now) + HORIZON):
        if jour.weekday() not in jours:
            continue
        normale, tardive = limite(jour, inscrire, calendrier), limite(jour, tardif, calendrier)
        if tardive.astimezone(UTC) <= normale.astimezone(UTC):
            return (
                f"Pour {jour_long(jour)}, la limite est {instant_phrase(normale)}, et le retard finirait "
                f"{instant_phrase(tardive)}{NBSP}: il doit finir après."
            )
        if tardive.astimezone(UTC) > instant(jour, debut).astimezone(UTC):
            return (
                f"Pour {jour_long(jour)}, le retard finirait {instant_phrase(tardive)}, après le début du créneau"
                f"{NBSP}: il doit finir avant."
            )
    return ""


def _limite(
    creneau: Reglage, geste: str, ancien: Delai, nouveau: Delai, calendrier: Calendrier, now: datetime
) -> Iterator[str]:
    """The rule in words, the next day of each weekday under both, then the days that this closes or opens at once."""
    yield f"{creneau.nom}, {geste}{NBSP}: modifiable {delais.delai_phrase(nouveau)}."
    fermes, rouverts, exemples = [], [], set()
    today = _today(now)
    for jour in calendrier.jours_ecole(today + timedelta(days=1), today + HORIZON):
        if jour.weekday() not in creneau.jours:
            continue
        avant, apres = limite(jour, ancien, calendrier), limite(jour, nouveau, calendrier)
        if jour.weekday() not in exemples:
            exemples.add(jour.weekday())
            mots = f"pour {jour_long(jour)}{NBSP}: avant {instant_phrase(apres)}"
            yield mots + ("." if avant == apres else f", au lieu de {instant_phrase(avant)}.")
        if apres <= now < avant:
            fermes.append(jour_long(jour))
        elif avant <= now < apres:
            rouverts.append(jour_long(jour))
    if fermes:
        yield f"Ne seront plus modifiables par les familles{NBSP}: {_liste(fermes)}. Rien n’est annulé."
    if rouverts:
        yield f"Redeviennent modifiables par les familles{NBSP}: {_liste(rouverts)}."


def _liste(mots: list[str]) -> str:
    autres = len(mots) - NOMMES
    suite = f" et {autres} autre{'s' if autres > 1 else ''}" if autres > 0 else ""
    return ", ".join(mots[:NOMMES]) + suite


def _today(now: datetime) -> date:
    return now.astimezone(PARIS).date()
