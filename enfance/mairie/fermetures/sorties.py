"""What a trip, or a teacher away, does, told before it is written: who leaves, who stays, who is received. Whatever the
door that says it. Reads what `ecriture.fermer` has just written, never writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone

from accounts.emails import text_of
from accounts.models import User
from enfance.courriels import fermeture as courriels
from enfance.mairie.fermetures.ecriture import BilanFermeture, remarques_for
from enfance.mairie.fermetures.forms import SortieForm
from enfance.mairie.touches import Touches
from enfance.models import Enregistrement, Evenement, Fermeture, Inscription, Responsabilite, Scolarite
from enfance.natures import NatureFermeture, groupes_titre
from portail.certain import certain
from portail.confirmation import Apercu, Suite, hidden_of
from portail.dates import du_au
from portail.francais import NBSP, accord, et, pluriel

CHOIX = {"proposes", "partent", "restaient"}  # what the preview sends of its boxes, which it draws itself
CORRIGER = "corriger"  # the button that leads back to the form, as it was sent


@dataclass(frozen=True)
class Partant:
    """A pupil who is of the trip, on the preview: whether it stays, and what the trip takes from it."""

    pk: int
    nom: str
    classe: str
    reste: bool
    moments: str
    tri: str = field(default="", repr=False)  # its place in the order of names


@dataclass(frozen=True)
class ApercuSortie(Apercu):
    """The same, with the pupils: those who lose something or were unticked, then those who had nothing that day.
    `destinataire` is whose mail is read.
    """

    inscrits: tuple[Partant, ...] = ()
    autres: tuple[Partant, ...] = ()
    lisent: str = ""
    destinataire: str = field(default="", repr=False)


def apercu_sortie(
    bilan: BilanFermeture, form: SortieForm, *, now: datetime, retour: str, fil: tuple[tuple[str, str], ...]
) -> ApercuSortie:
    """The preview of the trip that this valid form asks for, once `fermer` has made it (`bilan`). `retour`, `fil`:
    where this door leads back.
    """
    fermeture, touches = certain(bilan.fermeture), bilan.touches
    titre = sortie_titre(fermeture)
    inscrits, autres = _eleves(fermeture, touches)
    nombre, destinataire, exemple = _courriels(bilan.enregistrement, now=now)
    prevenir = f" et envoyer {pluriel(nombre, 'e-mail,e-mails')}" if nombre else ""
    quoi = "la sortie" if fermeture.nature == NatureFermeture.SORTIE else "l’absence"
    return ApercuSortie(
        titre=titre,
        phrase=_phrase(fermeture, touches),
        question=f"{titre}{NBSP}?",
        suites=(Suite(f"Enregistrer {quoi}{prevenir}"),),
        retour=retour,
        fil=fil,
        precision=" ".join(_precisions(fermeture, bilan, nombre)),
        remarques=tuple(remarques_for(form.portee, today=timezone.localdate(now))),
        courriels=nombre,
        exemple=exemple,
        a_appeler=touches.injoignables,
        grave=bool(touches.inscriptions),
        travail="Enregistrement en cours…",
        template="mairie/fermetures/sortie_apercu.html",
        inscrits=inscrits,
        autres=autres,
        lisent=lu_par_la_cantine(fermeture, touches),
        destinataire=destinataire,
    )


def preview_context(request: HttpRequest, form: SortieForm, apercu: ApercuSortie) -> dict[str, object]:
    """What the template of the preview needs besides, for `confirm`: the fields to send again, without the boxes that
    it draws; the children who stay as shown; whether the agent has just ticked or unticked some, so that it is a new
    preview that they asked for, and no surprise.
    """
    restent = {str(enfant.pk) for enfant in form.restent}
    relu = bool(request.POST.getlist("proposes")) and restent != set(request.POST.getlist("restaient"))
    context: dict[str, object] = {
        "champs": [(nom, valeur) for nom, valeur in hidden_of(request) if nom not in CHOIX],
        "restaient": [eleve.pk for eleve in (*apercu.inscrits, *apercu.autres) if eleve.reste],
        "relu": relu,
    }
    return context | {"change": False} if relu else context


def sortie_titre(fermeture: Fermeture) -> str:
    """« Sortie des CM1, mardi 8 décembre », « Enseignant absent, CM1, mardi 8 décembre »."""
    jours = du_au(fermeture.debut, fermeture.fin)
    if fermeture.nature == NatureFermeture.ENSEIGNANT:
        return f"{fermeture.mots.titre}, {fermeture.groupes}, {jours}"
    return f"{fermeture.mots.titre} {fermeture.de_qui}, {jours}"


def lu_par_la_cantine(fermeture: Fermeture, touches: Touches) -> str:
    """What the canteen and the gate read of it: « CM1 en sortie, 12 midis de moins »."""
    midis = sum(ligne.creneau.moment == ligne.creneau.Moment.MIDI for ligne in touches.lignes)
    moins = f", {pluriel(midis, 'midi,midis')} de moins" if midis else ""
    return f"{fermeture.mots.of(fermeture.groupes)}{moins}"


def _phrase(fermeture: Fermeture, touches: Touches) -> str:
    if not touches.inscriptions:
        return f"Aucune inscription n’est retirée, {fermeture.groupes}. Personne d’autre n’est touché."
    retire = pluriel(touches.inscriptions, "inscription,inscriptions")
    enfants = pluriel(touches.enfants, "enfant,enfants")
    return f"Ceci retire {retire} de {enfants}, {fermeture.groupes}. Personne d’autre n’est touché."


def _precisions(fermeture: Fermeture, bilan: BilanFermeture, nombre: int) -> Iterable[str]:
    """By moment, the mails, who keeps a place in the same classes, who gets one that is free."""
    moments = Counter(ligne.creneau for ligne in bilan.touches.lignes)
    if moments:
        dits = [_compte(n, creneau.nom_court) for creneau, n in sorted(moments.items(), key=lambda m: m[0].ordre)]
        yield f"{et(dits)}, non facturés."
    yield f"{pluriel(nombre, 'e-mail,e-mails')}." if nombre else "Aucun e-mail ne part."
    gardent = Counter(
        (place.niveau, str(place.classe)) for place in _camarades(fermeture) if place.classe_id is not None
    )
    if gardent:
        dits = [f"{n} {groupes_titre([niveau], [])} ({classe})" for (niveau, classe), n in sorted(gardent.items())]
        yield f"Gardent leur place, dans les mêmes classes{NBSP}: {et(dits)}."
    if servis := _servis(fermeture, bilan.enregistrement):
        yield f"{pluriel(servis, 'place libérée est donnée,places libérées sont données')} à qui l’attendait."


def _compte(n: int, nom: str) -> str:
    """« 12 midis », and of a name of several words « garderie du matin : 12 »."""
    return accord(n, nom) if nom.isalpha() else f"{nom}{NBSP}: {n}"


def _places(fermeture: Fermeture) -> list[Scolarite]:
    """The places at school of the pupils who are of the trip, on its first day, those who stay included."""
    leurs = Q(niveau__in=fermeture.codes_niveaux) | Q(classe__in=fermeture.classes.all())
    places = Scolarite.objects.on(fermeture.debut).filter(leurs)
    if ecoles := list(fermeture.ecoles.all()):
        places = places.filter(ecole__in=ecoles)
    return list(places.select_related("enfant", "classe").order_by("enfant__tri", "enfant"))


def _camarades(fermeture: Fermeture) -> list[Scolarite]:
    """Where those are at school who are of the same classes but not of the trip, and have a place at its moments."""
    classes = {place.classe_id for place in _places(fermeture)}
    ici = Inscription.objects.inscrit().between(fermeture.debut, fermeture.fin).filter(enfant=OuterRef("enfant"))
    if creneaux := list(fermeture.creneaux.all()):
        ici = ici.filter(creneau__in=creneaux)
    autres = Scolarite.objects.on(fermeture.debut).filter(Exists(ici), classe__in=classes)
    autres = autres.exclude(classe__in=fermeture.classes.all()).exclude(niveau__in=fermeture.codes_niveaux)
    return list(autres.select_related("classe"))


def _eleves(fermeture: Fermeture, touches: Touches) -> tuple[tuple[Partant, ...], tuple[Partant, ...]]:
    """Those who lose something or stay, and the others, by name."""
    restent = set(fermeture.restent.values_list("pk", flat=True))
    moments: dict[int, dict[date, list[str]]] = {}
    for ligne in sorted(touches.lignes, key=lambda ligne: (ligne.jour, ligne.creneau.ordre)):
        moments.setdefault(ligne.enfant_id, {}).setdefault(ligne.jour, []).append(ligne.creneau.nom_court)
    plusieurs = fermeture.debut != fermeture.fin
    eleves = [
        Partant(
            place.enfant_id,
            str(place.enfant),
            str(place.classe or place.get_niveau_display()),
            place.enfant_id in restent,
            " ; ".join(
                f"{du_au(jour, jour)}{NBSP}: {', '.join(noms)}" if plusieurs else ", ".join(noms)
                for jour, noms in moments.get(place.enfant_id, {}).items()
            ),
            place.enfant.tri,
        )
        for place in _places(fermeture)
    ]
    return tuple(e for e in eleves if e.moments or e.reste), tuple(e for e in eleves if not (e.moments or e.reste))


def _servis(fermeture: Fermeture, enregistrement: Enregistrement | None) -> int:
    """How many places it has given to those who waited."""
    if enregistrement is None:
        return 0
    donnees = Evenement.objects.filter(
        enregistrement__pk__gt=enregistrement.pk,
        enregistrement__porte=Enregistrement.Porte.SYSTEME,
        jour__gte=fermeture.debut,
        jour__lte=fermeture.fin,
        apres=Inscription.Etat.INSCRIT,
    )
    return donnees.count()


def _courriels(enregistrement: Enregistrement | None, *, now: datetime) -> tuple[int, str, str]:
    """How many mails leave; whose is read, and its text: the family with the most children who do not leave, which has
    the most to understand.
    """
    comptes = courriels.recipients(enregistrement) if enregistrement else []
    if enregistrement is None or not comptes:
        return 0, "", ""
    partent = set(enregistrement.evenements.values_list("enfant", flat=True))
    enfants = _enfants_of(comptes, timezone.localdate(now))
    compte = max(comptes, key=lambda un: (len(enfants[un.pk] - partent), len(enfants[un.pk])))
    nom, context = courriels.mail_of(enregistrement, compte, now=now)
    n = len(enfants[compte.pk])
    qui = f"{compte.get_full_name()}, qui a {n} enfants" if n > 1 else compte.get_full_name()
    return len(comptes), qui, text_of(nom, compte, certain(context))


def _enfants_of(comptes: Collection[User], today: date) -> dict[int, set[int]]:
    """The children at school of each account (both by primary key)."""
    liens = Responsabilite.objects.filter(
        responsable__user__in=comptes, suspendue=False, enfant__in=Scolarite.objects.not_over(today).values("enfant")
    )
    enfants: dict[int, set[int]] = {compte.pk: set() for compte in comptes}
    for compte, enfant in liens.values_list("responsable__user", "enfant"):
        enfants[compte].add(enfant)
    return enfants
