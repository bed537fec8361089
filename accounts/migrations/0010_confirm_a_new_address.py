import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def keep_the_former_addresses(apps, schema_editor):
    """Whatever address an account has is the one that acts, on hold or not; the one before it is kept as long as it
    would have been. The lines that asked the town hall to confirm an address have no object any more."""
    User = apps.get_model("accounts", "User")
    EmailChange = apps.get_model("accounts", "EmailChange")
    now = timezone.now()
    for user in User.objects.exclude(email_before="", email_changed_at=None).iterator():
        when = user.email_changed_at or now
        EmailChange.objects.create(
            user=user,
            former=user.email_before,
            email=user.email,
            asked_at=when,
            expires_at=when,
            closed_at=when,
            reason="at_once",
        )
    apps.get_model("accounts", "UndeliveredMail").objects.filter(reason="new_address").delete()


def give_the_former_addresses_back(apps, schema_editor):
    """What waits for a confirmation is dropped; no account changes its address."""
    User = apps.get_model("accounts", "User")
    EmailChange = apps.get_model("accounts", "EmailChange")
    acting = EmailChange.objects.filter(reason__in=["at_once", "confirmed"])
    for change in acting.order_by("closed_at", "pk").iterator():  # the last one stays
        User.objects.filter(pk=change.user_id, email=change.email).update(email_before=change.former)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_remember_devices_in_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="EmailChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("former", models.EmailField(blank=True, max_length=254, verbose_name="ancienne adresse")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="nouvelle adresse")),
                ("asked_at", models.DateTimeField(verbose_name="demandée le")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="e-mail envoyé le")),
                ("expires_at", models.DateTimeField(verbose_name="expire le")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="fermée le")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "confirmée"),
                            ("at_once", "valable aussitôt"),
                            ("replaced", "remplacée par une autre"),
                            ("dropped", "abandonnée"),
                            ("password", "mot de passe changé"),
                            ("closed", "compte fermé, rouvert ou réuni"),
                            ("expired", "plus de 24 heures"),
                        ],
                        max_length=10,
                        verbose_name="raison",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="email_changes",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "changement d’adresse e-mail",
                "verbose_name_plural": "changements d’adresse e-mail",
                "ordering": ["-asked_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("user",),
                        name="email_change_one_live",
                        violation_error_message="Une nouvelle adresse attend déjà pour ce compte.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("reason", "")),
                            models.Q(("closed_at__isnull", False), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="email_change_reason_when_closed",
                        violation_error_message="Un changement d’adresse fermé l’est pour une raison.",
                    ),
                ],
            },
        ),
        migrations.RunPython(keep_the_former_addresses, give_the_former_addresses_back),
        migrations.RemoveField(model_name="user", name="email_before"),
        migrations.RemoveField(model_name="user", name="email_changed_at"),
        migrations.AlterField(
            model_name="undeliveredmail",
            name="reason",
            field=models.CharField(
                choices=[
                    ("no_address", "pas d’adresse e-mail"),
                    ("refused", "refusé par le serveur de mail"),
                    ("unreachable", "serveur de mail injoignable"),
                ],
                max_length=20,
                verbose_name="raison",
            ),
        ),
    ]
