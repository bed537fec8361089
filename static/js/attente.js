// Ce que l’agent a fait à la grille et que le portail n’a pas encore reçu part de la page qui est ouverte, quelle
// qu’elle soit, dès que le réseau revient : les cases cochées (« pointages »), les fiches lues sans réseau
// (« lectures »). Chaque geste a sa clé : deux onglets ne s’effacent rien. L’appareil ne garde ici que des numéros et
// des heures.
const { agent, equipe } = document.querySelector('form.sortie')?.dataset ?? {};
const jeton = document.querySelector('form.sortie')?.elements.csrfmiddlewaretoken.value;
const ligne = document.querySelector('[data-attente]');
const PAR_ENVOI = 100;
const RYTHME = 7000; // en millisecondes, tant que des gestes attendent ; trois fois plus long sinon
// La feuille ouverte, qui dit elle-même ce qui attend.
let page = { nommer() {}, recevoir() {}, finir() {}, direPanne() {}, actualiser() {} };
let enCours = Promise.resolve();
let prochain;
let tours = 0;
let dehors = false; // personne n’est connecté, a répondu le serveur en dernier
let avis = []; // ce que le serveur dit de l’envoi qui court
let volatils = []; // l’appareil n’a plus de place : cette page seule les garde

// Les clés des gestes de cet agent. Une version d’avant les tenait tous sous une seule.
const cles = file => Object.keys(localStorage).filter(cle => `${cle}:`.startsWith(`${file}:${agent}:`));
const lire = cle => JSON.parse(localStorage.getItem(cle)) ?? [];

function lireGardes(file) {
  try {
    return cles(file).flatMap(lire);
  } catch {
    return []; // stockage refusé
  }
}
// Du dernier envoi, d’une page à l’autre : l’enfant, la phrase.
let aVerifier = lireGardes('avis');

// Les gestes qui attendent, dans leur ordre.
export function enAttente(file = 'pointages') {
  const gestes = [...lireGardes(file), ...volatils.filter(geste => geste.file === file)];
  return gestes.sort((un, autre) => (un.a > autre.a) - (un.a < autre.a));
}
// `geste` : la feuille (« 2026-12-10:soir »), le numéro de l’enfant, ce qui est fait.
export function ajouter(geste, file = 'pointages') {
  const complet = { ...geste, id: crypto.randomUUID(), a: new Date().toISOString() };
  try {
    localStorage.setItem(`${file}:${agent}:${complet.id}`, JSON.stringify([complet]));
  } catch {
    volatils.push({ ...complet, file });
  }
  return complet;
}
function oublier(lot, file) {
  const envoyes = new Set(lot.map(geste => geste.id));
  const retirer = gestes => gestes.filter(geste => !envoyes.has(geste.id));
  volatils = retirer(volatils);
  for (const cle of lireGardes(file).length ? cles(file) : []) {
    const restent = retirer(lire(cle));
    if (restent.length) localStorage.setItem(cle, JSON.stringify(restent));
    else localStorage.removeItem(cle);
  }
}
export function direGarde(nombre) {
  if (volatils.length) return 'Cet appareil n’a plus de place\u00a0: ne fermez pas cette page.';
  const s = nombre > 1 ? 's' : '';
  return `Gardé${s} sur cet appareil, envoyé${s} dès que le réseau revient.`;
}
export const direNombre = nombre => `${nombre}\u00a0pointage${nombre > 1 ? 's' : ''}`;
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
    oublier(lot, file);
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
  try {
    localStorage.setItem(`avis:${agent}`, JSON.stringify(aVerifier));
  } catch {
    // plus de place : cette page seule le dira
  }
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
  try {
    if (enAttente().length) await envoyer();
    else await page.actualiser();
    await vider('lectures', 'lectures');
    dehors = false;
  } catch (raison) {
    dehors = estDehors(raison);
    if (dehors) await caches.delete('feuilles'); // les pages gardées ne sont plus à montrer
    direAttente();
    page.direPanne(raison);
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
  if (debut.textContent + reste.textContent === titre + suite) return;
  debut.textContent = titre;
  reste.textContent = suite;
}
function direAttente() {
  const nombre = enAttente().length;
  const verbe = nombre > 1 ? 'attendent' : 'attend';
  const suite = dehors ? 'Rechargez cette page\u00a0: rien n’est perdu.' : direGarde(nombre);
  if (nombre) dire(`${direNombre(nombre)} ${verbe} ${dehors ? 'votre connexion' : 'le réseau'}.`, suite);
  else dire(direAvis() && 'À vérifier.', direAvis());
}
function battre() {
  tours += 1;
  if (!document.hidden && (tours % 3 === 0 || enAttente().length || enAttente('lectures').length)) synchroniser();
}

if (agent) {
  addEventListener('online', synchroniser);
  addEventListener('storage', () => direAttente());
  document.addEventListener('visibilitychange', () => document.hidden || synchroniser());
  setInterval(battre, RYTHME);
  queueMicrotask(() => {
    direAttente(); // la feuille, s’il y en a une, s’est fait connaître
    synchroniser();
  });
}
