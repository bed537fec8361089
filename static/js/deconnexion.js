// Se déconnecter efface ce que l’appareil garde. Ce qui attend part d’abord ; s’il en reste de cet agent, la page le
// demande, tant que tout n’est pas parti. Ce qui attend un collègue reste : il n’a que cet appareil pour l’envoyer.
import { direNombre, enAttente, listerAutres, synchroniser } from './attente.js';
import { gardes, oublier, relire } from './garde.js';

const PATIENCE = 3000; // en millisecondes
const sortie = document.querySelector('form.sortie');
const avis = document.querySelector('[data-sortie]');

const patienter = () => new Promise(finir => setTimeout(finir, PATIENCE));

async function effacer() {
  await relire().catch(() => {}); // un autre onglet a pu écrire
  const autres = listerAutres();
  const siennes = [...gardes.keys()].filter(cle => !autres.includes(cle));
  await Promise.all([oublier(siennes), globalThis.caches?.delete('feuilles')]);
}
// Le serveur fait effacer le reste par le navigateur, ce qui attend un collègue compris si rien ne le lui dit.
function direGardes() {
  const champ = document.createElement('input');
  Object.assign(champ, { type: 'hidden', name: 'gardes', value: '1' });
  sortie.append(champ);
}
async function partir() {
  sortie.dataset.sur = '1';
  try {
    sessionStorage.clear(); // un nom cherché sur la feuille
  } catch {
    // stockage refusé : rien n’y est
  }
  await Promise.race([effacer(), patienter()]);
  if (listerAutres().length) direGardes();
  sortie.requestSubmit();
}

function prevenir() {
  const nombre = enAttente().length;
  const [ne, s, les] = nombre > 1 ? ['ne sont', 's', 'les '] : ['n’est', '', 'l’'];
  avis.querySelector('b').textContent = `${direNombre(nombre)} ${ne} pas encore envoyé${s}.`;
  avis.querySelector('span').textContent = `Se déconnecter ${les}efface\u00a0: attendez le retour du réseau.`;
  avis.hidden = false;
}
function rester() {
  if (avis.contains(document.activeElement)) sortie.querySelector('button').focus();
  avis.hidden = true;
}

export async function sortir() {
  await Promise.race([relire().catch(() => {}), patienter()]); // l’appareil a pu tarder à se lire
  if (enAttente().length || enAttente('lectures').length) await Promise.race([synchroniser(), patienter()]);
  if (!enAttente().length) return partir();
  prevenir();
  avis.focus();
}
addEventListener('garde', () => {
  if (!avis || avis.hidden || sortie.dataset.sur) return;
  if (enAttente().length) prevenir();
  else rester();
});
avis?.querySelector('[data-rester]').addEventListener('click', rester);
avis?.querySelector('[data-partir]').addEventListener('click', partir);
