{% load static %}// Tient ouverte sans réseau la feuille du jour : le serveur d’abord, sinon ce que l’appareil a gardé, douze heures au
// plus. Il ne répond qu’aux pages de l’équipe. Ses fichiers sont à part des feuilles : une sortie, une session finie,
// la page de connexion effacent celles-ci.
const EQUIPE = '{% url "enfance:equipe" %}';
const HORS_LIGNE = '{% url "enfance:feuille_hors_ligne" %}';
const FICHIERS = [
  HORS_LIGNE,
  '{% static "css/portail.css" %}',
  '{% static "css/appel.css" %}',
  '{% static "js/chercher.js" %}',
  '{% static "js/comptes.js" %}',
  '{% static "js/attente.js" %}',
  '{% static "js/feuille.js" %}',
  '{% static "js/session.js" %}',
  '{% static "js/sortie.js" %}',
  '{% static "polices/nunito-sans-fr.woff2" %}',
  '{% static "img/icone.svg" %}',
];
const VIE = {{ vie }} * 1000; // en millisecondes, comme la durée qui suit
const PATIENCE = 6000;
const AGENT = 'x-feuille-du-jour'; // en-tête du serveur : l’agent à qui est la feuille d’aujourd’hui
const GARDE_LE = 'x-garde-le'; // en-tête ajouté ici : l’instant où la page a été gardée

const ouvrirFeuilles = () => caches.open('feuilles');
const ouvrirFichiers = () => caches.open('fichiers');
const chemin = adresse => new URL(adresse).pathname;

// Garde la feuille d’aujourd’hui seule : le serveur le dit de sa réponse. Celles d’un autre jour ou d’un autre agent
// s’en vont.
async function garder(adresse, reponse) {
  const agent = reponse.headers.get(AGENT);
  if (!agent) return;
  const copie = reponse.clone();
  const entetes = new Headers(reponse.headers);
  const cache = await ouvrirFeuilles();
  entetes.set(GARDE_LE, Date.now());
  await cache.put(adresse, new Response(await copie.blob(), { headers: entetes }));
  for (const requete of await cache.keys()) {
    const gardee = await cache.match(requete);
    const autreAgent = gardee?.headers.get(AGENT) !== agent;
    if (autreAgent || chemin(requete.url) !== chemin(adresse)) await cache.delete(requete);
  }
}

// Les pages gardées qui valent encore, la plus récente d’abord ; efface les autres.
async function lireGardees() {
  const cache = await ouvrirFeuilles();
  const gardees = [];
  for (const requete of await cache.keys()) {
    const page = await cache.match(requete);
    const instant = Number(page.headers.get(GARDE_LE));
    if (Date.now() - instant < VIE) gardees.push({ adresse: requete.url, page, instant });
    else await cache.delete(requete);
  }
  return gardees.sort((une, autre) => autre.instant - une.instant);
}

// Même venue trop tard, la réponse compte. L’adresse de l’équipe mène toujours ailleurs : à la feuille, ou à la page de
// connexion, qui efface tout.
async function suivre(adresse, reponse) {
  const renvoyee = reponse.type === 'opaqueredirect' && chemin(adresse) !== EQUIPE;
  if (reponse.status === 403 || renvoyee) await caches.delete('feuilles');
  else await garder(adresse, reponse);
}

// La page gardée pour cette adresse, sinon la page « hors ligne ».
async function ouvrirGardee(adresse) {
  const gardees = await lireGardees();
  const trouvee =
    gardees.find(gardee => gardee.adresse === adresse) ??
    gardees.find(gardee => chemin(gardee.adresse) === chemin(adresse));
  if (trouvee) return trouvee.page;
  if (chemin(adresse) === EQUIPE && gardees.length) return Response.redirect(gardees[0].adresse);
  return (await caches.match(HORS_LIGNE)) ?? Response.error();
}

async function ouvrir(evenement) {
  const adresse = new URL(evenement.request.url).href;
  const enLigne = fetch(evenement.request);
  const delai = new Promise((_, refuser) => setTimeout(refuser, PATIENCE));
  evenement.waitUntil(enLigne.then(reponse => suivre(adresse, reponse)).catch(() => {}));
  try {
    const reponse = await Promise.race([enLigne, delai]);
    if (reponse.status >= 500) throw reponse; // le serveur n’est pas là : comme sans réseau
    return reponse;
  } catch {
    return ouvrirGardee(adresse);
  }
}

async function installer() {
  await (await ouvrirFichiers()).addAll(FICHIERS);
  self.skipWaiting();
}

// Prend la place du service d’avant, et efface les fichiers qu’il gardait.
async function remplacer() {
  const cache = await ouvrirFichiers();
  for (const requete of await cache.keys()) {
    if (!FICHIERS.includes(chemin(requete.url))) await cache.delete(requete);
  }
  await self.clients.claim();
}

// La page qui s’ouvre nomme les feuilles de sa journée : celles qui manquent sont gardées d’avance.
async function garderDAvance(adresses) {
  const deja = new Set((await lireGardees()).map(gardee => gardee.adresse));
  for (const adresse of new Set(adresses)) {
    if (deja.has(adresse)) continue;
    try {
      await garder(adresse, await fetch(adresse, { redirect: 'manual' }));
    } catch {
      // sans réseau : elle sera gardée quand on l’ouvrira
    }
  }
}

self.addEventListener('install', evenement => evenement.waitUntil(installer()));
self.addEventListener('activate', evenement => evenement.waitUntil(remplacer()));
self.addEventListener('message', evenement => evenement.waitUntil(garderDAvance(evenement.data)));
self.addEventListener('fetch', evenement => {
  const { request } = evenement;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== 'GET') return;
  if (request.mode === 'navigate') {
    evenement.respondWith(ouvrir(evenement));
  } else if (FICHIERS.includes(pathname)) {
    evenement.respondWith(caches.match(pathname).then(garde => garde ?? fetch(request)));
  }
});
