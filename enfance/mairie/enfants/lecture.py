"""A child’s file as the town hall reads it, subject by subject. Reads, never writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Prefetch, Q, QuerySet

from accounts.log import FieldChange, read_changes
from enfance.calendrier import age, lundi
from enfance.ecoles import PLUSIEURS, plusieurs
from enfance.famille.fratries import InterditeAilleurs, interdites_depuis, load_ailleurs
from enfance.famille.homonymes import ressemblances
from enfance.garde import chez, ou_phrases, prochain_passage
from enfance.mairie.enfants.departs import depart_of, load_annees
from enfance.mairie.enfants.gardes import foyers_of, load_gardes
from enfance.mairie.enfants.questions_venir import noms_proches
from enfance.models import (
    AnneeScolaire,
    Creneau,
    Enfant,
    Garde,
    Inscription,
    PersonneAutorisee,
    Responsabilite,
    Scolarite,
    load_calendrier,
)
from portail.dates import PARIS, jour_long, quantieme_annee
from portail.francais import NBSP, et

CHANGEMENTS = 5


@dataclass(frozen=True)
class CaseSemaine:
    """A moment of a day: whether the child is registered, or waits."""

    etat: str

    @property
    def mot(self) -> str:
        """What the cell says: « oui » for a child registered, « en attente » for one on the waiting
        list, else « non ».
        """
        return {"inscrit": "oui", "attente": "en attente"}.get(self.etat, "non")


@dataclass(frozen=True)
class SemaineEnfant:
    """The inscriptions of the week, or of the next one that has school."""

    jours: list[date]
    lignes: list[tuple[Creneau, list[CaseSemaine]]]


@dataclass(frozen=True)
class FicheEnfant:
    """All that the file says, in words."""

    enfant: Enfant
    age: int
    classe: str
    annees: list[Scolarite]  # the latest first
    sans: list[AnneeScolaire]  # those that are not over, in which it has no place
    depart: date | None
    plusieurs: bool  # whether there is more than one school, and each is named
    foyers: dict[int, str]
    gardes: list[str]
    chez: str
    passage: str
    liens: list[Responsabilite]
    fratrie: list[tuple[Enfant, str]]
    autorisees: list[PersonneAutorisee]
    interdites: list[PersonneAutorisee]
    retirees: list[PersonneAutorisee]
    ailleurs: list[InterditeAilleurs]
    noms_proches: list[str]
    attentions: list[str]
    semaine: SemaineEnfant | None
    changements: list[tuple[LogEntry, list[FieldChange]]]


def load_fiche(enfant: Enfant, *, now: datetime) -> FicheEnfant:
    """All that the town hall's file of this child shows, as it is on the day of `now` in Paris."""
    today = now.astimezone(PARIS).date()
    gardes, foyers, annees = load_gardes(enfant), foyers_of(enfant), load_annees(enfant)
    personnes = list(enfant.personnes_autorisees.select_related("ajoutee_par", "retiree_par"))
    tenues = [personne for personne in personnes if personne.retiree_le is None]
    ici = chez(gardes, today)
    autorisees, interdites = ([p for p in tenues if p.interdite == interdite] for interdite in (False, True))
    liens = list(enfant.responsabilites.select_related("responsable__user", "responsable__foyer").order_by("pk"))
    ailleurs = load_ailleurs([enfant], interdites_depuis(today), today).get(enfant.pk, [])
    return FicheEnfant(
        enfant,
        age(enfant.date_naissance, today),
        classe_texte(with_classe(Enfant.objects.filter(pk=enfant.pk)).get(), today),
        annees[::-1],
        list(AnneeScolaire.objects.filter(fin__gte=today).exclude(scolarites__enfant=enfant)),
        depart_of(annees, today),
        plusieurs(),
        foyers,
        ou_phrases(gardes, foyers, today),
        et([foyers[pk] for pk in ici]) if ici else "",
        _passage(gardes, foyers, today),
        liens,
        _fratrie(enfant, today),
        autorisees,
        interdites,
        [personne for personne in personnes if personne.retiree_le],
        ailleurs,
        noms_proches(enfant, autorisees, [lien.responsable for lien in liens], interdites, ailleurs),
        attentions_of(enfant, today),
        _semaine(enfant, today),
        [(entree, [change for _, change in read_changes(entree)]) for entree in _journal(enfant)],
    )


def annee_ouverte(annees: Sequence[Scolarite], demandee: int | None, today: date) -> AnneeScolaire | None:
    """The school year that the child's file opens for correction: the one asked for (`demandee`, a primary key) when it
    may be, else that in course on `today`, else the next to come, else the child's last one. None when no year is
    known.
    """
    offertes = {scolarite.annee.pk: scolarite.annee for scolarite in annees}
    offertes |= {annee.pk: annee for annee in AnneeScolaire.objects.filter(fin__gte=today)}
    if demandee in offertes:
        return offertes[demandee]
    rangees = sorted(offertes.values(), key=lambda annee: annee.debut)
    return next((annee for annee in rangees if annee.fin >= today), rangees[-1] if rangees else None)


def attentions_of(enfant: Enfant, today: date) -> list[str]:
    """A warning, in French, for each person who may fetch the child under a name like that of a person who must not, as
    long as both hold.
    """
    return [
        f"{personne} peut venir chercher {enfant.prenom}, et son nom ressemble à celui de {interdite}, à qui l’enfant "
        "n’est jamais remis. Si c’est la même personne, retirez-la de la liste\u202f; sinon, l’équipe demandera une "
        "pièce d’identité."
        for personne, interdite in ressemblances(enfant, today)
    ]


def _passage(gardes: Sequence[Garde], foyers: dict[int, str], today: date) -> str:
    """« lundi 7 décembre, chez Inès Bonnard »; empty where nothing changes soon."""
    passage = prochain_passage(gardes, today)
    if passage is None:
        return ""
    ou = et([foyers[pk] for pk in passage.foyers]) if passage.foyers else ""
    quand = jour_long(passage.jour) + (" au soir" if passage.soir else "")
    return f"{quand}, chez {ou}" if ou else f"{quand}, dans aucun foyer"


def _fratrie(enfant: Enfant, today: date) -> list[tuple[Enfant, str]]:
    """The other children of its adults, each with its class."""
    autres = Enfant.objects.filter(responsabilites__responsable__in=enfant.responsables.order_by().values("pk"))
    rangees = with_classe(autres.exclude(pk=enfant.pk).distinct()).order_by("date_naissance", "pk")
    return [(autre, classe_texte(autre, today)) for autre in rangees]


def _semaine(enfant: Enfant, today: date) -> SemaineEnfant | None:
    calendrier = load_calendrier()
    depuis = today if calendrier.is_ecole(today) else calendrier.ecole_apres(today)
    if depuis is None:
        return None
    jours = [jour for n in range(7) if calendrier.is_ecole(jour := lundi(depuis) + timedelta(days=n))]
    inscriptions = Inscription.objects.active().between(jours[0], jours[-1]).filter(enfant=enfant)
    etats = {(jour, creneau): etat for jour, creneau, etat in inscriptions.values_list("jour", "creneau", "etat")}
    return SemaineEnfant(
        jours,
        [
            (creneau, [CaseSemaine(etats.get((jour, creneau.pk), "")) for jour in jours])
            for creneau in _creneaux(enfant, jours, {creneau for _, creneau in etats})
        ],
    )


def _creneaux(enfant: Enfant, jours: list[date], connus: Collection[int]) -> QuerySet[Creneau]:
    """Those of the child's school of that week, and those where it has a row; all of them where there is one school."""
    places = Scolarite.objects.filter(
        Q(depart=None) | Q(depart__gt=jours[0]),
        Q(debut=None) | Q(debut__lte=jours[-1]),
        enfant=enfant,
        annee__debut__lte=jours[-1],
        annee__fin__gte=jours[0],
    )
    tenus = Creneau.objects.all().held_by(places.order_by().values("ecole"))
    siens = Q(pk__in=tenus.order_by().values("pk")) | Q(pk__in=connus)
    return Creneau.objects.filter(siens | Q(~PLUSIEURS)).order_by("ordre")


def _journal(enfant: Enfant) -> QuerySet[LogEntry]:
    entrees = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Enfant), object_id=str(enfant.pk))
    return entrees.select_related("user").order_by("-action_time", "-pk")[:CHANGEMENTS]


def annee_dite(scolarite: Scolarite) -> str:
    """A year of the child at school in words: « 2026-2027 : CM1, CM1 Mme Cornouiller », « … : CE1, pas encore de classe
    », « …, départ le 08/12/2026 ».
    """
    dit = [scolarite.get_niveau_display(), str(scolarite.classe or "pas encore de classe")]
    if scolarite.depart:
        dit.append(f"départ le {quantieme_annee(scolarite.depart)}")
    return f"{scolarite.annee}{NBSP}: {', '.join(dit)}"


def with_classe(enfants: QuerySet[Enfant]) -> QuerySet[Enfant]:
    """These children, each read with its places at school (`scolarites`), the latest first, with their year, school and
    class.
    """
    scolarites = Scolarite.objects.with_ecole().select_related("annee", "classe")
    scolarites = scolarites.order_by("-annee__debut", F("debut").desc(nulls_last=True))
    return enfants.prefetch_related(Prefetch("scolarites", scolarites))


def classe_texte(enfant: Enfant, today: date) -> str:
    """The class of the child in words: « CE1-CE2 Mme Sorbier », « CE1, sans classe », « parti le 01/11/2026 », « jamais
    à l’école »; of the last year begun by `today`, else of the next one. With the school where there are several.
    """
    annees = enfant.scolarites.all()
    venues = (s for s in annees if (s.debut or s.annee.debut) <= today)
    scolarite = next(venues, annees[0] if annees else None)
    if scolarite is None:
        return "jamais à l’école"
    if scolarite.depart and scolarite.depart <= today:
        parti = "partie" if enfant.sexe == Enfant.Sexe.FILLE else "parti"
        return f"{parti} le {quantieme_annee(scolarite.depart)}"
    classe = str(scolarite.classe) if scolarite.classe else f"{scolarite.get_niveau_display()}, sans classe"
    return f"{classe}, {scolarite.ecole}" if scolarite.parmi_plusieurs else classe
