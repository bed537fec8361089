"""One family lived in for a whole autumn, through the portal's own doors: its words stand wherever words can stand.

Ysolde and Balderic live together with Thymoline, who is theirs alone, and with Oriandre one week in two: her father,
Maxence, lives elsewhere. Paloma and Zelie are neighbours. Only what no page writes is written by hand, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import passwords, temporary
from accounts.models import MailSent, TemporaryPassword, UndeliveredMail, User
from accounts.rebonds.marks import digest_of
from enfance import models
from enfance.courriels.rappel import retenir as retenir_rappel
from enfance.equipe.remises import QuiVient, RemiseRecue, noter_remises
from enfance.inscriptions import Changement
from enfance.models import Enfant, Foyer, Responsable
from enfance.planning.ecriture import enregistrer_famille
from enfance.planning.repas import annuler as annuler_repas
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.clients import Client
from tests.enfance.mairie.enfants.fiche import change, confirm
from tests.enfance.mairie.onde.ecran import confirme, depose
from tests.enfance.onde.exemples import AUTRES, DUBOIS, GRANDS, MOYENS, A, E
from tests.enfance.views.cantine.gestes import apercu as apercu_repas
from tests.enfance.views.cantine.gestes import confirme as confirme_repas
from tests.factories import PASSWORD, AnneeFactory, StaffFactory, make_creneaux

RENTREE = datetime(2026, 9, 7, 9, tzinfo=PARIS)
AUTOMNE = datetime(2026, 11, 16, 9, tzinfo=PARIS)
NOW = datetime(2026, 12, 3, 16, 50, tzinfo=PARIS)  # a Thursday, at the gate
JEUDI, VENDREDI, LUNDI, MARDI = date(2026, 12, 3), date(2026, 12, 4), date(2026, 12, 7), date(2026, 12, 8)

# What nothing may still say once they are erased, the longest forms first where one holds another.
MOTS = (
    *("Ysolde", "Quirvanne", "Zwinbourg", "Balderic", "Trasquin", "Thymoline", "Thimoline", "0739104501K"),
    *("sente des Gargouillis", "venelle Trouspinette", "impasse Farfadette", "rond-point Zigouigoui"),
    *("avant@zwinbourg", "presente@quirvanne", "double@quirvanne", "balderic@trasquin", "promise@quirvanne"),
    *("0639987111", "0639987112", "0476007113", "0476007114", "0639987115", "0639987116"),
    *("Filomene", "0639987120", "Gontranne", "0639987121", "Lerouge", "0639987122", "Melusine", "Clothoris"),
    "arachnides",
)

THYMOLINE = E("ZWINBOURG", "Thymoline", "14/05/2018", "CE1", MOYENS, "0739104501K")
ORIANDRE = E("DORLIFERE", "Oriandre", "02/02/2017", "CM1", GRANDS, "0739104502L")
ZELIE = E("VOISINET", "Zelie", "09/09/2018", "CE1", MOYENS, "0739104503M")
LEURS = (THYMOLINE.cite(), ORIANDRE.cite())
YSOLDE = A(
    "MME", "ZWINBOURG", "Ysolde", "4 venelle Trouspinette", "avant@zwinbourg.example", "06 39 98 71 11", LEURS,
    travail="04 76 00 71 13",
)  # fmt: skip
BALDERIC = A(
    "M.", "TRASQUIN", "Balderic", "4 venelle Trouspinette", "balderic@trasquin.example", "06 39 98 71 15",
    (THYMOLINE.cite(),),
)  # fmt: skip
MAXENCE = A(
    "M.", "DORLIFERE", "Maxence", "8 quai des Hirondelles", "maxence@dorlifere.example", "06 39 98 71 31",
    (ORIANDRE.cite(),),
)  # fmt: skip
PALOMA = A("MME", "VOISINET", "Paloma", "6 venelle Basse", "paloma@voisinet.example", "06 39 98 71 41", (ZELIE.cite(),))
DEUXIEME = A(  # Ysolde again, as a slip of the school's
    "MME", "ZWINBOURG", "Ysolde", "1 impasse Farfadette", "double@quirvanne.example", "06 39 98 71 16",
    (THYMOLINE.cite(),),
)  # fmt: skip
TROISIEME = A(
    "MME", "ZWINBOURG", "Ysolde", "2 rond-point Zigouigoui", "promise@quirvanne.example", "06 39 98 71 12",
    (THYMOLINE.cite(),),
)  # fmt: skip
ENFANTS, ADULTES = [THYMOLINE, ORIANDRE, ZELIE, *AUTRES], [YSOLDE, BALDERIC, MAXENCE, PALOMA, DUBOIS]


@dataclass
class Scene:
    """Who is who, and the browsers that are open."""

    annee: models.AnneeScolaire
    secretaire: User
    mairie: Client
    clients: dict[str, Client] = field(default_factory=dict)

    def adulte(self, prenom: str) -> Responsable:
        return Responsable.objects.select_related("user", "foyer").order_by("pk").filter(user__first_name=prenom)[0]

    def enfant(self, prenom: str) -> Enfant:
        return Enfant.objects.filter(prenom=prenom).order_by("pk")[0]

    @property
    def foyer(self) -> Foyer:
        """The home to erase."""
        return self.adulte("Ysolde").foyer

    @property
    def mots(self) -> list[str]:
        """All that must be gone: words, and each number that one of them has or had."""
        leurs = User.objects.filter(responsable__foyer=self.foyer)
        anciens = leurs.values_list("former_identifiants__identifiant", flat=True)
        secrets = leurs.values_list("responsable__agenda_secret", flat=True)
        numeros = [*leurs.values_list("identifiant", flat=True), *anciens, *secrets]
        return [*MOTS, *sorted(filter(None, numeros))]


def make_famille(clock: Any) -> Scene:
    """The whole of it, and the clock at `NOW`. `clock` is what moves time."""
    clock.move_to(RENTREE, tick=False)
    annee = AnneeFactory()
    make_creneaux()
    secretaire = StaffFactory(identifiant="5550011", first_name="Dominique", last_name="Sorbier")
    scene = Scene(annee, secretaire, _connect(secretaire))
    _import_onde(scene)
    clock.move_to(AUTOMNE, tick=False)
    _log_in_again(scene)
    _town_hall(scene)
    _parents(scene)
    clock.move_to(NOW, tick=False)
    _log_in_again(scene)
    _today(scene)
    _mails(scene)
    return scene


def _connect(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _log_in_again(scene: Scene) -> None:
    scene.mairie = _connect(scene.secretaire)


def done(response: Any) -> Any:
    """The page that followed a form, which was taken."""
    form = response.context and response.context.get("form")
    assert response.status_code == 200, response
    assert not (getattr(form, "is_bound", False) and form.errors), form.errors
    return response


# --- ONDE -----------------------------------------------------------------------------------------------------------


def _import_onde(scene: Scene) -> None:
    """Three imports: the school; a mother who comes twice, of another address and telephone; a third line of her,
    which asks who she is. Two reports are kept, and a deposit that nobody has applied."""
    _importer(scene, ENFANTS, ADULTES)
    _importer(scene, ENFANTS, [*ADULTES, DEUXIEME])
    page = depose(scene.mairie, scene.annee, ENFANTS, [TROISIEME, *ADULTES[1:], DEUXIEME])
    (question, *_) = page.context["bilan"].questions
    connue = next(option.valeur for option in question.options if option.valeur.startswith("responsable-"))
    data = {f"q-{question.cle}": connue}
    address = f"/admin/enfance/importonde/{page.context['depot'].pk}/change/"
    page = scene.mairie.post(address, {**data, "apercu": "1"}, follow=True)
    done(confirme(scene.mairie, page, **data))
    assert Responsable.objects.filter(user__first_name="Ysolde").count() == 2


def _importer(scene: Scene, enfants: list[E], adultes: list[A]) -> None:
    page = depose(scene.mairie, scene.annee, enfants, adultes)
    done(confirme(scene.mairie, page))


# --- The town hall --------------------------------------------------------------------------------------------------


def _town_hall(scene: Scene) -> None:
    """What a secretary writes of a family in an autumn, each on its page."""
    mairie, ysolde = scene.mairie, scene.adulte("Ysolde")
    double = Responsable.objects.filter(user__first_name="Ysolde").order_by("pk")[1]
    _reunir(mairie, f"/admin/enfance/responsable/{ysolde.pk}/reunir/?avec={double.pk}")
    assert not User.objects.filter(pk=double.user_id).exists()
    _change(
        mairie,
        f"/admin/accounts/user/{ysolde.user_id}/change/",
        last_name="Quirvanne",
        email="presente@quirvanne.example",
    )
    _change(mairie, f"/admin/enfance/responsable/{ysolde.pk}/change/", telephone_domicile="04 76 00 71 14")
    _change(mairie, f"/admin/enfance/foyer/{ysolde.foyer_id}/change/", adresse="17 sente des Gargouillis")
    thymoline, oriandre = scene.enfant("Thymoline"), scene.enfant("Oriandre")
    foyers = [ysolde.foyer, scene.adulte("Maxence").foyer]
    alternee = {
        "rythme": f"alternee-{foyers[0].pk}-{foyers[1].pk}",
        "debut": "2026-11-23",
        "premier": f"{foyers[1].pk}-lundi",
    }
    page = change(mairie, oriandre, "garde", **alternee)
    done(confirm(mairie, page))
    assert models.Garde.objects.filter(enfant=oriandre, rythme="alternee").count() == 2
    done(change(mairie, thymoline, "identite", nom_usage="Quirvanne"))
    done(change(mairie, thymoline, "sante", pai=True, consigne="peur des arachnides", pai_cantine=True))
    done(change(mairie, thymoline, "venir", {"interdire": 1}, nom="Anastore Lerouge", aussi=[]))
    done(change(mairie, oriandre, "venir", {"interdire": 1}, nom="Anastase Fourbe", aussi=[]))
    brouillon = Enfant.objects.create(nom="Zwinbourg", prenom="Thimoline", date_naissance=date(2018, 5, 14))
    _reunir(mairie, f"/admin/enfance/enfant/{thymoline.pk}/reunir/?avec={brouillon.pk}")
    assert not Enfant.objects.filter(pk=brouillon.pk).exists()
    done(mairie.post("/admin/enfance/foyer/trouver/", {"famille": "quirvanne ysolde"}, follow=True))
    done(mairie.post(f"/admin/enfance/foyer/{ysolde.foyer_id}/famille/", {"debloquer": ysolde.user_id}, follow=True))
    boxes = [f"{enfant.pk}:{jour}:midi" for enfant in (thymoline, oriandre) for jour in (date(2026, 11, 17), LUNDI)]
    data = {"avant": "", "enregistrer": "1", "r": boxes, "motif": "Clothoris a appelé"}
    done(mairie.post(f"/guichet/{ysolde.foyer_id}/planning/2026-11/", data, follow=True))
    formation = models.Fermeture.objects.create(debut=date(2026, 12, 18), fin=date(2026, 12, 18), motif="formation")
    models.EnfantReste.objects.create(fermeture=formation, enfant=thymoline)
    message = {"cible": "tous", "objet": "Bravo", "texte": "Thymoline Quirvanne a gagné.", "creneau": "", "jour": ""}
    page = mairie.post("/admin/enfance/message/add/", message, follow=True)
    mairie.agree(page.request["PATH_INFO"], suite="envoyer")
    assert models.Message.objects.get().envoye_le
    actualite = {"texte": "Bravo à Thymoline Quirvanne.", "debut": "16/11/2026", "fin": ""}
    done(mairie.agree("/admin/enfance/actualite/add/", actualite))


def _reunir(client: Client, address: str) -> None:
    """Two files made one, in favour of the first wherever they differ."""
    choix = {field.name: "reste" for field in client.get(address).context["form"]}
    done(client.agree(address, choix))


def _change(client: Client, address: str, **fields: object) -> None:
    """A page of the admin as it is shown, sent with these changes."""
    page = client.get(address)
    form = page.context["adminform"].form
    data = {nom: "" if (value := form[nom].value()) is None else value for nom in form.fields}
    data = {nom: "on" if value is True else value for nom, value in data.items() if value is not False}
    data["_fingerprint"] = page.context["fingerprint"]
    for inline in page.context["inline_admin_formsets"]:
        data |= {f"{inline.formset.prefix}-{nom}_FORMS": "0" for nom in ("TOTAL", "INITIAL")}
    response = client.post(address, data | fields, follow=True)
    assert response.redirect_chain, response.context["adminform"].form.errors


# --- The parents ----------------------------------------------------------------------------------------------------


def _parents(scene: Scene) -> None:
    """Each of them chooses, authorises, asks, reads."""
    for prenom in ("Ysolde", "Balderic", "Maxence", "Paloma"):
        user = scene.adulte(prenom).user
        user.set_password(PASSWORD)
        user.save()
        client = scene.clients[prenom] = Client()
        assert client.post("/connexion/", {"identifiant": user.identifiant, "password": "faux"}).status_code == 200
        assert client.post("/connexion/", {"identifiant": user.identifiant, "password": PASSWORD}).status_code == 302
    ysolde, maxence = scene.clients["Ysolde"], scene.clients["Maxence"]
    thymoline, oriandre = scene.enfant("Thymoline"), scene.enfant("Oriandre")
    coordonnees = {"email": "promise@quirvanne.example", "telephone": "0639987112", "password": PASSWORD}
    for client, garde in (
        (ysolde, coordonnees),
        (maxence, coordonnees | {"email": "maxence2@dorlifere.example", "telephone": "0639987132"}),
    ):
        done(client.post("/compte/", {"coordonnees": "", **garde}, follow=True))
        done(client.post("/compte/", {"agenda": "renouveler"}, follow=True))
        done(client.post("/compte/", {"rappels": "", "rappel": "on"}, follow=True))
        fermeture = models.Fermeture.objects.get().pk
        done(client.post("/fermetures/masquer/", {"fermeture": fermeture}, follow=True))
    for client, nom, telephone, enfant in (
        (ysolde, "Filomene Grandmaire", "0639987120", thymoline),
        (ysolde, "Gontranne Belours", "0639987121", oriandre),
        (ysolde, "A. Lerouge", "0639987122", thymoline),
        (ysolde, "Melusine Fourbe", "0639987122", oriandre),
        (maxence, "Alix Dorlifere", "0639987133", oriandre),
    ):
        personne = {"ajouter": "1", "nom": nom, "lien": "de la famille", "telephone": telephone, "debut": "", "fin": ""}
        client.post(f"/enfants/{enfant.pk}/", personne, follow=True)
    done(ysolde.post(f"/enfants/{thymoline.pk}/", {"rappel": "demander"}, follow=True))
    done(ysolde.post(f"/enfants/{oriandre.pk}/", {"rappel": "demander"}, follow=True))
    done(maxence.post(f"/enfants/{oriandre.pk}/", {"rappel": "demander"}, follow=True))
    done(ysolde.post(f"/enfants/{thymoline.pk}/", {"cantine": "non"}, follow=True))
    reserver(scene, "Ysolde", "Thymoline", JEUDI, VENDREDI, LUNDI, MARDI)
    reserver(scene, "Ysolde", "Oriandre", JEUDI, VENDREDI)
    reserver(scene, "Maxence", "Oriandre", LUNDI, MARDI)
    reserver(scene, "Paloma", "Zelie", JEUDI, LUNDI)
    for client, enfants in ((ysolde, [thymoline, oriandre]), (maxence, [oriandre])):
        boxes = [f"{enfant.pk}:2:matin" for enfant in enfants]
        data = {"t": boxes, "fin": "annee", "rythme": "1", "enregistrer": "1"}
        done(client.post("/semaine-type/", data, follow=True))
    assert models.SemaineType.objects.count() == 3


def reserver(scene: Scene, parent: str, enfant: str, *jours: date) -> None:
    """The evenings of these days, on the parent's page of the month."""
    pk, client = scene.enfant(enfant).pk, scene.clients[parent]
    data = {"avant": "", "enregistrer": "1", "r": [f"{pk}:{jour}:soir" for jour in jours]}
    assert client.post("/planning/2026-12/", data).status_code == 303


# --- The day itself -------------------------------------------------------------------------------------------------


def _today(scene: Scene) -> None:
    """At the gate, at the canteen: taps, a sheet closed, corrected and opened again, meals, an absence."""
    thymoline, oriandre, zelie = (scene.enfant(prenom) for prenom in ("Thymoline", "Oriandre", "Zelie"))
    page, presents = f"/equipe/{JEUDI}/?creneau=soir", [thymoline.pk, oriandre.pk, zelie.pk]
    done(scene.mairie.post(page, {"creneau": "soir", "avant": "", "present": presents, "adultes": "2"}, follow=True))
    remise = QuiVient.parse(f"parent::remis:{scene.adulte('Ysolde').pk}")
    venue = RemiseRecue(uuid4(), thymoline.pk, remise, timezone.now())
    assert not noter_remises([venue], JEUDI, "soir", scene.secretaire, now=timezone.now()).refus
    done(
        scene.mairie.post(
            page, {"creneau": "soir", "avant": "", "terminer": "1", "encore": " ".join(map(str, presents))}, follow=True
        )
    )
    corriger = {"creneau": "soir", "avant": "", "present": thymoline.pk, "motif": "Clothoris l’a dit"}
    done(scene.mairie.post(page, {**corriger, "corriger": "1"}, follow=True))
    done(scene.mairie.post(page, {**corriger, "motif": "Thymoline Quirvanne attendait", "rouvrir": "1"}, follow=True))
    assert models.Appel.objects.get().motif
    ecart = {"enfant": thymoline, "jour": JEUDI, "creneau": models.Creneau.objects.get(code="soir")}
    models.EcartVu.objects.create(**ecart, genre="non_inscrit", vu_par=scene.secretaire)
    for _ in "12":  # the second list remembers what was before it
        lignes = [
            f"{nom};{prenom};{MARDI:%d/%m/%Y}" for nom, prenom in (("ZWINBOURG", "Thymoline"), ("VOISINET", "Zelie"))
        ]
        liste = apercu_repas(scene.mairie, *lignes)
        done(confirme_repas(scene.mairie, liste))
    reserver_midi(scene, "Ysolde", "Thymoline", MARDI)
    changement = [Cle(thymoline.pk, MARDI, "midi")]
    assert annuler_repas(changement, Acteur.parent(scene.adulte("Ysolde")), now=NOW).enregistrement
    for prenom in ("Ysolde", "Maxence"):
        scene.clients[prenom] = _connect(scene.adulte(prenom).user)
    ysolde = scene.clients["Ysolde"]
    for enfant in (thymoline, oriandre):
        absent = {"absent": enfant.pk, "moment": f"{enfant.pk}:soir", "jusqua": "", "raison": ""}
        done(ysolde.post(f"/jour/{VENDREDI}/absences/", absent, follow=True))
    for prenom in ("Ysolde", "Maxence"):
        retenir_rappel(scene.adulte(prenom), [VENDREDI], now=NOW)


def reserver_midi(scene: Scene, parent: str, enfant: str, jour: date) -> None:
    changement = Changement(Cle(scene.enfant(enfant).pk, jour, "midi"), "inscrit")
    enregistrer_famille([changement], Acteur.parent(scene.adulte(parent)), now=timezone.now())


# --- Mails, and the rest --------------------------------------------------------------------------------------------


def _mails(scene: Scene) -> None:
    """Those that wait, those that failed; what strangers type; what no page writes."""
    ysolde, balderic, paloma = (scene.adulte(prenom).user for prenom in ("Ysolde", "Balderic", "Paloma"))
    ancien = ysolde.former_identifiants.get().identifiant
    TemporaryPassword.objects.filter(user=ysolde).delete()
    passwords.send_temporary_passwords([ysolde, balderic, paloma], recipients="Ysolde Quirvanne et 2 autres", now=NOW)
    stranger = Client()
    stranger.post("/mot-de-passe-oublie/", {"identifiant": ancien})
    stranger.post("/identifiant-oublie/", {"email": "presente@quirvanne.example"})
    for user in (ysolde, paloma):
        mail = f"Absence de {'Thymoline' if user == ysolde else 'Zelie'}"
        UndeliveredMail.objects.create(user=user, mail=mail, reason="refused")
        MailSent.objects.create(user=user, message_id=f"<{user.pk}@x>", address=digest_of(user.email), mail=mail)
        temporary.issue(user, now=NOW, force=True)
    erreur = "smtplib.SMTPRecipientsRefused: presente@quirvanne.example"
    DBTaskResult.objects.create(
        status="FAILED", task_path="accounts.tasks.send_temporary_password", run_after=NOW, finished_at=NOW,
        args_kwargs={"args": [ysolde.identifiant], "kwargs": {}}, traceback=erreur, exception_class_path="OSError",
    )  # fmt: skip
    models.Affectation.objects.create(agent=ysolde, ecole=models.Ecole.objects.get())  # as of a former agent
    models.FoyerCompte.objects.create(annee=scene.annee, foyer=scene.foyer)  # as the purge of a part of its bookings
    page = depose(scene.mairie, scene.annee, ENFANTS, ADULTES)  # nobody applies it
    assert page.context["depot"].eleves
