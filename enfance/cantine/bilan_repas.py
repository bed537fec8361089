"""What an import of meals did, or would do, in sentences for a secretary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from enfance.cantine.noms_proches import Inconnu
from enfance.models import Ecole, Enfant, ListeRepas
from enfance.planning.historique import jours_phrase
from portail.dates import jour_long
from portail.francais import NBSP, accord, et
from portail.tables import LigneRefusee

Jour = tuple[int, date]  # a child (primary key) and a day
MONTRES = 20  # lines of a list that a message keeps
SEMAINE = 5  # days that a question names one by one
PART = 5  # a list that takes away more than one meal in this many is asked about


@dataclass
class BilanRepas:
    """What an import did, or would do, in sentences for a secretary."""

    debut: date
    fin: date
    simulation: bool
    enfants: dict[int, Enfant]
    ajoutes: list[Jour] = field(default_factory=list)
    retires: list[Jour] = field(default_factory=list)
    retablis: list[Jour] = field(default_factory=list)
    inchanges: int = 0
    gardes: set[date] = field(default_factory=set)  # the days on which a meal stays or comes
    remplace: bool = False
    refus: list[LigneRefusee] = field(default_factory=list)
    doutes: list[str] = field(default_factory=list)
    inconnus: list[Inconnu] = field(default_factory=list)
    liste: ListeRepas | None = None  # None when nothing had to be written
    precedente: int = 0  # primary key of the last list that was known of these days, 0 without any
    d_office: int | None = None
    mangent_sans_midi: list[Jour] = field(default_factory=list)
    inscrits_sans_repas: list[Jour] = field(default_factory=list)
    ecoles: tuple[Ecole, ...] = ()  # none where the town has one

    @property
    def pks(self) -> set[int]:
        """The schools of the list (primary keys); empty where the town has one school."""
        return {ecole.pk for ecole in self.ecoles}

    @property
    def change(self) -> bool:
        """Whether the list adds a meal, takes one away, or brings back one that a family said it cancelled."""
        return bool(self.ajoutes or self.retires or self.retablis)

    @property
    def sans_midi(self) -> int:
        """How many meals, from today on, lack the lunch break of their child."""
        return len(self.mangent_sans_midi)

    @property
    def connus(self) -> int:
        """How many meals were known for the days of the list, before it."""
        return self.inchanges + len(self.retires)

    @property
    def vides(self) -> list[date]:
        """The days that had meals and would have none with the list."""
        return sorted({jour for _, jour in self.retires} - self.gardes)

    @property
    def question(self) -> str:
        """The question to answer before the list is written, when it empties a day or takes away more than a meal in
        five; else empty.
        """
        retires = len(self.retires)
        if not self.vides and retires * PART <= self.connus:
            return ""
        mot = "repas serait retiré" if retires == 1 else "repas seraient retirés"
        vides = f", et il n’en resterait aucun {_jours(self.vides)}" if self.vides else ""
        jours = _jours({jour for _, jour in self.retires})
        connus = accord(self.connus, "connu")
        return f"{retires}{NBSP}{mot} ({jours}), sur {connus} à ces dates{vides}. Est-ce voulu{NBSP}?"

    @property
    def titre(self) -> str:
        """The days of the list, and its schools where the town has several: « Liste de repas du lundi 7 décembre au
        vendredi 11 décembre 2026 ».
        """
        noms = f" ({et([ecole.nom for ecole in self.ecoles])})" if self.ecoles else ""
        if self.debut == self.fin:
            return f"Liste de repas du {jour_long(self.debut)} {self.debut.year}{noms}"
        return f"Liste de repas du {jour_long(self.debut)} au {jour_long(self.fin)} {self.fin.year}{noms}"

    def phrases(self) -> Iterator[str]:
        """The report in a few sentences: how many meals were added, taken away, left alone."""
        if self.simulation:
            yield "Simulation\u00a0: rien n’est écrit."
        nombres = [(len(self.ajoutes), "ajouté"), (len(self.retires), "retiré"), (self.inchanges, "inchangé")]
        yield f"Repas\u00a0: {', '.join(accord(n, mot) for n, mot in nombres)}."
        if self.remplace and not self.change:
            yield "Rien n’a changé depuis la liste précédente."
        if self.d_office is not None:
            yield f"Inscriptions à la pause méridienne faites d’office\u00a0: {self.d_office}."
        yield f"Repas sans inscription à la pause méridienne, à partir d’aujourd’hui\u00a0: {self.sans_midi}."

    def listes(self) -> list[tuple[str, list[str]]]:
        """The detailed lists of the report (refused lines, meals added…), each with its title, empty ones included. The
        meals added by a first list are not named one by one.
        """
        return [
            ("Lignes refusées", list(map(str, self.refus))),
            ("À vérifier", self.doutes),
            ("Noms que vous avez reconnus", [i.reconnu for i in self.inconnus if i.choisi is not None]),
            ("Repas ajoutés depuis la liste précédente", self._par_enfant(self.ajoutes) if self.remplace else []),
            ("Repas retirés depuis la liste précédente", self._par_enfant(self.retires)),
            ("Repas que la famille dit avoir annulés, toujours dans la liste", self._par_enfant(self.retablis)),
        ]

    def ecarts(self) -> list[tuple[str, list[str]]]:
        """The disagreements between meals and lunch breaks that the list leaves, from today on: for each of the two
        kinds, its title and a line a child.
        """
        return [
            ("Mangent sans inscription à la pause méridienne", self._par_enfant(self.mangent_sans_midi)),
            ("Inscrits à la pause méridienne sans repas", self._par_enfant(self.inscrits_sans_repas)),
        ]

    def resume(self) -> Iterator[str]:
        """The whole report as a few messages for a page: what was done, then each list that is not empty, cut after
        twenty lines.
        """
        yield f"{self.titre}. {' '.join(self.phrases())}"
        for titre, elements in self.listes():
            if elements:
                suite = "…" if len(elements) > MONTRES else ""
                texte = "\u202f; ".join(element.rstrip(".") for element in elements[:MONTRES])
                yield f"{titre} ({len(elements)})\u00a0: {texte}{suite}"

    def lignes(self) -> Iterator[str]:
        """The whole report, line by line, for a terminal, with the names that are almost known."""
        yield self.titre
        yield from self.phrases()
        for titre, elements in self.listes():
            if elements:
                yield ""
                yield f"{titre} ({len(elements)})\u00a0:"
                yield from (f"  - {element}" for element in elements)
        for inconnu in self.inconnus:
            if inconnu.propositions and inconnu.choisi is None:
                noms = " ou ".join(proposition.nom for proposition in inconnu.propositions)
                yield f"«\u00a0{inconnu.dit}\u00a0», vouliez-vous dire {noms}\u00a0? Corrigez la liste."

    def _par_enfant(self, jours: Iterable[Jour]) -> list[str]:
        par_enfant: dict[int, list[date]] = {}
        for enfant, jour in sorted(jours, key=lambda item: item[1]):
            par_enfant.setdefault(enfant, []).append(jour)
        return sorted(
            f"{self.enfants[enfant]}{NBSP}: {jours_phrase(dates, date.min)}" for enfant, dates in par_enfant.items()
        )


def _jours(jours: Iterable[date]) -> str:
    """« lundi 7 décembre et mardi 8 décembre »; beyond a school week, « du lundi 7 décembre au… »."""
    tries = sorted(jours)
    return (
        jours_phrase(tries, date.min)
        if len(tries) <= SEMAINE
        else f"du {jour_long(tries[0])} au {jour_long(tries[-1])}"
    )
