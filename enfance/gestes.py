"""What a tap on the sheet of a créneau says. Pure."""

from __future__ import annotations

from portail.codes import LabelledCode


class QuoiGeste(LabelledCode):
    PRESENT = "present", "présent"
    PARTI = "parti", "parti"
    ANNULE = "annule", "annulé"
