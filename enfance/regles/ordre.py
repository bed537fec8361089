"""In which order the changes of a save are decided. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from enfance.models import EtatInscription, Inscription
from enfance.regles.cles import Cle
from enfance.regles.situation import Situation

Etat = Inscription.Etat


def lots(situation: Situation, voulus: Mapping[Cle, EtatInscription]) -> list[dict[Cle, EtatInscription]]:
    """The states wanted, in lots: cancellations, whose places may serve the rest; the rest; at last the lunch breaks
    that a child who eats leaves for another one of that day, which is theirs as long as the other is not. Of several
    left that day, one a lot: whether the meal keeps the next one depends on what became of it.
    """
    repas = [cle for cle in voulus if situation.has_repas(cle)]
    quittes = Counter((cle.enfant, cle.jour) for cle in repas if voulus[cle] == Etat.INSCRIT)
    en_ordre: list[dict[Cle, EtatInscription]] = [{}, {}]
    for cle, voulu in sorted(voulus.items()):
        rang = 0 if voulu == Etat.ANNULEE else 1
        if voulu == Etat.ANNULEE and cle in repas:
            avant = quittes[cle.enfant, cle.jour]
            rang = avant and avant + 1
            quittes[cle.enfant, cle.jour] += 1
        en_ordre += [{} for _ in range(len(en_ordre), rang + 1)]
        en_ordre[rang][cle] = voulu
    return en_ordre
