"""What a change on a child’s file touches, as the page of confirmation says it. Reads, never writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from operator import attrgetter

from django.urls import reverse

from enfance.courriels import garde as courriel
from enfance.garde import garde_phrases
from enfance.mairie.enfants.changements_ecole import BilanEcole
from enfance.mairie.enfants.departs import BilanDepart
from enfance.mairie.enfants.hors_garde import Avant, HorsGarde, concernes
from enfance.mairie.touches import numeros_of
from enfance.models import Creneau, Ecole, Enfant, Evenement, Responsable, Scolarite
from enfance.planning.historique import jours_phrase
from portail.confirmation import Apercu, Effet, FamilleAAppeler, Suite, Tableau
from portail.dates import PARIS, jour_annee
from portail.francais import NBSP, de, pluriel

ANNULER, LAISSER = "annuler", "laisser"
PASSES = "Les jours passés gardent l’école d’alors. Les rangs de liste d’attente de l’ancienne sont perdus."


def depart(enfant: Enfant, jour: date | None, bilan: BilanDepart, retour: str) -> Apercu:
    """The page of confirmation of a departure noted, moved or cleared on a child's file, from `bilan`, what it does.
    `jour` is the day of the departure, None when it is cleared; `retour` is the address to go back to.
    """
    tableaux = [
        Tableau(titre, ("Jour", "Inscriptions"), tuple((dit, str(nombre)) for dit, nombre in jours))
        for titre, jours in (("Annulées", bilan.jours_annules), ("Rétablies", bilan.jours_rendus))
        if jours
    ]
    if bilan.refus:
        tableaux.append(
            Tableau("Ne pourront pas être rétablies", ("Inscription",), tuple((dit,) for dit in bilan.non_rendues))
        )
    consequences = []
    if bilan.annulees:
        consequences.append(f"La famille ne reçoit pas d’e-mail{NBSP}: prévenez-la si elle ne le sait pas.")
    if bilan.rendues:
        consequences.append("La famille reçoit un e-mail de ce qui est rétabli.")
    touche = [
        f"annule {_inscriptions(len(bilan.annulees))}" if bilan.annulees else "",
        f"rétablit {_inscriptions(len(bilan.rendues))}" if bilan.rendues else "",
    ]
    phrase = " et ".join(filter(None, touche)) or "ne rétablit aucune inscription"
    return Apercu(
        titre=f"{'Départ' if jour else 'Retour'}{NBSP}: {enfant}",
        phrase=f"Ceci {phrase}.",
        question=f"Noter le départ du {jour_annee(jour)}{NBSP}?" if jour else f"Effacer le départ{NBSP}?",
        suites=(Suite("Enregistrer"),),
        retour=retour,
        fil=_fil(enfant),
        precision="Les jours passés ne changent pas.",
        consequence=" ".join(consequences),
        tableaux=tuple(tableaux),
        grave=bool(bilan.annulees),
    )


def ecole(enfant: Enfant, avant: Ecole, bilan: BilanEcole, retour: str) -> Apercu:
    """The page of confirmation of a change of school, from `bilan`, what it does. `avant` is the school that is left;
    `retour` is the address to go back to.
    """
    n, perdues = len(bilan.deplacees), len(bilan.perdues)
    touche = [
        f"fait passer {_inscriptions(n)} à la nouvelle école" if n else "",
        f"en annule {perdues}" if perdues and n else f"annule {_inscriptions(perdues)}" if perdues else "",
    ]
    phrase = " et ".join(filter(None, touche)) or "ne touche aucune inscription"
    titres = (
        ("Passent à la nouvelle école", bilan.deplacees),
        ("Annulées\u00a0: la nouvelle école n’a pas ce moment, ou plus de place", bilan.perdues),
    )
    return Apercu(
        titre=f"Changement d’école{NBSP}: {enfant}",
        phrase=f"Ceci {phrase}.",
        question=f"Noter le changement d’école du {jour_annee(bilan.jour)}{NBSP}?",
        suites=(Suite("Enregistrer"),),
        retour=retour,
        fil=_fil(enfant),
        precision=" ".join(filter(None, (_hors_niveau(bilan.place), PASSES))),
        consequence="Chaque parent reçoit un e-mail." if n or perdues else "",
        effets=(
            Effet("École", f"{avant} → {bilan.place.ecole}"),
            Effet("Inscriptions gardées telles quelles", str(bilan.gardees)),
        ),
        tableaux=tuple(
            Tableau(titre, ("Moment", "Jours"), _par_moment(evenements, bilan.jour))
            for titre, evenements in titres
            if evenements
        ),
        grave=bool(n or perdues),
    )


def _hors_niveau(place: Scolarite) -> str:
    """That the school does not take this level, which is most likely another school chosen by mistake."""
    if place.niveau in place.ecole.niveaux:
        return ""
    return f"{place.niveau} n’est pas un niveau de cette école{NBSP}: {place.ecole}, est-ce bien elle\u202f?"


def _par_moment(evenements: Sequence[Evenement], jour: date) -> tuple[tuple[str, str], ...]:
    """A line a créneau, with its days: a year of them would hide on a phone what comes below."""
    jours: dict[Creneau, list[date]] = {}
    for evenement in evenements:
        jours.setdefault(evenement.creneau, []).append(evenement.jour)
    return tuple(
        (f"{creneau.nom_court} ({creneau.heures})", jours_phrase(jours[creneau], jour))
        for creneau in sorted(jours, key=attrgetter("ordre", "debut", "pk"))
    )


def garde(
    enfant: Enfant, mots: tuple[str, str], lignes: Sequence[HorsGarde], avant: Avant, retour: str, *, now: datetime
) -> Apercu:
    """The page of confirmation of a change of custody, read once it is written: `mots` are the custody before and after
    in words, `lignes` the inscriptions left to a home that has the child no more, which the agent chooses to cancel or
    to leave. The mails that it counts are those that leave when nothing is cancelled. `retour` is the address to go
    back to.
    """
    comptes = concernes(avant, None, now=now)
    adultes = list(Responsable.objects.filter(user__in=comptes).select_related("user"))
    tableaux, remarques, suites = [], [], [Suite("Enregistrer")]
    phrase = "Aucune inscription déjà faite n’est touchée."
    if lignes:
        n = len(lignes)
        quand = "ces jours-là" if n > 1 else "ce jour-là"
        phrase = f"Ceci laisse {_inscriptions(n)} à un foyer qui n’aura plus la garde {quand}."
        suites = [Suite("Les laisser", LAISSER), Suite("Les annuler", ANNULER)]
        remarques = [
            f"Les annuler{NBSP}: elles ne sont pas facturées, chaque parent reçoit un e-mail, et le foyer qui a la "
            "garde inscrit les jours qu’il veut.",
            f"Les laisser{NBSP}: l’enfant reste attendu, au compte du foyer qui l’a inscrit, qui ne pourra plus rien y "
            "changer. Le foyer qui a la garde peut les annuler.",
        ]
        colonnes = ("Jour", "Moment", "État", "Faite par", "Aura la garde")
        tableaux = [Tableau("Inscriptions déjà faites", colonnes, tuple(map(_ligne, lignes)))]
    return Apercu(
        titre=f"Garde {de(enfant.prenom)}",
        phrase=phrase,
        question=f"Changer la garde{NBSP}?",
        suites=tuple(suites),
        retour=retour,
        fil=_fil(enfant),
        consequence="Chaque parent concerné est prévenu par e-mail." if comptes else "",
        remarques=tuple(remarques),
        effets=(Effet("Aujourd’hui", mots[0]), Effet("Désormais", mots[1])),
        tableaux=tuple(tableaux),
        courriels=len(courriel.recipients(comptes)),
        exemple=_exemple(enfant, adultes, now) if courriel.recipients(comptes) else "",
        a_appeler=tuple(_appel(enfant, adulte) for adulte in adultes if not adulte.user.is_reached),
        grave=bool(lignes),
        marque=repr([str(ligne.cle) for ligne in lignes]),
    )


def _ligne(ligne: HorsGarde) -> tuple[str, ...]:
    ici = ", ".join(map(str, ligne.chez)) or "Personne"
    return jour_annee(ligne.jour), str(ligne.creneau), ligne.etat, str(ligne.par), ici


def _exemple(enfant: Enfant, adultes: Sequence[Responsable], now: datetime) -> str:
    """What one of the mails says of the child."""
    joint = next(adulte for adulte in adultes if adulte.user.email)
    gardes = list(enfant.gardes.all())
    phrases = garde_phrases(enfant.prenom, gardes, joint.foyer_id, now.astimezone(PARIS).date())
    return "\n".join([f"À {joint}", *phrases])


def _appel(enfant: Enfant, adulte: Responsable) -> FamilleAAppeler:
    return FamilleAAppeler(str(enfant), ((str(adulte), tuple(numeros_of(adulte))),))


def _inscriptions(nombre: int) -> str:
    return pluriel(nombre, "inscription,inscriptions")


def _fil(enfant: Enfant) -> tuple[tuple[str, str], ...]:
    fiche = reverse("admin:enfance_enfant_change", args=[enfant.pk])
    return ("Enfants", reverse("admin:enfance_enfant_changelist")), (str(enfant), fiche)
