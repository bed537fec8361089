"""The parents whom no mail reaches, with what is needed to call them. Reads, never writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from enfance.mairie.bureau import sans_courriel
from enfance.mairie.touches import numeros_of
from enfance.models import Ecole, Enfant, Responsabilite, Responsable, Scolarite

TITRES = ["Nom", "Prénom", "Identifiant", "Téléphones", "Enfants", "Adresse", "Code postal", "Commune"]


@dataclass(frozen=True)
class SansCourriel:
    """An adult without e-mail: the numbers that are known, the children at school, each with its class."""

    adulte: Responsable
    telephones: list[str]
    enfants: list[tuple[Enfant, str]]

    @property
    def cellules(self) -> list[str]:
        """The cells of the row, in the order of `TITRES`: name, first name, identifiant, phones, children, address,
        postcode, town.
        """
        user, foyer = self.adulte.user, self.adulte.foyer
        enfants = ", ".join(f"{enfant} ({classe})" for enfant, classe in self.enfants)
        return [
            user.last_name,
            user.first_name,
            user.identifiant,
            ", ".join(self.telephones),
            enfants,
            foyer.adresse,
            foyer.code_postal,
            foyer.commune,
        ]


def load_sans_courriel(today: date, ecole: Ecole | None = None) -> list[SansCourriel]:
    """The adults without e-mail address in the families of the town's pupils, or of this school's alone, by name, each
    with phone numbers and children at school. Three queries.
    """
    adultes = list(sans_courriel(today, ecole))
    classes = _classes(today)
    enfants: dict[int, list[tuple[Enfant, str]]] = {}
    liens = Responsabilite.objects.filter(responsable__in=adultes, suspendue=False, enfant__in=classes)
    for lien in liens.select_related("enfant").order_by("enfant__tri", "pk"):
        enfants.setdefault(lien.responsable_id, []).append((lien.enfant, classes[lien.enfant_id]))
    return [SansCourriel(adulte, numeros_of(adulte), enfants.get(adulte.pk, [])) for adulte in adultes]


def _classes(today: date) -> dict[int, str]:
    """The class of each pupil (primary key), of the year in course where the next one is prepared already."""
    scolarites = Scolarite.objects.not_over(today).latest_begun_first(today).select_related("classe")
    return {scolarite.enfant_id: str(scolarite.classe or "sans classe") for scolarite in reversed(scolarites)}
