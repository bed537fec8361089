"""What the accounts add to the house."""

from accounts import bureau, effacement, retention
from accounts.extensions import AccountsExtension
from accounts.rebonds.affaires import affaires
from portail.menu import OngletFamille

EXTENSION = AccountsExtension(
    a_traiter=bureau.RUBRIQUES,
    tables=bureau.TABLES,
    menu_famille=(OngletFamille("compte", "Compte", "accounts:account"),),
    accueil=(affaires,),
    durees=retention.DUREES,
    sans_duree=retention.AILLEURS,
    effacements=effacement.EFFACEMENTS,
    parameters={
        "user_pk": "accounts.User",
        "auteur_pk": "accounts.User",
        "change_pk": "accounts.EmailChange",
        "line": "accounts.MailingLine",
    },
)
