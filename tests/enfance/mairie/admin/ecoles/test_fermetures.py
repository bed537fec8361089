"""A closure of one school, from the page, the command and the mail; with one school nobody is asked."""

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django_tasks_db.models import DBTaskResult

from enfance.mairie.fermetures.ecriture import Portee, fermer, rouvrir
from enfance.models import Classe, Fermeture, Inscription
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI
from tests.enfance.mairie.fermetures.ecran import AJOUTER, run, strike
from tests.enfance.mairie.fermetures.ecriture.conftest import run_tasks, save
from tests.reading import messages_of, plain

LISTE = "/admin/enfance/fermeture/"


@pytest.fixture
def inscrites(ville):
    """Léa and Zoé share the evening; Zoé has the morning of her school."""
    save(ville.camille, ville.lea, "soir", jour=LUNDI)
    save(ville.camille, ville.zoe, "matin-hameau", "soir", jour=LUNDI)
    DBTaskResult.objects.all().delete()
    return ville


def annulees() -> set[str]:
    annulees = Inscription.objects.filter(etat="annulee").select_related("enfant", "creneau")
    return {f"{i.enfant.prenom} {i.creneau.code}" for i in annulees}


def test_one_school_is_not_asked(mairie, inscription):
    page = mairie.get(AJOUTER)

    assert "ecoles" not in page.context["form"].fields
    assert "cole" not in page.text.partition("<form")[2].partition("</form>")[0]


def test_closure_of_a_school_is_previewed_then_made(mairie, inscrites):
    demande = strike(ecoles=[inscrites.hameau.pk])

    apercu = mairie.post(AJOUTER, demande)
    assert apercu.context["touches"].inscriptions == 2
    assert plain(apercu.context["titre"]) == "Fermer lundi 7 décembre, École du Hameau (grève)"

    response = mairie.agree(AJOUTER, demande)
    assert messages_of(response)[0].startswith("Fermé : lundi 7 décembre, École du Hameau (grève).")
    assert annulees() == {"Zoé matin-hameau", "Zoé soir"}
    assert list(Fermeture.objects.get().ecoles.all()) == [inscrites.hameau]


def test_classes_and_creneaux_say_their_school(mairie, inscrites):
    form = mairie.get(AJOUTER).context["form"]

    assert [(groupe, [boite.choice_label for boite in boites]) for groupe, boites in form["classes"].groupes] == [
        ("École du Bourg", ["CE1-CE2 Mme Sorbier"]),
        ("École du Hameau", ["Classe unique"]),
    ]
    assert [texte for _, texte in form.fields["creneaux"].choices] == [
        "Matin (École du Bourg)",
        "Matin (École du Hameau)",
        "Pause méridienne (toutes les écoles)",
        "Soir (École du Bourg et École du Hameau)",
    ]


def test_group_of_boxes_has_its_school_as_a_name(mairie, inscrites):
    page = mairie.get(AJOUTER).text

    assert page.index("École du Hameau</p>") < page.index("Classe unique")


@pytest.mark.parametrize(
    ("champs", "champ", "erreur"),
    [
        ({"classes": "CE1-CE2 Mme Sorbier"}, "classes", "CE1-CE2 Mme Sorbier (École du Bourg)"),
        ({"creneaux": "matin"}, "creneaux", "Matin (École du Bourg)"),
    ],
)
def test_what_the_school_does_not_have_is_refused(mairie, inscrites, champs, champ, erreur):
    valeurs = {"classes": Classe.objects.get(nom="CE1-CE2 Mme Sorbier").pk, "creneaux": inscrites.creneaux["matin"].pk}

    response = mairie.post(AJOUTER, strike(ecoles=[inscrites.hameau.pk], **{nom: [valeurs[nom]] for nom in champs}))

    assert response.context["form"].errors[champ] == [f"Pas dans ces écoles\u00a0: {erreur}."]
    assert not Fermeture.objects.exists()


def test_list_says_the_schools_and_narrows_to_one(mairie, inscrites):
    for ecoles in ((inscrites.bourg,), (inscrites.hameau,), ()):
        fermer(Portee(LUNDI, LUNDI, "grève", ecoles=ecoles), now=JEUDI_SOIR)
    fermer(Portee(LUNDI, LUNDI, "fuite", creneaux=(inscrites.creneaux["matin"],)), now=JEUDI_SOIR)
    sortie = Classe.objects.get(nom="Classe unique")
    fermer(Portee(LUNDI, LUNDI, "sortie", classes=(sortie,)), now=JEUDI_SOIR)

    page = mairie.get(f"{LISTE}?ecole=hameau")

    montrees = {(page.context["cl"].model_admin.ecole(f), f.motif) for f in page.context["cl"].result_list}
    assert montrees == {
        ("École du Hameau", "grève"),
        ("toutes les écoles", "grève"),
        ("toutes les écoles", "sortie"),
    }


def test_closure_shows_its_schools_and_opens_again(mairie, inscrites):
    bilan = fermer(Portee(LUNDI, LUNDI, "grève", ecoles=(inscrites.hameau,)), now=JEUDI_SOIR)
    page = f"{LISTE}{bilan.fermeture.pk}/"

    assert "École du Hameau" in mairie.get(f"{page}change/").text
    response = mairie.agree(f"{page}rouvrir/")

    assert messages_of(response)[0].startswith("Rouvert : lundi 7 décembre, École du Hameau (grève).")
    assert annulees() == set()


def test_command_closes_one_school(inscrites):
    dit = run("fermer", "--du", "07/12/2026", "--motif", "grève", "--ecole", "hameau")

    assert ": lundi 7 décembre 2026, École du Hameau (grève).\n" in dit
    assert annulees() == {"Zoé matin-hameau", "Zoé soir"}


def test_command_knows_the_classes_of_the_school(inscrites):
    Classe.objects.create(annee=Classe.objects.first().annee, ecole=inscrites.bourg, nom="Classe unique")
    demande = ["fermer", "--du", "07/12/2026", "--motif", "sortie", "--classe", "Classe unique"]

    with pytest.raises(
        CommandError, match="Plusieurs écoles ont une classe.*Classe unique.*École du Bourg et École du Hameau"
    ):
        call_command(*demande)
    run(*demande, "--ecole", "hameau")

    assert annulees() == {"Zoé matin-hameau", "Zoé soir"}


def test_command_names_the_codes_it_knows(inscrites):
    with pytest.raises(CommandError, match="Cette école n’existe pas.*lac.*bourg, hameau"):
        call_command("fermer", "--du", "07/12/2026", "--motif", "grève", "--ecole", "lac")


def test_mails_say_the_school_of_the_children(inscrites):
    bilan = fermer(Portee(LUNDI, LUNDI, "grève", ecoles=(inscrites.hameau,)), now=JEUDI_SOIR)
    run_tasks()
    rouvrir(bilan.fermeture.pk, now=JEUDI_SOIR)
    run_tasks()

    sujets = [plain(courriel.subject) for courriel in mail.outbox]
    assert sujets == [
        "Garderie fermée lundi 7 décembre, École du Hameau",
        "Garderie finalement ouverte lundi 7 décembre, École du Hameau",
    ]
    assert "fermée lundi 7 décembre, École du Hameau (grève)." in plain(mail.outbox[0].body)


def test_mail_of_the_whole_town_says_both(inscrites):
    fermer(Portee(LUNDI, LUNDI, "neige"), now=JEUDI_SOIR)
    run_tasks()

    (courriel,) = mail.outbox
    assert plain(courriel.subject).endswith(", École du Bourg et École du Hameau")
