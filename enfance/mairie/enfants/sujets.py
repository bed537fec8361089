"""The subjects of a child’s file: what each one shows, asks and writes. `enfant` puts them on the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from accounts.decorators import agent_of
from accounts.log import FieldChange, changes_of, log_change
from enfance.ecoles import plusieurs
from enfance.famille.accords import choisir
from enfance.garde import ou_phrases
from enfance.mairie.enfants import apercus as apercus_enfant
from enfance.mairie.enfants import changements_ecole, gardes
from enfance.mairie.enfants.departs import depart_of, load_annees, noter
from enfance.mairie.enfants.forms import (
    ChangementEcoleForm,
    ClasseForm,
    GardeForm,
    IdentiteForm,
    ResponsablesForm,
    SanteForm,
)
from enfance.mairie.enfants.hors_garde import annuler_hors_garde, load_avant, prevenir
from enfance.mairie.enfants.lecture import annee_dite, annee_ouverte
from enfance.mairie.enfants.sujet_venir import personne_of, venir_form, venir_tenus, write_venir
from enfance.mairie.enfants.venir import DIT
from enfance.models import Enfant, Enregistrement
from portail.confirmation import confirm
from portail.dates import jour_annee, jour_long
from portail.formulaires import is_key
from portail.francais import NBSP

IDENTITE = ("prenom", "nom", "nom_usage", "date_naissance", "sexe", "ine")
SANTE = ("pai", "pai_fin", "consigne", "pai_cantine")


@dataclass(frozen=True)
class Sujet:
    """`form` makes the form of the subject, `tenu` what it holds today, `ecrire` writes a valid form and its trace.

    `voir` are the rights to read it, `changer` those to change it, beside that of changing a child. `tenus`: the
    children (primary keys) that it may write of.
    """

    titre: str
    form: Callable[..., forms.BaseForm | None]
    tenu: Callable[[HttpRequest, Enfant], object]
    ecrire: Callable[[HttpRequest, Enfant, Any, str], None]
    voir: str
    changer: str
    tenus: Callable[[Enfant], list[int]] = lambda enfant: [enfant.pk]

    def is_seen(self, request: HttpRequest) -> bool:
        """Whether the agent may read this subject of a child's file."""
        return request.user.has_perm(f"enfance.{self.voir}")

    def is_open(self, request: HttpRequest) -> bool:
        """Whether the agent may change this subject of a child's file: whether they may change a child, read the
        subject and change it.
        """
        rights = {"enfance.change_enfant", f"enfance.{self.voir}", f"enfance.{self.changer}"}
        return request.user.has_perms(rights)


def values(rows: Iterable[Model], *champs: str) -> list[tuple[str, ...]]:
    """The primary key and these fields of each row, as text, to find out later whether another agent changed them."""
    return [tuple(str(getattr(row, champ)) for champ in ("pk", *champs)) for row in rows]


# --- Identity ---------------------------------------------------------------------------------------------------------


def identite_form(request: HttpRequest, enfant: Enfant, data: Any) -> forms.BaseForm:
    """The form of the child's identity, from what the database holds now."""
    return IdentiteForm(data, instance=Enfant.objects.get(pk=enfant.pk))


def write_identite(request: HttpRequest, enfant: Enfant, form: IdentiteForm, retour: str) -> None:
    """Save the identity of a valid form, and trace each field that changed."""
    form.save()
    if changes := changes_of(form):
        log_change(request, enfant, "", changes)


# --- Class, and departure ---------------------------------------------------------------------------------------------


def classe_form(request: HttpRequest, enfant: Enfant, data: Any) -> forms.BaseForm | None:
    """The form of the child's class and departure, for the year that `?annee=` names, else the present one, the next to
    come, or the child's last one; None as long as no school year is known.
    """
    annees, today, demandee = load_annees(enfant), timezone.localdate(), request.GET.get("annee", "")
    annee = annee_ouverte(annees, int(demandee) if is_key(demandee) else None, today)
    return ClasseForm(data, annee=annee, annees=annees, today=today) if annee else None


def classe_tenue(request: HttpRequest, enfant: Enfant) -> object:
    """The child's places at school as the database holds them now, to find out whether another agent changes them
    meanwhile.
    """
    return values(load_annees(enfant), "annee_id", "ecole_id", "niveau", "classe_id", "debut", "depart")


def write_classe(request: HttpRequest, enfant: Enfant, form: ClasseForm, retour: str) -> None:
    """Save the niveau, the class and the departure of a valid form, and trace them; a departure that touches
    inscriptions is confirmed first. Raises PermissionDenied for a new place when the agent may not add one. `retour` is
    the address to go back to.
    """
    scolarite, phrases = form.scolarite, []
    changes: list[FieldChange] = []
    if scolarite._state.adding and not request.user.has_perm("enfance.add_scolarite"):
        raise PermissionDenied
    if scolarite._state.adding or {"niveau", "classe"} & set(form.changed_data):
        avant = "" if scolarite._state.adding else annee_dite(scolarite)
        scolarite.enfant = enfant
        if scolarite._state.adding and form.nouvelle_ecole:
            scolarite.ecole_id = form.nouvelle_ecole.pk
        scolarite.niveau, scolarite.classe = form.cleaned_data["niveau"], form.cleaned_data["classe"]
        scolarite.save()
        changes.append(FieldChange("Classe", avant, annee_dite(scolarite)))
    if "depart" in form.changed_data:
        depart, today = form.cleaned_data["depart"], timezone.localdate()
        avant, apres = (jour_annee(jour) if jour else "" for jour in (depart_of(form.annees, today), depart))
        changes.append(FieldChange("Départ", avant, apres))
        bilan = noter(enfant, depart, agent_of(request).pk, now=timezone.now())
        if bilan:
            confirm(request, apercus_enfant.depart(enfant, depart, bilan, retour))
        phrases = bilan.phrases
        for phrase in bilan.phrases:
            messages.success(request, phrase)
        for phrase in bilan.non_rendues:
            messages.warning(request, f"Non rétablie{NBSP}: {phrase}")
    if changes:
        log_change(request, enfant, " ".join(phrases), changes)


# --- School, where there are several ---------------------------------------------------------------------------------


def ecole_form(request: HttpRequest, enfant: Enfant, data: Any) -> forms.BaseForm | None:
    """The form of a change of school, for the year that `?annee=` names, else the present one, the next to come, or the
    child's last one; None when the child has no place to leave in it, and in a town of one school.
    """
    places, today, demandee = load_annees(enfant), timezone.localdate(), request.GET.get("annee", "")
    annee = annee_ouverte(places, int(demandee) if is_key(demandee) else None, today)
    place = changements_ecole.place_of(places, annee) if annee and plusieurs() else None
    return ChangementEcoleForm(data, place=place, today=today) if place else None


def write_ecole(request: HttpRequest, enfant: Enfant, form: ChangementEcoleForm, retour: str) -> None:
    """Move the child to the school of a valid form, and trace it, once the agent has confirmed what becomes of the
    inscriptions. `retour` is the address to go back to.
    """
    avant, vers = form.place.ecole, form.cleaned_data["ecole"]
    jour, agent = form.cleaned_data["jour"], agent_of(request).pk
    bilan = changements_ecole.changer(form.place, vers, jour, agent, now=timezone.now())
    confirm(request, apercus_enfant.ecole(enfant, avant, bilan, retour))
    apres = f"{vers}, à partir du {jour_annee(bilan.jour)}"
    log_change(request, enfant, "", [FieldChange("École", str(avant), apres)])
    if bilan.deplacees:
        messages.info(request, f"Inscriptions passées à la nouvelle école{NBSP}: {len(bilan.deplacees)}.")
    if bilan.perdues:
        messages.info(request, f"Inscriptions annulées{NBSP}: {len(bilan.perdues)}.")


# --- Who answers for the child ----------------------------------------------------------------------------------------


def responsables_form(request: HttpRequest, enfant: Enfant, data: Any) -> forms.BaseForm:
    """The form of the adults who answer for the child, and of one more."""
    return ResponsablesForm(data, liens=list(liens_of(enfant)))


def liens_of(enfant: Enfant) -> Any:
    """A queryset: the links between the child and the adults who answer for it, suspended ones included, the oldest
    first.
    """
    return enfant.responsabilites.select_related("responsable__user").order_by("pk")


def liens_tenus(request: HttpRequest, enfant: Enfant) -> object:
    """The links between the child and its adults as the database holds them now, to find out whether another agent
    changes them meanwhile.
    """
    return values(liens_of(enfant), "responsable_id", "suspendue")


def write_responsables(request: HttpRequest, enfant: Enfant, form: ResponsablesForm, retour: str) -> None:
    """Suspend, restore, remove or add the links between the child and its adults as a valid form says, and trace it.
    Raises PermissionDenied when the agent may not remove, or add, a link.
    """
    changes, mots = [], dict(form.ACCES)
    for lien in form.liens:
        champ = f"acces-{lien.pk}"
        if champ not in form.changed_data:
            continue
        voulu = form.cleaned_data[champ]
        changes.append(FieldChange(str(lien.responsable), mots[form.fields[champ].initial], mots[voulu]))
        if voulu == "retire":
            if not request.user.has_perm("enfance.delete_responsabilite"):
                raise PermissionDenied
            lien.delete()
        else:
            lien.suspendue = voulu == "suspendu"
            lien.save(update_fields=["suspendue"])
    if adulte := form.cleaned_data["identifiant"]:
        if not request.user.has_perm("enfance.add_responsabilite"):
            raise PermissionDenied
        enfant.responsabilites.create(responsable=adulte)
        changes.append(FieldChange(str(adulte), "", "responsable"))
    if changes:
        log_change(request, enfant, "", changes)


# --- Custody ----------------------------------------------------------------------------------------------------------


def garde_form(request: HttpRequest, enfant: Enfant, data: Any) -> forms.BaseForm | None:
    """The form of the child's custody; None for a child who has neither home nor adult."""
    foyers = gardes.foyers_of(enfant)
    if not foyers:
        return None
    return GardeForm(data, foyers=foyers, gardes=gardes.load_gardes(enfant), today=timezone.localdate())


def garde_tenue(request: HttpRequest, enfant: Enfant) -> object:
    """The child's custody and homes as the database holds them now, to find out whether another agent changes them
    meanwhile.
    """
    rows = gardes.load_gardes(enfant)
    return values(rows, "foyer_id", "debut", "fin", "rythme", "depuis", "passage"), sorted(gardes.foyers_of(enfant))


def write_garde(request: HttpRequest, enfant: Enfant, form: GardeForm, retour: str) -> None:
    """Write the custody of a valid form, trace it and tell the parents, once the agent has confirmed and said what
    becomes of the inscriptions left to a home that has the child no more. `retour` is the address to go back to.
    """
    now = timezone.now()
    avant, dites = load_avant([enfant.pk], now=now), _gardes_dites(enfant)
    gardes.changer(enfant, form.choix)
    lignes, mots = avant.laissees(now=now), _change(dites, _gardes_dites(enfant))
    suite = confirm(request, apercus_enfant.garde(enfant, mots, lignes, avant, retour, now=now))
    annulation = _decide(request, enfant, suite, lignes) if lignes else None
    log_change(request, enfant, "", [FieldChange("Garde", *mots)])
    if nombre := prevenir(avant, annulation, now=now):
        messages.info(request, f"Changement de garde dit aux parents, par e-mail{NBSP}: {nombre}.")


def _gardes_dites(enfant: Enfant) -> list[str]:
    return ou_phrases(gardes.load_gardes(enfant), gardes.foyers_of(enfant), timezone.localdate())


def _change(avant: list[str], apres: list[str]) -> tuple[str, str]:
    """What it was, what it becomes: not what goes on as it was until then."""
    suites = apres[1:] if apres[0] == avant[0] and len(apres) > 1 else apres
    return ", puis ".join(avant), ", puis ".join(suites)


def _decide(request: HttpRequest, enfant: Enfant, suite: str, lignes: list[Any]) -> Enregistrement | None:
    """Do what the agent chose for the inscriptions left behind; the save that cancelled them."""
    if suite == apercus_enfant.LAISSER:
        messages.info(request, f"Inscriptions laissées au foyer qui les a faites{NBSP}: {len(lignes)}.")
        return None
    resultat = annuler_hors_garde(lignes, agent_of(request).pk, now=timezone.now())
    messages.info(request, f"Inscriptions annulées par le changement de garde{NBSP}: {len(resultat.evenements)}.")
    for refus in resultat.refus:
        box = f"{jour_long(refus.cle.jour)}, {refus.cle.creneau}"
        messages.warning(request, f"Non annulée{NBSP}: {box}, {refus.obstacles[0].message}")
    return resultat.enregistrement


# --- Health -----------------------------------------------------------------------------------------------------------


def sante_form(request: HttpRequest, enfant: Enfant, data: Any) -> forms.BaseForm:
    """The form of the child's health: health plan (PAI), its end, the instruction for the team, the canteen's knowledge
    of it.
    """
    return SanteForm(data, instance=Enfant.objects.get(pk=enfant.pk))


def write_sante(request: HttpRequest, enfant: Enfant, form: SanteForm, retour: str) -> None:
    """Save what a valid form says of the child's health. The trace names the fields that changed, never what they say
    (ADM-04).

    Whether the family agrees that the canteen may know is written through the function that also serves the family's
    own page.
    """
    dossier, voulu = form.instance, form.cleaned_data["pai_cantine"]
    accord = "pai_cantine" in form.changed_data
    if accord:
        dossier.pai_cantine = not voulu
    dossier.save(update_fields=SANTE)
    if accord and not choisir(dossier, agent_of(request), voulu, now=timezone.now()):
        messages.warning(request, f"Rien n’est signalé à la cantine{NBSP}: ni PAI, ni consigne n’est noté.")
    if changes := changes_of(form):
        log_change(request, enfant, "", changes)


# --- Who may fetch the child ------------------------------------------------------------------------------------------


def venir_tenu(request: HttpRequest, enfant: Enfant) -> object:
    """The person whom `?personne=` names, as the database holds it now, to find out whether another agent changes it
    meanwhile; empty when one is to be added.
    """
    personne = personne_of(request, enfant)
    return values([personne] if personne else [], *DIT)


SUJETS = {
    "identite": Sujet(
        "Identité", identite_form, lambda _, e: values([e], *IDENTITE), write_identite, "view_enfant", "change_enfant"
    ),
    "classe": Sujet("Classe et année", classe_form, classe_tenue, write_classe, "view_scolarite", "change_scolarite"),
    "ecole": Sujet("École", ecole_form, classe_tenue, write_ecole, "view_scolarite", "change_scolarite"),
    "responsables": Sujet(
        "Responsables",
        responsables_form,
        liens_tenus,
        write_responsables,
        "view_responsabilite",
        "change_responsabilite",
    ),
    "garde": Sujet("Garde", garde_form, garde_tenue, write_garde, "view_garde", "change_garde"),
    "sante": Sujet("Santé", sante_form, lambda _, e: values([e], *SANTE), write_sante, "view_sante", "change_enfant"),
    "venir": Sujet(
        "Qui peut venir le chercher",
        venir_form,
        venir_tenu,
        write_venir,
        "view_personneautorisee",
        "change_personneautorisee",
        venir_tenus,
    ),
}
