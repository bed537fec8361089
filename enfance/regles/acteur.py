"""Who acts, and by which door."""

from __future__ import annotations

from dataclasses import dataclass

from enfance.models import Enregistrement, Foyer, Responsable

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
        return cls(Enregistrement.Porte.PORTAIL, responsable.user_id, responsable, preuve=preuve)

    @classmethod
    def semaine_type(cls, responsable: Responsable, preuve: str = "") -> Acteur:
        """A parent who fills a period with a weekly pattern."""
        return cls(Enregistrement.Porte.SEMAINE_TYPE, responsable.user_id, responsable, preuve=preuve)

    @classmethod
    def mairie(cls, user_id: int, motif: str = "") -> Acteur:
        """A member of the town hall, who may pass over limit, places and garde with a `motif`."""
        return cls(Enregistrement.Porte.MAIRIE, user_id, None, motif)

    @classmethod
    def guichet(cls, user_id: int, foyer: Foyer, motif: str = "") -> Acteur:
        """A member of the town hall who does what this family asks: its children, its days, the rest with a `motif`."""
        return cls(Enregistrement.Porte.MAIRIE, user_id, None, motif, foyer)

    @classmethod
    def import_onde(cls, user_id: int | None = None) -> Acteur:
        """The import of the school's files, by the command or by a member of the town hall."""
        return cls(Enregistrement.Porte.IMPORT, user_id)

    @classmethod
    def fermeture(cls, user_id: int | None = None, motif: str = "") -> Acteur:
        """The town hall, or its command, that closes the garderie or opens it again."""
        return cls(Enregistrement.Porte.FERMETURE, user_id, None, motif)

    @classmethod
    def liste_repas(cls, user_id: int | None = None) -> Acteur:
        """The import of the association's list, where it registers the children who eat."""
        return cls(Enregistrement.Porte.REPAS, user_id, None, MOTIF_REPAS)

    @classmethod
    def systeme(cls) -> Acteur:
        """The portal itself, which serves the waiting lists."""
        return cls(Enregistrement.Porte.SYSTEME)

    @property
    def foyer(self) -> Foyer | None:
        return self.responsable.foyer if self.responsable else None

    @property
    def chez(self) -> Foyer | None:
        """The home whose days these are: the actor's own, or the one for which it acts."""
        return self.foyer or self.pour
