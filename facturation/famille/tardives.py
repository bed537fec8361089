"""What it costs a parent to book after the limit, as it was voted: in words, before the tick. Reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from enfance.models import Creneau
from enfance.regles import SupplementTardif
from facturation.arrete.contextes import load_supplements
from facturation.montants import euros
from facturation.prix.tarifs import GenreSupplement, SupplementVote, supplement_of
from portail.francais import NBSP


def load_tardives() -> Callable[[Creneau, date], SupplementTardif | None]:
    """Says the supplement that a late booking of a créneau has on a day; None where none was voted. Two queries."""
    votes = [supplement for supplement in load_supplements() if supplement.genre == GenreSupplement.TARDIVE]

    def tardive_of(creneau: Creneau, jour: date) -> SupplementTardif | None:
        vote = supplement_of(votes, GenreSupplement.TARDIVE, creneau.pk, creneau.moment, jour)
        return words_of(vote) if vote else None

    return tardive_of


def words_of(vote: SupplementVote) -> SupplementTardif:
    """« + 2,00 € », « + 50 % du prix », « 3,90 € en tout »."""
    if vote.prix is None:
        court = f"+{NBSP}{vote.pourcentage}{NBSP}%"
        return SupplementTardif(f"{court} du prix", court)
    if vote.en_tout:
        return SupplementTardif(f"{euros(vote.prix)} en tout", euros(vote.prix))
    return SupplementTardif(ajout := f"+{NBSP}{euros(vote.prix)}", ajout)
