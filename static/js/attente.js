// Ce que l’agent a fait à la grille et que le portail n’a pas encore reçu part de la page qui est ouverte, quelle
// qu’elle soit, dès que le réseau revient : les cases cochées (« pointages »), les fiches lues sans réseau
// (« lectures »). Chaque geste a sa clé (garde.js) : deux onglets ne s’effacent rien.
import { estGarde, garder, gardes, lister, neGardeRien, oublier, pret, relire } from './garde.js';

export const { agent, equipe } = document.querySelector('form.sortie')?.dataset ?? {};
const jeton = document.querySelector('form.sortie')?.elements.csrfmiddlewaretoken.value;
const ligne = document.querySelector('[data-attente]');
const PAR_ENVOI = 100;
const RYTHME = 7000; // en millisecondes, tant que des gestes attendent ; trois fois plus long sinon
const SEPT_JOURS = 604800000; // en millisecondes
// La feuille ouverte, qui dit elle-même ce qui attend.
let page = { nommer() {}, recevoir() {}, finir() {}, echouer() {}, actualiser() {} };
let enCours = Promise.resolve();
let prochain;
let tours = 0;
let dehors = false; // personne n’est connecté, a répondu le serveur en dernier
let avis = []; // ce que le serveur dit de l’envoi qui court

await pret;
// Du dernier envoi, d’une page à l’autre : l’enfant, la phrase.
const AVIS = `avis:${agent}`;
let aVerifier = gardes.get(AVIS) ?? [];

// Ce que d’autres agents ont laissé sur l’appareil attend leur retour, sept jours au plus.
export const listerAutres = () =>
  [...lister('pointages:'), ...lister('lectures:')].filter(cle => cle.split(':')[1] !== agent);
function oublierAnciens() {
  const limite = new Date(Date.now() - SEPT_JOURS).toISOString();
  const anciens = listerAutres().filter(cle => gardes.get(cle).a < limite);
  if (anciens.length) oublier(anciens);
}

const cleDe = (geste, file) => `${file}:${agent}:${geste.id}`;
// Les gestes qui attendent, dans leur ordre.
export function enAttente(file = 'pointages') {
  const gestes = lister(`${file}:${agent}:`).map(cle => gardes.get(cle));
  return gestes.sort((un, autre) => (un.a > autre.a) - (un.a < autre.a));
}
// `geste` : la feuille (« 2026-12-10:soir »), le numéro de l’enfant, ce qui est fait. L’écriture finie se dit par un
// événement « garde ».
export function ajouter(geste, file = 'pointages') {
  const complet = { ...geste, id: crypto.randomUUID(), a: new Date().toISOString() };
  garder([[cleDe(complet, file), complet]]);
  return complet;
}
export const estEcrit = geste => estGarde(cleDe(geste, 'pointages'));
export function direGarde(nombre) {
  if (neGardeRien()) return 'Cet appareil ne peut rien garder\u00a0: ne fermez pas cette page.';
  const s = nombre > 1 ? 's' : '';
  return `Gardé${s} sur cet appareil, envoyé${s} dès que le réseau revient.`;
}
export const direNombre = nombre => `${nombre}\u00a0pointage${nombre > 1 ? 's' : ''}`;
export const direHeure = instant =>
  new Date(instant).toLocaleTimeString('fr-FR', { hour: 'numeric', minute: '2-digit' }).replace(':', '\u00a0h\u00a0');
export const estDehors = raison => raison.type === 'opaqueredirect' || raison.status === 403;

export async function demander(adresse, options) {
  const delai = AbortSignal.timeout?.(15000);
  const reponse = await fetch(adresse, { redirect: 'manual', signal: delai, ...options });
  if (reponse.status === 200 || reponse.status === 400) return reponse.json();
  throw reponse; // ce n’est pas le portail qui répond : on garde
}
// Envoie des gestes d’une même feuille ; rend ce que le serveur en dit. Il reconnaît un geste déjà reçu à son « id ».
function poster(lot, adresse) {
  const [jour, creneau] = lot[0].feuille.split(':');
  const corps = new URLSearchParams({ creneau, envoye: new Date().toISOString(), csrfmiddlewaretoken: jeton });
  for (const geste of lot) {
    for (const [champ, valeur] of Object.entries(geste)) corps.append(champ, valeur);
  }
  return demander(`${equipe}${jour}/${adresse}/`, { method: 'POST', body: corps });
}
// Envoie toute une file dans l’ordre, feuille par feuille.
async function vider(file, adresse, recevoir) {
  for (let gestes; (gestes = enAttente(file)).length;) {
    const lot = gestes.filter(geste => geste.feuille === gestes[0].feuille).slice(0, PAR_ENVOI);
    const reponse = await poster(lot, adresse);
    oublier(lot.map(geste => cleDe(geste, file)));
    recevoir?.(lot, reponse);
  }
}
function recevoir(lot, reponse) {
  const refus = reponse.refus.map(({ id, phrase }) => ({ enfant: lot.find(geste => geste.id === id).enfant, phrase }));
  avis.push(...refus, ...reponse.avis.map(phrase => ({ phrase })));
  page.recevoir(lot[0].feuille, reponse.etat);
}
async function envoyer() {
  await vider('pointages', 'pointage', recevoir);
  aVerifier = avis;
  avis = [];
  garder([[AVIS, aVerifier.length ? aVerifier : undefined]]);
  direAttente();
  page.finir(direAvis());
}
function direAvis() {
  const phrases = aVerifier.map(({ enfant, phrase }) => {
    const nom = page.nommer(enfant);
    return nom ? `${nom}\u00a0: ${phrase}` : phrase;
  });
  return [...new Set(phrases)].join(' ');
}
async function tour() {
  await relire().catch(() => {}); // et les gestes d’ici sont écrits, si l’appareil garde
  try {
    if (enAttente().length) await envoyer();
    else await page.actualiser();
    await vider('lectures', 'lectures');
    dehors = false;
  } catch (raison) {
    dehors = estDehors(raison);
    if (dehors) await caches.delete('feuilles'); // les pages gardées ne sont plus à montrer
    direAttente();
    page.echouer(raison);
  }
}
// Un envoi à la fois ; ce qui vient pendant l’un part avec le suivant. Rend la fin de celui qui emporte tout.
export function synchroniser() {
  prochain ??= enCours.then(() => {
    prochain = undefined;
    enCours = tour();
    return enCours;
  });
  return prochain;
}
// Avec une feuille, c’est son bandeau qui parle.
export function suivre(feuille) {
  page = feuille;
  ligne?.remove();
  if (aVerifier.length) page.finir(direAvis());
}

function dire(titre, suite = '') {
  if (!ligne) return;
  ligne.hidden = !titre;
  const [debut, reste] = ligne.querySelectorAll('b, span');
  ligne.querySelector('a').hidden = !dehors;
  if (debut.textContent + reste.textContent === titre + suite) return;
  debut.textContent = titre;
  reste.textContent = suite;
}
function direAttente() {
  const nombre = enAttente().length;
  const verbe = nombre > 1 ? 'attendent' : 'attend';
  const suite = dehors ? 'Rien n’est perdu.' : direGarde(nombre);
  if (nombre) dire(`${direNombre(nombre)} ${verbe} ${dehors ? 'votre connexion' : 'le réseau'}.`, suite);
  else dire(direAvis() && 'À vérifier.', direAvis());
}
function battre() {
  tours += 1;
  if (!document.hidden && (tours % 3 === 0 || enAttente().length || enAttente('lectures').length)) synchroniser();
}

if (agent) {
  oublierAnciens();
  addEventListener('online', synchroniser);
  addEventListener('garde', direAttente);
  document.addEventListener('visibilitychange', () => document.hidden || synchroniser());
  setInterval(battre, RYTHME);
  setTimeout(() => {
    direAttente(); // la feuille, s’il y en a une, s’est fait connaître
    synchroniser();
  });
}
