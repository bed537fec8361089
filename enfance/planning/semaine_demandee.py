"""What a form of the weekly pattern asks, and what its preview says of it: for the parent's page and the counter's.
Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from enfance.models import Creneau, Evenement
from enfance.planning.apercu import ApercuPlanning, build_apercu, periode_phrase
from enfance.planning.bilan import apercus_enfants, fermes_phrases
from enfance.planning.cases import mots_of
from enfance.planning.compte import compter, nombre_phrase
from enfance.planning.ecriture import with_dits
from enfance.planning.forms import SemaineTypeForm
from enfance.planning.periodes import Fin, rythmes
from enfance.planning.semaines import changements, retenus, vides
from enfance.regles import Situation
from enfance.semaine_modele import modele_now


def initial(situation: Situation, periodes: Sequence[Fin], enfants: Iterable[int]) -> dict[str, Any]:
    """The period and the rhythm that the form of the weekly pattern opens with: those of the pattern that one of these
    children (primary keys) follows now, else the first period, every week.
    """
    resultat: dict[str, Any] = {"fin": periodes[0].code, "rythme": "1"}
    suivis = (modele_now(situation.modeles, enfant, situation.today) for enfant in enfants)
    suivi = next((suivi for suivi in suivis if suivi and suivi.boxes), None)
    if suivi is None:
        return resultat
    code = next((fin.code for fin in periodes if fin.fin == suivi.fin and suivi.debut <= fin.debut), None)
    dates = {"fin": "dates", "du": max(suivi.debut, situation.today), "au": suivi.fin}
    offerts = rythmes(situation, periodes[0].debut, periodes[-1].fin)
    codes = [r.code for r in offerts if suivi.depuis and r.lundi and not (r.lundi - suivi.depuis).days % 14]
    return resultat | ({"fin": code} if code else dates) | ({"rythme": codes[0]} if codes else {})


@dataclass(frozen=True)
class SemaineDemandee:
    """A form that asks for a preview or a save. `a_vider`: the children whose planning it empties; `a_confirmer`, those
    of whom « Vider le planning » was not pressed.
    """

    apercu: ApercuPlanning
    a_vider: set[int]
    a_confirmer: set[int]

    @property
    def complete(self) -> bool:
        """Whether what the form asks may be previewed and saved: it writes the pattern of at least one child, and «
        Vider le planning » was pressed for each child whose planning it empties.
        """
        return bool(retenus(self.apercu)) and not self.a_confirmer


def read_demande(situation: Situation, form: SemaineTypeForm, data: QueryDict) -> SemaineDemandee | None:
    """The preview or save that the form asks for; None when the form is wrong, or its button only ticks boxes or goes
    back to them.
    """
    if not form.lisible or {"idem", "titre", "revenir"} & data.keys():
        return None
    apercu = build_apercu(situation, form.modeles(), repris=form.repris, passes=form.passes)
    a_vider = vides(apercu)
    return SemaineDemandee(apercu, a_vider, a_vider - form.vides)


def context_apercu(demande: SemaineDemandee, form: SemaineTypeForm) -> dict[str, Any]:
    """The context of a page that shows, before the save, what the weekly pattern would change in the planning of each
    child, and what it would not.
    """
    apercu, situation = demande.apercu, demande.apercu.situation
    evenements, n = _evenements(apercu), len(apercu.complets)
    complets = nombre_phrase(situation, apercu.complets)
    return {
        "form": form,
        "gestes": _gestes(demande, form),
        "periode": periode_phrase(situation, retenus(apercu)),
        "compte": compter(apercu),
        "enfants": apercus_enfants(apercu, evenements),
        "midis": any(evenement.creneau.moment == Creneau.Moment.MIDI for evenement in evenements),
        "complets": f"ces {complets}" if n > 1 else "ce moment" if n else "",
        "fermes": fermes_phrases(apercu),
    } | mots_of(situation)


def _gestes(demande: SemaineDemandee, form: SemaineTypeForm) -> list[tuple[str, int]]:
    """What the buttons of the pages before have asked of each child, for the form to send again."""
    suivis = [("ajouter" if ajoute else "retirer", pk) for pk, ajoute in sorted(form.repris)]
    return [*(("vide", pk) for pk in sorted(demande.a_vider)), *suivis]


def _evenements(apercu: ApercuPlanning) -> list[Evenement]:
    """The events that the preview would leave, for the sentences of the canteen; never written."""
    situation = apercu.situation
    evenements = [
        Evenement(
            enfant_id=un.cle.enfant,
            jour=un.cle.jour,
            creneau=situation.creneaux[un.cle.creneau],
            avant=situation.etat(un.cle),
            apres=un.voulu,
        )
        for un in changements(apercu)
    ]
    return with_dits(evenements, situation)
