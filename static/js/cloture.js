// « Appel terminé » attend ce qui part encore, dit quoi, et clôt dès qu’il peut ; sans réseau, une phrase d’ici répond.
import { direNombre, enAttente, synchroniser } from './attente.js';

const PATIENCE = 1000; // en millisecondes : une réponse plus prompte ne se fait pas attendre
const RYTHME = 7000;
const PAS_CLOS = '#pas-clos'; // le service revient ici quand l’envoi n’est pas parti

// `nommer` : ceux qui sont encore là. Rend ce qu’il faut lui dire d’un envoi.
export function attendreCloture(formulaire, bandeau, nommer) {
  const [attente, echec] = ['attente', 'echec'].map(nom => formulaire.querySelector(`[data-cloture=${nom}]`));
  let bouton; // celui qui a été pressé, tant que l’appel n’est pas clos
  let part = false;
  let delai;

  function montrer(avis) {
    for (const autre of [attente, echec]) if (autre !== avis) autre.hidden = true;
    if (!avis?.hidden) return;
    avis.hidden = false;
    avis.focus();
  }
  function attendre() {
    montrer(attente);
    bandeau.ceder(direAttente);
  }
  function direAttente() {
    const nombre = enAttente().length;
    const suite = nombre ? ` une fois ${direNombre(nombre)} reçu${nombre > 1 ? 's' : ''}` : ' dès que le réseau répond';
    const conseil = 'Gardez ce téléphone allumé\u00a0; vous pouvez ranger.';
    bandeau.dire(`L’appel sera clos${suite}`, conseil, true, 'renoncer');
  }
  function echouer() {
    const noms = nommer();
    const [verbe, s] = noms.length > 1 ? ['ne sont', 's'] : ['n’est', ''];
    const restent = `${noms.length}\u00a0enfant${s} ${verbe} pas reparti${s}\u00a0: ${noms.join('\u00a0; ')}.`;
    echec.querySelector('[data-restent]').textContent = noms.length ? restent : '';
    montrer(echec);
    bandeau.ceder(direEchec);
  }
  function direEchec() {
    const nombre = enAttente().length;
    const suite = nombre ? `${direNombre(nombre)} gardé${nombre > 1 ? 's' : ''} sur ce téléphone` : '';
    bandeau.dire('Pas de réseau\u00a0: l’appel n’est pas clos', suite, true, 'enregistrer');
  }
  function renoncer() {
    bouton = undefined;
    clearTimeout(delai);
    montrer();
    bandeau.dire('L’appel n’est pas clos', 'Vous pouvez continuer à pointer.');
    bandeau.ceder();
  }
  function demander(presse) {
    bouton = presse;
    clearTimeout(delai);
    if (enAttente().length) attendre();
    else delai = setTimeout(attendre, PATIENCE);
    synchroniser();
  }

  for (const element of formulaire.querySelectorAll('[data-offre=renoncer]')) {
    element.addEventListener('click', renoncer);
  }
  formulaire.addEventListener('submit', evenement => {
    if (part) return;
    evenement.preventDefault();
    const presse = evenement.submitter;
    if (presse?.name === 'terminer' || bouton) demander(presse?.name === 'terminer' ? presse : bouton);
    else synchroniser();
  });
  setInterval(() => bouton && synchroniser(), RYTHME);
  const tour = {
    // `clos` : l’appel l’est déjà, par un autre téléphone, ou par un envoi dont la réponse s’est perdue.
    reussir(clos) {
      if (!bouton || part || enAttente().length) return;
      if (clos) {
        location.reload();
        return;
      }
      part = true;
      formulaire.requestSubmit(bouton);
    },
    echouer() {
      clearTimeout(delai);
      if (bouton) echouer();
    },
  };
  if (location.hash === PAS_CLOS) {
    history.replaceState(null, '', location.href.replace(PAS_CLOS, ''));
    bouton = formulaire.querySelector('[name=terminer]');
    tour.echouer();
  }
  return tour;
}
