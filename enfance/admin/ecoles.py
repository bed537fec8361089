"""The schools of the town. With one, this list is the only page that knows of it: it is where a second one is added."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.site import TownHallAdmin
from enfance.famille.forms import clean_numero
from enfance.mairie.ecoles import load_ecoles
from enfance.mairie.moments import guess_moments
from enfance.models import Creneau, Ecole, ListeRepas, Niveau
from enfance.models.ecoles import PREMIERE
from portail.formulaires import WholeModelForm
from portail.francais import NBSP, et, pluriel

SUITE = (
    "Les créneaux restent à toutes les écoles tant que vous n’en choisissez pas\u00a0: ouvrez chacun d’eux pour dire "
    "quelles écoles le tiennent. Dites aussi, sur la fiche de chaque agent de la garderie et de la cantine, où il "
    "travaille\u00a0: sans cela, il ne voit plus aucun enfant."
)


class EcoleForm(WholeModelForm):
    class Meta:
        error_messages = {
            "nom": {"unique": "Une école a déjà ce nom."},
            "code": {"unique": "Une école a déjà ce code."},
        }

    def clean_telephone(self) -> str:
        """The phone number of the school written in the usual way; one that is no number is refused."""
        return clean_numero(self.cleaned_data["telephone"])

    def clean_cantine_telephone(self) -> str:
        """The phone number of the canteen written in the usual way; one that is no number is refused."""
        return clean_numero(self.cleaned_data["cantine_telephone"])

    def clean(self) -> dict[str, Any] | None:
        """Refuse a last niveau that comes before the first one: the school would have no pupil, in silence."""
        cleaned = super().clean()
        niveaux = list(Niveau)
        premier, dernier = (self.cleaned_data.get(champ) for champ in ("premier_niveau", "dernier_niveau"))
        if premier and dernier and niveaux.index(premier) > niveaux.index(dernier):
            self.add_error("dernier_niveau", "Le dernier niveau suit le premier, ou est le même.")
        return cleaned


@admin.register(Ecole)
class EcoleAdmin(TownHallAdmin):
    form = EcoleForm
    feminine = True
    deletable = True
    delete_confirmation_template = "admin/enfance/ecole/delete_confirmation.html"
    list_display = ["nom", "code", "niveaux", "uai", "telephone"]
    search_fields = ["nom__folded", "code", "uai"]
    search_help_text = "Nom, code ou UAI"
    fieldsets = [
        (None, {"fields": ["nom", "code", ("premier_niveau", "dernier_niveau"), "uai", "ordre"]}),
        ("Garderie", {"fields": ["adresse", "telephone"]}),
        (
            "Cantine",
            {
                "fields": ["cantine_nom", "cantine_telephone", "cantine_courriel"],
                "description": "Vide\u00a0: ce qui vaut pour toute la commune.",
            },
        ),
    ]

    @admin.display(description="niveaux")
    def niveaux(self, ecole: Ecole) -> str:
        """The niveaux of the school: « CP à CM2 », or « CP » alone."""
        premier, dernier = ecole.premier_niveau, ecole.dernier_niveau
        return premier if premier == dernier else f"{premier} à {dernier}"

    def save_model(self, request: HttpRequest, obj: Ecole, form: ModelForm, change: bool) -> None:
        """When the town gets its second school, guesses from its hours whether each créneau is of the morning or the
        evening, which now serves, and tells the agent so.
        """
        super().save_model(request, obj, form, change)
        if not change and len(load_ecoles()) == 2 and (creneaux := guess_moments()):
            self.message_user(request, devines(creneaux), messages.WARNING)

    def response_add(self, request: HttpRequest, obj: Ecole, post_url_continue: str | None = None) -> HttpResponse:
        """Tells what else has to be said once the town has several schools, and which schools have pupils of a niveau
        that is not theirs.
        """
        if load_ecoles():
            self.message_user(request, SUITE, messages.WARNING)
        self._tell_hors_niveaux(request)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Ecole) -> HttpResponse:
        """Tells which schools have pupils of a niveau that is not theirs."""
        self._tell_hors_niveaux(request)
        return super().response_change(request, obj)

    def _tell_hors_niveaux(self, request: HttpRequest) -> None:
        for phrase in hors_niveaux(timezone.localdate()):
            self.message_user(request, phrase, messages.WARNING)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Forbids to delete a school that something holds: its créneaux would become those of every school, its pupils
        those of none.
        """
        objets, nombres, droits, proteges = super().get_deleted_objects(objs, request)
        return (
            objets,
            nombres,
            droits,
            [*(phrase for ecole in objs if (phrase := refus_suppression(ecole)))] or proteges,
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page says why the school cannot be deleted, when it cannot."""
        ecole = Ecole.objects.filter(pk=object_id).first() if self.is_key(object_id) else None
        context = {"tenue": refus_suppression(ecole) if ecole else ""}
        return super().delete_view(request, object_id, {**context, **(extra_context or {})})


def devines(creneaux: Iterable[Creneau]) -> str:
    """A sentence that tells the agent which part of the day was guessed for each of these créneaux, to be corrected if
    need be.
    """
    moments = [f"{creneau} (moment «\u00a0{Creneau.Moment(creneau.moment).label}\u00a0»)" for creneau in creneaux]
    return (
        f"Chaque créneau a désormais un moment, par lequel les écoles se répondent. D’après leurs heures{NBSP}: "
        f"{et(moments)}. Corrigez-le sur la page du créneau s’il le faut\u202f; les repas ne vont qu’avec "
        "«\u00a0midi\u00a0»."
    )


def hors_niveaux(today: date) -> list[str]:
    """A sentence for each school that has pupils, in a year begun by `today`, of a niveau that it does not have any
    more; an empty list in a town of one school.
    """
    phrases = []
    for ecole in load_ecoles():
        places = ecole.scolarites.not_over(today).filter(annee__debut__lte=today)
        if nombre := places.exclude(niveau__in=ecole.niveaux).count():
            phrases.append(
                f"{ecole}{NBSP}: {pluriel(nombre, 'élève,élèves')} d’un niveau qui n’est pas le sien. L’import d’ONDE "
                f"de leur école les y fait passer, ou «\u00a0Changer d’école\u00a0», sur leur page."
            )
    return phrases


def refus_suppression(ecole: Ecole) -> str:
    """Why this school cannot be deleted, as a sentence: it is the first one of the portal, or it still has pupils,
    classes, créneaux… Empty when it can be.
    """
    if ecole.pk == PREMIERE:
        return f"{ecole} est la première école du portail{NBSP}: elle change de nom, elle ne se supprime pas."
    nombres = (
        (ecole.scolarites.values("enfant").distinct().count(), "élève,élèves"),
        (ecole.classes.count(), "classe,classes"),
        (ecole.creneaux.count(), "créneau,créneaux"),
        (ecole.fermetures.count(), "fermeture,fermetures"),
        (ListeRepas.objects.filter(ecoles=ecole).count(), "liste de repas,listes de repas"),
        (ecole.imports.count(), "import ONDE,imports ONDE"),
        (ecole.affectations.count(), "agent,agents"),
    )
    tiennent = [pluriel(nombre, mots) for nombre, mots in nombres if nombre]
    return f"{ecole} ne se supprime pas{NBSP}: elle a encore {et(tiennent)}." if tiennent else ""
