"""What changed, when, by whom, in the words of the family: for the history, the result of a save and its mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from enfance.cadre import load_cadre
from enfance.models import Creneau, Enregistrement, Evenement, EvenementRepas, Inscription, Repas, Responsable
from enfance.regles import Action
from portail.dates import PARIS, heure_texte, jour_court, jour_long, jours_groupes
from portail.francais import NBSP, de, et

Etat = Inscription.Etat
PAGE = 30
JOURS_NOMMES = 12
ANNULABLE = timedelta(minutes=15)
# What is to be settled of a meal, of one child and of several.
REPAS = {
    "commander": ("Pensez à commander le repas {}", "Pensez à commander les repas {}"),
    "annuler": ("Pensez à annuler le repas {}", "Pensez à annuler les repas {}"),
    "commande": ("Le repas {} est déjà commandé", "Les repas {} sont déjà commandés"),
    "annule": ("Le repas {} est déjà annulé", "Les repas {} sont déjà annulés"),
    "repris": (
        "Vous ne dites plus annulé le repas {}. Si vous l’aviez annulé, recommandez-le",
        "Vous ne dites plus annulés les repas {}. Si vous les aviez annulés, recommandez-les",
    ),
}


def verbe(evenement: Evenement) -> str:
    """What a change did to its box, in words: « ajouté », « retiré », « en liste d’attente », « ajouté hors délai (+
    2,00 €) », or how its rank on the waiting list moved.
    """
    if evenement.hors_delai:
        reste = ", qui n’est plus dû\u00a0: limite reportée" if getattr(evenement, "a_temps", False) else ""
        return f"ajouté hors délai ({evenement.hors_delai}{reste})"
    if evenement.rang_apres:
        return f"passé du {rangs_phrase(evenement)} de la liste d’attente"
    if evenement.apres == Etat.ATTENTE:
        return "en liste d’attente"
    return "ajouté" if evenement.apres == Etat.INSCRIT else "retiré"


def rangs_phrase(evenement: Evenement) -> str:
    """The former and the new rank on the waiting list, « n° 1 au n° 2 », to follow « du »; empty unless the town hall
    put the list in another order.
    """
    if not evenement.rang_apres:
        return ""
    return f"n°{NBSP}{evenement.rang_avant} au n°{NBSP}{evenement.rang_apres}"


def phrases(evenements: Iterable[Evenement], noms: Mapping[int, str], today: date) -> list[str]:
    """These changes in words, a line for each child, créneau and verb: « Léa : soir ajouté, mardi 8 et vendredi 11 ».
    `noms`: by primary key; the days of the month of `today` go without their month.
    """
    return [
        f"{noms[groupe[0].enfant_id]}{NBSP}: {groupe[0].creneau.nom_court} {verbe(groupe[0])}, "
        + jours_phrase([e.jour for e in groupe], today)
        for groupe in _groupes(evenements, noms)
    ]


def longues(evenements: Iterable[Evenement], noms: Mapping[int, str]) -> list[str]:
    """For each line of `phrases`, its days in words by day of the week, where the line only counts them: « lundis 7, 14
    décembre, 4 janvier ». Empty for the lines that name their days.
    """
    return [
        jours_groupes(e.jour for e in groupe) if len(groupe) > JOURS_NOMMES else ""
        for groupe in _groupes(evenements, noms)
    ]


def _groupes(evenements: Iterable[Evenement], noms: Mapping[int, str]) -> list[list[Evenement]]:
    """These changes by child, créneau and verb, in the order of `noms`, of the créneaux and of the days."""
    groupes: dict[tuple[int, str, str], list[Evenement]] = {}
    for evenement in sorted(evenements, key=lambda e: (list(noms).index(e.enfant_id), e.creneau.ordre, e.jour)):
        groupes.setdefault((evenement.enfant_id, evenement.creneau.nom_court, verbe(evenement)), []).append(evenement)
    return list(groupes.values())


def jours_phrase(jours: list[date], today: date) -> str:
    """These days in words: « mardi 8 et vendredi 11 », with the month unless all are in that of `today`; more than
    twelve become their number and their ends.
    """
    if len(jours) > JOURS_NOMMES:
        return long_phrase(len(jours), min(jours), max(jours))
    court = all((jour.year, jour.month) == (today.year, today.month) for jour in jours)
    return et([jour_court(jour) if court else jour_long(jour) for jour in sorted(jours)])


def long_phrase(n: int, debut: date, fin: date) -> str:
    """A long series of days in words: « 159 jours du lundi 7 décembre au vendredi 2 juillet »."""
    return f"{n}{NBSP}jours du {jour_long(debut)} au {jour_long(fin)}"


def repas_phrases(evenements: Iterable[Evenement], noms: Mapping[int, str], today: date) -> list[str]:
    """What these changes leave the parent to settle with the canteen, in sentences: meals to order or to cancel, which
    the garderie does not do. `noms`: by primary key.
    """
    par_genre: dict[str, dict[int, list[date]]] = {}
    for evenement in evenements:
        if genre := repas_genre(evenement):
            par_genre.setdefault(genre, {}).setdefault(evenement.enfant_id, []).append(evenement.jour)
    mots = {
        genre: {pk: jours_phrase(jours, today) for pk, jours in siens.items()} for genre, siens in par_genre.items()
    }
    return repas_texte(mots, noms)


def repas_genre(evenement: Evenement) -> str:
    """What this change leaves to settle of the day's meal, a key of `REPAS` (« commander », « annuler »…); empty for
    nothing. The change must carry `repas` and `repas_dit_annule`, as `with_repas` sets them.
    """
    if evenement.creneau.moment != Creneau.Moment.MIDI:
        return ""
    if evenement.apres == Etat.INSCRIT and getattr(evenement, "repas", False):
        return "commande"
    if Etat.ATTENTE in (evenement.avant, evenement.apres):
        return ""
    if evenement.apres == Etat.ANNULEE:
        return "annule" if is_dit_annule(evenement) else "annuler"
    return "commander"


def repas_texte(par_genre: Mapping[str, Mapping[int, str]], noms: Mapping[int, str]) -> list[str]:
    """What is to be settled of the meals of all the children, a sentence for each kind of `REPAS`: to order, to cancel,
    already ordered… `par_genre`: by kind, then by child, the days in words.
    """
    return [
        phrase[len(jours) > 1].format(_enfants_et_jours(jours, noms))
        for genre, phrase in REPAS.items()
        if (jours := par_genre.get(genre))
    ]


def _enfants_et_jours(jours: Mapping[int, str], noms: Mapping[int, str]) -> str:
    """« de Léa et de Tom (mardi 8) »; « de Léa (mardi 8) et de Tom (jeudi 10) » where their days are not the same."""
    memes_jours: dict[str, list[str]] = {}
    for enfant in sorted(jours, key=list(noms).index):
        memes_jours.setdefault(jours[enfant], []).append(de(noms[enfant]))
    return et([f"{et(enfants)} ({quand})" for quand, enfants in memes_jours.items()])


def repas_dits(dits: Iterable[EvenementRepas], noms: Mapping[int, str], today: date) -> list[str]:
    """What families said of meals, a line for each child and what was said, in the order of `noms`: « Tom : repas dit
    annulé, mardi 8 ». The days of the month of `today` go without their month.
    """
    jours: dict[tuple[int, bool], list[date]] = {}
    for dit in dits:
        jours.setdefault((dit.enfant_id, dit.annule), []).append(dit.jour)
    return [
        f"{nom}{NBSP}: {mot_repas(annule)}, {jours_phrase(siens, today)}"
        for pk, nom in noms.items()
        for annule in (True, False)
        if (siens := jours.get((pk, annule)))
    ]


def mot_repas(annule: bool) -> str:
    """What was said of a meal, in words: that it is cancelled (`annule`), or that it no longer is. Saying the latter
    orders nothing: the meal may really have been cancelled meanwhile.
    """
    return "repas dit annulé" if annule else "le repas n’est plus dit annulé"


def repris_phrases(dits: Iterable[EvenementRepas], noms: Mapping[int, str], today: date) -> list[str]:
    """The advice to order again the meals that the family no longer says are cancelled, by the last thing said of each
    meal; empty when there is none.
    """
    derniers = {(dit.enfant_id, dit.jour): dit.annule for dit in dits}
    jours: dict[int, list[date]] = {}
    for (enfant, jour), annule in derniers.items():
        if not annule:
            jours.setdefault(enfant, []).append(jour)
    return repas_texte({"repris": {pk: jours_phrase(siens, today) for pk, siens in jours.items()}}, noms)


def is_dit_annule(evenement: Evenement) -> bool:
    """Whether the family already said that the meal of this change's day is cancelled, and no meal is ordered: it is
    not to be asked to cancel it again.
    """
    return getattr(evenement, "repas_dit_annule", False) and not getattr(evenement, "repas", False)


def with_repas(evenements: QuerySet[Evenement]) -> QuerySet[Evenement]:
    """These changes, each annotated with `repas`, whether a meal is ordered on its day, and `repas_dit_annule`, whether
    the family said that it cancelled it.
    """
    meme = {"enfant": OuterRef("enfant"), "jour": OuterRef("jour")}
    return evenements.annotate(
        repas=Exists(Repas.objects.filter(**meme).standing()),
        repas_dit_annule=Exists(EvenementRepas.objects.filter(**meme).in_force())
        | Exists(Repas.objects.filter(**meme).exclude(annule_le=None)),
    )


def load_dits_annules(evenements: Sequence[Evenement]) -> set[tuple[int, date]]:
    """The meals that families said they cancelled: pairs of child (primary key) and day, in one query at most.

    For the children of these changes, from the first of their days to the last: days between them may be in it too.
    """
    if not evenements:
        return set()
    jours = [evenement.jour for evenement in evenements]
    siens: dict[str, Any] = {
        "enfant__in": {evenement.enfant_id for evenement in evenements},
        "jour__range": (min(jours), max(jours)),
    }
    dits = EvenementRepas.objects.in_force().filter(**siens).order_by().values_list("enfant", "jour")
    notes = Repas.objects.filter(**siens).exclude(annule_le=None).order_by().values_list("enfant", "jour")
    return set(dits.union(notes).order_by())


@dataclass(frozen=True)
class EntreeHistorique:
    """One save as a parent reads it, or what was told besides (`reference` 0). `qui` never names the other foyer nor a
    member of staff, and what the town hall noted of its reasons is not for parents: it may speak of the other one.
    `perdus`: what undoing would not give back, in sentences. `garde`: the reader may read what it said then.
    """

    reference: int
    heure: str
    qui: str
    voie: str
    icone: str
    lignes: list[str]
    motif: str
    annulable: str
    annule: str
    quand: datetime
    perdus: Sequence[str] = ()
    garde: bool = False


@dataclass(frozen=True)
class JourHistorique:
    titre: str
    entrees: list[EntreeHistorique]


ICONES = {
    Enregistrement.Porte.PORTAIL: "main",
    Enregistrement.Porte.MAIRIE: "tel",
    Enregistrement.Porte.IMPORT: "agenda",
    Enregistrement.Porte.SYSTEME: "sablier",
    Enregistrement.Porte.SEMAINE_TYPE: "agenda",
    Enregistrement.Porte.REPAS: "midi",
    **dict.fromkeys(Enregistrement.FERMANTES, "info"),
}
PAR_LES_PARENTS = {Enregistrement.Porte.PORTAIL, Enregistrement.Porte.SEMAINE_TYPE}


def qui(enregistrement: Enregistrement, lecteur: Responsable | None) -> str:
    """Who made this save, in words that `lecteur` may read (« Vous », « La mairie », « L’autre foyer »…); the town hall
    (None) reads all names.
    """
    if lecteur is None and enregistrement.auteur:
        return enregistrement.auteur.get_full_name() or str(enregistrement.auteur)
    if enregistrement.porte == Enregistrement.Porte.SYSTEME:
        return "Le portail"
    if enregistrement.porte == Enregistrement.Porte.REPAS:
        return "La cantine"
    if enregistrement.porte not in PAR_LES_PARENTS:
        return "La mairie"
    if lecteur is None:
        return "Un compte supprimé"
    if enregistrement.auteur_id == lecteur.user_id:
        return "Vous"
    if enregistrement.foyer_id == lecteur.foyer_id and enregistrement.auteur:
        return enregistrement.auteur.first_name or "Un adulte de votre foyer"
    return "L’autre foyer"


def annulable_jusqua(enregistrement: Enregistrement, lecteur: int, now: datetime) -> datetime | None:
    """Until when `lecteur` (account, primary key) may undo this save by « Annuler ces changements »; None when they may
    not.

    Only a save of one's own, not undone yet, that is not itself an undoing, within 15 minutes.
    """
    limite = enregistrement.quand + ANNULABLE
    is_own = enregistrement.auteur_id == lecteur and enregistrement.porte in PAR_LES_PARENTS
    is_undone = enregistrement.annule_id is not None or annulation_of(enregistrement) is not None
    return limite if is_own and not is_undone and now < limite else None


def annulation_of(enregistrement: Enregistrement) -> Enregistrement | None:
    """The save that undid this one; None when nobody undid it."""
    return getattr(enregistrement, "annule_par", None)


def par_qui(enregistrement: Enregistrement, lecteur: Responsable | None) -> str:
    """Who made this save, in words that fit inside a sentence, after « par »: « vous », « la mairie »,
    « Dominique ».
    """
    texte = qui(enregistrement, lecteur)
    auteur = enregistrement.auteur
    named = auteur is not None and texte in {auteur.first_name, auteur.get_full_name(), str(auteur)}
    return texte if named else texte[0].lower() + texte[1:]


def cause_phrase(evenement: Evenement, lecteur: Responsable | None) -> str:
    """What follows the word « changé », with the space or comma before it: « par Dominique », « , une place s’est
    libérée ».
    """
    if evenement.enregistrement.porte == Enregistrement.Porte.SYSTEME and evenement.apres == Etat.INSCRIT:
        return ", une place s’est libérée"
    return f" par {par_qui(evenement.enregistrement, lecteur)}"


def fait_phrase(evenement: Evenement, lecteur: Responsable | None) -> str:
    """What this change did to its box, and by whom: « ajouté par Dominique », « mis en liste d’attente par vous »."""
    mis = "mis " if evenement.apres == Etat.ATTENTE else ""
    return f"{mis}{verbe(evenement)}{cause_phrase(evenement, lecteur)}"


def load_entrees(
    lecteur: Responsable | None,
    noms: Mapping[int, str],
    *,
    now: datetime,
    avant: int | None = None,
    page: int = PAGE,
) -> tuple[list[EntreeHistorique], int | None]:
    """The saves that touch these children (names by primary key), the latest first, `page` of them before the save
    `avant`; and the reference to pass as `avant` for the older ones, None on the last page.

    The town hall (`lecteur` None) undoes nothing here, and reads the reasons that it wrote.
    """
    visibles = Evenement.objects.filter(enfant__in=noms).select_related("creneau")
    dits = EvenementRepas.objects.filter(enfant__in=noms)
    enregistrements = Enregistrement.objects.touching(visibles, dits)
    if avant is not None:
        enregistrements = enregistrements.filter(pk__lt=avant)
    lignes: list[Any] = list(
        enregistrements.select_related("auteur", "annule_par__auteur", "recapitulatif")
        .prefetch_related(
            Prefetch("evenements", visibles, to_attr="visibles"), Prefetch("repas", dits, to_attr="repas_visibles")
        )
        .order_by("-pk")[: page + 1]
    )
    entrees = []
    for enregistrement in lignes[:page]:
        mark_a_temps(enregistrement.visibles, enregistrement.quand)
        local = enregistrement.quand.astimezone(PARIS)
        jusqua = annulable_jusqua(enregistrement, lecteur.user_id, now) if lecteur else None
        is_secret = lecteur is not None and enregistrement.porte == Enregistrement.Porte.MAIRIE
        entrees.append(
            EntreeHistorique(
                reference=enregistrement.pk,
                heure=heure_texte(local.time()),
                qui=qui(enregistrement, lecteur),
                voie=enregistrement.get_porte_display(),
                icone=ICONES[Enregistrement.Porte(enregistrement.porte)],
                lignes=[
                    *phrases(enregistrement.visibles, noms, local.date()),
                    *repas_dits(enregistrement.repas_visibles, noms, local.date()),
                ],
                motif="" if is_secret else enregistrement.motif,
                annulable=heure_de(jusqua) if jusqua else "",
                annule=_annule_phrase(enregistrement, lecteur),
                quand=enregistrement.quand,
                garde=_is_garde(enregistrement, lecteur),
            )
        )
    return entrees, lignes[page - 1].pk if len(lignes) > page else None


def mark_a_temps(evenements: Iterable[Any], quand: datetime) -> None:
    """Set `a_temps` on those of these changes, saved at `quand`, that were late by a deadline which a silence of the
    portal has moved past them since. Reads what `load_cadre` holds, and only where one was late.
    """
    for evenement in evenements:
        if evenement.hors_delai:
            report = load_cadre().limites.report(evenement.jour, evenement.creneau, Action.INSCRIRE)
            evenement.a_temps = report is not None and report.saves(quand)


def par_jour(entrees: Iterable[EntreeHistorique], today: date) -> list[JourHistorique]:
    """The entries of the history grouped by day (Paris time), the latest first, each day under its title."""
    journees: dict[date, JourHistorique] = {}
    for entree in sorted(entrees, key=lambda entree: (entree.quand, entree.reference), reverse=True):
        jour = entree.quand.astimezone(PARIS).date()
        titre = f"Aujourd’hui, {jour_long(jour)}" if jour == today else jour_long(jour).capitalize()
        annee = "" if jour.year == today.year else f" {jour.year}"
        journees.setdefault(jour, JourHistorique(f"{titre}{annee}", [])).entrees.append(entree)
    return list(journees.values())


def _is_garde(enregistrement: Enregistrement, lecteur: Responsable | None) -> bool:
    """Whether what the save said was kept for this reader, its author."""
    garde = getattr(enregistrement, "recapitulatif", None)
    return garde is not None and lecteur is not None and garde.auteur_id == lecteur.user_id


def heure_de(instant: datetime) -> str:
    """The hour of this instant in words, Paris time: « 20 h 56 »."""
    return heure_texte(instant.astimezone(PARIS).time())


def _annule_phrase(enregistrement: Enregistrement, lecteur: Responsable | None) -> str:
    """« annulé par vous à 19 h 06 »; empty when it stands."""
    annulation = annulation_of(enregistrement)
    if annulation is None:
        return ""
    return f"annulé par {par_qui(annulation, lecteur)} à {heure_de(annulation.quand)}"
