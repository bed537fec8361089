// Feuille d’appel : chaque geste part dès qu’il est fait ; sans réseau, il attend sur l’appareil, à sa place et avec
// son heure. Sans ce fichier, ou sans stockage : bouton « Enregistrer l’appel ».
import { ajouter, demander, direGarde, direNombre, enAttente, estDehors, suivre, synchroniser } from './attente.js';

const formulaire = document.querySelector('[data-feuille]');
const barre = formulaire?.querySelector('[data-barre]');
if (barre && crypto.randomUUID) brancher();

function brancher() {
  const { feuille } = formulaire.dataset;
  const ETAT = 'etat:' + feuille; // ce que le serveur a dit en dernier de cette feuille
  const [titre, suite] = barre.querySelector('[data-reseau]').children;
  const bouton = barre.querySelector('.btn');
  const cases = [...formulaire.querySelectorAll('.pointage')];
  const lignes = lireLignes(); // par enfant
  let aVerifier = '';

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
  const direHeure = instant =>
    new Date(instant).toLocaleTimeString('fr-FR', { hour: 'numeric', minute: '2-digit' }).replace(':', '\u00a0h\u00a0');

  const enAttenteIci = () => enAttente().filter(geste => geste.feuille === feuille);
  const vu = JSON.parse(localStorage.getItem(ETAT));

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
    try {
      localStorage.setItem(ETAT, JSON.stringify(etat));
    } catch {
      // plus de place : la page que l’appareil a gardée dira moins
    }
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
    if (etat.clos || nouveau) formulaire.querySelector('[data-change]').hidden = false;
  }
  function dire(phrase, detail, attente) {
    if (titre.textContent + suite.textContent !== phrase + detail) {
      titre.textContent = phrase;
      suite.textContent = detail;
    }
    barre.classList.toggle('barre--att', attente);
    const rien = !enAttente().length; // à enregistrer : chaque case est partie
    if (rien && document.activeElement === bouton) titre.parentElement.focus(); // le bouton s’en va sous le clavier
    bouton.hidden = rien;
    bouton.textContent = attente ? 'Réessayer' : 'Enregistrer l’appel';
    const gestes = enAttenteIci();
    for (const { name, value, parentElement } of cases) {
      const attend = gestes.some(geste => geste.quoi === name && geste.enfant === value);
      parentElement.classList.toggle('modif', attend);
    }
  }

  const nommer = enfant => lignes[enfant]?.nom.textContent;
  function recevoir(autre, etat) {
    if (etat && autre === feuille) montrer(etat);
  }
  function finir(phrases) {
    aVerifier = phrases;
    if (aVerifier) dire('À vérifier', aVerifier, true);
    else dire('Appel enregistré à ' + direHeure(Date.now()), 'L’heure de départ est notée toute seule.', false);
  }
  async function actualiser() {
    montrer(await demander(formulaire.dataset.etat));
    const attendait = barre.classList.contains('barre--att');
    if (attendait && !aVerifier) dire('Le réseau est revenu', 'Tout est enregistré.', false);
  }
  // `raison` : la réponse de qui n’est pas le portail, ou l’erreur du réseau.
  function direPanne(raison) {
    const nombre = enAttente().length;
    if (estDehors(raison)) {
      dire('Reconnectez-vous pour continuer', 'Rechargez cette page\u00a0: rien n’est perdu.', true);
    } else if (nombre) {
      dire(`En attente de réseau\u00a0: ${direNombre(nombre)}`, direGarde(nombre), true);
    } else {
      dire('Pas de réseau', 'Vous pouvez pointer\u00a0: tout partira au retour du réseau.', true);
    }
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
  formulaire.addEventListener('submit', evenement => {
    const { submitter } = evenement;
    const pret = () => submitter?.name === 'terminer' && !enAttente().length;
    // Tout est déjà parti : le formulaire n’apporte aucune case, qui déferait celle d’un autre téléphone.
    const cochees = cases.filter(pointage => pointage.checked);
    formulaire.elements.avant.value = cochees.map(({ value, name }) => `${value}:${name}`).join(' ');
    if (pret()) return;
    evenement.preventDefault();
    synchroniser().then(() => pret() && formulaire.requestSubmit(submitter));
  });

  bouton.hidden = !enAttente().length;
  // Une page gardée par l’appareil est plus vieille que ce qu’il a su depuis.
  if (vu?.instant >= Number(formulaire.dataset.instant)) montrer(vu);
  else cocherEnAttente();
  suivre({ nommer, recevoir, finir, direPanne, actualiser });
}
