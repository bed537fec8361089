"""What a line of the sheet asks under it: whether an arrival was forgotten, who came, to whom the child is handed. As
values for its page; a device asks the same without network, from the same words.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from enfance.equipe.eleves import e_of
from enfance.equipe.fiche import AdulteVenu
from enfance.equipe.remises import QuiVient, Suite, Venu
from enfance.equipe.telephones import numero_of
from enfance.models import Responsable


@dataclass(frozen=True)
class ChoixAdulte:
    """An adult to tap on. `jeton`: what the tap sends; `lien`: what they are to the child; `numero`: where to call."""

    jeton: str
    nom: str
    lien: str = ""
    numero: str = ""


CHOIX = ChoixAdulte("§jeton§", "§nom§", "§lien§", "§numero§")


@dataclass(frozen=True)
class QuiPeutVenir:
    """Who may come for a child that day and who may not. `dit`: the child, by its name and class."""

    dit: str
    prenom: str
    sexe: str
    parents: Sequence[Responsable]
    adultes: Sequence[AdulteVenu]

    @property
    def e(self) -> str:
        """The « e » of the participles that agree with the child, for a girl; else empty."""
        return e_of(self.sexe)

    @property
    def il(self) -> str:
        """The pronoun of the child: « elle » or « il »."""
        return "elle" if self.e else "il"

    @property
    def il_debut(self) -> str:
        """The pronoun of the child at the beginning of a sentence: « Elle » or « Il »."""
        return self.il.capitalize()

    @property
    def attendus(self) -> list[ChoixAdulte]:
        """The adults who may fetch the child: its parents, then the persons whom they allow."""
        siens = [adulte for adulte in self.adultes if not adulte.interdite]
        return [
            *(ChoixAdulte(str(QuiVient(Venu.PARENT, responsable=p.pk)), str(p), "responsable") for p in self.parents),
            *(ChoixAdulte(str(QuiVient(Venu.AUTORISEE, personne=a.pk)), a.nom, a.lien) for a in siens),
        ]

    @property
    def interdits(self) -> list[ChoixAdulte]:
        """The persons to whom the child is never handed; their `jeton` is the beginning of what the tap sends, which
        what followed completes.
        """
        return [ChoixAdulte(f"{Venu.INTERDITE}:{a.pk}", a.nom, a.lien) for a in self.adultes if a.interdite]

    @property
    def appels(self) -> list[ChoixAdulte]:
        """The parents whom the team may call before it hands the child over; their `jeton` is the end of what the tap
        sends.
        """
        return [ChoixAdulte(f"{Suite.APPEL}:{p.pk}", str(p), "responsable", numero_of(p)) for p in self.parents]

    @property
    def json(self) -> str:
        """The child's name and the three lists of adults (an empty one is left out) as JSON text, for the device."""
        choix = {"attendus": self.attendus, "interdits": self.interdits, "appels": self.appels}
        lignes = {nom: [[c.jeton, c.nom, c.lien, c.numero] for c in liste] for nom, liste in choix.items() if liste}
        mots = {"dit": self.dit, "prenom": self.prenom, "il": self.il, "il_debut": self.il_debut, "e": self.e}
        return json.dumps(mots | lignes, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class QuiModele:
    """The same for a device to fill in: « §mot§ » stands for each word, once for all the adults of a list."""

    dit: str = "§dit§"
    prenom: str = "§prenom§"
    il: str = "§il§"
    il_debut: str = "§il_debut§"
    e: str = "§e§"
    attendus: Sequence[ChoixAdulte] = (CHOIX,)
    interdits: Sequence[ChoixAdulte] = (CHOIX,)
    appels: Sequence[ChoixAdulte] = (CHOIX,)
