// « Appel terminé » nomme d’abord ceux qui sont encore là, sans réseau aussi. La réponse donnée, il attend ce qui part
// encore, dit quoi, et clôt dès qu’il peut ; sans réseau, une phrase d’ici répond.
import { direNombre, enAttente, synchroniser } from './attente.js';

const PATIENCE = 1000; // en millisecondes : une réponse plus prompte ne se fait pas attendre
const RYTHME = 7000;
const PAS_CLOS = '#pas-clos'; // le service revient ici quand l’envoi n’est pas parti

// `lireEncore` : ceux qui sont encore là. Rend ce qu’il faut lui dire d’un envoi.
export function attendreCloture(formulaire, bandeau, lireEncore) {
  const avis = ['question', 'attente', 'echec'].map(nom => formulaire.querySelector(`[data-cloture=${nom}]`));
  const [question, attente, echec] = avis;
  const posee = formulaire.querySelector('[data-encore-cles]'); // cette page est la question du serveur
  const reponse = Object.assign(document.createElement('input'), { type: 'hidden', name: 'encore' });
  let presse; // le bouton de la question
  let bouton; // celui qui a été pressé, tant que l’appel n’est pas clos
  let admis = []; // ceux avec qui l’appel sera clos quand même
  let part = false;
  let delai;

  function montrer(choisi) {
    for (const autre of avis) if (autre !== choisi) autre.hidden = true;
    if (!choisi?.hidden) return;
    choisi.hidden = false;
    choisi.focus();
  }
  function direRestent(encore) {
    const noms = encore.filter(({ doute }) => !doute).map(({ nom }) => nom);
    const doutes = encore.filter(({ doute }) => doute).map(({ nom }) => nom);
    const [verbe, s] = noms.length > 1 ? ['ne sont', 's'] : ['n’est', ''];
    const phrases = [
      noms.length && `${noms.length}\u00a0enfant${s} ${verbe} pas reparti${s}\u00a0: ${noms.join('\u00a0; ')}.`,
      doutes.length && `«\u00a0Arrivée oubliée\u202f?\u00a0» sans réponse\u00a0: ${doutes.join('\u00a0; ')}.`,
    ];
    return phrases.filter(Boolean).join(' ') || 'Tout le monde est reparti.';
  }
  const restent = () => lireEncore().some(({ enfant }) => !admis.includes(enfant));
  function admettre() {
    admis = lireEncore().map(({ enfant }) => enfant);
    reponse.value = admis.join(' ');
    if (!posee) formulaire.append(reponse);
  }
  function questionner() {
    bouton = undefined;
    clearTimeout(delai);
    direQuestion();
    montrer(question);
    bandeau.ceder();
    bandeau.dire('L’appel n’est pas clos', 'Répondez d’abord\u00a0: des enfants sont encore là.', true, '');
  }
  function direQuestion() {
    const encore = lireEncore();
    question.querySelector('[data-restent]').textContent = direRestent(encore);
    question.querySelector('[data-partis]').hidden = encore.every(({ doute }) => doute);
  }
  function terminer(choisi) {
    presse = choisi;
    if (restent()) questionner();
    else demander(presse);
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
    echec.querySelector('[data-restent]').textContent = direRestent(lireEncore());
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
    admis = [];
    clearTimeout(delai);
    montrer();
    bandeau.dire('L’appel n’est pas clos', 'Vous pouvez continuer à pointer.');
    bandeau.ceder();
  }
  function demander(choisi) {
    bouton = choisi;
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
    const { submitter } = evenement;
    if (submitter?.name === 'terminer') {
      if (posee) admettre();
      terminer(submitter);
    } else if (bouton) demander(bouton);
    else synchroniser();
  });
  question.querySelector('[data-quand-meme]').addEventListener('click', () => {
    admettre();
    demander(presse);
  });
  formulaire.addEventListener('compte', () => question.hidden || direQuestion());
  setInterval(() => bouton && synchroniser(), RYTHME);
  const tour = {
    // `clos` : l’appel l’est déjà, par un autre téléphone, ou par un envoi dont la réponse s’est perdue.
    reussir(clos) {
      if (!bouton || part || enAttente().length) return;
      if (clos) {
        location.reload();
        return;
      }
      if (restent()) {
        terminer(bouton); // quelqu’un d’autre est là depuis
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
    setTimeout(() => terminer(formulaire.querySelector('[name=terminer]'))); // quand les cases disent ce qui est gardé
  }
  return tour;
}
