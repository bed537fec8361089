"""A town of two schools: one family has a child in each. The hamlet has a morning of its own; the evening is shared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from enfance.models import Classe, Creneau, Ecole, Enfant, Inscription, Responsable, Scolarite
from tests.factories import AnneeFactory, CreneauFactory, EcoleFactory, ResponsableFactory, make_creneaux, make_enfant


@dataclass(frozen=True)
class Ville:
    bourg: Ecole
    hameau: Ecole
    camille: Responsable
    lea: Enfant  # of the Bourg
    zoe: Enfant  # her sister, of the Hameau
    creneaux: dict[str, Creneau]

    def inscrire(self, enfant: Enfant, jour: object, *codes: str) -> list[Inscription]:
        """Rows as they stand once a family has saved."""
        return [
            Inscription.objects.create(enfant=enfant, jour=jour, creneau=self.creneaux[code], foyer=self.camille.foyer)
            for code in codes
        ]


def make_ville() -> Ville:
    bourg = Ecole.objects.get()
    bourg.nom, bourg.code, bourg.ordre = "École du Bourg", "bourg", 1
    bourg.save()
    hameau = EcoleFactory()
    annee = AnneeFactory()
    creneaux = make_creneaux()
    creneaux["matin"].ecoles.set([bourg])
    creneaux["soir"].ecoles.set([bourg, hameau])
    creneaux["matin-hameau"] = CreneauFactory(
        code="matin-hameau", nom="Matin", nom_court="matin", moment="matin", debut=time(7, 45), fin=time(8, 45), ordre=1
    )
    creneaux["matin-hameau"].ecoles.set([hameau])
    camille = ResponsableFactory()
    lea, zoe = make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Zoé")
    classe = Classe.objects.create(annee=annee, ecole=hameau, nom="Classe unique")
    Scolarite.objects.filter(enfant=zoe).update(ecole=hameau, classe=classe)
    return Ville(bourg, hameau, camille, lea, zoe, creneaux)
