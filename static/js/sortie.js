// Se déconnecter efface ce que l’appareil garde : ce qui attend part d’abord ; s’il en reste, la page dit de qui, tant
// que tout n’est pas parti.
import { direNombre, enAttente, synchroniser } from './attente.js';
import { lireCollegues } from './collegues.js';
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

async function prevenir() {
  const siens = enAttente().length;
  const collegues = await lireCollegues();
  const [ne, s] = siens > 1 ? ['ne sont', 's'] : ['n’est', ''];
  const phrases = collegues.map(({ attend }) => `${attend}.`);
  if (siens) phrases.unshift(`${direNombre(siens)} ${ne} pas encore envoyé${s}.`);
  const conseils = [];
  if (siens) conseils.push('attendez le retour du réseau.');
  const qui = collegues.length > 1 ? 'leur' : 'lui';
  if (collegues.length) conseils.push(`demandez-${qui} de se connecter d’abord, rien ne part sans cela.`);
  avis.querySelector('b').textContent = phrases.join(' ');
  avis.querySelector('span').textContent = `Se déconnecter efface tout\u00a0: ${conseils.join(' Pour les autres, ')}`;
  avis.hidden = !compterEnAttente(); // tout a pu partir pendant qu’on demandait les prénoms
}
function rester() {
  if (avis.contains(document.activeElement)) sortie.querySelector('button').focus();
  avis.hidden = true;
}

sortie?.addEventListener('submit', async evenement => {
  if (confirmee || evenement.defaultPrevented) return;
  evenement.preventDefault();
  if (compterEnAttente() || enAttente('lectures').length) await Promise.race([synchroniser(), patienter()]);
  if (!compterEnAttente()) return partir();
  await prevenir();
  avis.focus();
});
addEventListener('garde', () => {
  if (!avis || avis.hidden || confirmee) return;
  if (compterEnAttente()) prevenir();
  else rester();
});
avis?.querySelector('[data-rester]').addEventListener('click', rester);
avis?.querySelector('[data-partir]').addEventListener('click', partir);
