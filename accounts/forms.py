"""What people type to come in. Forms parse and ask; `accounts.passwords` decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.views.decorators.debug import sensitive_variables

from accounts.identifiants import as_query, looks_like_email
from accounts.models import User
from accounts.temporary import looks_printed, looks_temporary
from accounts.validators import min_length_for
from portail.signes import validate_ligne

LONGUEUR_SURE = 12  # of a password, whatever is asked of it


class IdentifiantField(forms.CharField):
    """Digits, but kept as typed: what no account can have is answered like an unknown one (AUT-10)."""

    widget = forms.TextInput(
        attrs={
            "class": "saisie",
            "inputmode": "numeric",
            "autocomplete": "username",
            "autocapitalize": "none",
            "autocorrect": "off",
            "spellcheck": "false",
        }
    )

    def __init__(self, help_text: str, required_message: str) -> None:
        super().__init__(
            label="Identifiant", max_length=200, help_text=help_text, error_messages={"required": required_message}
        )


class PasswordField(forms.CharField):
    """A password, exact: no blank taken away (AUT-02). `reveals` are the fields that « Afficher » shows."""

    def __init__(self, label: str, autocomplete: str, required_message: str, reveals: str = "", **options: Any) -> None:
        attrs = {"class": "saisie", "autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}
        self.reveals = reveals
        super().__init__(
            label=label,
            strip=False,
            widget=forms.PasswordInput(attrs=attrs),
            error_messages={"required": required_message},
            **options,
        )


class EmailField(forms.EmailField):
    def __init__(self, help_text: str = "") -> None:
        super().__init__(
            label="E-mail",
            help_text=help_text,
            max_length=User._meta.get_field("email").max_length,
            validators=[validate_ligne],
            error_messages={
                "required": "Indiquez votre adresse e-mail.",
                "invalid": "Écrivez une adresse complète, comme prenom.nom@courriel.example.",
                "max_length": "Cette adresse est trop longue.",
            },
            widget=forms.EmailInput(attrs={"class": "saisie", "autocomplete": "email", "spellcheck": "false"}),
        )


class LoginForm(forms.Form):
    obligatoires = "obligatoires"
    identifiant = IdentifiantField("7\u00a0chiffres, donnés par la mairie", "Indiquez votre identifiant.")
    password = PasswordField(
        "Mot de passe",
        "current-password",
        "Indiquez votre mot de passe.",
        reveals="id_password",
        template_name="forms/password.html",
    )
    souvenir = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict | None, *, identifiant: str = "") -> None:
        """`identifiant` is filled in, to be corrected or not: the password is then what is left to type."""
        super().__init__(data, initial={"identifiant": identifiant})
        if identifiant and data is None:
            self.fields["password"].widget.attrs["autofocus"] = True

    @property
    def query(self) -> str:
        """The query string that carries the identifiant typed here to the page of a forgotten password; empty without
        one, or when it can be none."""
        return as_query(self["identifiant"].value() or "")

    def refuse(self) -> None:
        """Add to this form the error of a refused login: the same sentence whatever was wrong (AUT-08), and both fields
        marked."""
        self.add_error(None, "L’identifiant et le mot de passe ne correspondent pas. Vérifiez-les et réessayez.")
        for name, described_by in [
            ("identifiant", "obligatoires err_connexion id_identifiant_helptext"),
            ("password", "obligatoires err_connexion"),
        ]:
            self.fields[name].widget.attrs |= {"aria-invalid": "true", "aria-describedby": described_by}

    @property
    def typed_temporary(self) -> bool:
        """Whether the password typed has the form of a temporary one. Reads no account, so tells nothing of any."""
        return looks_temporary(self.cleaned_data.get("password", ""))

    @property
    def typed_printed(self) -> bool:
        """Whether the password typed has the form of a temporary password that the counter prints. Reads no account."""
        return looks_printed(self.cleaned_data.get("password", ""))

    @property
    def typed_email(self) -> bool:
        """Whether an e-mail address was typed as identifiant."""
        return looks_like_email(self.cleaned_data.get("identifiant", ""))


class ForgotForm(forms.Form):
    identifiant = IdentifiantField(
        "7\u00a0chiffres, donnés par la mairie. Exemple\u00a0: 3816238",
        "Indiquez votre identifiant\u00a0: 7\u00a0chiffres.",
    )

    def __init__(self, data: QueryDict | None, *, identifiant: str = "") -> None:
        super().__init__(data, initial={"identifiant": identifiant})
        if not identifiant and data is None:
            self.fields["identifiant"].widget.attrs["autofocus"] = True


class IdentifiantForgottenForm(forms.Form):
    email = EmailField("L’adresse que vous avez donnée à la mairie. Exemple\u00a0: prenom.nom@courriel.example")


class SecondFactorForm(forms.Form):
    """A form of one code. Whatever is wrong with it, its answer is the same sentence."""

    name = ""

    def refuse(self) -> None:
        """Add to this form the error of a wrong code, the same whatever was wrong."""
        self.add_error(self.name, self.fields[self.name].error_messages["refused"])

    @property
    def typed(self) -> str:
        """The code that was typed, of a form that is valid."""
        return str(self.cleaned_data[self.name])


class CodeForm(SecondFactorForm):
    """The code of the phone."""

    name = "code"
    code = forms.CharField(
        label="Code à 6\u00a0chiffres",
        max_length=100,
        help_text="Il change toutes les 30\u00a0secondes.",
        error_messages={
            "required": "Saisissez les 6\u00a0chiffres que montre votre téléphone.",
            "refused": "Ce code ne correspond pas ou a déjà servi. Attendez le suivant.",
        },
        widget=forms.TextInput(
            attrs={
                "class": "saisie saisie--code",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "spellcheck": "false",
                "maxlength": "7",
            }
        ),
    )


class RecoveryCodeForm(SecondFactorForm):
    """One of the ten codes on paper."""

    name = "secours"
    secours = forms.CharField(
        label="Code de secours",
        max_length=100,
        help_text="Un des 10\u00a0codes notés à l’inscription. Il ne servira plus ensuite.",
        error_messages={
            "required": "Saisissez un de vos codes de secours.",
            "refused": "Ce code de secours ne correspond pas ou a déjà servi.",
        },
        widget=forms.TextInput(
            attrs={
                "class": "saisie saisie--code",
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )


class AccountForm(forms.Form):
    """A form of one account."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user


def conseil(min_length: int) -> str:
    """The French sentence that advises how to make a password safer; it names a length only when that is more than
    `min_length`, the one that is required anyway."""
    longueur = f"{LONGUEUR_SURE}\u00a0caractères ou " if min_length < LONGUEUR_SURE else ""
    return (
        f"Plus sûr\u00a0: {longueur}une phrase, comme «\u00a0Vélo nuage tartine 7\u00a0». Espaces et accents sont "
        "acceptés. Évitez votre nom et les mots de l’école."
    )


class NewPasswordForm(AccountForm):
    """The password that somebody chooses, twice."""

    obligatoires = "obligatoires"
    new_password1 = PasswordField(
        "Nouveau mot de passe",
        "new-password",
        "Indiquez votre nouveau mot de passe.",
        reveals="id_new_password1 id_new_password2",
        template_name="forms/new_password.html",
    )
    new_password2 = PasswordField(
        "Confirmation mot de passe",
        "new-password",
        "Indiquez votre mot de passe une seconde fois.",
        template_name="forms/password_again.html",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.min_length = min_length_for(user)
        self.fields["new_password1"].min_length = self.min_length  # type: ignore[attr-defined]  # for the criteria
        self.fields["new_password1"].help_text = conseil(self.min_length)
        for name in ["new_password1", "new_password2"]:
            self.fields[name].widget.attrs["minlength"] = self.min_length
        self.fields["new_password1"].widget.attrs["enterkeyhint"] = "next"

    @sensitive_variables()
    def clean_new_password1(self) -> str:
        """The new password; refused when the validators of passwords refuse it for this account."""
        password: str = self.cleaned_data["new_password1"]
        validate_password(password, self.user)
        return password

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        """Refuse two passwords that differ, also when the first is refused for itself, so that both faults are told at
        once."""
        # The raw values: a refused password may also be unequal, and both are told at once.
        first, second = (self[name].value() for name in ["new_password1", "new_password2"])
        if first and second and first != second:
            self.add_error("new_password2", "Les deux mots de passe ne sont pas identiques.")
        return self.cleaned_data


class PresentPasswordForm(AccountForm):
    """Asks the present password of somebody logged in, before what a borrowed window must not do (AUT-05, SES-02)."""

    password = PasswordField("Mot de passe actuel", "current-password", "Indiquez votre mot de passe actuel.")
    incorrect = ValidationError("Ce n’est pas votre mot de passe actuel.", code="password_incorrect")

    @sensitive_variables()
    def clean_password(self) -> str:
        """The password typed; refused when it is not that of the account."""
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise self.incorrect
        return password

    def refuse_present(self) -> None:
        """Add the error of a wrong present password to this form, when it was right as it was checked and has been
        changed elsewhere since."""
        self.add_error("password", self.incorrect)


class ChangeEmailForm(PresentPasswordForm):
    """A new e-mail address (AUT-13). Refuses an empty one for an account that has one: passwords are sent there."""

    email = EmailField()
    field_order = ["email", "password"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, initial={"email": user.email, **kwargs.pop("initial", {})}, **kwargs)
        self.fields["password"].help_text = "Demandé pour protéger votre adresse e-mail."
        if not user.email:
            self.fields["email"].required = False
            self.fields["email"].label = "E-mail (facultatif)"


class ChangePasswordForm(PresentPasswordForm, NewPasswordForm):
    """A new password, typed twice, by somebody logged in, who gives the present one (AUT-05)."""

    field_order = ["password", "new_password1", "new_password2"]

    @sensitive_variables()
    def clean_new_password1(self) -> str:
        """The new password; refused as well when it is the present one."""
        password = super().clean_new_password1()
        if password == self.cleaned_data.get("password"):
            raise ValidationError("Choisissez un mot de passe différent de l’actuel.", code="password_same")
        return password
