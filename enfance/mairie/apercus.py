"""What the page of confirmation shows of the inscriptions that a change touches. Reads, never writes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.urls import reverse
from django.utils.text import capfirst

from accounts.emails import text_of
from accounts.search import fold
from enfance.courriels import fermeture
from enfance.mairie.touches import Touches, classes_of, sans_courriel_of
from enfance.models import Creneau, Enregistrement, Evenement, Inscription
from portail.confirmation import Cellule, Effet, Tableau
from portail.dates import jour_long
from portail.francais import pluriel

ICONES = {"matin", "midi", "soir"}
PREMIERES = 10  # inscriptions named on the page
Box = tuple[object, object, object]  # child, day, créneau


def effets_par_moment(touches: Touches, mots: str, *, detail: str = "") -> tuple[Effet, ...]:
    """The lines « Midi, 97 inscriptions annulées, de 78 familles » of a page of confirmation, one for each créneau
    touched, in the order of the créneaux. `mots` is what happens, singular and plural separated by a comma; `detail` is
    added at the end of each.
    """
    lignes: dict[Creneau, list[Inscription]] = {}
    for ligne in sorted(touches.lignes, key=lambda ligne: (ligne.creneau.ordre, ligne.creneau_id)):
        lignes.setdefault(ligne.creneau, []).append(ligne)
    singulier, pluriels = mots.split(",")
    return tuple(
        Effet(
            capfirst(creneau.nom_court),
            pluriels if len(siennes) > 1 else singulier,
            len(siennes),
            f"de {pluriel(len({ligne.foyer_id for ligne in siennes}), 'famille,familles')}{detail}",
            icone_of(creneau.code),
        )
        for creneau, siennes in lignes.items()
    )


def premieres_inscriptions(touches: Touches) -> tuple[Tableau, ...]:
    """A table of the first ten inscriptions touched: child, class, moment, who registered, how the family is told; with
    a link to all of them when there are more. An empty tuple when nothing is touched.
    """
    if not touches.lignes:
        return ()
    ordre = sorted(touches.lignes, key=_rang)
    montrees = ordre[:PREMIERES]
    jours = sorted({ligne.jour for ligne in ordre})
    classes, auteurs = classes_of(montrees), auteurs_of(montrees)
    muets = sans_courriel_of({ligne.enfant_id for ligne in montrees})
    rangees = tuple(
        (
            str(ligne.enfant),
            classes.get((ligne.enfant_id, ligne.jour), "Sans classe"),
            *([jour_long(ligne.jour)] if len(jours) > 1 else []),
            Cellule(ligne.creneau.nom_court, icone_of(ligne.creneau.code)),
            auteurs.get(box_of(ligne), "non noté"),
            Cellule("à appeler", forte=True) if ligne.enfant_id in muets else "e-mail",
        )
        for ligne in montrees
    )
    reste = len(ordre) - len(montrees)
    titre = f"Les {PREMIERES} premières inscriptions" if reste else "Les inscriptions"
    jour = ("Jour",) if len(jours) > 1 else ()
    return (
        Tableau(
            titre,
            ("Enfant", "Classe", *jour, "Moment", "Inscrit par", "Prévenu par"),
            rangees,
            f"et {pluriel(reste, 'autre,autres')}" if reste else "",
            reverse(
                "admin:enfance_inscription_changelist",
                query={"jour__gte": jours[0].isoformat(), "jour__lte": jours[-1].isoformat()},
            )
            if reste
            else "",
        ),
    )


def par_classe(touches: Touches) -> tuple[Tableau, ...]:
    """A table that counts the inscriptions touched, a row for each class and a column for each créneau. An empty tuple
    when nothing is touched.
    """
    lignes = tuple((classe, *map(str, nombres)) for classe, nombres in touches.classes)
    return (Tableau("Par classe", ("Classe", *map(capfirst, touches.creneaux)), lignes),) if lignes else ()


def par_jour(touches: Touches, titre: str) -> tuple[Tableau, ...]:
    """A table of this title that names all the children touched, a row for each day and créneau. An empty tuple when
    nothing is touched.
    """
    noms: dict[tuple[date, int, str], list[str]] = {}
    for ligne in sorted(touches.lignes, key=_rang):
        creneau = ligne.creneau
        noms.setdefault((ligne.jour, creneau.ordre, creneau.nom_court), []).append(str(ligne.enfant))
    lignes = tuple((jour_long(jour), nom, ", ".join(eux)) for (jour, _, nom), eux in sorted(noms.items()))
    return (Tableau(titre, ("Jour", "Moment", "Enfants"), lignes),) if lignes else ()


def courriels_of(enregistrement: Enregistrement | None, *, now: datetime) -> tuple[int, str]:
    """How many mails this save of inscriptions (a closure, a reopening…) would send to the families, and the text of
    the first one; (0, "") when none leaves, or when nothing was saved.
    """
    if enregistrement is None:
        return 0, ""
    comptes = fermeture.recipients(enregistrement)
    if fermeture.is_reouverture(enregistrement):  # who finds nothing back, and has lost nothing, is not written to
        comptes = [compte for compte in comptes if fermeture.mail_of(enregistrement, compte, now=now)[1]]
    for compte in comptes:
        nom, context = fermeture.mail_of(enregistrement, compte, now=now)
        if context:
            return len(comptes), text_of(nom, compte, context)
    return 0, ""


def auteurs_of(lignes: Collection[Inscription]) -> dict[Box, str]:
    """Who registered each of these inscriptions, by (child, day, créneau): the name of the last person who did so, or
    the channel of the save (`porte`: portal, town hall…) where nobody signed it. Reopenings of a closure are left
    aside; an inscription of which no other save is kept is absent.
    """
    evenements = Evenement.objects.filter(
        enfant__in={ligne.enfant_id for ligne in lignes},
        jour__in={ligne.jour for ligne in lignes},
        apres=Inscription.Etat.INSCRIT,
    ).exclude(enregistrement__porte__in=Enregistrement.FERMANTES)
    return {
        box_of(evenement): _auteur(evenement.enregistrement)
        for evenement in evenements.select_related("enregistrement__auteur").order_by("enregistrement")
    }


def box_of(ligne: Inscription | Evenement) -> Box:
    """The child, the day and the créneau (primary keys and date) of this inscription or event: the box of the planning
    to which it belongs.
    """
    return ligne.enfant_id, ligne.jour, ligne.creneau_id


def icone_of(code: str) -> str:
    """The name of the icon of the créneau with this code (« matin », « midi », « soir »); empty for any other code."""
    return code if code in ICONES else ""


def _rang(ligne: Inscription) -> tuple[object, ...]:
    """By name, then by day and moment."""
    enfant = ligne.enfant
    return fold(enfant.nom), fold(enfant.prenom), enfant.pk, ligne.jour, ligne.creneau.ordre


def _auteur(enregistrement: Enregistrement) -> str:
    auteur = enregistrement.auteur
    return auteur.get_full_name() if auteur else enregistrement.get_porte_display()
