"""A school with one row of every model that the admin shows, and each address of the portal as it stands for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.db.models import Model
from django_tasks_db.models import DBTaskResult

from accounts import email_changes, groups, tasks
from accounts.models import EmailChange, FailedTask, HeldMail, Mailing, Passage, StaffUser, UndeliveredMail
from accounts.worker import HEARTBEAT
from conservation.models import Effacement
from enfance import models
from enfance.courriels import rappel
from enfance.inscriptions import Changement
from enfance.models import Enfant
from enfance.planning.ecriture import enregistrer_famille
from enfance.regles import Acteur, Cle
from facturation.models import (
    Attestation,
    Deliberation,
    Encaissement,
    EssaiPaiement,
    Facture,
    LieuResidence,
    Nomination,
    PartPaiement,
    Plafond,
    Supplement,
    Tarif,
    Versement,
)
from facturation.regie.encaissements import verser
from tests import matrice
from tests.factories import AnneeFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.facturation.essais import make_essai
from tests.facturation.factures_emises import une_facture
from tests.matrice import GROUPS

MARDI = date(2026, 12, 8)

# What stands in an address for each name that it holds: what `parent` may open and « autre parent » may not.
ARGUMENTS: dict[str, Callable[[Enfant], object]] = {
    "jour": lambda lea: MARDI,
    "debut": lambda lea: 2027,
    "enfant": lambda lea: lea.pk,
    "mois": lambda lea: f"{MARDI:%Y-%m}",
    "pk": lambda lea: lea.pk,
    "image": lambda lea: "mairie-accueil.png",
    "reference": lambda lea: models.Enregistrement.objects.get().pk,
    "secret": lambda lea: lea.responsables.get().agenda_secret,
    "langue": lambda lea: "uk",
    "numero": lambda lea: Facture.objects.get().numero,
    "annee": lambda lea: Attestation.objects.get().annee_payee,
    "jeton": lambda lea: rappel.jeton(lea.responsables.get()),
    "app_label": lambda lea: "enfance",
    "content_type_id": lambda lea: 1,
    "object_id": lambda lea: lea.pk,
    "url": lambda lea: "absente/",
}
# The same name stands for something else under these addresses; in the admin, for a row of the page's model.
ARGUMENTS_UNDER: dict[str, dict[str, Callable[[Enfant], object]]] = {
    "/admin/facturation/deliberation/": {"pk": lambda lea: Deliberation.objects.get().pk},
    "/admin/facturation/plafond/": {"pk": lambda lea: Plafond.objects.get().pk},
    "/admin/facturation/residences/": {"pk": lambda lea: LieuResidence.objects.order_by("pk")[0].pk},
    "/admin/facturation/supplement/": {"pk": lambda lea: Supplement.objects.get().pk},
    "/admin/facturation/tarif/": {"pk": lambda lea: Tarif.objects.get().pk},
    "/admin/enfance/silence/": {"pk": lambda lea: models.Indisponibilite.objects.get().pk},
    "/cantine/importer/": {"pk": lambda lea: models.ListeRepas.objects.latest("pk").pk},
    "/cantine/semaine/": {"jour": lambda lea: MARDI - timedelta(days=1)},
    "/courriel/": {"jeton": lambda lea: email_changes.token_of(EmailChange.objects.get())},
    "/factures/": {"pk": lambda lea: EssaiPaiement.objects.get().pk},
    "/admin/regie/payeurs/": {"pk": lambda lea: Encaissement.objects.latest("pk").compte_id},
    "/admin/regie/acte/nominations/": {"pk": lambda lea: Nomination.objects.get().pk},
    "/admin/regie/recus/": {"numero": lambda lea: Encaissement.objects.latest("pk").numero},
    "/admin/regie/versements/": {"pk": lambda lea: Versement.objects.get().pk},
    "/guichet/": {"pk": lambda lea: lea.gardes.get().foyer_id},
    "/admin/facturation/payeurs/": {"pk": lambda lea: lea.gardes.get().foyer_id},
    "/recus/": {"numero": lambda lea: Encaissement.objects.latest("pk").numero},
}
NUMBERS = {"pk", "enfant", "object_id", "reference"}  # the names of what is somebody's


def make_ecole(now: datetime) -> Enfant:
    """Léa, child of « parent », an agent of each group, and one row of every model."""
    groups.sync()
    AnneeFactory()
    soir = make_creneaux()["soir"]
    camille = ResponsableFactory(user__identifiant="2000001", agenda_secret="a" * 43)
    lea = make_enfant(camille, prenom="Léa")
    for n, group in enumerate(GROUPS):
        StaffFactory(identifiant=f"555000{n}", is_superuser=False).groups.add(Group.objects.get(name=group))
    enregistrer_famille([Changement(Cle(lea.pk, MARDI, "soir"), "inscrit")], Acteur.parent(camille), now=now)
    models.Fermeture.objects.create(debut=date(2026, 12, 15), fin=date(2026, 12, 15), motif="grève")
    liste = models.ListeRepas.objects.create(debut=date(2026, 12, 1), fin=date(2026, 12, 31))
    models.Repas.objects.create(enfant=lea, jour=MARDI, liste=liste)
    models.Absence.objects.create(enfant=lea, jour=MARDI).creneaux.add(soir)
    email_changes.begin(camille.user, "nouvelle@courriel.example", now=now)
    UndeliveredMail.objects.create(user=camille.user, mail="Envoi", reason="no_address")
    FailedTask.objects.create(status="FAILED", args_kwargs={}, task_path="accounts.tasks.purge", run_after=now)
    for minutes in range(2):  # one to let go, one to give up
        tasks.send_password_changed.enqueue(camille.user.pk, (now - timedelta(minutes=minutes)).isoformat())
    waiting = DBTaskResult.objects.filter(task_path=tasks.send_password_changed.module_path)
    waiting.update(queue_name=HeldMail.RESTORED)  # as in an archive: held whatever ENVOIS_RETENUS says
    LogEntry.objects.create(user=camille.user, object_repr="Léa", action_flag=CHANGE)
    models.Actualite.objects.create(texte="Bonne rentrée.")
    models.Indisponibilite.objects.create(du=now - timedelta(hours=2), au=now - timedelta(hours=1), declaree_le=now)
    models.Message.objects.create(objet="Sortie", texte="Prévoir un goûter.", destinataires="tous")
    pointage = models.Pointage.objects.create(enfant=lea, jour=MARDI, creneau=soir)
    models.Geste.objects.create(id=uuid4(), pointage=pointage, quoi="present", coche=False, fait_le=now)
    models.AdultesPresents.objects.create(id=uuid4(), jour=MARDI, creneau=soir, nombre=2, fait_le=now)
    models.Appel.objects.create(jour=date(2026, 12, 1), creneau=soir)
    models.ImportOnde.objects.create(annee=models.AnneeScolaire.objects.get())
    Mailing.objects.create(mail="Vos identifiants", recipients="tous")
    Effacement.objects.create(le=now, modele="enfance.Foyer", cle=12)
    Passage.objects.create(job=HEARTBEAT, done_at=now)
    essai = make_essai(une_facture(lea))
    PartPaiement.objects.create(essai=essai, facture=essai.facture, montant=100)
    verser(now.date(), None, now)
    vote = Tarif.objects.get().deliberation
    Supplement.objects.create(genre="retard", deliberation=vote, debut=date(2026, 9, 1), prix=500)
    Nomination.objects.create(nom="Hélène Garnier", fonction="titulaire", debut=date(2026, 1, 1))
    Plafond.objects.create(deliberation=vote, montant=400, periode="jour", debut=date(2026, 9, 1))
    LieuResidence.objects.get_or_create(code="commune", defaults={"nom": "Commune", "defaut": True, "ordre": 1})
    Attestation.objects.create(
        annee_payee=now.year - 1,
        annee=now.year,
        rang=1,
        numero=f"A-{now.year}-0001",
        compte=Facture.objects.get().compte,
        total=0,
        contenu={"payeur": {}, "enfants": [], "trop_grands": [], "depuis": None},
    )
    return lea


def concrete(address: str, lea: Enfant, number: int | None = None) -> str:
    """The address of this row as a browser asks for it; `number` takes the place of those that are there."""
    dossier = next((model for list_, model in matrice.dossiers().items() if address.startswith(list_)), None)
    under = next((given for start, given in ARGUMENTS_UNDER.items() if address.startswith(start)), {})

    def argument(found: re.Match[str]) -> str:
        name = found[1]
        if name in NUMBERS and number is not None:
            return str(number)
        return str(row_of(dossier).pk if name in NUMBERS and dossier else (ARGUMENTS | under)[name](lea))

    return re.sub(r"<(\w+)>", argument, address)


def row_of(model: type[Model]) -> Model:
    rows = model._default_manager.order_by("pk")
    row = rows.filter(groups__name="Équipe").first() if model is StaffUser else rows.first()
    assert row is not None, f"give `make_ecole` a row of {model._meta.label}"
    return row
