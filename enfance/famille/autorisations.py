"""Who may fetch a child, as its parents say it: added or withdrawn at once, traced, and told to the other parent.

« Interdite » is the town hall's: it is never seen, added nor withdrawn from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from enfance.famille.homonymes import must_ask
from enfance.famille.personnes import is_from_elsewhere
from enfance.famille.tasks import tell_autorisation
from enfance.models import Enfant, PersonneAutorisee, Responsable, Scolarite
from enfance.regles import Obstacle
from portail.cles import cle
from portail.dates import PARIS

MAX = 20  # of a child


def ajouter(
    enfants: Sequence[Enfant],
    auteur: Responsable,
    *,
    nom: str,
    lien: str = "",
    telephone: str = "",
    debut: date | None = None,
    fin: date | None = None,
    now: datetime,
) -> dict[Enfant, Obstacle]:
    """Let this person fetch these children, always or between two days (both included). Returns what stands in the way,
    by child: empty when all is done.

    An obstacle for the first child stops everything; for another child, it stops that child alone. The other parents
    get one mail. Adding the same person twice changes nothing. When the name is like that of a person to whom the child
    must never be handed, the request goes to the town hall, and the answer does not say why. A full list (20) refuses
    any name not yet in it, so that the answer cannot reveal such a likeness.
    """
    obstacles: dict[Enfant, Obstacle] = {}
    ecrites = []
    with transaction.atomic():
        list(Enfant.objects.select_for_update().filter(pk__in=[enfant.pk for enfant in enfants]).order_by("pk"))
        for enfant in enfants:
            personne = PersonneAutorisee(
                enfant=enfant,
                nom=nom,
                lien=lien,
                telephone=telephone,
                debut=debut,
                fin=fin,
                ajoutee_par_id=auteur.user_id,
                ajoutee_le=now,
            )
            obstacle = _admit(personne, today=now.astimezone(PARIS).date())
            if obstacle:
                obstacles[enfant] = obstacle
            if enfants[0] in obstacles:
                break
            if personne.pk:
                ecrites.append(personne.pk)
        if ecrites:
            tell_autorisation.enqueue(ecrites, auteur.user_id, False)
    return obstacles


def _admit(personne: PersonneAutorisee, *, today: date) -> Obstacle | None:
    """Write this person, unless it is known already, or something stands in the way. The child is locked."""
    connues = list(personne.enfant.personnes_autorisees.filter(retiree_le=None))
    actives = [p for p in connues if not p.interdite and (p.fin is None or p.fin >= today)]
    dit = cle(personne.nom), personne.debut, personne.fin
    known = any((cle(p.nom), p.debut, p.fin) == dit for p in actives)
    if not known and len(actives) >= MAX:
        return Obstacle("trop", f"{MAX} personnes sont déjà autorisées. Retirez-en une d’abord.")
    if must_ask(personne, [p for p in connues if p.interdite]):
        return Obstacle("interdite", f"Pour {personne.nom}, appelez la mairie.")
    if not known:
        personne.save()
    return None


def fratrie_of(enfant: Enfant, responsable: Responsable) -> list[Enfant]:
    """The brothers and sisters of this child who are at school and whom this parent may see, in the order of the
    children (the eldest first).
    """
    eleves = Scolarite.objects.present().values("enfant")
    return list(Enfant.objects.for_responsable(responsable).exclude(pk=enfant.pk).filter(pk__in=eleves))


def retirer(enfant: Enfant, auteur: Responsable, pk: int, *, now: datetime) -> PersonneAutorisee | None:
    """Withdraw this person (primary key) from those who may fetch the child, from now on; the other parents are told.
    Returns the person; None when there is none, when their days are over, or when only the other parent may withdraw
    it.
    """
    personnes = enfant.personnes_autorisees.autorisees(now.astimezone(PARIS).date())
    personne: PersonneAutorisee | None = personnes.select_related("ajoutee_par__responsable").filter(pk=pk).first()
    if personne is None or is_from_elsewhere(personne, auteur.foyer_id):
        return None
    with transaction.atomic():
        encore = PersonneAutorisee.objects.filter(pk=pk, retiree_le=None)
        if encore.update(retiree_le=now, retiree_par=auteur.user_id):
            tell_autorisation.enqueue([personne.pk], auteur.user_id, True)
    return personne
