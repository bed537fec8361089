// Se déconnecter efface ce que l’appareil garde : ce qui attend part d’abord ; s’il en reste, de qui que ce soit, la
// page le dit.
import { direNombre, enAttente, synchroniser } from './attente.js';

const PATIENCE = 3000; // en millisecondes
const sortie = document.querySelector('form.sortie');
const avis = document.querySelector('[data-sortie]');
let confirmee = false;

// Le nombre de pointages que l’appareil n’a pas encore envoyés ; 0 si le stockage est refusé.
function compterEnAttente() {
  try {
    const files = Object.keys(localStorage).filter(cle => cle.startsWith('pointages:'));
    return files.reduce((total, cle) => total + JSON.parse(localStorage.getItem(cle)).length, 0);
  } catch {
    return 0;
  }
}

function effacer() {
  try {
    for (const cle of Object.keys(localStorage)) {
      if (/^(pointages|lectures|avis|etat):/.test(cle)) localStorage.removeItem(cle);
    }
  } catch {
    // stockage refusé : rien n’y est
  }
  globalThis.caches?.delete('feuilles');
}

function prevenir(nombre) {
  const [verbe, s] = nombre > 1 ? ['ne sont', 's'] : ['n’est', ''];
  avis.querySelector('b').textContent = `${direNombre(nombre)} ${verbe} pas encore envoyé${s}.`;
  avis.hidden = false;
  avis.focus();
}

sortie?.addEventListener('submit', async evenement => {
  if (confirmee || !(compterEnAttente() || enAttente('lectures').length)) {
    effacer();
    return;
  }
  evenement.preventDefault();
  await Promise.race([synchroniser(), new Promise(finir => setTimeout(finir, PATIENCE))]);
  const nombre = compterEnAttente();
  if (nombre) {
    prevenir(nombre);
    return;
  }
  confirmee = true;
  sortie.requestSubmit();
});
avis?.querySelector('button').addEventListener('click', () => {
  confirmee = true;
  sortie.requestSubmit();
});
