{% load static %}// Tient ouvertes sans réseau les feuilles du jour et les fiches de leurs enfants : le serveur d’abord, sinon ce que
// l’appareil a gardé, douze heures au plus. Il ne répond qu’aux pages de l’équipe. Ses fichiers sont à part de ces
// pages : une sortie, une session finie, la page de connexion effacent celles-ci.
const EQUIPE = '{% url "enfance:equipe" %}';
const HORS_LIGNE = '{% url "enfance:feuille_hors_ligne" %}';
const FICHES = '{% url "enfance:feuille_fiches" %}';
const FICHIERS = [
  HORS_LIGNE,
  '{% static "css/portail.css" %}',
  '{% static "css/appel.css" %}',
  '{% static "css/porte.css" %}',
  '{% static "js/chercher.js" %}',
  '{% static "js/comptes.js" %}',
  '{% static "js/garde.js" %}',
  '{% static "js/avant.js" %}',
  '{% static "js/attente.js" %}',
  '{% static "js/bandeau.js" %}',
  '{% static "js/cloture.js" %}',
  '{% static "js/collegues.js" %}',
  '{% static "js/annonce.js" %}',
  '{% static "js/deconnexion.js" %}',
  '{% static "js/demandes.js" %}',
  '{% static "js/feuille.js" %}',
  '{% static "js/fiche.js" %}',
  '{% static "js/gestes.js" %}',
  '{% static "js/journee.js" %}',
  '{% static "js/lignes.js" %}',
  '{% static "js/session.js" %}',
  '{% static "js/sortie.js" %}',
  '{% static "polices/nunito-sans-fr.woff2" %}',
  '{% static "img/icone.svg" %}',
];
const VIE = {{ vie }} * 1000; // en millisecondes, comme la durée qui suit
const PATIENCE = 6000;
const POUR = 'x-feuille-du-jour'; // en-tête du serveur : l’agent et le jour à qui est cette page, et elle seule
const GARDE_LE = 'x-garde-le'; // en-tête ajouté ici : l’instant où la page a été gardée

const ouvrirFeuilles = () => caches.open('feuilles');
const ouvrirFichiers = () => caches.open('fichiers');
const chemin = adresse => new URL(adresse).pathname;
const ecole = adresse => new URL(adresse).searchParams.get('ecole');
// La feuille d’une école ne tient pas lieu de celle d’une autre.
const tientLieu = (gardee, cherchee) => {
  if (chemin(gardee) !== chemin(cherchee)) return false;
  return !ecole(cherchee) || ecole(cherchee) === ecole(gardee);
};

// Sans ce qu’une page de la feuille montre de plus : l’enfant qui vient d’y être ajouté, une question.
const simplifier = adresse => {
  const simple = new URL(adresse);
  for (const plus of ['ajoute', 'clore', 'remis', 'personne']) simple.searchParams.delete(plus);
  return simple.href;
};
const direHeure = instant =>
  new Date(instant).toLocaleTimeString('fr-FR', { hour: 'numeric', minute: '2-digit' }).replace(':', '\u00a0h\u00a0');

const dater = (corps, entetes) => {
  const gardes = new Headers(entetes);
  gardes.set(GARDE_LE, Date.now());
  return new Response(corps, { headers: gardes });
};

// Garde ce que le serveur dit d’aujourd’hui. Les pages d’un autre jour ou d’un autre agent s’en vont.
async function garder(adresse, reponse) {
  const pour = reponse.headers.get(POUR);
  if (!pour) return;
  const copie = reponse.clone();
  const cache = await ouvrirFeuilles();
  await cache.put(adresse, dater(await copie.blob(), reponse.headers));
  for (const requete of await cache.keys()) {
    const gardee = await cache.match(requete);
    if (gardee?.headers.get(POUR) !== pour) await cache.delete(requete);
  }
}

// Les pages gardées qui valent encore, la plus récente d’abord ; efface les autres.
async function lireGardees() {
  const cache = await ouvrirFeuilles();
  const gardees = [];
  for (const requete of await cache.keys()) {
    const page = await cache.match(requete);
    const instant = Number(page?.headers.get(GARDE_LE)); // rien, d’une page qui n’a pas fini de s’écrire
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

// La fiche de l’enfant que nomme cette adresse, mise dans la page que le serveur a donnée pour elles toutes.
async function ouvrirFiche(adresse, gardees) {
  const [, jour, enfant] = /\/([\d-]+)\/enfants\/(\d+)\/$/.exec(chemin(adresse)) ?? [];
  const trouvees = gardees.find(gardee => chemin(gardee.adresse) === FICHES);
  if (!trouvees?.page.headers.get(POUR).endsWith(`:${jour}`)) return undefined;
  const { modele, fiches } = await trouvees.page.json();
  const fiche = fiches[enfant];
  if (!fiche) return undefined;
  const mots = { nom: fiche.nom, fiche: fiche.html, heure: direHeure(trouvees.instant) };
  const entetes = new Headers(trouvees.page.headers);
  entetes.set('content-type', 'text/html; charset=utf-8');
  return new Response(
    modele.replace(/§(\w+)§/g, (_, mot) => mots[mot]),
    { headers: entetes },
  );
}

// La feuille dit depuis quand elle est gardée.
async function rouvrir({ page, instant }) {
  const corps = (await page.text()).replace('data-feuille=', `data-rouverte="${direHeure(instant)}" $&`);
  return new Response(corps, { headers: page.headers });
}

// La page gardée pour cette adresse, sinon la page « hors ligne ».
async function ouvrirGardee(adresse) {
  const gardees = await lireGardees();
  const trouver = cherchee => gardees.find(gardee => tientLieu(gardee.adresse, cherchee));
  const trouvee = gardees.find(gardee => gardee.adresse === simplifier(adresse)) ?? trouver(adresse);
  if (trouvee) return rouvrir(trouvee);
  const fiche = await ouvrirFiche(adresse, gardees);
  if (fiche) return fiche;
  const feuille = gardees.find(gardee => /\d\/$/.test(chemin(gardee.adresse)));
  if (chemin(adresse) === EQUIPE && feuille) return Response.redirect(feuille.adresse);
  return trouver(new URL(HORS_LIGNE, adresse))?.page ?? (await caches.match(HORS_LIGNE)) ?? Response.error();
}

async function ouvrir(evenement) {
  const [adresse] = evenement.request.url.split('#');
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

// Un envoi ne se garde pas. « Appel terminé » qui n’est pas parti ramène à la feuille, qui le dit ; un autre, à la page
// « hors ligne ».
async function envoyer(requete) {
  const corps = await requete.clone().formData();
  try {
    return await fetch(requete);
  } catch {
    return corps.has('terminer')
      ? Response.redirect(`${requete.url.split('#')[0]}#pas-clos`, 303)
      : ouvrirGardee(new URL(HORS_LIGNE, requete.url).href);
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

// Les fiches, redemandées chaque fois : le serveur ne les redit (304) que si l’une a changé.
async function garderFiches() {
  const adresse = new URL(FICHES, location).href;
  const connues = (await lireGardees()).find(gardee => gardee.adresse === adresse)?.page;
  const headers = connues ? { 'If-None-Match': connues.headers.get('etag') } : {};
  const reponse = await fetch(adresse, { redirect: 'manual', cache: 'no-store', headers });
  if (reponse.status === 304) await (await ouvrirFeuilles()).put(adresse, dater(await connues.blob(), connues.headers));
  else await suivre(adresse, reponse);
}

// La page qui s’ouvre nomme les feuilles de sa journée, elle d’abord : celles qui manquent sont gardées d’avance, et la
// page « hors ligne » de cet agent. Elle apprend aussitôt qu’elle est gardée : jusque-là, elle ne se rouvrirait pas. Si
// elle montre plus que la feuille, celle qui est gardée date d’avant : elle est redemandée.
async function garderDAvance(feuilles, source) {
  const gardees = async () => (await lireGardees()).map(gardee => gardee.adresse);
  const deja = await gardees();
  const ici = simplifier(feuilles[0]);
  const pages = new Set([ici, ...feuilles.slice(1), new URL(HORS_LIGNE, location).href]);
  try {
    for (const adresse of pages) {
      const agee = adresse === ici && ici !== feuilles[0];
      if (agee || !deja.includes(adresse)) await suivre(adresse, await fetch(adresse, { redirect: 'manual' }));
      if (adresse === ici) source.postMessage((await gardees()).includes(adresse));
    }
    await garderFiches();
  } catch {
    // sans réseau : ce qui manque sera gardé quand il reviendra
  }
}

self.addEventListener('install', evenement => evenement.waitUntil(installer()));
self.addEventListener('activate', evenement => evenement.waitUntil(remplacer()));
self.addEventListener('message', evenement => evenement.waitUntil(garderDAvance(evenement.data, evenement.source)));
self.addEventListener('fetch', evenement => {
  const { request } = evenement;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.mode === 'navigate') {
    evenement.respondWith(request.method === 'GET' ? ouvrir(evenement) : envoyer(request));
  } else if (FICHIERS.includes(pathname)) {
    evenement.respondWith(caches.match(pathname).then(garde => garde ?? fetch(request)));
  }
});
