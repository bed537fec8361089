// Feuille d’appel : chaque geste part dès qu’il est fait ; sans réseau, il attend sur l’appareil, à sa place et avec
// son heure. Sans ce fichier, ou sans stockage : bouton « Enregistrer l’appel ».
import { ajouter, demander, direHeure, enAttente, suivre, synchroniser } from './attente.js';
import { tenirBandeau } from './bandeau.js';
import { attendreCloture } from './cloture.js';
import { direCollegues } from './collegues.js';
import { garder, gardes } from './garde.js';

const formulaire = document.querySelector('[data-feuille]');
const barre = formulaire?.querySelector('[data-barre]');
if (barre && crypto.randomUUID) brancher();

function brancher() {
  const { feuille } = formulaire.dataset;
  const ETAT = 'etat:' + feuille; // ce que le serveur a dit en dernier de cette feuille
  const cases = [...formulaire.querySelectorAll('.pointage')];
  const lignes = lireLignes(); // par enfant
  let aVerifier = '';
  let clos = ''; // l’heure où l’appel l’a été, d’après le serveur

  function lireLignes() {
    const trouvees = {};
    for (const pointage of cases) {
      const rangee = pointage.closest('tr');
      const [nom, note, retard] = ['b', '.note', '[data-retard]'].map(choix => rangee.querySelector(choix));
      trouvees[pointage.value] ??= { nom, note, retard };
      trouvees[pointage.value][pointage.name] = pointage; // « present » ou « parti »
    }
    return trouvees;
  }
  const enAttenteIci = () => enAttente().filter(geste => geste.feuille === feuille);
  const vu = gardes.get(ETAT);

  const compter = () => formulaire.dispatchEvent(new Event('compte')); // les modules de la feuille recomptent
  function ecrire(note, texte = '') {
    note.hidden = !texte;
    note.textContent = texte;
  }
  // Un geste, tel qu’il se voit : qui part était là, qui n’est pas là n’est pas parti.
  function cocher({ enfant, quoi, coche, a: instant }) {
    const ligne = lignes[enfant];
    if (quoi === 'adultes') formulaire.dataset.adultes = coche;
    if (!ligne) return;
    ligne[quoi].checked = coche;
    if (quoi === 'parti' && coche) {
      ligne.present.checked = true;
      ecrire(ligne.note, direHeure(instant));
    }
    if (!ligne.present.checked) ligne.parti.checked = false;
    if (!ligne.parti.checked) ecrire(ligne.note);
  }
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
      const { present, parti, depart, retard } = etat.enfants[enfant] ?? {};
      ligne.present.checked = present;
      ligne.parti.checked = parti;
      ecrire(ligne.note, depart);
      ecrire(ligne.retard, retard);
    }
    cocherEnAttente();
    const nouveau = Object.keys(etat.enfants).some(enfant => !lignes[enfant]);
    if (clos || nouveau) formulaire.querySelector('[data-change]').hidden = false;
  }
  // Un homonyme se dit avec sa classe.
  const nommer = enfant => lignes[enfant]?.nom.closest('tr').dataset.dit ?? lignes[enfant]?.nom.textContent;
  function nommerEncore() {
    const estLa = ({ present, parti }) => present.checked && !parti.checked;
    return Object.keys(lignes)
      .filter(enfant => estLa(lignes[enfant]))
      .map(nommer);
  }
  function recevoir(autre, etat) {
    if (etat && autre === feuille) montrer(etat);
  }
  function finir(phrases) {
    aVerifier = phrases;
    bandeau.reussir();
    if (aVerifier) bandeau.dire('À vérifier', aVerifier, true);
    else bandeau.dire('Appel enregistré à ' + direHeure(Date.now()), 'L’heure de départ est notée toute seule.');
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

  function pointer(enfant, quoi, coche) {
    cocher(ajouter({ feuille, enfant, quoi, coche }));
    compter();
    synchroniser();
  }
  formulaire.addEventListener('change', ({ target: pointage }) => {
    if (pointage.matches('.pointage')) pointer(pointage.value, pointage.name, Number(pointage.checked));
  });
  // D’un autre module de la feuille : un nombre d’adultes. Pris, il ne part pas avec le formulaire.
  formulaire.addEventListener('geste', evenement => {
    pointer('', evenement.detail.quoi, evenement.detail.coche);
    evenement.preventDefault();
  });
  formulaire.addEventListener('submit', () => {
    // Tout est déjà parti : le formulaire n’apporte aucune case, qui déferait celle d’un autre téléphone.
    const cochees = cases.filter(pointage => pointage.checked);
    formulaire.elements.avant.value = cochees.map(({ value, name }) => `${value}:${name}`).join(' ');
  });

  const bandeau = tenirBandeau(formulaire, lignes);
  const cloture = attendreCloture(formulaire, bandeau, nommerEncore);
  // Une page gardée par l’appareil est plus vieille que ce qu’il a su depuis.
  if (vu?.instant >= Number(formulaire.dataset.instant)) montrer(vu);
  else cocherEnAttente();
  suivre({ nommer, recevoir, finir, echouer, actualiser });
  direCollegues(formulaire);
}
