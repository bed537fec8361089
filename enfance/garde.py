"""Custody in words: for the adults of one home, to whom the other is « l’autre parent », never a name; for the town
hall, rule by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from enfance.calendrier import UN_JOUR, lundi
from enfance.models import Garde
from portail.certain import certain
from portail.dates import jour_annee, jour_court, jour_long, quantieme_annee
from portail.francais import NBSP, et

SEMAINES_MONTREES = 6
HORIZON = 35  # days in which the next hand-over is looked for
UN_AN = timedelta(days=300)  # a day further away than that is said with its year

# --- For a home -------------------------------------------------------------------------------------------------------


def garde_phrases(prenom: str, gardes: Sequence[Garde], foyer: int, today: date) -> list[str]:
    """Where the child called `prenom` lives from `today` on, in words for the adults of the home `foyer` (primary key):
    a sentence for each time it changes.

    « Jusqu’au dimanche 10 janvier, Léa est chez vous tous les jours. » « À partir du lundi 11 janvier, Léa est chez
    vous une semaine sur deux, dont celle du lundi 11 janvier, changement le lundi matin. »
    """
    # weeks are compared on days that both periods know: the words would name another week of the same rhythm
    periodes = list(_periodes(gardes, lambda actives: _mots(actives, foyer, today), today))
    phrases = [f"{prenom} {_mots(actives, foyer, debut)}." for debut, actives in periodes]
    dates = [_jour(debut, today) for debut, _ in periodes[1:]]
    if dates:
        phrases[0] = f"Jusqu’au {_jour(periodes[1][0] - UN_JOUR, today)}, {phrases[0]}"
    return [phrases[0], *(f"À partir du {jour}, {phrase}" for jour, phrase in zip(dates, phrases[1:], strict=True))]


def _periodes(
    gardes: Sequence[Garde], mots: Callable[[Sequence[Garde]], str], today: date
) -> Iterator[tuple[date, list[Garde]]]:
    """From `today`, then from each day on which these words change: the gardes that hold on that day."""
    bornes = {today, *(g.debut for g in gardes if g.debut), *(g.fin + UN_JOUR for g in gardes if g.fin)}
    avant = None
    for debut in sorted(borne for borne in bornes if borne >= today):
        actives = [g for g in gardes if (not g.debut or g.debut <= debut) and (not g.fin or g.fin >= debut)]
        etat = mots(actives)
        if etat != avant:
            yield debut, actives
        avant = etat


def _mots(actives: Sequence[Garde], foyer: int, jour: date) -> str:
    """What these gardes say to the home, seen from `jour`."""
    ici = [garde for garde in actives if garde.foyer_id == foyer]
    if not actives:
        return "n’a aucun jour de garde noté par la mairie"
    if not ici:
        return "est chez l’autre parent"
    if all(garde.depuis for garde in ici):
        return f"est chez vous {_alternance(ici[0], jour)}"
    if len(ici) < len(actives):
        return (
            f"est dans deux foyers, le vôtre et l’autre{NBSP}: chacun peut inscrire tous les jours, tant que la mairie "
            "n’a pas noté de rythme"
        )
    return "est chez vous tous les jours"


def _alternance(garde: Garde, jour: date) -> str:
    """« une semaine sur deux, dont celle du lundi 11 janvier, changement le vendredi soir »."""
    semaine = lundi(jour)
    if (semaine - lundi(certain(garde.depuis))).days // 7 % 2:
        semaine += timedelta(weeks=1)
    return f"une semaine sur deux, dont celle du {jour_long(semaine)}, changement {garde.get_passage_display()}"


def _jour(jour: date, today: date) -> str:
    return jour_annee(jour) if jour - today > UN_AN else jour_long(jour)


@dataclass(frozen=True)
class SemaineGarde:
    lundi: date
    ici: bool

    @property
    def texte(self) -> str:
        """The Monday of the week in words, without its weekday: « 7 décembre »."""
        return jour_long(self.lundi).removeprefix("lundi ")


def prochaines_semaines(gardes: Sequence[Garde], foyer: int, today: date) -> list[SemaineGarde]:
    """The next six weeks, this one included, each with whether the child is in this home (primary key); empty when the
    child is not in alternating custody.
    """
    if not any(garde.rythme == Garde.Rythme.ALTERNEE for garde in gardes):
        return []
    debut = lundi(today)
    ici = [garde for garde in gardes if garde.foyer_id == foyer]
    semaines = [debut + timedelta(weeks=n) for n in range(SEMAINES_MONTREES)]
    return [SemaineGarde(jour, any(garde.holds(jour) for garde in ici)) for jour in semaines]


def chez_qui(gardes: Mapping[str, Sequence[Garde]], foyer: int, today: date) -> list[str]:
    """Where the children in alternating custody are now and until when, for the adults of the home `foyer` (primary
    key): « Jules et Anna sont chez vous jusqu’au vendredi 4 au soir. » `gardes`: by first name. A child who stays where
    it is for five weeks is left out.
    """
    groupes: dict[tuple[bool, date, bool], list[str]] = {}
    for prenom, siennes in gardes.items():
        passage = prochain_passage(siennes, today) if is_alternee(siennes, foyer, today, today) else None
        if passage:
            ici = foyer in chez(siennes, today)
            groupes.setdefault((ici, passage.jour, passage.soir), []).append(prenom)
    return [
        f"{et(noms)} {'sont' if len(noms) > 1 else 'est'} chez {'vous' if ici else 'l’autre parent'} "
        f"{_jusqu_a(jour, soir=soir, today=today)}."
        for (ici, jour, soir), noms in groupes.items()
    ]


def _jusqu_a(jour: date, *, soir: bool, today: date) -> str:
    if soir and jour == today:
        return "jusqu’à ce soir"
    dit = jour_court(jour) if jour.month == today.month else jour_long(jour)
    return f"jusqu’au {dit} au {'soir' if soir else 'matin'}"


def is_alternee(gardes: Sequence[Garde], foyer: int, debut: date, fin: date) -> bool:
    """Whether these gardes put the child in this home (primary key) one week in two, at some time from `debut` to
    `fin`.
    """
    return any(
        garde.depuis and (not garde.debut or garde.debut <= fin) and (not garde.fin or garde.fin >= debut)
        for garde in gardes
        if garde.foyer_id == foyer
    )


# --- For the town hall ------------------------------------------------------------------------------------------------


def ou_phrases(gardes: Sequence[Garde], noms: Mapping[int, str], today: date) -> list[str]:
    """Where the child lives from `today` on, in words for the town hall: a phrase for each time it changes. `noms` says
    each home (primary key).

    « une semaine sur deux, à partir du lundi 7 septembre 2026, d’abord chez Paul Aubry, puis chez Inès Bonnard »; « à
    partir du lundi 4 janvier 2027, tous les jours chez Inès Bonnard ».
    """
    periodes = list(_periodes(gardes, lambda actives: _rythme(actives, noms), today))
    premiere, *suites = [(f"à partir du {jour_annee(debut)}", _rythme(actives, noms)) for debut, actives in periodes]
    return [premiere[1], *(mots if quand in mots else f"{quand}, {mots}" for quand, mots in suites)]


def _rythme(actives: Sequence[Garde], noms: Mapping[int, str]) -> str:
    if not actives:
        return "dans aucun foyer"
    alternees = sorted((garde.depuis, garde.foyer_id) for garde in actives if garde.depuis)
    if len(alternees) == len(actives) == 2 and _alternate(*(jour for jour, _ in alternees)):
        (debut, premier), (_, second) = alternees
        mots = f"à partir du {jour_annee(lundi(debut))}, d’abord chez {noms[premier]}, puis chez {noms[second]}"
        passage = {garde.get_passage_display() for garde in actives} - {Garde.Passage.LUNDI.label}
        return ", ".join(["une semaine sur deux", mots, *(f"changement {quand}" for quand in sorted(passage))])
    if alternees:
        return "\u202f; ".join(f"chez {noms[garde.foyer_id]}, {regle_phrase(garde)}" for garde in actives)
    if len(actives) == 1:
        return f"tous les jours chez {noms[actives[0].foyer_id]}"
    return f"{' et '.join(f'chez {noms[garde.foyer_id]}' for garde in actives)}, sans rythme noté"


def _alternate(jour: date, autre: date) -> bool:
    """Whether weeks counted from these two days never meet."""
    return (lundi(autre) - lundi(jour)).days // 7 % 2 == 1


@dataclass(frozen=True)
class PassageGarde:
    """The next time the child goes to another home (primary keys): that day, or that evening."""

    jour: date
    soir: bool
    foyers: tuple[int, ...]


def chez(gardes: Sequence[Garde], jour: date, *, soir: bool = False) -> tuple[int, ...]:
    """The homes (primary keys, sorted) where these gardes put the child on that day, or in its evening (`soir`)."""
    return tuple(sorted({garde.foyer_id for garde in gardes if garde.holds(jour, soir)}))


def prochain_passage(gardes: Sequence[Garde], today: date) -> PassageGarde | None:
    """The next time that the child goes to another home, or to none, within five weeks; None when it stays."""
    ici = chez(gardes, today)
    moments = [(today + timedelta(days=n), soir) for n in range(HORIZON) for soir in (False, True)]
    for jour, soir in moments[1:]:
        if (la := chez(gardes, jour, soir=soir)) != ici:
            return PassageGarde(jour, soir, la)
    return None


def regle_phrase(garde: Garde) -> str:
    """This rule of custody in words: « une semaine sur deux à partir du lundi 7 décembre 2026, changement le vendredi
    soir ».
    """
    mots = [garde.get_rythme_display()]
    if garde.depuis:
        mots[0] += f" à partir du {jour_annee(lundi(garde.depuis))}"
        if garde.passage == Garde.Passage.VENDREDI:
            mots.append(f"changement {garde.get_passage_display()}")
    if garde.debut:
        mots.append(f"depuis le {quantieme_annee(garde.debut)}")
    if garde.fin:
        mots.append(f"jusqu’au {quantieme_annee(garde.fin)}")
    return ", ".join(mots)
