"""The moments of a school day, by which a créneau of one school answers that of another. Pure."""

from __future__ import annotations

from portail.codes import LabelledCode


class MomentCreneau(LabelledCode):
    MATIN = "matin", "matin"
    MIDI = "midi", "midi, avec les repas de la cantine"
    SOIR = "soir", "soir"
    JOURNEE = "journee", "journée"
