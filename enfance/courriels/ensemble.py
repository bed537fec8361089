"""Several saves told by one mail: what is left of them, box by box, what became of it since, and the subject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from datetime import date
from itertools import groupby

from enfance.models import Enregistrement, Evenement, EvenementRepas, Inscription, Responsable
from enfance.planning.historique import fait_phrase, mot_repas, verbe
from portail.dates import PARIS, date_heure, heure_texte, jour_long, quantieme, quantieme_mois
from portail.francais import NBSP, accord, et, pluriel

Etat = Inscription.Etat
SUJET = 78  # characters: a mail reader of a phone shows fewer, and none needs more


def net(evenements: Iterable[Evenement]) -> list[Evenement]:
    """What is left of these changes once those of one box (child, day, créneau) are put together: the last one, with
    the state before the first. The changes of a box must be side by side and in order.

    A box that is again as it was is left out, except on a waiting list, where the former rank is lost.
    """
    restes = []
    for _, groupe in groupby(evenements, key=lambda e: (e.enfant_id, e.jour, e.creneau_id)):
        siens = list(groupe)
        reste = copy(siens[-1])
        reste.avant = siens[0].avant
        if reste.apres == Etat.ATTENTE or (reste.avant or Etat.ANNULEE) != reste.apres:
            restes.append(reste)
    return restes


def net_repas(dits: Iterable[EvenementRepas]) -> list[EvenementRepas]:
    """What is left of what these events say of meals, once those of one meal are put together; a meal that is again as
    it was is left out. The events of a meal must be side by side and in order.
    """
    restes = []
    for _, groupe in groupby(dits, key=lambda dit: (dit.enfant_id, dit.jour)):
        siens = list(groupe)
        if siens[0].annule == siens[-1].annule:
            restes.append(siens[-1])
    return restes


def suites(evenements: Sequence[Evenement], lecteur: Responsable | None) -> dict[int, str]:
    """What happened since to the boxes of these changes, by primary key of the change, in words: « , puis retiré par
    l’autre foyer ». A box that is still as the change left it is not in it.
    """
    derniers = {(e.enfant_id, e.jour, e.creneau_id): e for e in evenements}
    if not derniers:
        return {}
    depuis = (
        Evenement.objects.filter(
            enregistrement__gt=min(e.enregistrement_id for e in evenements),
            enfant__in={e.enfant_id for e in evenements},
            jour__range=(min(e.jour for e in evenements), max(e.jour for e in evenements)),
        )
        .select_related("enregistrement__auteur")
        .order_by("enregistrement_id")
    )
    trouvees: dict[int, str] = {}
    for evenement in depuis:
        dit = derniers.get((evenement.enfant_id, evenement.jour, evenement.creneau_id))
        if dit is None or evenement.enregistrement_id <= dit.enregistrement_id:
            continue
        if evenement.apres == dit.apres:
            trouvees.pop(dit.pk, None)
        else:
            trouvees[dit.pk] = f", puis {fait_phrase(evenement, lecteur)}"
    return trouvees


def quand_phrase(enregistrements: Sequence[Enregistrement]) -> str:
    """When these saves, in order, were made, Paris time: « jeudi 3 décembre à 20 h 41 », « jeudi 3 décembre, de 20 h 41
    à 20 h 44 ».
    """
    debut, fin = (e.quand.astimezone(PARIS) for e in (enregistrements[0], enregistrements[-1]))
    heures = heure_texte(debut.time()), heure_texte(fin.time())
    if (debut.date(), heures[0]) == (fin.date(), heures[1]):
        return date_heure(debut)
    if debut.date() == fin.date():
        return f"{jour_long(debut)}, de {heures[0]} à {heures[1]}"
    return f"{date_heure(debut)} et le {date_heure(fin)}"


def references_phrase(enregistrements: Sequence[Enregistrement]) -> str:
    """The reference numbers of these saves: « Référence 12 », « Références 12 et 13 »."""
    numeros = [str(enregistrement.pk) for enregistrement in enregistrements]
    return f"Référence{'s' if len(numeros) > 1 else ''}{NBSP}{et(numeros)}"


def sujet(evenements: Sequence[Evenement], dits: Sequence[EvenementRepas], noms: Sequence[str], *, annule: bool) -> str:
    """The subject of a mail about these changes and meals: « Soir ajouté, jeudi 3 décembre, pour Léa »; several are
    counted, and without any, « Tout est comme avant ». `annule`: they undo what an earlier mail told.

    `court` shortens the names to keep it within 78 characters.
    """
    jours = [*(evenement.jour for evenement in evenements), *(dit.jour for dit in dits)]
    if not jours:
        quoi, periode = "Tout est comme avant", ""
    elif evenements and all(evenement.rang_apres for evenement in evenements):
        quoi, periode = "L’ordre de la liste d’attente a changé", ""
    elif len(jours) == 1:
        seuls = [*(f"{e.creneau.titre} {verbe(e)}" for e in evenements), *(mot_repas(dit.annule) for dit in dits)]
        return court(f"{seuls[0][0].upper()}{seuls[0][1:]}, {jour_long(jours[0])}", ", ", noms, "")
    else:
        quoi, periode = (
            pluriel(len(jours), "changement annulé,changements annulés" if annule else "changement,changements"),
            f", {periode_courte(min(jours), max(jours))}",
        )
    return court(quoi, " ", noms, periode)


def court(quoi: str, lien: str, noms: Sequence[str], periode: str) -> str:
    """A mail subject, within 78 characters if it can be: « 3 changements pour Léa et Tom, du 3 au 11 décembre ». Names
    that would make it longer are counted (« 2 enfants »), then left out; the rest is never cut.
    """
    compte = accord(len(noms), "enfant")
    essais = [f"{quoi}{lien}pour {et(noms)}{periode}", f"{quoi}{lien}pour {compte}{periode}"]
    return next((essai for essai in essais if len(essai) <= SUJET), f"{quoi}{periode}")


def periode_courte(debut: date, fin: date) -> str:
    """From the first day to the last in short: « jeudi 3 décembre », « du 3 au 11 décembre », « du 30 novembre au 11
    décembre ».
    """
    if debut == fin:
        return jour_long(debut)
    same = (debut.year, debut.month) == (fin.year, fin.month)
    return f"du {quantieme(debut) if same else quantieme_mois(debut)} au {quantieme_mois(fin)}"
