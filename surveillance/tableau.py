"""The state of the portal in words, for who mends it: what is looked at, how it is, since when, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings

from accounts import mail_contact
from portail.dates import PARIS, date_heure, heure_texte
from portail.francais import milliers, pluriel
from surveillance.diagnostic.lieu import Lieu, lieu_of
from surveillance.etat import DISK_LOW, Etat

CHECK_OLD_AFTER = timedelta(days=8)  # one a week


class Signe(Enum):
    """How it is: the icon of the page, the word beside it. Never the colour alone."""

    BON = "ok", "Bon"
    VOIR = "info", "À voir"
    MAUVAIS = "alerte", "Ne va pas"
    INCONNU = "sablier", "Inconnu"

    @property
    def icone(self) -> str:
        """The name of the icon."""
        return self.value[0]

    @property
    def mot(self) -> str:
        """The word beside the icon, in French."""
        return self.value[1]


@dataclass(frozen=True)
class Temoin:
    """What is looked at, by its picture and its name; how it is; in a sentence; the remedy and its command, if any."""

    nom: str
    icone: str
    signe: Signe
    phrase: str
    remede: str = ""
    commande: str = ""


@dataclass(frozen=True)
class Bulletin:
    """All that is looked at, and how it is as a whole."""

    temoins: list[Temoin]
    version: str

    @property
    def mauvais(self) -> int:
        """How many of the things that are looked at do not work."""
        return sum(temoin.signe is Signe.MAUVAIS for temoin in self.temoins)

    @property
    def resume(self) -> str:
        """The French sentence that sums up how many things do not work or are to be looked at. What is unknown is to be
        looked at; « Tout va bien » when there is nothing."""
        if self.mauvais:
            return pluriel(self.mauvais, "chose ne va pas,choses ne vont pas")
        voir = sum(temoin.signe is not Signe.BON for temoin in self.temoins)
        return pluriel(voir, "chose à voir,choses à voir") if voir else "Tout va bien"


def dresser(etat: Etat) -> Bulletin:
    """The table, for the home of the IT service, of this state of the portal. What is known only by the database is
    left out when it does not answer."""
    temoins = [_base(etat)]
    if etat.worker != "unknown":
        temoins += [_service(etat), _courriels(etat), _taches(etat)]
    temoins.append(_disque(etat))
    if etat.backup != "unknown":
        temoins.append(_sauvegardes(etat))
    return Bulletin(temoins, etat.version)


def _base(etat: Etat) -> Temoin:
    nom, icone = "La base de données", "base"
    if etat.migrations == "missing":
        phrase = "Il lui manque des changements que cette version attend."
        return Temoin(nom, icone, Signe.MAUVAIS, phrase, "Passez-les", _lieu().manage("migrate"))
    if etat.database == "ok":
        return Temoin(nom, icone, Signe.BON, f"Écrite à {_heure(etat.at)}.")
    phrase, remede, commande = {
        "locked": (
            "Une écriture ne se termine pas\u00a0: un import, une sauvegarde ou une commande la tient.",
            "Attendez qu’elle finisse, ou arrêtez-la. Qui tourne",
            f"ps -u {_lieu().compte} -o pid,etime,args",
        ),
        "full": ("Elle n’a plus de place\u00a0: rien ne s’enregistre.", "Faites de la place", "df -h"),
        "read-only": (
            "Elle se lit, et ne s’écrit plus.",
            "Voyez les droits de var/, ou un disque passé en lecture seule",
            "findmnt --target var ; ls -ld var var/portail.sqlite3",
        ),
    }.get(etat.database, ("Elle ne répond pas.", "Est-elle démarrée\u202f?", _lieu().manage("diagnostic")))
    return Temoin(nom, icone, Signe.MAUVAIS, phrase, remede, commande)


def _service(etat: Etat) -> Temoin:
    nom, icone = "Le service des tâches", "service"
    if etat.worker == "ok" and etat.worker_last_pass:
        return Temoin(nom, icone, Signe.BON, f"Passé à {_heure(etat.worker_last_pass)}.")
    depuis = f"Rien depuis {_quand(etat.worker_last_pass, etat)}" if etat.worker_last_pass else "Jamais passé"
    phrase = f"{depuis}\u00a0: aucun e-mail ne part, aucun travail du jour ne se fait."
    return Temoin(nom, icone, Signe.MAUVAIS, phrase, "Pourquoi il s’est arrêté", _journal())


def _courriels(etat: Etat) -> Temoin:
    nom, icone = "Les e-mails", "courriel"
    attente = f" {_attendent(etat.mails_waiting)}." if etat.mails_waiting else ""
    restes = f" {pluriel(etat.mails_failed, 'courriel non remis,courriels non remis')}." if etat.mails_failed else ""
    if etat.mail == "held":
        phrase = f"Retenus par ENVOIS_RETENUS, jusqu’à ce que la mairie les laisse partir.{attente}"
        return Temoin(nom, icone, Signe.VOIR, phrase)
    if etat.mail == "failing":
        suite = " Il partira de lui-même." if etat.mails_waiting == 1 else " Ils partiront d’eux-mêmes."
        phrase = f"Rien ne part depuis {_quand(etat.mail_failing_since, etat)}.{attente}{suite if attente else ''}"
        return Temoin(
            nom, icone, Signe.MAUVAIS, phrase, "Ce que le serveur de mail répond", _lieu().manage("diagnostic")
        )
    if etat.worker == "late":
        return Temoin(nom, icone, Signe.INCONNU, f"Aucun ne part tant que le service ne passe pas.{attente}")
    if etat.mail == "unknown":
        return Temoin(nom, icone, Signe.INCONNU, f"Personne n’est encore allé voir le serveur de mail.{attente}")
    if etat.mail_failing_since:
        phrase = f"Le dernier essai a échoué, à {_heure(etat.mail_failing_since)}\u00a0; le suivant vient.{attente}"
        return Temoin(nom, icone, Signe.VOIR, phrase)
    answered = f"Le serveur de mail a répondu à {_heure(etat.mail_last_ok)}." if etat.mail_last_ok else ""
    return Temoin(nom, icone, Signe.BON, f"{answered}{attente}{restes}")


def _attendent(n: int) -> str:
    return pluriel(n, "e-mail attend,e-mails attendent")


def _taches(etat: Etat) -> Temoin:
    nom, icone = "La file des tâches", "sablier"
    if etat.oldest_task is None:
        return Temoin(nom, icone, Signe.BON, "Rien n’attend.")
    phrase = f"La plus vieille attend depuis {duree(timedelta(seconds=etat.oldest_task))}."
    if etat.tasks == "ok":
        return Temoin(nom, icone, Signe.BON, phrase)
    remede = "Un long envoi ou un import occupe le service, ou il ne prend plus rien"
    return Temoin(nom, icone, Signe.MAUVAIS, phrase, remede, _journal())


def _disque(etat: Etat) -> Temoin:
    nom, icone = "Le disque", "disque"
    if etat.disk_free is None:
        return Temoin(nom, icone, Signe.MAUVAIS, "Son dossier ne se lit pas.", "Voyez ses droits", "ls -ld var")
    libre = (
        f"{etat.disk_free / 1024:.0f}\u00a0Gio" if etat.disk_free >= 10240 else f"{milliers(etat.disk_free)}\u00a0Mio"
    )
    if etat.disk == "ok":
        return Temoin(nom, icone, Signe.BON, f"{libre} libres.")
    phrase = f"{libre} libres seulement\u00a0; il en faut {DISK_LOW}."
    return Temoin(nom, icone, Signe.MAUVAIS, phrase, "Ce qui tient la place", "sudo du -xh --max-depth=2 / | sort -h")


def _sauvegardes(etat: Etat) -> Temoin:
    nom, icone = "Les sauvegardes", "archive"
    if settings.SAUVEGARDES is None:
        phrase = "Aucun dossier n’est réglé\u00a0: rien ne se sauvegarde de soi-même."
        return Temoin(
            nom, icone, Signe.VOIR, phrase, "SAUVEGARDES dans .env, puis «\u00a0Sauvegarder\u00a0» dans le manuel"
        )
    if etat.backup == "none":
        return Temoin(nom, icone, Signe.VOIR, "Aucune encore\u00a0: la première est pour cette nuit.")
    derniere = f"La dernière est {_du(etat.last_backup)}" if etat.last_backup else "Aucune n’a été faite"
    if etat.backup == "missing":
        phrase = f"{derniere}, et le dossier n’en contient plus aucune."
        remede = "Retrouvez-les, ou montez le disque où elles sont, puis sauvegardez"
        commande = f"findmnt -T {settings.SAUVEGARDES}; ls -la {settings.SAUVEGARDES}"
        return Temoin(nom, icone, Signe.MAUVAIS, phrase, remede, commande)
    if etat.backup == "old":
        phrase = f"{derniere}, il y en a une par nuit."
        return Temoin(nom, icone, Signe.MAUVAIS, phrase, "Ce qui a échoué", _journal("-sauvegarde"))
    if etat.last_check and etat.at - etat.last_check <= CHECK_OLD_AFTER:
        return Temoin(nom, icone, Signe.BON, f"{derniere}\u00a0; une vérifiée {_le(etat.last_check)}.")
    if settings.SAUVEGARDES_CLE_PUBLIQUE:  # the key is elsewhere, and what is found there is not told here
        return Temoin(nom, icone, Signe.BON, f"{derniere}\u00a0; elles se vérifient là où est la clé.")
    verifiee = f"aucune vérifiée depuis {_le(etat.last_check)}" if etat.last_check else "aucune n’a été vérifiée ici"
    remede = "Vérifiez-en une chaque semaine"
    commande = _lieu().manage(f"verifier_sauvegarde {settings.SAUVEGARDES}")
    return Temoin(nom, icone, Signe.VOIR, f"{derniere}\u00a0; {verifiee}.", remede, commande)


# --- What is typed ----------------------------------------------------------------------------------------------------


def _lieu() -> Lieu:
    return lieu_of(settings.ROOT_DIR, settings.VAR_DIR, settings.ENV_FILE, settings.INSTANCE)


def _journal(of: str = "") -> str:
    return _lieu().journal("-n 50", of=of)


# --- Hours and how long -----------------------------------------------------------------------------------------------


def _heure(instant: datetime | None) -> str:
    return heure_texte(instant.astimezone(PARIS).time()) if instant else "une heure inconnue"


def _quand(instant: datetime | None, etat: Etat) -> str:
    """« 14 h 05 » today, « le jeudi 3 décembre à 14 h 05 » another day."""
    if instant and instant.astimezone(PARIS).date() != etat.at.astimezone(PARIS).date():
        return _le(instant)
    return _heure(instant)


def _le(instant: datetime) -> str:
    return f"le {date_heure(instant)}"


def _du(instant: datetime) -> str:
    return f"du {date_heure(instant)}"


def duree(temps: timedelta) -> str:
    """This duration in French, in the largest unit of which there are two at least: « 12 secondes », « 45 minutes »,
    « 3 heures », « 2 jours »."""
    seconds = int(temps.total_seconds())
    for unite, longueur in {"jour": 86400, "heure": 3600, "minute": 60}.items():
        if seconds >= 2 * longueur:
            return pluriel(seconds // longueur, f"{unite},{unite}s")
    return pluriel(seconds, "seconde,secondes")


# --- For the secretary ------------------------------------------------------------------------------------------------


def courriels_arretes(etat: Etat) -> str:
    """In words (Paris time), since when mails no longer leave, once they have not for five minutes; empty while they
    do, are held back on purpose, or when no worker has ever passed."""
    since = etat.mails_stopped_since
    if since is None or (etat.mail != "failing" and etat.at - since < mail_contact.DOWN_AFTER):
        return ""
    return _quand(since, etat)
