"""How many moments a weekly pattern adds and removes, and of how many days it keeps what a hand left. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from enfance.models import Creneau
from enfance.planning.apercu import ApercuPlanning
from enfance.regles import Cle, Situation
from portail.francais import NBSP, accord

MOMENT = "moment"  # any of them
MOMENTS = {Creneau.Moment.MATIN: "matin", Creneau.Moment.MIDI: "midi", Creneau.Moment.SOIR: "soir"}
NOMBRE = r"(\d{1,5})"


@dataclass(frozen=True)
class CompteAnnee:
    """The moments added and removed, by moment; the days of each child that stay as a hand left them; the moments that
    are full, and those of them whose waiting list was joined, once it is written.
    """

    ajouts: Mapping[str, int] = field(default_factory=dict)
    retraits: Mapping[str, int] = field(default_factory=dict)
    gardes: int = 0
    complets: int = 0
    attentes: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def change(self) -> str:
        """What the pattern changes, in words: « 22 soirs ajoutés, 21 moments retirés », « 1 soir en liste d’attente »;
        « rien ne change ».
        """
        signes = ((self.ajouts, "ajouté"), (self.retraits, "retiré"))
        mots = [compte_phrase(*_total(comptes), verbe) for comptes, verbe in signes if comptes]
        mots += [f"{accord(*_total(self.attentes))} en liste d’attente"] if self.attentes else []
        return ", ".join(mots) or "rien ne change"

    @property
    def phrase(self) -> str:
        """The whole count in words, for the bar and the title of the page: « 21 soirs retirés, 6 jours gardés »."""
        gardes = f", {compte_phrase(self.gardes, 'jour', 'gardé')}" if self.gardes else ""
        texte = f"{self.change}{gardes}"
        return texte[0].upper() + texte[1:]

    @property
    def code(self) -> str:
        """The count as one text for a hidden form field, which `read_compte` reads back: « +soir:22 -midi:3 =6 !0 »."""
        signes = (("+", self.ajouts), ("-", self.retraits))
        comptes = [f"{signe}{mot}:{n}" for signe, siens in signes for mot, n in sorted(siens.items())]
        return " ".join([*comptes, f"={self.gardes}", f"!{self.complets}"])


def compter(apercu: ApercuPlanning) -> CompteAnnee:
    """The count of a weekly pattern's changes, from its preview or from the preview as it came true."""
    return CompteAnnee(
        Counter(mot_of(apercu.situation, cle) for cle in apercu.ajouts),
        Counter(mot_of(apercu.situation, cle) for cle in apercu.retraits),
        len({(cle.enfant, cle.jour) for cle in apercu.mains}),
        len(apercu.complets) + len(apercu.rejoints),
        Counter(mot_of(apercu.situation, cle) for cle in apercu.rejoints),
    )


def read_compte(code: str) -> CompteAnnee | None:
    """The count, without the waiting lists joined, that a hidden form field carries (written by `CompteAnnee.code`);
    None when the text is empty or is no such count.
    """
    mots = "|".join([MOMENT, *MOMENTS.values()])
    lu = re.fullmatch(rf"((?:[-+](?:{mots}):\d{{1,5}} )*)={NOMBRE} !{NOMBRE}", code[:200])
    if not lu:
        return None
    comptes = re.findall(rf"([-+])({mots}):{NOMBRE}", lu[1])
    ajouts, retraits = ({mot: int(n) for signe, mot, n in comptes if signe == voulu} for voulu in "+-")
    return CompteAnnee(ajouts, retraits, int(lu[2]), int(lu[3]))


def ecart_phrase(annonce: CompteAnnee | None, fait: CompteAnnee) -> str:
    """That what was written is not what the preview announced, why (places taken, or a planning that changed), and what
    it announced; empty when they agree or nothing was announced.
    """
    if annonce is None or annonce == fait:
        return ""
    prises = fait.complets - annonce.complets
    change = "le planning a changé"
    if prises > 0:
        change = f"{compte_phrase(prises, 'place', 'prise', 'ont été ' if prises > 1 else 'a été ')}"
    return f"Depuis l’aperçu, {change}. Il annonçait{NBSP}: {annonce.phrase.lower()}."


def compte_phrase(n: int, mot: str, verbe: str, avant: str = "") -> str:
    """A number of things and their past participle, in agreement: « 21 soirs retirés »; `avant` goes before the
    participle: « 1 place a été prise ».
    """
    return f"{accord(n, mot)} {avant}{verbe}{'s' if n > 1 else ''}"


def mot_of(situation: Situation, cle: Cle) -> str:
    """The word for the moment of this box: « matin », « midi » or « soir », else « moment »."""
    return MOMENTS.get(Creneau.Moment(situation.creneaux[cle.creneau].moment), MOMENT)


def nombre_phrase(situation: Situation, cles: Iterable[Cle]) -> str:
    """How many boxes there are, in words: « 3 soirs », or « 4 moments » when they are not all of one moment."""
    mots = [mot_of(situation, cle) for cle in cles]
    return accord(len(mots), mots[0] if len(set(mots)) == 1 else MOMENT)


def _total(comptes: Mapping[str, int]) -> tuple[int, str]:
    return sum(comptes.values()), next(iter(comptes)) if len(comptes) == 1 else MOMENT
