// Ce que l’appareil garde en attendant le serveur : dans IndexedDB, écrit jusqu’au disque (« strict ») avant d’être dit
// gardé. Un navigateur tué perdait les dernières secondes de localStorage. Une clé par chose, avec son compte dedans
// (« pointages:12:… ») ; des numéros et des heures, aucun nom. La page en a le reflet, que les autres onglets suivent.
export const gardes = new Map();

const enSuspens = new Map(); // pas encore sur le disque : la valeur, ou rien pour une clé qui s’en va
const canal = new BroadcastChannel('garde');
const PATIENCE = 3000; // en millisecondes : une base qui ne s’ouvre pas n’empêche pas de pointer
const AVANT = /^(pointages|lectures|avis|etat|cases):/;
let base;
let refuse = false;

export const estGarde = cle => gardes.has(cle) && !enSuspens.has(cle);
// L’appareil ne garde rien (stockage refusé, plein) : cette page seule tient ce qui attend.
export const neGardeRien = () => refuse;
export const lister = prefixe => [...gardes.keys()].filter(cle => cle.startsWith(prefixe));

function ouvrir() {
  base ??= new Promise((suite, echec) => {
    const demande = indexedDB.open('garde', 1);
    demande.onupgradeneeded = () => demande.result.createObjectStore('gardes');
    demande.onsuccess = () => {
      demande.result.onclose = oublierBase; // une déconnexion efface tout sous la page
      suite(demande.result);
    };
    demande.onerror = () => echec(demande.error);
  });
  return base;
}
function oublierBase() {
  base = undefined;
}
// Une transaction jusqu’à sa fin ; si elle échoue, la prochaine rouvre la base.
async function transiger(mode, agir) {
  try {
    const ouverte = await ouvrir();
    const transaction = ouverte.transaction('gardes', mode, { durability: 'strict' });
    return await new Promise((suite, echec) => {
      const demandes = agir(transaction.objectStore('gardes'));
      transaction.oncomplete = () => suite(demandes?.map(demande => demande.result));
      transaction.onabort = () => echec(transaction.error);
    });
  } catch (raison) {
    oublierBase();
    throw raison;
  }
}
function poser(cle, valeur) {
  if (valeur === undefined) gardes.delete(cle);
  else gardes.set(cle, valeur);
}
function refleter(entrees) {
  for (const [cle, valeur] of entrees) if (!enSuspens.has(cle)) poser(cle, valeur);
  dispatchEvent(new Event('garde'));
}

// Pose ces [clé, valeur] aussitôt, sans valeur pour effacer ; rend l’écriture finie : faux, elle n’a pas pu se faire,
// et la prochaine la refera.
export async function garder(entrees) {
  for (const [cle, valeur] of entrees) {
    poser(cle, valeur);
    enSuspens.set(cle, valeur);
  }
  dispatchEvent(new Event('garde')); // attend d’être écrit
  const lot = [...enSuspens];
  try {
    await transiger('readwrite', coffre => {
      for (const [cle, valeur] of lot) valeur === undefined ? coffre.delete(cle) : coffre.put(valeur, cle);
    });
    refuse = false;
    for (const [cle, valeur] of lot) {
      if (enSuspens.get(cle) === valeur) enSuspens.delete(cle);
    }
    canal.postMessage(lot);
  } catch {
    refuse = true;
  }
  dispatchEvent(new Event('garde'));
  return !refuse;
}
export const oublier = cles => garder(cles.map(cle => [cle]));

// Ce que d’autres onglets ont pu écrire pendant que celui-ci dormait.
export async function relire() {
  const [cles, valeurs] = await transiger('readonly', coffre => [coffre.getAllKeys(), coffre.getAll()]);
  gardes.clear();
  cles.forEach((cle, rang) => gardes.set(cle, valeurs[rang]));
  for (const [cle, valeur] of enSuspens) poser(cle, valeur);
}

// La version d’avant tenait tout dans localStorage.
async function charger() {
  try {
    await relire();
  } catch {
    refuse = true;
  }
  try {
    const anciennes = Object.keys(localStorage).filter(cle => AVANT.test(cle));
    if (anciennes.length) await (await import('./avant.js')).reprendre(anciennes, gardes, garder);
  } catch {
    // stockage refusé, réseau absent : la prochaine page les reprendra
  }
}
// Le reflet est là, ou la page se passe de ce que l’appareil garde.
export const pret = Promise.race([charger(), new Promise(suite => setTimeout(suite, PATIENCE))]);
canal.addEventListener('message', ({ data }) => refleter(data));
