"""After a month is closed: what live data says otherwise is proposed, and counted once the secretary says so."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django_tasks_db.models import DBTaskResult

from enfance.famille.effacement import effacer_famille
from enfance.models import Appel, Enfant, Garde, Geste, Inscription, Pointage, Responsabilite
from facturation.arrete.cloture import arreter
from facturation.arrete.corrections import corriger
from facturation.arrete.propositions import Cause
from facturation.arrete.regularisations import load_propositions
from facturation.models import Compte, Facture, Partage, Prestation, ReponseAbsence, Supplement, Tarif
from facturation.papiers.pourquoi import EnfantDit, pourquoi
from facturation.payeurs.comptes import compte_of, soldes
from facturation.verification import verifier
from portail.dates import PARIS
from tests.factories import FoyerFactory, ResponsableFactory, UserFactory, make_enfant
from tests.facturation.grille import RENTREE, make_deliberation
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, a, clore, dire_quotient, inscrire, pointer

pytestmark = pytest.mark.django_db
MARDI = date(2026, 11, 3)
APRES = ENSUITE + timedelta(days=1)
JANVIER = datetime(2027, 1, 4, 9, 0, tzinfo=PARIS)


@pytest.fixture
def lea(camille):
    return make_enfant(camille, prenom="Léa")


@pytest.fixture
def novembre(lea):
    """Léa at noon on Monday and Tuesday, in the evening on Monday until 18 h 20: four half-hours."""
    inscrire(lea, LUNDI, MARDI)
    inscrire(lea, LUNDI, creneau="soir")
    pointer(lea, LUNDI, depart="18:20")
    clore(LUNDI, MARDI)
    return arreter(NOVEMBRE, None, ENSUITE).mois


ABSENT = ("arrivee", "arrivee_recue", "depart", "depart_recu")


def partir(enfant, heures):
    """The sheet of Monday evening is corrected: the child left at this hour."""
    pointage = Pointage.objects.get(enfant=enfant, jour=LUNDI)
    pointage.depart = a(LUNDI, heures)
    pointage.save()
    Geste.objects.create(
        id=uuid4(), pointage=pointage, quoi="parti", coche=True, fait_le=pointage.depart, recu_le=APRES
    )


def repondre(inscription, reponse, motif):
    """The town hall answers for the absence from this séance."""
    qui = {"enfant": inscription.enfant, "jour": inscription.jour, "creneau": inscription.creneau}
    ReponseAbsence.objects.create(**qui, reponse=reponse, motif=motif)


def vues(mois):
    return [
        (p.cause, p.quoi, [(c.nom, c.avant, c.apres, c.montant, c.motif) for c in p.cotes])
        for p in load_propositions(mois)
    ]


def une(mois):
    """The only proposition is applied, on the next invoice."""
    [proposition] = load_propositions(mois)
    assert corriger(mois, proposition.marque, avoir=False, par=None, now=APRES)


def test_month_that_says_the_same_proposes_nothing(novembre):
    assert vues(novembre) == []


def test_corrected_sheet_is_proposed_with_both_values(novembre, lea):
    partir(lea, "17:20")

    assert vues(novembre) == [
        (
            Cause.FEUILLE,
            "Léa, lundi 2, soir",
            [
                (
                    "Camille Morel",
                    "Départ 18\u00a0h\u00a020\u00a0: 4\u00a0demi-heures, 2,60\u202f€",
                    "Départ 17\u00a0h\u00a020\u00a0: 2\u00a0demi-heures, 1,30\u202f€",
                    -130,
                    "Feuille d’appel corrigée le mercredi 2\u00a0décembre.",
                )
            ],
        )
    ]


def test_each_line_of_a_correction_is_read_old_and_new(novembre, lea):
    """The evening lasts longer, and there is a late pick-up besides."""
    partir(lea, "18:41")

    [(_, _, [cote])] = vues(novembre)

    assert cote[1:4] == (
        "Rien",
        "Départ 18\u00a0h\u00a041\u00a0: retard, 5,00\u202f€",
        500,
    )
    corriger(novembre, load_propositions(novembre)[0].marque, avoir=False, par=None, now=APRES)
    partir(lea, "17:20")
    [(_, _, [cote])] = vues(novembre)
    assert cote[1:4] == (
        "Départ 18\u00a0h\u00a020\u00a0: 4\u00a0demi-heures, 2,60\u202f€\u202f; retard, 5,00\u202f€",
        "Départ 17\u00a0h\u00a020\u00a0: 2\u00a0demi-heures, 1,30\u202f€",
        -630,
    )


def test_departure_that_nobody_tapped_is_said_to_both(novembre, lea, camille):
    partir(lea, "17:20")
    corriger(novembre, load_propositions(novembre)[0].marque, avoir=False, par=None, now=APRES)
    Pointage.objects.filter(enfant=lea).update(depart=None, depart_recu=None)

    [(_, _, [cote])] = vues(novembre)

    sans = "Sans heure de départ notée, jusqu’à la fermeture\u00a0: 4\u00a0demi-heures, 2,60\u202f€"
    assert cote[1:4] == ("1,30\u202f€", sans, 130)
    corriger(novembre, load_propositions(novembre)[0].marque, avoir=False, par=None, now=APRES)
    ligne = Prestation.objects.filter(nature="correction").latest("pk")
    assert pourquoi(ligne, EnfantDit("Léa"), [camille.foyer_id]).faits[:2] == [
        ("Avant", "1,30\u202f€."),
        ("Après", f"{sans}."),
    ]


def test_child_whom_the_corrected_sheet_saw_no_more_is_said_unseen(novembre, lea):
    Pointage.objects.filter(enfant=lea, jour=LUNDI).update(**dict.fromkeys(ABSENT), present=False)

    [(_, _, [cote])] = vues(novembre)

    assert cote[2] == "Aucune présence notée\u00a0: 1\u00a0demi-heure, 0,65\u202f€"


def test_residence_told_late_is_named(novembre, lea):
    Compte.objects.update(residence="hors")

    [(cause, _, [cote])] = vues(novembre)

    assert (cause, cote[4]) == (Cause.RESIDENCE, "Résidence corrigée\u00a0: hors commune.")


def test_correction_waits_for_the_next_invoice_once(novembre, lea):
    partir(lea, "17:20")
    [proposition] = load_propositions(novembre)

    faites = [corriger(novembre, proposition.marque, avoir=False, par=None, now=APRES) for _ in range(2)]

    assert [bool(faite) for faite in faites] == [True, False]
    ligne = Prestation.objects.get(nature="correction")
    assert (ligne.montant, ligne.facture, ligne.jour, ligne.credit_impot) == (-130, None, LUNDI, True)
    assert ligne.corrige == Prestation.objects.get(nature="seance", creneau__code="soir")
    assert ligne.faits["avant"]["quantite"] == 4
    assert ligne.faits["apres"] == {"montant": 130, "quantite": 2, "depart": a(LUNDI, "17:20").isoformat()} | {
        "depart": ligne.faits["apres"]["depart"]
    }
    assert vues(novembre) == []
    decembre = date(2026, 12, 7)
    inscrire(lea, decembre, date(2026, 12, 8))
    clore(decembre, date(2026, 12, 8))
    arreter(date(2026, 12, 1), None, JANVIER)
    assert Facture.objects.get(mois__premier=date(2026, 12, 1)).total == 160 - 130
    assert list(verifier()) == []


def test_avoir_gives_it_back_at_once(novembre, lea, camille):
    partir(lea, "17:20")
    [proposition] = load_propositions(novembre)

    faite = corriger(novembre, proposition.marque, avoir=True, par=camille.user_id, now=APRES)

    [avoir] = faite.avoirs
    facture = Facture.objects.factures().get()
    assert (avoir.numero, avoir.total, avoir.origine, avoir.mois) == ("AV-2026-0001", -130, facture, None)
    assert avoir.motif == "Feuille d’appel corrigée le mercredi 2\u00a0décembre."
    compte = compte_of(camille.foyer)
    assert soldes([compte]) == {compte.pk: facture.total - 130}
    assert facture.imputations.get().montant == 130
    assert DBTaskResult.objects.filter(task_path="facturation.arrete.tasks.send_avoir").count() == 1
    assert vues(novembre) == []
    assert list(verifier()) == []


def test_another_correction_counts_from_the_first(novembre, lea):
    partir(lea, "17:20")
    corriger(novembre, load_propositions(novembre)[0].marque, avoir=False, par=None, now=APRES)

    partir(lea, "17:50")

    [proposition] = load_propositions(novembre)
    assert proposition.montant == 65


def test_late_fee_that_a_correction_made_is_taken_back(novembre, lea):
    partir(lea, "18:41")
    une(novembre)
    ajoutee = Prestation.objects.get(nature="correction")
    partir(lea, "18:20")

    [(cause, _, [cote])] = vues(novembre)
    assert (cause, *cote[1:4]) == (Cause.FEUILLE, "Retard, 5,00\u202f€", "Rien", -500)
    une(novembre)

    rendue = Prestation.objects.filter(nature="correction").latest("pk")
    for champ in ("jour", "creneau", "cle_enfant", "credit_impot", "quotient", "residence", "prix_dit"):
        assert getattr(rendue, champ) == getattr(ajoutee, champ)
    assert (rendue.montant, rendue.faits["nature"], rendue.credit_impot) == (-500, "retard", False)
    assert vues(novembre) == []
    assert list(verifier()) == []


@pytest.mark.parametrize("purge", [Pointage, Inscription])
def test_late_fee_that_a_correction_made_stays_once_its_day_is_purged(novembre, lea, purge):
    partir(lea, "18:41")
    une(novembre)

    Pointage.objects.all().delete()
    purge.objects.all().delete()

    assert vues(novembre) == []


def test_quotient_of_the_month_said_late_is_one_proposition(novembre, lea, camille):
    dire_quotient(camille.foyer, 512, debut=NOVEMBRE)

    [(cause, quoi, [cote])] = vues(novembre)

    assert (cause, quoi) == (Cause.QUOTIENT, "Léa, du lundi 2 au mardi 3")
    assert cote == (
        "Camille Morel",
        "3\u00a0moments, 4,20\u202f€",
        "3\u00a0moments, 3,00\u202f€",
        -120,
        "Quotient corrigé\u00a0: 512.",
    )


def test_answer_to_an_absence_is_proposed(novembre, lea):
    repondre(Inscription.objects.get(enfant=lea, jour=MARDI), "excusee", "malade.")

    [(cause, quoi, [cote])] = vues(novembre)

    assert (cause, quoi, cote[3:]) == (Cause.ABSENCE, "Léa, mardi 3, midi", (-80, "Absence excusée\u00a0: malade."))


@pytest.mark.parametrize("base", ["inscription", "presence"])
def test_excuse_gives_back_the_absence_and_its_supplement_at_once(lea, base):
    """Where the séance is due to who came alone, there is nothing but the supplement."""
    Tarif.objects.filter(nom="Midi").update(base=base)
    Supplement.objects.create(genre="absence", deliberation=make_deliberation(), debut=RENTREE, prix=200)
    [inscription] = inscrire(lea, LUNDI)
    clore(LUNDI)
    mois = arreter(NOVEMBRE, None, ENSUITE).mois
    repondre(inscription, "excusee", "malade.")

    due = 280 if base == "inscription" else 200
    assert [(cause, cote[3:]) for cause, _, [cote] in vues(mois)] == [
        (Cause.ABSENCE, (-due, "Absence excusée\u00a0: malade."))
    ]
    une(mois)
    repondre(inscription, "facturee", "ni appel ni certificat.")
    assert [(cause, cote[3:]) for cause, _, [cote] in vues(mois)] == [
        (Cause.ABSENCE, (due, "Absence facturée\u00a0: ni appel ni certificat."))
    ]


def test_absence_answered_before_closing_is_billed_once_the_answer_changes(lea):
    Supplement.objects.create(genre="absence", deliberation=make_deliberation(), debut=RENTREE, prix=200)
    [inscription] = inscrire(lea, LUNDI)
    clore(LUNDI)
    repondre(inscription, "excusee", "malade.")
    mois = arreter(NOVEMBRE, None, ENSUITE).mois
    repondre(inscription, "facturee", "ni appel ni certificat.")

    assert [(cause, cote[3:]) for cause, _, [cote] in vues(mois)] == [
        (Cause.ABSENCE, (280, "Absence facturée\u00a0: ni appel ni certificat."))
    ]


def test_supplement_of_who_had_come_is_given_back_as_a_sheet(lea):
    Supplement.objects.create(genre="absence", deliberation=make_deliberation(), debut=RENTREE, prix=200)
    [inscription] = inscrire(lea, LUNDI)
    repondre(inscription, "facturee", "ni appel ni certificat.")
    clore(LUNDI)
    mois = arreter(NOVEMBRE, None, ENSUITE).mois
    pointer(lea, LUNDI, creneau="midi", arrivee="12:00")

    assert [(cause, cote[3]) for cause, _, [cote] in vues(mois)] == [(Cause.FEUILLE, -200)]


@pytest.fixture
def autre(lea):
    """Paul, Léa’s other parent, of the same quotient."""
    autre = ResponsableFactory(user=UserFactory(first_name="Paul", last_name="Zola"), foyer=FoyerFactory())
    dire_quotient(autre.foyer, 742)
    Garde.objects.create(enfant=lea, foyer=autre.foyer)
    Responsabilite.objects.create(enfant=lea, responsable=autre)
    return autre


def partager(enfant, *parts):
    """Each pays this part of the prices of the child."""
    Partage.objects.filter(enfant=enfant).delete()
    for payeur, part in parts:
        Partage.objects.create(enfant=enfant, compte=compte_of(payeur.foyer), part=part)


def test_garde_is_a_pair_each_reads_their_own(novembre, lea, camille, autre):
    Inscription.objects.filter(enfant=lea, jour=MARDI).update(foyer=autre.foyer)

    [proposition] = load_propositions(novembre)
    assert [(c.nom, c.avant, c.apres, c.montant) for c in proposition.cotes] == [
        ("Camille Morel", "1\u00a0moment, 0,80\u202f€", "Rien", -80),
        ("Paul Zola", "Rien", "1\u00a0moment, 0,80\u202f€", 80),
    ]
    corriger(novembre, proposition.marque, avoir=True, par=None, now=APRES)

    assert Facture.objects.avoirs().get().compte.foyer == camille.foyer
    attente = Prestation.objects.waiting().get()
    assert (attente.compte.foyer, attente.montant, attente.motif) == (autre.foyer, 80, "Garde corrigée.")
    assert vues(novembre) == []
    assert list(verifier()) == []


def test_garde_that_is_corrected_back_is_a_pair_again(novembre, lea, camille, autre):
    """Camille’s line has its charge again; Paul’s has nothing but a correction."""
    mardi = Inscription.objects.filter(enfant=lea, jour=MARDI)
    mardi.update(foyer=autre.foyer)
    une(novembre)
    mardi.update(foyer=camille.foyer)

    [proposition] = load_propositions(novembre)
    assert (proposition.cause, proposition.paire) == (Cause.GARDE, True)
    assert [(cote.nom, cote.montant) for cote in proposition.cotes] == [("Paul Zola", -80), ("Camille Morel", 80)]
    une(novembre)

    assert vues(novembre) == []
    corrections = Prestation.objects.filter(nature="correction")
    assert sum(corrections.values_list("montant", flat=True)) == 0
    assert list(verifier()) == []


def test_share_told_late_moves_half_of_it(novembre, lea, camille, autre):
    partager(lea, (camille, 50), (autre, 50))

    [proposition] = load_propositions(novembre)

    assert proposition.cause is Cause.GARDE
    assert [(cote.nom, cote.montant) for cote in proposition.cotes] == [("Camille Morel", -210), ("Paul Zola", 210)]


def test_share_that_is_corrected_back_is_a_pair_again(lea, camille, autre):
    partager(lea, (camille, 50), (autre, 50))
    inscrire(lea, LUNDI, foyer=camille.foyer)
    clore(LUNDI)
    mois = arreter(NOVEMBRE, None, ENSUITE).mois
    partager(lea, (camille, 25), (autre, 75))
    une(mois)
    partager(lea, (camille, 50), (autre, 50))

    [proposition] = load_propositions(mois)

    assert proposition.cause is Cause.GARDE
    assert [(cote.nom, cote.montant) for cote in proposition.cotes] == [("Paul Zola", -20), ("Camille Morel", 20)]


def test_late_fee_withdrawn_from_two_payers_is_a_sheet_not_a_garde(lea, camille, autre):
    partager(lea, (camille, 50), (autre, 50))
    inscrire(lea, LUNDI, creneau="soir", foyer=camille.foyer)
    pointer(lea, LUNDI, depart="18:41")
    clore(LUNDI)
    mois = arreter(NOVEMBRE, None, ENSUITE).mois
    partir(lea, "18:20")

    assert [(cause, [(cote[0], cote[3]) for cote in cotes]) for cause, _, cotes in vues(mois)] == [
        (Cause.FEUILLE, [("Camille Morel", -250)]),
        (Cause.FEUILLE, [("Paul Zola", -250)]),
    ]


def test_sheet_that_is_open_again_proposes_nothing_yet(novembre, lea):
    Appel.objects.filter(jour=LUNDI).update(rouvert_le=APRES, motif="Oubli")
    partir(lea, "17:20")

    assert vues(novembre) == []


def test_month_whose_billed_sheet_is_open_again_is_not_given_back(lea):
    """The price of a month stands on its first billed séance."""
    Tarif.objects.filter(nom="Midi").update(unite="mois", base="presence")
    inscrire(lea, LUNDI)
    pointer(lea, LUNDI, creneau="midi", arrivee="12:00")
    clore(LUNDI)
    mois = arreter(NOVEMBRE, None, ENSUITE).mois

    Appel.objects.update(rouvert_le=APRES, motif="Oubli")

    assert vues(mois) == []


def test_days_that_were_purged_propose_nothing(novembre, lea):
    Pointage.objects.all().delete()
    assert vues(novembre) == []
    Inscription.objects.all().delete()
    assert vues(novembre) == []


def test_family_that_was_erased_has_nothing_proposed(novembre, lea, camille):
    partir(lea, "17:20")
    compte = compte_of(camille.foyer)
    compte.foyer = None
    compte.save()

    assert vues(novembre) == []


@pytest.mark.parametrize("unite", ["seance", "mois"])
def test_parent_who_was_erased_leaves_nothing_to_the_other(lea, camille, autre, unite):
    """Not the price of the month either, which no séance of the other has."""
    Tarif.objects.filter(nom="Midi").update(unite=unite)
    inscrire(lea, LUNDI, foyer=camille.foyer)
    inscrire(lea, MARDI, foyer=autre.foyer)
    clore(LUNDI, MARDI)
    mois = arreter(NOVEMBRE, None, ENSUITE).mois

    effacer_famille(camille.user_id, now=APRES)

    assert Enfant.objects.filter(pk=lea.pk).exists()
    assert vues(mois) == []


@pytest.mark.parametrize("unite", ["seance", "mois"])
def test_parent_who_owed_by_a_correction_then_erased_leaves_nothing_to_the_other(lea, camille, autre, unite):
    Tarif.objects.filter(nom="Midi").update(unite=unite)
    inscrire(lea, LUNDI, foyer=autre.foyer)
    clore(LUNDI)
    mois = arreter(NOVEMBRE, None, ENSUITE).mois
    Inscription.objects.update(foyer=camille.foyer)
    une(mois)

    effacer_famille(camille.user_id, now=APRES)

    assert vues(mois) == []


def test_cancelled_inscription_is_given_back(novembre, lea):
    Inscription.objects.filter(enfant=lea, jour=MARDI).update(etat="annulee")

    [(cause, _, [cote])] = vues(novembre)

    assert (cause, cote[3]) == (Cause.INSCRIPTION, -80)
