"""Numbers that parents know from the former portal: given to their accounts, never guessed, never twice."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import FormerIdentifiant, User
from enfance.mairie.envois.identifiants import importer
from enfance.mairie.envois.liste_identifiants import lire
from portail.tables import Fichier, ImportRefuse
from tests.factories import ResponsableFactory, StaffFactory, UserFactory
from tests.reading import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def camille():
    return ResponsableFactory(
        user__identifiant="3816238", user__first_name="Camille-Rose", user__last_name="L’HÉRITIER"
    )


@pytest.fixture
def noe():
    return ResponsableFactory(user__identifiant="4716230", user__first_name="Noé", user__last_name="DA SILVA")


def liste(*lignes, titres="nom;prénom;identifiant", encodage="utf-8"):
    return lire(Fichier("anciens.csv", "\n".join([titres, *lignes]).encode(encodage)))


def apply(*lignes, **options):
    return importer(liste(*lignes), now=timezone.now(), **options)


def refus(bilan):
    return [(un_refus.ligne, plain(un_refus.raison)) for un_refus in bilan.refus]


def numero(adulte):
    return User.objects.get(pk=adulte.user_id).identifiant


# --- The file ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("titres", ["NOM,Prenom,IDENTIFIANT", "Identifiant;Prénom du responsable;Nom du responsable"])
def test_file_is_read_whatever_the_spreadsheet_made_of_it(titres, encodage):
    ligne = "L’Héritier,Camille Rose,40 21" if "," in titres else "40 21;Camille Rose;L’Héritier"

    [lue] = liste(ligne, titres=titres, encodage=encodage).lignes

    assert (lue.nom, lue.prenom, lue.identifiant, lue.ligne) == ("L’Héritier", "Camille Rose", "4021", 2)


@pytest.mark.parametrize("titres", ["nom;prénom", "prénom;identifiant", "a;b;c", "nom;prénom;classe"])
def test_file_without_its_columns_is_refused_whole(titres):
    with pytest.raises(ImportRefuse, match="ce n’est pas une liste d’identifiants"):
        liste("Morel;Léa;1", titres=titres)


def test_file_with_titles_alone_is_refused():
    with pytest.raises(ImportRefuse, match="ne contient aucun identifiant"):
        liste()


@pytest.mark.parametrize(
    ("ligne", "raison"),
    [
        (";Noé;12", "le nom ou le prénom manque."),
        ("Da Silva;;12", "le nom ou le prénom manque."),
        ("Da Silva;Noé;", "l’identifiant manque."),
        ("Da Silva;Noé", "l’identifiant manque."),
        ("Da Silva;Noé;12a", "« 12a » n’est pas un identifiant : des chiffres, 12 au plus."),
        ("Da Silva;Noé;１２", "« １２ » n’est pas un identifiant : des chiffres, 12 au plus."),
        ("Da Silva;Noé;1234567890123", "« 1234567890123 » n’est pas un identifiant : des chiffres, 12 au plus."),
        ("Da\u200b Silva;Noé;12", "un signe invisible (U+200B) dans « Da Silva » : retapez cette case."),  # VAL-09
        ("Da Silva;Noé;12;13", "4 colonnes au lieu de 3 : un séparateur de trop, sans doute."),
    ],
)
def test_bad_line_is_left_out_with_its_reason(noe, camille, ligne, raison):
    bilan = apply(ligne, "L’Héritier;Camille-Rose;4021")

    assert refus(bilan) == [(2, raison)]
    assert (numero(noe), numero(camille)) == ("4716230", "4021")


# --- Who is meant -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ligne", ["L'heritier;camille rose;4021", "  LHÉRITIER ; Camille-Rose ;4021"])
def test_adult_is_known_whatever_case_accents_and_hyphens(camille, ligne):
    bilan = apply(ligne)

    assert [(adulte, avant) for adulte, avant in bilan.changes] == [(camille, "3816238")]
    assert numero(camille) == "4021"


def test_former_number_is_kept_and_leads_to_the_account(camille):
    apply("L’Héritier;Camille-Rose;4021")

    assert list(FormerIdentifiant.objects.values_list("identifiant", "user")) == [("3816238", camille.user_id)]
    assert User.objects.called("3816238") == camille.user


def test_same_list_again_changes_nothing(camille, noe):
    lignes = ("L’Héritier;Camille-Rose;4021", "Da Silva;Noé;4022")
    apply(*lignes)

    bilan = apply(*lignes)

    assert (bilan.changes, bilan.inchanges, bilan.refus) == ([], 2, [])
    assert FormerIdentifiant.objects.count() == 2


def test_number_that_the_account_had_opens_it_already(camille):
    apply("L’Héritier;Camille-Rose;4021")
    apply("L’Héritier;Camille-Rose;4022")

    bilan = apply("L’Héritier;Camille-Rose;4021")

    assert (bilan.inchanges, numero(camille)) == (1, "4022")


def test_unknown_and_agents_are_refused(camille):
    StaffFactory(first_name="Odile", last_name="Saule")

    bilan = apply("Inconnu;Zoé;4021", "Saule;Odile;4022")

    assert refus(bilan) == [
        (2, "Zoé Inconnu n’est pas un responsable connu."),
        (3, "Odile Saule n’est pas un responsable connu."),
    ]


def test_homonyms_are_never_guessed(noe):
    ResponsableFactory(user__first_name="NOE", user__last_name="Da-Silva", user__identifiant="4716248")

    bilan = apply("Da Silva;Noé;4021")

    assert refus(bilan) == [(2, "2 responsables s’appellent Noé Da Silva : le numéro n’est donné à aucun.")]
    assert User.objects.filter(identifiant="4021").count() == 0


def test_homonym_that_has_the_number_already_is_no_trouble(noe):
    ResponsableFactory(user__first_name="Noé", user__last_name="Da Silva", user__identifiant="4021")

    assert apply("Da Silva;Noé;4021").inchanges == 1


@pytest.mark.parametrize("of", ["parent", "agent", "former"])
def test_number_that_somebody_has_or_had_is_refused(camille, of):
    match of:
        case "parent":
            UserFactory(identifiant="4021")
        case "agent":
            StaffFactory(identifiant="4021")
        case "former":
            FormerIdentifiant.objects.create(identifiant="4021", user=None)

    bilan = apply("L’Héritier;Camille-Rose;4021")

    assert refus(bilan) == [(2, "l’identifiant 4021 est, ou a été, celui de quelqu’un d’autre.")]
    assert numero(camille) == "3816238"


def test_number_that_another_line_frees_is_refused(camille, noe):
    bilan = apply("L’Héritier;Camille-Rose;4021", "Da Silva;Noé;3816238")

    assert refus(bilan) == [(3, "l’identifiant 3816238 est, ou a été, celui de quelqu’un d’autre.")]
    assert (numero(camille), numero(noe)) == ("4021", "4716230")


def test_list_that_contradicts_itself_is_refused_there(camille, noe):
    marie = ResponsableFactory(user__first_name="Marie", user__last_name="Saule", user__identifiant="4716255")

    bilan = apply(
        "L’Héritier;Camille-Rose;4021",
        "Da Silva;Noé;4021",
        "Saule;Marie;4023",
        "Saule;Marie;4024",
        "Saule;Marie;4024",
    )

    assert refus(bilan) == [
        (2, "l’identifiant 4021 est donné à plusieurs personnes dans cette liste."),
        (3, "l’identifiant 4021 est donné à plusieurs personnes dans cette liste."),
        (4, "Marie Saule a plusieurs identifiants dans cette liste."),
        (5, "Marie Saule a plusieurs identifiants dans cette liste."),
    ]
    assert [numero(adulte) for adulte in (camille, noe, marie)] == ["3816238", "4716230", "4716255"]


def test_simulation_says_all_and_writes_nothing(camille):
    bilan = apply("L’Héritier;Camille-Rose;4021", "Inconnu;Zoé;1", simuler=True)

    assert [plain(phrase) for phrase in bilan.phrases()][:2] == [
        "Simulation : rien n’est écrit.",
        "Identifiants : 1 changé, 0 inchangé, 1 ligne refusée.",
    ]
    assert (numero(camille), FormerIdentifiant.objects.count()) == ("3816238", 0)


@pytest.mark.parametrize("adults", [1, 15])
def test_reading_costs_the_same_for_a_whole_school(django_assert_num_queries, adults):
    lignes = []
    for n in range(adults):
        adulte = ResponsableFactory(user__last_name=f"Nom{n}")
        lignes.append(f"Nom{n};Camille;{adulte.user.identifiant}")

    with django_assert_num_queries(7):  # transaction, lock, adults, the three lists of numbers, commit
        assert apply(*lignes).inchanges == adults


# --- The command ------------------------------------------------------------------------------------------------------


def run(path, *options):
    out = StringIO()
    call_command("importer_identifiants", str(path), *options, stdout=out)
    return plain(out.getvalue())


def test_command_reports_and_applies(tmp_path, camille):
    path = tmp_path / "anciens.csv"
    path.write_text("nom;prénom;identifiant\nL’Héritier;Camille-Rose;4021\nInconnu;Zoé;1\n", "utf-8")

    simulated, done = run(path, "--simuler"), run(path)

    assert simulated.startswith("Simulation : rien n’est écrit.\nIdentifiants : 1 changé")
    assert "  - anciens.csv, ligne 3 : Zoé Inconnu n’est pas un responsable connu." in done
    assert "  - Camille-Rose L’HÉRITIER : 3816238 devient 4021" in done
    assert numero(camille) == "4021"


@pytest.mark.parametrize("texte", ["", "rien", "nom;prénom;identifiant\nInconnu;Zoé;1\n"])
def test_command_fails_when_nothing_can_be_done(tmp_path, texte):
    path = tmp_path / "anciens.csv"
    path.write_text(texte, "utf-8")

    with pytest.raises(CommandError):
        run(path)
