// Feuille d’appel : chaque geste part dès qu’il est fait ; sans réseau, il attend sur l’appareil, à sa place et avec
// son heure. Sans ce fichier, ou sans stockage : bouton « Enregistrer l’appel ».
import { lacher } from './annonce.js';
import { demander, direHeure, enAttente, suivre } from './attente.js';
import { tenirBandeau } from './bandeau.js';
import { attendreCloture } from './cloture.js';
import { direCollegues } from './collegues.js';
import { garder, gardes } from './garde.js';
import { ecouter, pointer } from './gestes.js';
import { cocher, compter, ecrire, formulaire, lignes, lireEncore, nommer, poser } from './lignes.js';

const barre = formulaire?.querySelector('[data-barre]');
if (barre && crypto.randomUUID) brancher();

function brancher() {
  const { feuille } = formulaire.dataset;
  const ETAT = 'etat:' + feuille; // ce que le serveur a dit en dernier de cette feuille
  const cases = [...formulaire.querySelectorAll('.pointage')];
  let aVerifier = '';
  let clos = ''; // l’heure où l’appel l’a été, d’après le serveur

  const enAttenteIci = () => enAttente().filter(geste => geste.feuille === feuille);
  const vu = gardes.get(ETAT);

  function cocherEnAttente() {
    enAttenteIci().forEach(cocher);
    compter();
  }
  // Ce que le serveur sait, puis les gestes qu’il ne connaît pas encore.
  function montrer(etat) {
    garder([[ETAT, etat]]);
    clos = etat.clos;
    formulaire.dataset.adultes = etat.adultes ?? '';
    for (const [enfant, ligne] of Object.entries(lignes)) {
      const { present, parti, depart, retard, sans_arrivee: seul, remis } = etat.enfants[enfant] ?? {};
      poser(ligne, { present: present && !seul, parti: Boolean(parti || seul), depart: seul || depart, remis });
      ecrire(ligne.retard, retard);
    }
    cocherEnAttente();
    const nouveau = Object.keys(etat.enfants).some(enfant => !lignes[enfant]);
    if (clos || nouveau) formulaire.querySelector('[data-change]').hidden = false;
  }
  function recevoir(autre, etat) {
    if (etat && autre === feuille) montrer(etat);
  }
  function finir(phrases) {
    aVerifier = phrases;
    bandeau.reussir();
    if (aVerifier) lacher();
    if (aVerifier) bandeau.dire('À vérifier', aVerifier, true);
    else bandeau.dire('Tout est reçu à ' + direHeure(Date.now()), 'L’heure de départ est notée toute seule.');
    cloture.reussir(clos);
  }
  async function actualiser() {
    montrer(await demander(formulaire.dataset.etat));
    const finissait = bandeau.reussir();
    if (finissait && !aVerifier) bandeau.dire('Le réseau est revenu', 'Tout est enregistré.');
    cloture.reussir(clos);
  }
  function echouer(raison) {
    bandeau.echouer(raison);
    cloture.echouer();
  }

  ecouter();
  // D’un autre module de la feuille : un nombre d’adultes. Pris, il ne part pas avec le formulaire.
  formulaire.addEventListener('geste', evenement => {
    pointer(['', evenement.detail.quoi, evenement.detail.coche]);
    evenement.preventDefault();
  });
  formulaire.addEventListener('submit', () => {
    lacher();
    // Tout est déjà parti : le formulaire n’apporte aucune case, qui déferait celle d’un autre téléphone.
    const cochees = cases.filter(pointage => pointage.checked);
    formulaire.elements.avant.value = cochees.map(({ value, name }) => `${value}:${name}`).join(' ');
  });

  const bandeau = tenirBandeau(formulaire, lignes);
  const cloture = attendreCloture(formulaire, bandeau, lireEncore);
  // Une page gardée par l’appareil est plus vieille que ce qu’il a su depuis.
  if (vu?.instant >= Number(formulaire.dataset.instant)) montrer(vu);
  else cocherEnAttente();
  suivre({ nommer, recevoir, finir, echouer, actualiser });
  direCollegues(formulaire);
}
