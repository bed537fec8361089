// Ce qu’un navigateur donne aux scripts de la page, en assez peu pour être relu : une base IndexedDB dont l’écriture se
// finit quand le test le dit, un localStorage, un réseau qui répond ce que le test veut. Rien d’installé.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as attendre } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

// Une base IndexedDB à un seul magasin. `retenue` : les écritures attendent `finir()` ; `refuse` : elles échouent.
export class Base {
  lignes = new Map();
  retenue = false;
  refuse = false;
  ouvertures = 0;
  #suspendues = [];

  open() {
    const demande = {};
    this.ouvertures += 1;
    queueMicrotask(() => {
      if (this.refuse) {
        demande.error = new Error('refusé');
        demande.onerror?.();
        return;
      }
      demande.result = { createObjectStore() {}, transaction: (nom, mode) => this.#transaction(mode) };
      demande.onupgradeneeded?.();
      demande.onsuccess();
    });
    return demande;
  }
  #transaction(mode) {
    const voulues = [];
    const transaction = {
      objectStore: () => ({
        put: (valeur, cle) => voulues.push([cle, structuredClone(valeur)]),
        delete: cle => voulues.push([cle]),
        getAllKeys: () => ({ result: [...this.lignes.keys()] }),
        getAll: () => ({ result: [...this.lignes.values()].map(valeur => structuredClone(valeur)) }),
      }),
    };
    const finir = () => {
      if (this.refuse) return transaction.onabort();
      for (const [cle, valeur] of voulues) valeur === undefined ? this.lignes.delete(cle) : this.lignes.set(cle, valeur);
      return transaction.oncomplete();
    };
    if (mode === 'readwrite' && this.retenue) this.#suspendues.push(finir);
    else queueMicrotask(finir);
    return transaction;
  }
  // La plus ancienne écriture retenue arrive sur le disque.
  async finir() {
    this.#suspendues.shift()();
    await calme();
  }
}

class Stockage {
  constructor(valeurs) {
    Object.assign(this, valeurs);
  }
  getItem(cle) {
    return this[cle] ?? null;
  }
  removeItem(cle) {
    delete this[cle];
  }
}

// Les onglets ouverts sur le même appareil s’entendent ; chacun n’entend que les autres.
class Canal extends EventTarget {
  static ouverts = new Set();
  constructor() {
    super();
    Canal.ouverts.add(this);
  }
  postMessage(data) {
    for (const autre of Canal.ouverts) {
      if (autre !== this) autre.dispatchEvent(Object.assign(new Event('message'), { data: structuredClone(data) }));
    }
  }
}

const { setTimeout: minuter } = globalThis;
const COPIES = mkdtempSync(join(tmpdir(), 'scripts-')); // des scripts : une par page
process.on('exit', () => rmSync(COPIES, { recursive: true }));
// Les tâches en cours sont finies.
export const calme = () => attendre(15);

// Ouvre une page : les scripts pris ensuite la trouvent. `elements` : ce que `document.querySelector` y trouve, par
// sélecteur. `prendre` donne un script neuf, et ce qu’il importe : rien ne reste de la page d’avant.
// `repondre` : ce que le réseau répond à un envoi ; une exception quand il n’y en a pas. `remplaces` : par nom, le texte
// d’un script qui en tient lieu d’un autre.
export function ouvrirPage({ elements = {}, stockage = {}, base = new Base(), repondre, remplaces = {}, seule = true } = {}) {
  if (seule) Canal.ouverts.clear();
  const fenetre = new EventTarget();
  const document = Object.assign(new EventTarget(), {
    hidden: false,
    querySelector: choix => elements[choix] ?? null,
    querySelectorAll: choix => elements[choix] ?? [],
  });
  const cachesOublies = [];
  const envois = [];
  const rythmes = []; // ce qui se répète, à faire battre soi-même
  const globales = {
    document,
    location: { search: '', toString: () => 'http://portail/' },
    indexedDB: base,
    localStorage: new Stockage(stockage),
    caches: { delete: async nom => cachesOublies.push(nom) },
    BroadcastChannel: Canal,
    addEventListener: fenetre.addEventListener.bind(fenetre),
    dispatchEvent: fenetre.dispatchEvent.bind(fenetre),
    setTimeout: (faire, delai) => minuter(faire, delai).unref(),
    setInterval: faire => rythmes.push(faire),
    fetch: async (adresse, options) => {
      const envoi = { adresse, corps: options.body };
      envois.push(envoi);
      return repondre(envoi);
    },
  };
  for (const [nom, value] of Object.entries(globales)) {
    Object.defineProperty(globalThis, nom, { value, configurable: true, writable: true });
  }
  const dossier = mkdtempSync(join(COPIES, 'page-'));
  cpSync(new URL('../../static/js', import.meta.url), dossier, { recursive: true });
  const textes = { ...remplaces, 'package.json': '{"type": "module"}' };
  for (const [nom, texte] of Object.entries(textes)) writeFileSync(join(dossier, nom), texte);
  const prendre = nom => import(pathToFileURL(join(dossier, nom)));
  return { base, fenetre, document, cachesOublies, envois, rythmes, prendre };
}
