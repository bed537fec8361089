"""Who acts, and by which door."""

from __future__ import annotations

from dataclasses import dataclass

from enfance.models import Enregistrement, Foyer, Responsable
from enfance.natures import NatureFermeture

MOTIF_REPAS = "Repas de cantine commandé"


@dataclass(frozen=True)
class Acteur:
    """Who acts and by which door. A parent has a `responsable`; the town hall and the system have none. `pour` is the
    home for which the town hall acts, when it does what a family asks. `preuve` is the word by which a parent's device
    will know that what it sent was saved; empty where no script drew one.
    """

    porte: Enregistrement.Porte
    user_id: int | None = None
    responsable: Responsable | None = None
    motif: str = ""
    pour: Foyer | None = None
    preuve: str = ""

    @classmethod
    def parent(cls, responsable: Responsable, preuve: str = "") -> Acteur:
        """A parent who saves from a page of their own. `preuve`: the word by which their device will know that it was
        saved.
        """
        return cls(Enregistrement.Porte.PORTAIL, responsable.user_id, responsable, preuve=preuve)

    @classmethod
    def semaine_type(cls, responsable: Responsable, preuve: str = "") -> Acteur:
        """A parent who fills a period with a weekly pattern. `preuve`: the word by which their device will know that it
        was saved.
        """
        return cls(Enregistrement.Porte.SEMAINE_TYPE, responsable.user_id, responsable, preuve=preuve)

    @classmethod
    def mairie(cls, user_id: int, motif: str = "") -> Acteur:
        """An agent of the town hall (`user_id`), who may pass over deadline, places and garde with a reason
        (`motif`).
        """
        return cls(Enregistrement.Porte.MAIRIE, user_id, None, motif)

    @classmethod
    def guichet(cls, user_id: int, foyer: Foyer, motif: str = "") -> Acteur:
        """An agent of the town hall who does what a family asks at the counter: limited to the children and the days of
        this home; a reason (`motif`) lets them pass over the rest.
        """
        return cls(Enregistrement.Porte.MAIRIE, user_id, None, motif, foyer)

    @classmethod
    def import_onde(cls, user_id: int | None = None) -> Acteur:
        """The import of the school's ONDE files, by the command (None) or by an agent of the town hall (`user_id`)."""
        return cls(Enregistrement.Porte.IMPORT, user_id)

    @classmethod
    def fermeture(cls, user_id: int | None = None, motif: str = "", nature: str = NatureFermeture.FERMETURE) -> Acteur:
        """The town hall, by the command (None) or an agent (`user_id`), that closes the garderie or opens it again, or
        that says a trip or a teacher away (`nature`), or takes it back.
        """
        return cls(Enregistrement.Porte(nature), user_id, None, motif)

    @classmethod
    def liste_repas(cls, user_id: int | None = None) -> Acteur:
        """The import of the association's list of meals, where it registers the children who eat for the
        lunch break.
        """
        return cls(Enregistrement.Porte.REPAS, user_id, None, MOTIF_REPAS)

    @classmethod
    def systeme(cls) -> Acteur:
        """The portal itself, which gives free places to those on the waiting lists."""
        return cls(Enregistrement.Porte.SYSTEME)

    @property
    def foyer(self) -> Foyer | None:
        """The home of the parent who acts; None for anybody who is no parent."""
        return self.responsable.foyer if self.responsable else None

    @property
    def chez(self) -> Foyer | None:
        """The home whose days count: the acting parent's own, or the one for which the town hall acts at the counter;
        None without one.
        """
        return self.foyer or self.pour
