"""What enfance keeps, and for how long (RGP-06): what goes each night, and the school years that go once a year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import batched
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from enfance.famille.decomptes import compter
from enfance.mairie.annee import annee_avant, ecoles_confirmees
from enfance.models import (
    Absence,
    AdultesPresents,
    AnneeScolaire,
    Appel,
    Creneau,
    DemandeAutorisation,
    DemandeRappel,
    EcartVu,
    Enfant,
    EnfantReste,
    Enregistrement,
    Evenement,
    EvenementRepas,
    FermetureLue,
    Garde,
    ImportOnde,
    Inscription,
    ListeRepas,
    Message,
    PersonneAutorisee,
    Pointage,
    Rappel,
    Repas,
    Scolarite,
    SemaineType,
)
from portail.durees import Cadence, Duree, Lot, counted, jours, rows

DEMANDES, JOURNAL = "CONSERVATION_DEMANDES", "CONSERVATION_JOURNAL"
INSCRIPTIONS, PAI = "CONSERVATION_INSCRIPTIONS", "CONSERVATION_PAI"
ENFANTS = 20  # children whose old days go in one transaction
SANS_SANTE: Mapping[str, Any] = {
    "pai": False,
    "pai_fin": None,
    "consigne": "",
    "pai_cantine": False,
    "pai_cantine_le": None,
    "pai_cantine_par": None,
}


def _before(reglage: str, now: datetime) -> datetime:
    return now - timedelta(days=getattr(settings, reglage))


# --- Each night -------------------------------------------------------------------------------------------------------


def _imports(now: datetime) -> Iterator[Lot]:
    """The imports that nobody applied, with the files of the whole school that they hold; of old ones, the names."""
    yield from rows(ImportOnde.objects.abandonnes(now))
    for ancien in ImportOnde.objects.filter(applique_le__lt=_before(JOURNAL, now)):
        if ancien.bilan[1:]:
            yield partial(_keep_counts, ancien)


def _keep_counts(ancien: ImportOnde) -> Mapping[str, int]:
    return {"enfance.ImportOnde": ImportOnde.objects.filter(pk=ancien.pk).update(bilan=ancien.bilan[:1])}


def _demandes(now: datetime) -> Iterator[Lot]:
    avant = _before(DEMANDES, now)
    yield from rows(DemandeAutorisation.objects.filter(decidee_le__lt=avant))
    yield from rows(DemandeRappel.objects.filter(Q(rappele_le__lt=avant.date()) | Q(retiree_le__lt=avant)))
    yield from rows(Rappel.objects.filter(jour__lt=avant.date()))
    yield from rows(FermetureLue.objects.filter(fermeture__fin__lt=avant.date()))


def _sante(now: datetime) -> Iterator[Lot]:
    """Health plans that are over, and what is noted of pupils who have left. One without an end is over with the year.

    A pupil has left once a later year has begun and has classes: nobody has while the year is not prepared.
    """
    today = timezone.localdate(now)
    avant = today - timedelta(days=getattr(settings, PAI))
    en_cours = Scolarite.objects.not_over(today)
    for annee in AnneeScolaire.objects.filter(fin__gte=today).order_by("debut"):  # the nearest end is written first
        pks = en_cours.filter(annee=annee).order_by().values("enfant")
        yield partial(_end_with, Enfant.objects.filter(pai=True, pai_fin=None, pk__in=pks), annee.fin)
    finis = Q(pai_fin__lt=avant)
    if debut := debut_connu(today):
        note = Q(pai=True) | ~Q(consigne="") | Q(pai_cantine=True) | Q(pai_cantine_le__isnull=False)
        finis |= note & Q(~Exists(scolarites_recentes(debut, avant).filter(enfant=OuterRef("pk"))))
    yield partial(_forget_sante, Enfant.objects.filter(finis))


def debut_connu(today: date) -> date | None:
    """The first day of the year in course, or of the last one begun, once its classes are known; None before that, for
    nobody is taken for gone as long as the school has not said who is there.

    In a town of several schools, each school that had pupils the year before must have said it, unless all of those
    have a place since.
    """
    annee = AnneeScolaire.objects.filter(debut__lte=today).order_by("-debut").first()
    confirmees = ecoles_confirmees(annee) if annee else set()
    if annee is None or not confirmees:
        return None
    avant = annee_avant(annee)
    attendus = avant.scolarites.present().exclude(ecole__in=confirmees) if avant else Scolarite.objects.none()
    return None if attendus.exclude(enfant__scolarites__annee=annee).exists() else annee.debut


def scolarites_recentes(debut: date, avant: date) -> Any:
    """A queryset: the scolarités that show that a pupil has not been gone for long enough to be forgotten.

    They are the years at school that begin on `debut` or later, or end on `avant` or later, and that the pupil had not
    left by `avant`.
    """
    return Scolarite.objects.filter(
        Q(depart=None) | Q(depart__gt=avant), Q(annee__debut__gte=debut) | Q(annee__fin__gte=avant)
    )


def _end_with(enfants: QuerySet[Enfant], fin: date) -> Mapping[str, int]:
    """Give an end to these health plans: nothing is erased."""
    enfants.update(pai_fin=fin)
    return {}


def _forget_sante(enfants: QuerySet[Enfant]) -> Mapping[str, int]:
    return {"enfance.Enfant": enfants.update(**SANS_SANTE)}


# --- Once a year: the school years of which the time has passed ------------------------------------------------------


def limite(now: datetime) -> date | None:
    """The last day of the latest school year whose bookings and presences have passed the time that they are kept
    (CONSERVATION_INSCRIPTIONS days after that day); None when there is no such year.
    """
    avant = timezone.localdate(now) - timedelta(days=getattr(settings, INSCRIPTIONS))
    return AnneeScolaire.objects.filter(fin__lt=avant).order_by("-fin").values_list("fin", flat=True).first()


def _annees(now: datetime) -> Iterator[Lot]:
    """Day by day, what was booked and seen; counted first, so that the figures of the town hall stay."""
    fin = limite(now)
    if fin is None:
        return
    for lot in batched(_enfants(fin), ENFANTS):
        yield partial(_forget_jours, lot, fin, now)
    yield from _traces(fin)
    yield from rows(ListeRepas.objects.filter(fin__lte=fin), "enfance.Repas")
    yield from rows(Appel.objects.filter(jour__lte=fin, rouvert_le__isnull=False))
    yield from rows(PersonneAutorisee.objects.filter(Q(retiree_le__date__lte=fin) | Q(fin__lte=fin)))
    yield from rows(Garde.objects.filter(fin__lte=fin))
    yield from rows(EnfantReste.objects.filter(fermeture__fin__lte=fin))
    yield partial(_forget_agents, fin)


def _jours(fin: date, **lesquels: Any) -> list[QuerySet[Any]]:
    """The rows of days up to this one, table by table."""
    tables = (Pointage, EcartVu, Absence, Repas, Inscription)
    return [
        *(model.objects.filter(jour__lte=fin, **lesquels) for model in tables),
        SemaineType.objects.filter(fin__lte=fin, **lesquels),
    ]


def _enfants(fin: date) -> Sequence[int]:
    """The children of whom such days are left."""
    return sorted({enfant for lignes in _jours(fin) for enfant in lignes.order_by().values_list("enfant", flat=True)})


def _forget_jours(enfants: Sequence[int], fin: date, now: datetime) -> Mapping[str, int]:
    Creneau.objects.lock()  # who corrects an old sheet waits
    compter(enfants, now=now, jusqu_au=fin)
    comptes: Counter[str] = Counter()
    for lignes in _jours(fin, enfant__in=enfants):
        comptes.update(counted(lignes))
    return comptes


def _traces(fin: date) -> Iterator[Lot]:
    """The saves of those years: all of them goes, or the part of the days that are over."""
    suite = [
        Exists(model.objects.filter(enregistrement=OuterRef("pk"), jour__gt=fin))
        for model in (Evenement, EvenementRepas)
    ]
    finis = Enregistrement.objects.filter(quand__date__lte=fin).exclude(suite[0] | suite[1])
    yield from rows(finis)
    for model in (Evenement, EvenementRepas):
        restes = Exists(finis.filter(pk=OuterRef("enregistrement")))
        yield from rows(model.objects.filter(~restes, jour__lte=fin))


def _forget_agents(fin: date) -> Mapping[str, int]:
    """The sheets and the adults that were counted stay, for the figures; who said it does not."""
    appels = Appel.objects.clos().filter(jour__lte=fin, clos_par__isnull=False)
    adultes = AdultesPresents.objects.filter(jour__lte=fin, auteur__isnull=False)
    return {
        "enfance.Appel": appels.update(clos_par=None),
        "enfance.AdultesPresents": adultes.update(auteur=None),
    }


def _messages(now: datetime) -> Iterable[Lot]:
    fin = limite(now)
    return () if fin is None else rows(Message.objects.filter(ecrit_le__date__lte=fin))


DUREES = (
    Duree(
        "onde_imports",
        "Fichiers de l’école (ONDE)",
        lambda: f"effacés une fois importés, ou le lendemain\u202f; les noms de ce qu’ils ont changé, {jours(JOURNAL)}",
        reglages=(JOURNAL,),
        modeles=("enfance.ImportOnde",),
        lots=_imports,
    ),
    Duree(
        "requests",
        "Demandes à la mairie (être rappelé, une personne à vérifier), rappels envoyés",
        lambda: f"{jours(DEMANDES)} après la réponse",
        reglages=(DEMANDES,),
        modeles=("enfance.DemandeAutorisation", "enfance.DemandeRappel", "enfance.Rappel", "enfance.FermetureLue"),
        lots=_demandes,
    ),
    Duree(
        "health",
        "PAI, consigne de santé et accord pour la cantine",
        lambda: (
            f"{jours(PAI)} après la fin du PAI, qui sans date est celle de l’année scolaire, le temps de le renouveler"
            "\u202f; autant après le départ de l’enfant"
        ),
        reglages=(PAI,),
        lots=_sante,
    ),
    Duree(
        "school_years",
        "Inscriptions, présences, absences, repas, et l’historique de leurs changements",
        lambda: f"l’année scolaire, puis {jours(INSCRIPTIONS)}",
        Cadence.AN,
        (INSCRIPTIONS,),
        (
            "enfance.Absence",
            "enfance.AdultesPresents",
            "enfance.Appel",
            "enfance.EcartVu",
            "enfance.EnfantReste",
            "enfance.Enregistrement",
            "enfance.Evenement",
            "enfance.EvenementRepas",
            "enfance.Garde",
            "enfance.Geste",
            "enfance.Inscription",
            "enfance.ListeRepas",
            "enfance.MomentType",
            "enfance.PersonneAutorisee",
            "enfance.Pointage",
            "enfance.Recapitulatif",
            "enfance.RecapitulatifEnfant",
            "enfance.RemiseEnfant",
            "enfance.Repas",
            "enfance.SemaineType",
        ),
        _annees,
    ),
    Duree(
        "messages",
        "Messages de la mairie aux familles",
        lambda: f"l’année scolaire, puis {jours(INSCRIPTIONS)}",
        Cadence.AN,
        (INSCRIPTIONS,),
        ("enfance.Message",),
        _messages,
    ),
)
AILLEURS = {
    "conservation.Effacement": "la clé de ce qui est effacé, sans nom\u202f; une restauration en a besoin",
    "conservation.Reunion": "les clés de deux fiches réunies, sans nom\u202f; une restauration en a besoin",
    "enfance.Actualite": "ce que toutes les familles ont lu, sans lien avec une personne",
    "enfance.Affectation": "l’école où travaille un agent\u202f; elle part avec son compte",
    "enfance.AnneeScolaire": "le calendrier de l’école",
    "enfance.Conge": "le calendrier de l’école",
    "enfance.Decompte": "des chiffres, sans nom",
    "enfance.Fermeture": "le calendrier de la garderie\u202f; son motif, que les parents lisent, ne nomme personne",
    "enfance.FoyerCompte": "un chiffre\u202f; le foyer en part avec lui",
    "enfance.HeuresPassees": "les heures d’un créneau",
    "enfance.Indisponibilite": "quand le portail n’a pas répondu ; les familles n’y sont pas",
    "enfance.PlacesPassees": "les places d’un créneau",
    "enfance.ReglageCantine": "l’heure que l’association a choisie",
}
