"""The certificate for taxes: who is under 6, what was paid in the year, line by line, to the cent."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest

from enfance.mairie.doubles.fusion_enfants import reunir_enfants
from facturation.attestations.emission import attestations_of, constater, emettre
from facturation.attestations.lues import lire
from facturation.models import Attestation, Imputation, Prestation
from facturation.payeurs.comptes import compte_of, soldes
from facturation.regie.encaissements import annuler, encaisser, imputer_credits, reporter
from tests.factories import ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.facturation.papiers import ligne, make_facture, make_recu, midi, payer

pytestmark = [pytest.mark.django_db, pytest.mark.ci]
JANVIER = midi(date(2027, 1, 5))
NOVEMBRE = date(2026, 11, 3)


@pytest.fixture
def creneaux():
    return make_creneaux()


@pytest.fixture
def camille():
    return ResponsableFactory()


@pytest.fixture
def compte(camille):
    return compte_of(camille.foyer)


@pytest.fixture
def tom(camille):
    return make_enfant(camille, prenom="Tom", date_naissance=date(2022, 3, 12))


def seances(enfant, creneaux, montants, jour=NOVEMBRE):
    """One line by créneau, in their order."""
    return [
        ligne(enfant, jour, montant, creneau) for montant, creneau in zip(montants, creneaux.values(), strict=False)
    ]


def du(annee, compte):
    """What the certificate of this payer would say of each child: first name, paid, in CESU, supplements."""
    enfants = [e for constat in constater(annee, [compte.pk]) for e in constat.contenu["enfants"]]
    return [(enfant["prenom"], enfant["total"], enfant["cesu"], enfant["supplements"]) for enfant in enfants]


@pytest.mark.parametrize(
    ("naissance", "compte_elle"),
    [
        (date(2019, 12, 31), False),
        (date(2020, 1, 1), True),
        (date(2020, 5, 14), True),  # turned six in the year
        (date(2024, 2, 29), True),
    ],
)
def test_child_counts_until_the_year_after_its_sixth_birthday(camille, compte, creneaux, naissance, compte_elle):
    lea = make_enfant(camille, date_naissance=naissance)
    payer(make_facture(compte, seances(lea, creneaux, [150]), emise=date(2026, 12, 3)), date(2026, 12, 10))

    assert du(2026, compte) == ([("Léa", 150, 0, 0)] if compte_elle else [])


@pytest.mark.parametrize("efface", [False, True])
def test_birth_date_put_right_counts_for_the_whole_year(compte, creneaux, tom, efface):
    for emise, naissance in ((date(2026, 11, 3), date(2012, 3, 12)), (date(2026, 12, 3), date(2022, 3, 12))):
        tom.date_naissance = naissance
        tom.save()
        lignes = seances(tom, creneaux, [150], emise.replace(day=2))
        payer(make_facture(compte, lignes, emise=emise), emise.replace(day=10))
    if efface:
        Prestation.objects.update(enfant=None)

    [constat] = constater(2026, [compte.pk])
    assert du(2026, compte) == [("Tom", 300, 0, 0)]
    assert constat.contenu["trop_grands"] == []
    assert constat.contenu["enfants"][0]["naissance"] == "2022-03-12"


def test_what_counts_is_the_year_of_the_payment(compte, creneaux, tom):
    payer(make_facture(compte, seances(tom, creneaux, [150]), emise=date(2026, 12, 3)), date(2026, 12, 31))
    decembre = seances(tom, creneaux, [90], date(2026, 12, 8))
    payer(make_facture(compte, decembre, emise=date(2027, 1, 4)), date(2027, 1, 18))

    assert du(2026, compte) == [("Tom", 150, 0, 0)]
    assert du(2027, compte) == [("Tom", 90, 0, 0)]


def test_cheque_of_december_written_down_in_january_is_of_december(compte, creneaux, tom):
    facture = make_facture(compte, seances(tom, creneaux, [150]), emise=date(2026, 12, 3))
    make_recu(compte, 150, recu=date(2026, 12, 31), ecrit=date(2027, 1, 4), sur=[(facture, 150)])

    assert du(2026, compte) == [("Tom", 150, 0, 0)]


def test_credit_pays_the_care_that_comes_after_it(compte, creneaux, tom):
    recu = make_recu(compte, 500, recu=date(2026, 12, 3))
    facture = make_facture(compte, seances(tom, creneaux, [150]), emise=date(2027, 1, 4))
    Imputation.objects.create(encaissement=recu, facture=facture, montant=150, faite_le=midi(date(2027, 1, 4)))

    assert du(2026, compte) == []
    assert du(2027, compte) == [("Tom", 150, 0, 0)]


def test_supplements_and_elder_child_are_not_counted_though_paid(camille, compte, creneaux, tom):
    lea = make_enfant(camille, date_naissance=date(2019, 5, 14))
    retard = ligne(tom, NOVEMBRE, 500, creneaux["soir"], nature="retard", credit_impot=False)
    lignes = [*seances(tom, creneaux, [150]), retard, *seances(lea, creneaux, [120])]
    payer(make_facture(compte, lignes, emise=date(2026, 12, 3)), date(2026, 12, 10))

    [constat] = constater(2026, [compte.pk])
    assert du(2026, compte) == [("Tom", 150, 0, 500)]
    assert constat.total == 150
    assert [enfant["prenom"] for enfant in constat.contenu["trop_grands"]] == ["Léa"]


def test_part_payment_is_spread_over_the_lines_then_the_rest(camille, compte, creneaux, tom):
    lea = make_enfant(camille, date_naissance=date(2019, 5, 14))
    lignes = [*seances(tom, creneaux, [333, 333]), *seances(lea, creneaux, [334])]
    facture = make_facture(compte, lignes, emise=date(2026, 12, 3))
    make_recu(compte, 500, recu=date(2026, 12, 10), sur=[(facture, 500)])
    make_recu(compte, 500, recu=date(2027, 1, 10), sur=[(facture, 500)])

    assert du(2026, compte) == [("Tom", 333, 0, 0)]  # 166,5 twice: one line takes the cent
    assert du(2027, compte) == [("Tom", 333, 0, 0)]


def test_cesu_is_said_apart(compte, creneaux, tom):
    facture = make_facture(compte, seances(tom, creneaux, [300, 100]), emise=date(2026, 12, 3))
    make_recu(compte, 200, recu=date(2026, 12, 10), moyen="cesu", titres=1, sur=[(facture, 200)])
    make_recu(compte, 200, recu=date(2026, 12, 11), sur=[(facture, 200)])

    [constat] = constater(2026, [compte.pk])
    assert du(2026, compte) == [("Tom", 200, 200, 0)]
    assert constat.contenu["enfants"][0]["lignes"] == [
        {
            "mois": "2026-11-01",
            "correction": False,
            "facture": facture.numero,
            "payee": [["2026-12-10", "CESU"], ["2026-12-11", "chèque"]],
            "moments": {"matin": 150, "midi": 50},
            "total": 200,
            "cesu": 200,
        }
    ]


def test_all_paid_in_cesu_has_a_certificate_that_says_so(compte, creneaux, tom):
    payer(make_facture(compte, seances(tom, creneaux, [300]), emise=date(2026, 12, 3)), date(2026, 12, 10), "cesu")

    [constat] = constater(2026, [compte.pk])
    assert (constat.total, constat.a_emettre) == (0, True)
    [attestation] = emettre(2026, now=JANVIER)
    lue = lire(attestation)
    assert (attestation.total, lue.cesu, lue.cesu_famille, lue.cesu_non_dit) == (0, 300, 0, 300)
    assert emettre(2026, now=JANVIER) == []


def test_part_that_the_family_paid_of_its_cesu_is_told_apart(compte, creneaux, tom):
    facture = make_facture(compte, seances(tom, creneaux, [301, 100, 99]), emise=date(2026, 12, 3))
    dit = {"recu": date(2026, 12, 10), "moyen": "cesu", "titres": 1}
    make_recu(compte, 300, sur=[(facture, 300)], part_famille=101, **dit)
    make_recu(compte, 200, sur=[(facture, 200)], **dit)

    [attestation] = emettre(2026, now=JANVIER)

    lue = lire(attestation)
    assert (lue.cesu, lue.cesu_famille, lue.cesu_employeur, lue.cesu_non_dit) == (500, 101, 199, 200)


def test_part_of_a_receipt_that_paid_several_invoices_is_spread_to_the_cent(compte, creneaux, tom):
    jours = [date(2026, 11, 3), date(2026, 11, 5)]
    une, deux = (make_facture(compte, seances(tom, creneaux, [333], jour), emise=date(2026, 12, 3)) for jour in jours)
    sur = [(une, 333), (deux, 333)]
    make_recu(compte, 1000, recu=date(2026, 12, 10), moyen="cesu", titres=1, sur=sur, part_famille=500)

    [constat] = constater(2026, [compte.pk])
    enfant = constat.contenu["enfants"][0]
    assert (enfant["cesu"], enfant["cesu_famille"], enfant["cesu_employeur"]) == (666, 333, 333)


def test_part_that_is_said_later_makes_another_certificate(compte, creneaux, tom):
    facture = make_facture(compte, seances(tom, creneaux, [300]), emise=date(2026, 12, 3))
    recu = payer(facture, date(2026, 12, 10), "cesu")
    [premiere] = emettre(2026, now=JANVIER)
    contenu = premiere.contenu  # as those of before this was asked
    for enfant in contenu["enfants"]:
        del enfant["cesu_famille"], enfant["cesu_employeur"]
    Attestation.objects.filter(pk=premiere.pk).update(contenu=contenu)
    assert emettre(2026, now=JANVIER) == []
    recu.part_famille = 120
    recu.save()

    [autre] = emettre(2026, now=JANVIER)

    assert (autre.remplace, lire(autre).cesu_famille) == (premiere, 120)


def test_cancelled_receipt_does_not_count(compte, creneaux, tom):
    facture = make_facture(compte, seances(tom, creneaux, [300]), emise=date(2026, 12, 3))
    recu = payer(facture, date(2026, 12, 10))
    make_recu(compte, -300, recu=date(2027, 1, 8), annule=recu, motif="chèque sans provision")

    assert du(2026, compte) == []


def test_payers_of_a_share_have_each_their_own(camille, compte, creneaux, tom):
    dominique = ResponsableFactory(user__first_name="Dominique")
    autre = compte_of(dominique.foyer)
    for payeur, montant in ((compte, 2126), (autre, 2125)):
        lignes = [ligne(tom, NOVEMBRE, montant, creneaux["soir"], entier=4251, part=50)]
        payer(make_facture(payeur, lignes, emise=date(2026, 12, 3)), date(2026, 12, 10))

    assert du(2026, compte) == [("Tom", 2126, 0, 0)]
    assert du(2026, autre) == [("Tom", 2125, 0, 0)]


def test_correction_counts_with_the_invoice_that_bears_it(compte, creneaux, tom):
    octobre = seances(tom, creneaux, [110, 90], date(2026, 10, 6))
    payer(make_facture(compte, octobre, emise=date(2026, 11, 3)), date(2026, 11, 10))
    corrige = ligne(tom, date(2026, 10, 6), -110, creneaux["matin"], nature="correction", motif="excusée")
    facture = make_facture(compte, [*seances(tom, creneaux, [500]), corrige], emise=date(2026, 12, 3))
    payer(facture, date(2026, 12, 10))

    [constat] = constater(2026, [compte.pk])
    assert du(2026, compte) == [("Tom", 590, 0, 0)]
    assert [(une["mois"], une["correction"], une["total"]) for une in constat.contenu["enfants"][0]["lignes"]] == [
        ("2026-10-01", False, 200),
        ("2026-10-01", True, -110),
        ("2026-11-01", False, 500),
    ]


def test_avoir_takes_its_own_lines_back_when_it_pays_another_invoice(camille, compte, creneaux, tom):
    lea = make_enfant(camille, date_naissance=date(2019, 5, 14))
    octobre = [*seances(tom, creneaux, [600]), *seances(lea, creneaux, [400])]
    facture = make_facture(compte, octobre, emise=date(2026, 11, 3))
    payer(facture, date(2026, 11, 10))
    rendu = ligne(tom, NOVEMBRE, -200, creneaux["matin"], nature="correction", motif="excusée")
    avoir = make_facture(compte, [rendu], emise=date(2026, 11, 20), origine=facture)
    suivante = make_facture(compte, seances(lea, creneaux, [1000], date(2026, 11, 9)), emise=date(2026, 12, 3))
    Imputation.objects.create(avoir=avoir, facture=suivante, montant=200, faite_le=midi(date(2026, 12, 3)))
    make_recu(compte, 800, recu=date(2026, 12, 10), sur=[(suivante, 800)])

    assert du(2026, compte) == [("Tom", 400, 0, 0)]


def test_avoir_given_back_in_another_year_is_of_that_year(compte, creneaux, tom):
    facture = make_facture(compte, seances(tom, creneaux, [600]), emise=date(2026, 12, 3))
    payer(facture, date(2026, 12, 10))
    rendu = ligne(tom, NOVEMBRE, -200, creneaux["matin"], nature="correction", motif="excusée")
    avoir = make_facture(compte, [rendu], emise=date(2026, 12, 20), origine=facture)
    sortie = make_recu(compte, -200, recu=date(2027, 1, 12), moyen="remboursement", motif="avoir rendu")
    Imputation.objects.create(avoir=avoir, sortie=sortie, montant=200, faite_le=midi(date(2027, 1, 12)))
    payer(
        make_facture(compte, seances(tom, creneaux, [900], date(2027, 1, 5)), emise=date(2027, 2, 2)), date(2027, 2, 9)
    )

    assert du(2026, compte) == [("Tom", 600, 0, 0)]
    assert du(2027, compte) == [("Tom", 700, 0, 0)]


def test_avoir_of_what_nobody_paid_certifies_nothing(compte, creneaux, tom):
    retard = ligne(tom, NOVEMBRE, 1000, creneaux["soir"], nature="retard", credit_impot=False)
    facture = make_facture(compte, [*seances(tom, creneaux, [2000]), retard], emise=date(2026, 12, 3))
    rendu = ligne(
        tom, NOVEMBRE, -1000, creneaux["soir"], nature="correction", credit_impot=False, motif="parti à l’heure"
    )
    make_facture(compte, [rendu], emise=date(2026, 12, 20), origine=facture)
    imputer_credits([compte.pk], midi(date(2026, 12, 20)))

    assert du(2026, compte) == []
    encaisser(compte, "cheque", 500, par=None, now=midi(date(2026, 12, 21)))
    assert du(2026, compte) == [("Tom", 500, 0, 0)]


@pytest.mark.parametrize(
    ("deja", "sommes"),  # paid before the avoir: nothing, a part, more than is due by then, all
    [(0, (0, 1700)), (1500, (500, 1200)), (3500, (1500, 200)), (4000, (2000, 0))],
)
def test_avoir_is_less_to_pay_of_its_invoice_then_a_credit(camille, compte, creneaux, tom, deja, sommes):
    lea = make_enfant(camille, date_naissance=date(2018, 5, 14))
    lignes = [*seances(tom, creneaux, [2000]), *seances(lea, creneaux, [2000])]
    facture = make_facture(compte, lignes, emise=date(2026, 11, 3))
    if deja:
        encaisser(compte, "cheque", deja, par=None, now=midi(date(2026, 11, 10)))
    corrigee = facture.prestations.get(enfant=tom)
    rendu = ligne(tom, NOVEMBRE, -1000, creneaux["matin"], nature="correction", motif="excusée", corrige=corrigee)
    make_facture(compte, [rendu], emise=date(2026, 12, 20), origine=facture)
    make_facture(compte, seances(tom, creneaux, [700], date(2026, 12, 1)), emise=date(2026, 12, 22))
    imputer_credits([compte.pk], midi(date(2026, 12, 22)))
    if (reste := soldes([compte])[compte.pk]) > 0:
        encaisser(compte, "cheque", reste, par=None, now=midi(date(2027, 1, 12)))

    assert tuple(sum(total for _, total, *_ in du(annee, compte)) for annee in (2026, 2027)) == sommes


def test_avoir_without_the_lines_that_it_corrects_takes_its_own_off(camille, compte, creneaux, tom):
    lea = make_enfant(camille, date_naissance=date(2018, 5, 14))
    lignes = [*seances(tom, creneaux, [2000]), *seances(lea, creneaux, [2000])]
    facture = make_facture(compte, lignes, emise=date(2026, 11, 3))
    rendu = ligne(tom, date(2026, 10, 6), -1000, creneaux["matin"], nature="correction", motif="excusée")
    make_facture(compte, [rendu], emise=date(2026, 12, 20), origine=facture)
    imputer_credits([compte.pk], midi(date(2026, 12, 20)))
    encaisser(compte, "cheque", 1500, par=None, now=midi(date(2026, 12, 21)))

    assert du(2026, compte) == [("Tom", 500, 0, 0)]


@pytest.mark.parametrize("seed", range(6))
def test_no_child_is_certified_more_than_its_care_costs_net_of_avoirs(camille, compte, creneaux, tom, seed):
    rnd = Random(seed)
    zoe, lea = (make_enfant(camille, prenom=n, date_naissance=date(a, 5, 4)) for n, a in (("Zoé", 2023), ("Léa", 2018)))
    lignes = [
        ligne(enfant, NOVEMBRE, rnd.randint(100, 2500), creneaux[code], nature=nature, credit_impot=nature == "seance")
        for enfant in (tom, zoe, lea)
        for code, nature in (("matin", "seance"), ("soir", "seance"), ("soir", "retard"))
    ]
    facture = make_facture(compte, lignes, emise=date(2026, 12, 3))
    entieres = rnd.sample(list(facture.prestations.order_by("pk")), len(lignes))
    while reste := soldes([compte])[compte.pk]:
        now = midi(date(2026, 12, 4) + timedelta(days=7 * (len(lignes) - len(entieres))))
        if entieres:
            _give_back(rnd, entieres.pop(), reste, now)
            reste = soldes([compte])[compte.pk]
        if reste and (not entieres or rnd.random() < 0.4):
            moyen = rnd.choice(["cheque", "cesu"])
            somme = rnd.randint(1, reste) if entieres else reste
            encaisser(compte, moyen, somme, titres=1, par=None, now=now)
        coute, paye = net_of([tom, zoe]), certified(compte)
        assert all(paye[prenom] <= coute[prenom] for prenom in coute)
    assert certified(compte) == net_of([tom, zoe])


def _give_back(rnd, corrigee, reste, now):
    """Half the times, an avoir of this line, of no more than remains to pay; of two, one says which line."""
    if rnd.random() < 0.5:
        return
    montant = -rnd.randint(1, min(corrigee.montant, reste))
    known = {"nature": "correction", "credit_impot": corrigee.credit_impot, "motif": "erreur"}
    corrige = {"corrige": corrigee} if rnd.random() < 0.5 else {}
    rendu = ligne(corrigee.enfant, corrigee.jour, montant, corrigee.creneau, **known, **corrige)
    make_facture(corrigee.compte, [rendu], emise=now.date(), origine=corrigee.facture)
    imputer_credits([corrigee.compte.pk], now)


def net_of(enfants):
    """By first name, what the care of these children costs, avoirs taken off."""
    siennes = Prestation.objects.filter(credit_impot=True, enfant__in=enfants).order_by("pk")
    couts = Counter()
    for prenom, montant in siennes.values_list("enfant__prenom", "montant"):
        couts[prenom] += montant
    return couts


def certified(compte):
    """By first name, what the certificates of both years say, CESU included."""
    sommes = Counter()
    for prenom, total, cesu, _ in [*du(2026, compte), *du(2027, compte)]:
        sommes[prenom] += total + cesu
    return sommes


def test_debt_of_a_payer_made_one_with_another_counts_when_the_other_pays(camille, compte, creneaux, tom):
    avant = compte_of(ResponsableFactory().foyer)
    facture = make_facture(avant, seances(tom, creneaux, [600]), emise=date(2026, 11, 3))
    make_recu(avant, 600, recu=date(2026, 11, 20), moyen="report", sur=[(facture, 600)])
    sortie = make_recu(compte, -600, recu=date(2026, 11, 20), moyen="report")
    avant.reuni_dans = compte
    avant.save()
    assert du(2026, compte) == []

    recu = make_recu(compte, 250, recu=date(2026, 12, 10))
    Imputation.objects.create(encaissement=recu, sortie=sortie, montant=250, faite_le=midi(date(2026, 12, 10)))

    assert du(2026, compte) == [("Tom", 250, 0, 0)]


def test_credit_of_a_payer_made_one_with_another_is_the_money_that_it_came_by(compte, creneaux, tom):
    avant = compte_of(ResponsableFactory().foyer)
    encaisser(avant, "cesu", 500, titres=1, par=None, now=midi(date(2026, 11, 3)))
    encaisser(avant, "cheque", 300, par=None, now=midi(date(2026, 11, 4)))
    reporter(avant, compte, None, midi(date(2026, 11, 10)))
    make_facture(compte, seances(tom, creneaux, [600]), emise=date(2026, 12, 3))
    imputer_credits([compte.pk], midi(date(2026, 12, 3)))

    [constat] = constater(2026, [compte.pk])
    assert du(2026, compte) == [("Tom", 100, 500, 0)]
    [dite] = constat.contenu["enfants"][0]["lignes"]
    assert dite["payee"] == [["2026-12-03", "CESU"], ["2026-12-03", "chèque"]]


def test_credit_that_was_carried_twice_is_read_once(compte, creneaux, tom):
    premier, second = (compte_of(ResponsableFactory().foyer) for _ in range(2))
    encaisser(premier, "cheque", 1000, par=None, now=midi(date(2026, 11, 3)))
    reporter(premier, second, None, midi(date(2026, 11, 4)))
    facture = make_facture(second, seances(tom, creneaux, [400]), emise=date(2026, 11, 5))
    imputer_credits([second.pk], midi(date(2026, 11, 5)))
    rendu = ligne(tom, NOVEMBRE, -400, creneaux["matin"], nature="correction", motif="excusée")
    make_facture(second, [rendu], emise=date(2026, 11, 6), origine=facture)
    reporter(second, compte, None, midi(date(2026, 11, 7)))  # of the same sum, written just after the first
    make_facture(compte, seances(tom, creneaux, [700], date(2026, 11, 10)), emise=date(2026, 12, 3))
    imputer_credits([compte.pk], midi(date(2026, 12, 3)))

    assert du(2026, compte) == [("Tom", 700, 0, 0)]


def test_credit_whose_cheque_did_not_come_is_read_once(compte, creneaux, tom):
    avant = compte_of(ResponsableFactory().foyer)
    cheque = encaisser(avant, "cheque", 1000, par=None, now=midi(date(2026, 11, 3)))
    reporter(avant, compte, None, midi(date(2026, 11, 4)))
    make_facture(compte, seances(tom, creneaux, [400]), emise=date(2026, 11, 5))
    imputer_credits([compte.pk], midi(date(2026, 11, 5)))
    annuler(cheque, "sans provision", None, midi(date(2026, 11, 6)))  # owed again, and paid by what is left of itself
    encaisser(compte, "cesu", 400, titres=1, par=None, now=midi(date(2026, 12, 3)))

    assert du(2026, compte) == [("Tom", 0, 400, 0)]


def test_line_of_another_payer_carried_over_gives_its_tax_credit(compte, creneaux, tom):
    seance = ligne(tom, NOVEMBRE, 300, creneaux["soir"], entier=600, part=50)
    retard = ligne(tom, NOVEMBRE, 250, creneaux["soir"], nature="report", credit_impot=False)
    lignes = [seance, ligne(tom, NOVEMBRE, 300, creneaux["soir"], nature="report"), retard]
    payer(make_facture(compte, lignes, emise=date(2026, 12, 3)), date(2026, 12, 10))

    assert du(2026, compte) == [("Tom", 600, 0, 250)]


# --- Issued -----------------------------------------------------------------------------------------------------------


def test_certificate_is_issued_once_and_frozen(camille, compte, creneaux, tom):
    payer(make_facture(compte, seances(tom, creneaux, [150]), emise=date(2026, 12, 3)), date(2026, 12, 10))

    [attestation] = emettre(2026, now=JANVIER)
    camille.foyer.adresse = "2 rue Neuve"
    camille.foyer.save()

    assert emettre(2026, now=JANVIER) == []
    assert (attestation.numero, attestation.total, attestation.annee_payee) == ("A-2027-0001", 150, 2026)
    assert attestation.contenu["payeur"]["adresse"] == ["12 chemin des Tilleuls", "38160 SAINT SAUVEUR"]
    assert attestation.contenu["depuis"] == "2026-11-01"


def test_certificate_says_that_what_the_treasury_received_is_not_there(compte, creneaux, tom):
    facture = make_facture(compte, seances(tom, creneaux, [150]), emise=date(2026, 12, 3))
    payer(facture, date(2026, 12, 10))
    assert [constat.contenu["tresorerie"] for constat in constater(2026)] == [False]
    facture.relances.create(genre="tresorerie", montant=150, faite_le=midi(date(2026, 12, 31)))
    assert [constat.contenu["tresorerie"] for constat in constater(2026)] == [True]
    [attestation] = emettre(2026, now=JANVIER)
    assert lire(attestation).tresorerie


def test_certificate_is_issued_again_when_what_was_paid_changes(compte, creneaux, tom):
    recu = payer(make_facture(compte, seances(tom, creneaux, [150]), emise=date(2026, 12, 3)), date(2026, 12, 10))
    [premiere] = emettre(2026, now=JANVIER)
    make_recu(compte, -150, recu=date(2027, 1, 8), annule=recu, motif="chèque sans provision")

    [suivante] = emettre(2026, now=midi(date(2027, 1, 9)))

    assert (suivante.numero, suivante.remplace, suivante.total) == ("A-2027-0002", premiere, 0)
    assert attestations_of([compte], 2026) == [suivante]
    assert emettre(2026, now=midi(date(2027, 1, 9))) == []


def test_children_made_one_change_nothing_of_what_was_paid(camille, compte, creneaux, tom):
    double, zoe = (make_enfant(camille, prenom=nom, date_naissance=tom.date_naissance) for nom in ("Tom", "Zoé"))
    lignes = [*seances(double, creneaux, [150]), *seances(zoe, creneaux, [90])]
    payer(make_facture(compte, lignes, emise=date(2026, 12, 3)), date(2026, 12, 10))
    assert len(emettre(2026, now=JANVIER)) == 1

    autre = make_enfant(camille, prenom="Zoé", date_naissance=zoe.date_naissance)
    for reste, va in ((autre, zoe), (tom, double)):  # the keys change, and their order
        reunir_enfants(reste.pk, va.pk, {}, StaffFactory().pk, now=JANVIER)

    assert not Prestation.objects.filter(enfant__in=[double.pk, zoe.pk]).exists()
    assert emettre(2026, now=JANVIER) == []


def test_nothing_to_say_issues_nothing(compte, creneaux, tom):
    make_facture(compte, seances(tom, creneaux, [150]), emise=date(2026, 12, 3))

    assert emettre(2026, now=JANVIER) == []
    assert not Attestation.objects.exists()


def test_year_that_is_not_over_is_refused(compte):
    with pytest.raises(ValueError, match="not over"):
        emettre(2026, now=midi(date(2026, 12, 31)))


def test_queries_do_not_grow_with_the_payers(compte, creneaux, tom, django_assert_num_queries):
    for rang in range(3):
        autre = ResponsableFactory()
        enfant = make_enfant(autre, prenom="Zoé", date_naissance=date(2021, 1, 1 + rang))
        facture = make_facture(compte_of(autre.foyer), seances(enfant, creneaux, [150]), emise=date(2026, 12, 3))
        payer(facture, date(2026, 12, 10))

    with django_assert_num_queries(12):
        assert len(list(constater(2026))) == 3
