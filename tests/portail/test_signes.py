"""Signs that show nothing are refused wherever something is typed (VAL-09)."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import get_resolver

from accounts.identifiants import validate_identifiant
from portail.signes import invisibles, validate_ligne, validate_nom, validate_texte
from tests.portail.classes import subclasses

CHECKS = [validate_nom, validate_ligne, validate_texte]

BIDI = ["\u061c", "\u200e", "\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))]
CONTROLS = ["\0", "\x1b", "\x1f", "\x7f", "\x80", "\x9f"]
OTHERS = [
    "\u00ad", "\u034f", "\u115f", "\u200b", "\u200c", "\u2028", "\u2060", "\u2065", "\u2800", "\u3164", "\ufe00",
    "\ufeff", "\uffa0", "\ufffc", "\u2d7f", "\U0001107f", "\U00013441", "\U00013442", "\U00016fe4", "\U0001bc9d",
    "\U0001d159", "\U0001da9b", "\U0001daaf", "\ue000", "\uffff", "\U000e0041", "\U000e0100", "\U0010fffd",
]  # fmt: skip
NAMES = [
    "Léa", "D’Angelo", "O'Brien", "Saint-Exupéry", "Jean\u00a0Paul", "de la Tour", "Łukasz Żółć", "Nguyễn", "İrem",
    "محمد", "Мария Иванова", "王小明", "דוד", "Σοφία", "Ana (née Silva)", "Bât. 3, 12 bis", "06 39 98 00 00", "",
]  # fmt: skip


def refused(check, text) -> str:
    with pytest.raises(ValidationError) as refusal:
        check(text)
    return refusal.value.message


@pytest.mark.parametrize("sign", [*BIDI, *CONTROLS, *OTHERS, "\t", "\n", "\r", "\x0b", "\u200d", "\ufe0f"], ids=ascii)
@pytest.mark.parametrize("before", ["", "Lé"])
def test_name_with_a_sign_that_shows_nothing_is_refused(sign, before):  # VAL-09
    assert refused(validate_nom, f"{before}{sign}a") == (
        "Ce nom contient un signe invisible\u00a0: effacez-le et retapez-le."
    )


# What Unicode calls those that show nothing; of those that it calls so, the ones that are seen.
NOTHING = re.compile(r"\b(FILLER|BLANK|NULL|JOINER|SELECTOR|FILL MODIFIER|ROTATION MODIFIER|OBJECT REPLACEMENT)\b")
SEEN = re.compile(r"SYMBOL|GAP FILLER|LINE FILLER|SPACE FILLER")


def test_signs_that_unicode_says_show_nothing_are_all_known():  # VAL-09
    signs = [chr(code) for code in range(sys.maxunicode + 1)]
    named = {s for s in signs if NOTHING.search(name := unicodedata.name(s, "")) and not SEEN.search(name)}

    assert {ascii(sign) for sign in named - set(invisibles("".join(named)))} == set()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_name_of_any_alphabet_passes(name, form):  # VAL-09
    name = unicodedata.normalize(form, name)

    for check in CHECKS:
        check(name)
    assert list(invisibles(name)) == []


@pytest.mark.parametrize("sign", [*BIDI, *CONTROLS, *OTHERS, "\t", "\n"], ids=ascii)
def test_line_with_a_sign_that_shows_nothing_is_refused(sign):  # VAL-09
    assert refused(validate_ligne, f"12 rue{sign} du Lac").startswith("Cette ligne contient un signe invisible")


@pytest.mark.parametrize("text", ["Fête ☀\ufe0f", "👩\u200d🏫 à l’école", "❤\ufe0e"])
def test_line_and_text_take_emoji(text):
    validate_ligne(text)
    validate_texte(text)


@pytest.mark.parametrize("sign", [*BIDI, *CONTROLS], ids=ascii)
def test_text_says_where_it_turns_the_order_of_reading(sign):  # VAL-09
    assert refused(validate_texte, f"Bonjour,\nla sortie du{sign} 12") == (
        "Ce texte contient un signe invisible, après «\u00a0la sortie du\u00a0»\u00a0: effacez ces mots et retapez-les."
    )
    assert "invisible, au début\u00a0:" in refused(validate_texte, f"{sign}Bonjour")


def test_text_holds_lines():
    validate_texte("Bonjour,\r\n\r\n\tla sortie\nest le 12.\u2028Merci\x0b!")


# --- Nobody forgets it ------------------------------------------------------------------------------------------------

# TO ADD A FIELD: give it `validate_nom` (who or what is called so), `validate_ligne` or `validate_texte`; or say here
# why nobody types it.
NOT_TYPED = {
    "facturation.Compte.residence": "a code of the town's list, chosen",
    "facturation.LieuResidence.communes": "each line is checked by its form",
    "facturation.LigneTarif.residence": "a code of the town's list, chosen",
    "facturation.Prestation.residence": "a code of the town's list, chosen",
    "accounts.Counter.cle": "a key of the limits",
    "accounts.MailSent.mail": "the name of a mail",
    "accounts.MailSent.message_id": "drawn",
    "accounts.MailSent.status": "three numbers",
    "accounts.Mailing.recipients": "made of names that were checked",
    "accounts.Passage.job": "the name of a job",
    "accounts.UndeliveredMail.mail": "the name of a mail",
    "accounts.User.password": "what hashing made of it",
    "enfance.Ecole.cantine_courriel": "an address, which the field checks",
    "enfance.Ecole.uai": "seven digits and a letter",
    "enfance.Evenement.hors_delai": "made of the figures of a vote",
    "enfance.Fermeture.niveaux": "codes of levels, which the field checks",
    "enfance.ImportOnde.nom_eleves": "Django leaves no such sign in the name of a file",
    "enfance.ImportOnde.nom_responsables": "Django leaves no such sign in the name of a file",
    "enfance.Message.destinataires": "made of names that were checked",
    "enfance.Recapitulatif.courriel": "the address of the account, checked there",
    "facturation.Attestation.numero": "given by its series",
    "facturation.Encaissement.numero": "given by its series",
    "facturation.EssaiPaiement.exer": "a year",
    "facturation.EssaiPaiement.id_op": "drawn by PayFiP",
    "facturation.EssaiPaiement.mel": "an address, which the field checks",
    "facturation.EssaiPaiement.numcli": "of the settings",
    "facturation.EssaiPaiement.objet": "made of the number of an invoice",
    "facturation.EssaiPaiement.refdet": "made of the number of an invoice",
    "facturation.EssaiPaiement.resultrans": "a letter of PayFiP",
    "facturation.EssaiPaiement.saisie": "of the settings",
    "facturation.Encaissement.empreinte": "what hashing made of it",
    "facturation.Versement.empreinte": "what hashing made of it",
    "facturation.Facture.empreinte": "what hashing made of it",
    "facturation.Facture.numero": "given by its series",
    "facturation.Versement.numero": "given by its series",
}
COMPARED = {  # what is typed or sent to be compared with what is there, and is never kept
    "facturation.absences.forms.ChercherAbsenceForm.nom",
    "accounts.forms.LoginForm.identifiant",
    "accounts.forms.ForgotForm.identifiant",
    "accounts.forms.CodeForm.code",
    "accounts.forms.RecoveryCodeForm.secours",
    "enfance.equipe.forms.AppelForm.heures",
    "enfance.equipe.forms.AppelForm.justes",
    "enfance.equipe.forms.AppelForm.noter",
    "enfance.equipe.forms.AppelForm.remise",
    "enfance.equipe.forms.AppelForm.reponse",
    "enfance.equipe.forms.AppelForm.suite",
    "enfance.equipe.forms.AppelForm.venu",
    "enfance.equipe.forms.RemiseForm.coche",
    "enfance.mairie.attente.pages.RangForm.avant",
    "enfance.mairie.attente.pages.RangForm.place",
    "enfance.mairie.familles.forms.RechercheForm.famille",
    "enfance.mairie.familles.forms.DepartForm.chercher",
    "enfance.mairie.familles.forms.EffacerForm.identifiant",
    "enfance.equipe.forms.AppelForm.avant",
    "enfance.equipe.forms.AppelForm.encore",
    "enfance.equipe.forms.RechercheEnfantForm.nom",
    "enfance.mairie.silences.forms.SilenceForm.a",
    "enfance.mairie.silences.forms.SilenceForm.de",
    "facturation.essai_regle.forms.RegleForm.somme",
    "facturation.regie.forms.ChercherPayeurForm.q",
}
NUMBERS = {  # read as a sum, a quotient, a rate or a time, or refused
    "facturation.famille.quotient.QuotientForm.valeur",
    "facturation.regie.acte.forms.RegieForm.plafond_especes",
    "facturation.regie.forms.CorrigerForm.montant",
    "facturation.regie.forms.CorrigerForm.part_famille",
    "facturation.regie.forms.EncaisserForm.part_famille",
    "facturation.regie.forms.SommeRecueForm.part_famille",
    "facturation.regie.forms.EncaisserForm.montant",
    "facturation.regie.remboursements.forms.RembourserForm.montant",
    "facturation.regie.versements.forms.VerserForm.pieces",
    "facturation.regie.forms.SommeRecueForm.montant",
    "facturation.votes.forms_grilles.RangeeForm.a",
    "facturation.votes.forms_grilles.RangeeForm.de",
    "facturation.views.mairie.forms_quotients.LigneQuotientForm.qf",
    "facturation.votes.forms.EssaiForm.duree",
    "facturation.votes.forms.EssaiForm.qf",
    "facturation.votes.forms.PlafondForm.somme",
    "facturation.votes.forms.SupplementForm.prix",
    "facturation.views.mairie.reglages.ReglageForm.rappel_minimum",
}


def typed_columns() -> Iterator[tuple[str, models.Field]]:
    """The columns of text that a person or a file may fill: neither choices, nor what the portal draws itself."""
    for model in [
        model for app in ("accounts", "enfance", "facturation") for model in apps.get_app_config(app).get_models()
    ]:
        for field in model._meta.local_fields:
            text = isinstance(field, models.CharField | models.TextField) and not isinstance(field, models.SlugField)
            if text and field.editable and not field.choices and validate_identifiant not in field.validators:
                yield f"{model._meta.label}.{field.name}", field


def typed_fields() -> Iterator[tuple[str, forms.Field]]:
    """The fields of text that the forms declare themselves; those of a model are its columns."""
    assert get_resolver().url_patterns  # every form is there once every page is
    for form in subclasses(forms.BaseForm):
        if not form.__module__.startswith(("accounts.", "enfance.", "facturation.")):
            continue
        for name, field in getattr(form, "declared_fields", {}).items():
            hidden = isinstance(field.widget, forms.PasswordInput | forms.HiddenInput)
            told = isinstance(field, forms.RegexField | forms.SlugField | forms.UUIDField)
            if isinstance(field, forms.CharField) and not (hidden or told):
                yield f"{form.__module__}.{form.__name__}.{name}", field


def is_checked(field: models.Field | forms.Field) -> bool:
    return any(check in field.validators for check in CHECKS)


def test_every_column_that_is_typed_refuses_signs_that_show_nothing():  # VAL-09
    unchecked = {name for name, column in typed_columns() if not is_checked(column)}

    assert unchecked == NOT_TYPED.keys()


def test_every_field_that_is_typed_refuses_signs_that_show_nothing():  # VAL-09
    unchecked = {name for name, field in typed_fields() if not is_checked(field)}

    assert unchecked == COMPARED | NUMBERS
