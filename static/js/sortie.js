// Se déconnecter efface ce que l’appareil garde : ce qui attend part d’abord ; s’il en reste, de qui que ce soit, la
// page le dit.
import { direNombre, enAttente, synchroniser } from './attente.js';
import { gardes, lister, oublier } from './garde.js';

const PATIENCE = 3000; // en millisecondes
const sortie = document.querySelector('form.sortie');
const avis = document.querySelector('[data-sortie]');
let confirmee = false;

const compterEnAttente = () => lister('pointages:').length; // de tous les agents
const patienter = () => new Promise(finir => setTimeout(finir, PATIENCE));

async function partir() {
  confirmee = true;
  const siennes = [...gardes.keys()].filter(cle => /^(pointages|lectures|avis|etat):/.test(cle));
  try {
    sessionStorage.clear(); // un nom cherché sur la feuille
  } catch {
    // stockage refusé : rien n’y est
  }
  await Promise.race([Promise.all([oublier(siennes), globalThis.caches?.delete('feuilles')]), patienter()]);
  sortie.requestSubmit();
}

function prevenir(nombre) {
  const [verbe, s] = nombre > 1 ? ['ne sont', 's'] : ['n’est', ''];
  avis.querySelector('b').textContent = `${direNombre(nombre)} ${verbe} pas encore envoyé${s}.`;
  avis.hidden = false;
  avis.focus();
}

sortie?.addEventListener('submit', async evenement => {
  if (confirmee || evenement.defaultPrevented) return;
  evenement.preventDefault();
  if (compterEnAttente() || enAttente('lectures').length) await Promise.race([synchroniser(), patienter()]);
  const nombre = compterEnAttente();
  if (nombre) prevenir(nombre);
  else partir();
});
avis?.querySelector('button').addEventListener('click', partir);
