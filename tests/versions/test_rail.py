"""The version before runs on the schema of this one: a migration that it would not survive is refused, or justified."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

from tests.versions.precedente import PRECEDENTE, ROOT, git, need_history
from tests.versions.rail import breaks

# A migration that the rail would refuse, and why the version before lives with it. One line an operation, under the
# words that Django has for it; a line that serves no more is refused too.
JUSTIFIED = {
    (
        "accounts.0015_check_the_identifiant_in_plain_sql",
        "Create constraint user_identifiant_digits on model user",
    ): "la même règle, en d’autres mots\u00a0: ce que la version d’avant écrit y passait déjà",
    (
        "accounts.0016_mail_that_comes_back",
        "Create constraint user_email_refused_for_a_reason on model user",
    ): "la version d’avant ne connaît pas ces deux colonnes\u00a0: elle les laisse, ou les crée vides",
    (
        "enfance.0034_count_those_who_are_erased",
        "Create model Decompte",
    ): "un créneau ou une classe qui a des décomptes ne se supprime pas, dans l’une et l’autre version",
    (
        "enfance.0034_count_those_who_are_erased",
        "Create model FoyerCompte",
    ): "il faut y être revenu après un effacement, puis réunir ce foyer-là\u00a0: refusé par la base, rien n’est perdu",
    (
        "enfance.0051_book_late",
        "Add field delai_tardif to creneau",
    ): "une règle qu’un créneau suit ne se supprime pas, dans l’une et l’autre version",
    (
        "enfance.0035_several_schools",
        "Raw Python operation",
    ): "une table et une colonne que la version d’avant ne connaît pas",
    (
        "enfance.0035_several_schools",
        "Create constraint classe_unique on model classe",
    ): "plus large que celle qu’elle remplace\u00a0: la version d’avant n’écrit que dans une école",
    (
        "enfance.0035_several_schools",
        "Create constraint scolarite_unique on model scolarite",
    ): "celle d’avant, pour les lignes sans date d’arrivée\u00a0: la version d’avant n’en écrit pas d’autres",
    (
        "enfance.0035_several_schools",
        "Create constraint scolarite_unique_par_debut on model scolarite",
    ): "des lignes que la version d’avant n’écrit pas",
    (
        "enfance.0035_several_schools",
        "Create constraint scolarite_depart_after_debut on model scolarite",
    ): "la version d’avant n’écrit pas d’arrivée\u202f; une seule école n’en a pas",
    (
        "enfance.0036_an_hour_for_each_canteen",
        "Create constraint reglage_cantine_single on model reglagecantine",
    ): "plus large que celle qu’elle remplace\u00a0: la version d’avant n’écrit que la première ligne, sans école",
    **{
        (
            "enfance.0041_write_the_hour_of_a_past_sheet",
            f"Create constraint {name} on model pointage",
        ): "plus large que celle qu’elle remplace\u00a0: ce que la version d’avant écrit y passe"
        for name in ("pointage_arrivee_when_present", "pointage_depart_after_arrivee", "pointage_recu")
    },
    (
        "enfance.0041_write_the_hour_of_a_past_sheet",
        "Raw Python operation",
    ): "ne fait rien à l’aller\u202f; au retour, elle donne une heure à ce qui n’en a pas",
    (
        "enfance.0042_hours_of_the_past",
        "Create model HeuresPassees",
    ): "il faut y être revenu après avoir changé les heures d’un créneau, puis le supprimer\u00a0: refusé par la base, "
    "rien n’est perdu",
    (
        "facturation.0002_keep_what_a_list_for_the_treasury_claims",
        "Raw Python operation",
    ): "ne fait rien à l’aller\u202f; au retour, elle garde de chaque facture la première liste, que la version "
    "d’avant connaît seule",
    (
        "facturation.0003_pay_several_invoices_by_one_payment",
        "Raw Python operation",
    ): "ne fait rien à l’aller\u202f; au retour, elle dit d’un paiement de plusieurs factures la somme du premier "
    "reçu, que la version d’avant connaît seul",
    (
        "facturation.0005_let_a_town_vote_other_shapes",
        "Raw Python operation",
    ): "à l’aller, elle nomme les deux résidences que la version d’avant connaît par leur code\u202f; au retour, elle "
    "ôte ce que celle-ci ne connaît pas",
    **{
        (
            "facturation.0001_initial",
            f"Create model {model}",
        ): "il faut y être revenu après avoir facturé, puis effacer ou "
        "réunir qui l’a été\u00a0: refusé par la base, rien n’est perdu"
        for model in (
            *("Compte", "Encaissement", "EssaiPaiement", "Facture", "Justification", "Mois", "Partage", "Prestation"),
            *("Quotient", "Relance", "ReponseAbsence", "SignalementFacture", "Versement"),
        )
    },
    (
        "facturation.0006_seal_receipts_and_name_the_regie",
        "Create model Nomination",
    ): "un agent nommé à la régie ne se supprime pas, et nul ne l’était dans la version d’avant",
    (
        "facturation.0008_say_who_owes_a_title",
        "Add field debiteur to compte",
    ): "il faut y être revenu après avoir dit un débiteur, puis effacer ou réunir cet adulte\u00a0: refusé par la "
    "base, rien n’est perdu",
    (
        "enfance.0047_a_trip_is_not_a_closure",
        "Raw Python operation",
    ): "rien à l’aller\u202f; au retour, deux colonnes que la version d’avant ne connaît pas",
    (
        "enfance.0052_silences_of_the_portal",
        "Create model Indisponibilite",
    ): "un silence ne désigne qu’un agent, et le compte d’un agent ne se supprime pas\u00a0: il se ferme",
}
NB = "\u00a0"


# --- The rail itself --------------------------------------------------------------------------------------------------

KNOWN = {"ecole.eleve", "ecole.classe"}
REFUSED, GONE = "la version d’avant écrirait une ligne que la base refuse", "la version d’avant s’en sert encore"
SUPPRIMER = f"la version d’avant ne pourrait plus supprimer une ligne de «{NB}ecole.eleve{NB}»"


@pytest.fixture
def before():
    """A school of the version before, and a table that came since."""
    state = ProjectState()
    key = ("id", models.BigAutoField(primary_key=True))
    fields = {
        "Eleve": [
            key,
            ("nom", models.CharField(max_length=50)),
            ("surnom", models.CharField(max_length=50, null=True)),
            ("rang", models.IntegerField(db_default=0)),
        ],
        "Classe": [key],
        "Cahier": [key, ("note", models.TextField())],
    }
    for name, columns in fields.items():
        state.add_model(ModelState("ecole", name, columns))
    return state


def migration(*operations):
    made = migrations.Migration("0002_essai", "ecole")
    made.operations = list(operations)
    return made


eleve = models.ForeignKey("ecole.eleve", models.CASCADE)
key = ("id", models.BigAutoField(primary_key=True))


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (migrations.RemoveField("eleve", "nom"), GONE),
        (migrations.RenameField("eleve", "nom", "nom_usage"), GONE),
        (migrations.RenameModel("Eleve", "Enfant"), GONE),
        (migrations.DeleteModel("Classe"), GONE),
        (migrations.AlterModelTable("eleve", "enfants"), GONE),
        (
            migrations.AddField("eleve", "age", models.IntegerField(default=0)),
            f"{REFUSED}{NB}: ni vide admis, ni db_default",
        ),
        (
            migrations.AddField("eleve", "age", models.IntegerField(unique=True, db_default=0)),
            f"{REFUSED}{NB}: deux lignes auraient la même valeur",
        ),
        (
            migrations.AlterField("eleve", "surnom", models.CharField(max_length=50)),
            f"{REFUSED}{NB}: ni vide admis, ni db_default",
        ),
        (
            migrations.AlterField("eleve", "surnom", models.CharField(max_length=50, db_default="")),
            f"{REFUSED}{NB}: elle y écrit encore du vide",
        ),
        (migrations.AlterField("eleve", "rang", models.IntegerField()), f"{REFUSED}{NB}: ni vide admis, ni db_default"),
        (
            migrations.AlterField("eleve", "nom", models.CharField(max_length=50, unique=True)),
            f"{REFUSED}{NB}: elle y écrit deux fois la même valeur",
        ),
        (migrations.AlterField("eleve", "nom", models.CharField(max_length=40)), f"{REFUSED}{NB}: plus court"),
        (migrations.AlterField("eleve", "nom", models.IntegerField()), f"{GONE}{NB}: sous une autre forme"),
        (migrations.AddConstraint("eleve", models.CheckConstraint(condition=~models.Q(nom=""), name="nomme")), REFUSED),
        (migrations.AlterUniqueTogether("eleve", {("nom", "surnom")}), REFUSED),
        (migrations.RunSQL("SELECT 1"), "rien ne dit ce que la version d’avant en verrait"),
        (
            migrations.SeparateDatabaseAndState(database_operations=[migrations.RunPython(migrations.RunPython.noop)]),
            "rien ne dit ce que la version d’avant en verrait",
        ),
        (migrations.CreateModel("Carnet", [key, ("eleve", eleve)]), SUPPRIMER),
        (
            migrations.CreateModel(
                "Carnet", [key, ("eleve", eleve), ("classe", models.ForeignKey("classe", models.PROTECT))]
            ),
            f"la version d’avant ne pourrait plus supprimer une ligne de «{NB}ecole.classe{NB}», «{NB}ecole.eleve{NB}»",
        ),
        (
            migrations.AddField("cahier", "eleve", models.ForeignKey("ecole.eleve", models.SET_NULL, null=True)),
            SUPPRIMER,
        ),
        (migrations.AddField("eleve", "aine", models.ForeignKey("self", models.SET_NULL, null=True)), SUPPRIMER),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_rail_refuses_what_the_version_before_would_not_survive(before, operation, reason):
    (found,) = breaks(migration(operation), before, KNOWN).values()
    assert found == reason


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("eleve", "age", models.IntegerField(null=True)),
        migrations.AddField("eleve", "age", models.IntegerField(db_default=0)),
        migrations.AddField("eleve", "amis", models.ManyToManyField("ecole.eleve")),
        migrations.AlterField("eleve", "nom", models.CharField(max_length=80, verbose_name="nom d’usage")),
        migrations.AlterField("eleve", "nom", models.TextField()),
        migrations.AlterField("eleve", "nom", models.CharField(max_length=50, null=True)),
        migrations.AddIndex("eleve", models.Index(fields=["nom"], name="par_nom")),
        migrations.AlterModelOptions("eleve", {"ordering": ["nom"]}),
        migrations.CreateModel("Carnet", [key, ("titre", models.TextField())]),
        migrations.CreateModel("Carnet", [key, ("cahier", models.ForeignKey("ecole.cahier", models.CASCADE))]),
        migrations.CreateModel("Carnet", [key, ("eleve", models.ForeignKey("ecole.eleve", models.DB_CASCADE))]),
        migrations.RemoveField("cahier", "note"),  # the version before does not know it
        migrations.DeleteModel("Cahier"),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("eleve", "nom")]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_rail_lets_pass_what_the_version_before_does_not_see(before, operation):
    assert breaks(migration(operation), before, KNOWN) == {}


# --- Our migrations ---------------------------------------------------------------------------------------------------


def test_new_migrations_let_the_version_before_run():  # REL-02
    loader = MigrationLoader(None, replace_migrations=False)
    old = set(loader.graph.nodes) - newer(loader)
    known = {f"{app}.{name}" for app, name in loader.project_state(sorted(old), at_end=True).models}
    found = {}
    for app_label, name in sorted(newer(loader)):
        before = loader.project_state((app_label, name), at_end=False)
        for operation, reason in breaks(loader.graph.nodes[app_label, name], before, known).items():
            found[f"{app_label}.{name}", operation] = reason

    assert {place: reason for place, reason in found.items() if place not in JUSTIFIED} == {}
    assert [place for place in JUSTIFIED if place not in found] == []


def newer(loader: MigrationLoader) -> set[tuple[str, str]]:
    """Our migrations since the version before."""
    apps_of_ours = {config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT}
    ours = {key for key in loader.graph.nodes if key[0] in apps_of_ours}
    released = set()
    for key in PRECEDENTE.migrations.items():
        released |= set(loader.graph.forwards_plan(key))
    return ours - released


def test_version_before_is_named_with_its_last_migrations():
    need_history()
    listed = git("ls-tree", "-r", "--name-only", PRECEDENTE.commit).stdout.decode().splitlines()
    last: dict[str, str] = {}
    for path in sorted(path for path in listed if "/migrations/0" in path):
        app_label, _, name = path.partition("/migrations/")
        last[app_label] = name.removesuffix(".py")

    pyproject = git("show", f"{PRECEDENTE.commit}:pyproject.toml").stdout.decode()

    assert last == PRECEDENTE.migrations
    assert f'version = "{PRECEDENTE.numero}"' in pyproject
