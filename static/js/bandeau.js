// Où en est l’envoi, sur le bandeau et sur chaque ligne : un point dès la case, « Envoi… » à 1 s, « En attente » à 4 s.
// « Gardé » se dit quand c’est écrit sur le disque, pas avant.
import { direReseau } from './annonce.js';
import { direGarde, direHeure, direNombre, enAttente, estDehors, estEcrit } from './attente.js';
import { neGardeRien } from './garde.js';

const LENT = 1000; // en millisecondes
const LONG = 4000;

// `lignes` : par enfant, ses cases. Rend de quoi dire autre chose, la panne, la réussite.
export function tenirBandeau(formulaire, lignes) {
  const { feuille, service, rouverte } = formulaire.dataset; // `rouverte` : sans réseau, telle que gardée à cette heure
  const barre = formulaire.querySelector('[data-barre]');
  const region = barre.querySelector('[data-reseau]');
  const offres = [...barre.querySelectorAll('[data-offre]')];
  let panne; // la réponse de qui n’est pas le portail, l’erreur du réseau, ou « lent »
  let finie; // l’heure où la session a été dite finie
  let repos; // d’une marque à la suivante
  let parole; // qui parle à la place du réseau

  // `attente` : rien n’est fini ; `offre` : le bouton qui va avec, s’il en faut un autre que celui qui renvoie.
  function dire(phrase, detail, attente = false, offre = enAttente().length ? 'enregistrer' : '') {
    direReseau(phrase, detail, attente);
    barre.classList.toggle('barre--att', attente);
    for (const bouton of offres) {
      const cache = bouton.dataset.offre !== offre;
      if (cache && document.activeElement === bouton) region.focus(); // il s’en va sous le clavier
      bouton.hidden = cache;
    }
    offres[0].textContent = attente ? 'Réessayer' : 'Enregistrer l’appel';
  }

  const durer = geste => Date.now() - Date.parse(geste.a);
  function direMot(ligne, gestes) {
    const marque = ligne.nom.closest('th').querySelector('.envoi') ?? document.createElement('small');
    if (!gestes.length || !gestes.every(estEcrit)) return marque.remove();
    const long = panne || gestes.some(geste => durer(geste) >= LONG);
    const dure = long || gestes.some(geste => durer(geste) >= LENT);
    const mot = document.createElement('span');
    mot.textContent = 'pointage noté sur ce téléphone';
    if (dure) mot.textContent = long ? 'En attente' : 'Envoi…';
    else mot.className = 'vh';
    marque.className = long ? 'envoi envoi--att' : 'envoi';
    if (marque.textContent !== mot.textContent) marque.replaceChildren(mot);
    if (!marque.isConnected) ligne.nom.closest('th').append(marque);
  }
  function marquer() {
    const gestes = enAttente().filter(geste => geste.feuille === feuille);
    for (const [enfant, ligne] of Object.entries(lignes)) {
      const siens = gestes.filter(geste => geste.enfant === enfant);
      for (const quoi of ['present', 'parti']) {
        ligne[quoi].parentElement.classList.toggle('modif', siens.some(geste => geste.quoi === quoi));
      }
      direMot(ligne, siens);
    }
    clearTimeout(repos);
    if (gestes.some(geste => durer(geste) < LONG)) repos = setTimeout(redire, LENT / 2);
  }
  function direSuite(nombre) {
    if (neGardeRien()) return direGarde(nombre);
    const suite = nombre > 1 ? 'Ils partiront seuls, avec leur heure.' : 'Il partira seul, avec son heure.';
    if (rouverte) return `${suite} Feuille gardée à ${rouverte}.`;
    if (service && formulaire.dataset.gardee === undefined) {
      return 'Ne fermez pas cette page\u00a0: elle ne se rouvrirait pas sans réseau.';
    }
    return suite;
  }
  function direPanne() {
    const nombre = enAttente().length;
    const ecrits = enAttente().filter(estEcrit).length;
    if (estDehors(panne)) {
      const suite = neGardeRien() ? direGarde(nombre) : 'Pointez encore\u00a0: tout est gardé ici.';
      dire(`Session finie à ${direHeure(finie)}`, suite, true, 'reconnecter');
    } else if (ecrits) {
      dire(`${direNombre(ecrits)} gardé${ecrits > 1 ? 's' : ''} sur ce téléphone`, direSuite(ecrits), true);
    } else if (nombre) {
      dire(`${direNombre(nombre)} en attente de réseau`, neGardeRien() ? direGarde(nombre) : '', true);
    } else {
      const age = rouverte ? `\u00a0: feuille gardée à ${rouverte}` : '';
      dire(`Pas de réseau${age}`, 'Vous pouvez pointer\u00a0: tout partira au retour du réseau.', true);
    }
  }
  // Un envoi qui dure est une panne, jusqu’à ce qu’il réponde.
  function redire() {
    if (!panne && enAttente().some(geste => durer(geste) >= LONG)) panne = 'lent';
    marquer();
    if (parole) parole();
    else if (panne) direPanne();
  }

  addEventListener('garde', redire);
  formulaire.addEventListener('gardee', redire);
  offres[0].hidden = !enAttente().length; // rien à enregistrer : chaque case est partie
  if (neGardeRien()) dire('Cet appareil ne garde rien', 'Sans réseau, ne fermez pas cette page.', true);
  marquer();
  return {
    dire,
    // Laisse parler, jusqu’à nouvel ordre, à chaque fois que quelque chose change.
    ceder(suite) {
      parole = suite;
      redire();
    },
    echouer(raison) {
      panne = raison;
      if (estDehors(panne)) finie ??= Date.now();
      redire();
    },
    // Rend vrai si une panne vient de finir.
    reussir() {
      const finissait = Boolean(panne);
      panne = finie = undefined;
      marquer();
      return finissait;
    },
  };
}
