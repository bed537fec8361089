// Les gestes de l’équipe sur une ligne : chaque case part dès qu’elle est cochée, ce qu’elle demande s’ouvre sous elle.
import { annoncer } from './annonce.js';
import { ajouter, synchroniser } from './attente.js';
import { fermer, genreOuvert, lireQui, ouvrir } from './demandes.js';
import { cocher, compter, demanderArrivee, direLigne, formulaire, lignes, lireEtat, motsDe } from './lignes.js';

const RIEN = 'rien::remis:'; // à qui l’enfant est remis n’est plus dit
const REPONSES = {
  ici: [
    ['parti', 0],
    ['present', 1],
  ],
  reparti: [['present', 1]],
  absent: [['parti', 0]],
  encore: [['parti', 0]],
  efface: [['present', 0]],
};

export function pointer(...gestes) {
  const { feuille } = formulaire.dataset;
  const faits = gestes.map(([enfant, quoi, coche, suite]) => ajouter({ feuille, enfant, quoi, coche, ...suite }));
  faits.forEach(cocher);
  compter();
  synchroniser();
  return faits;
}
// Les gestes d’une même case ou d’une même réponse ; rend de quoi les annuler ensemble.
function poserEnsemble(ligne, gestes) {
  const { value: enfant } = ligne.present;
  const avant = lireEtat(ligne);
  const faits = pointer(...gestes.map(([quoi, coche]) => [enfant, quoi, coche]));
  return () => {
    const suite = { avant: JSON.stringify(avant) };
    const annules = faits.map(({ id }) => [enfant, 'annule', id, suite]);
    if (avant.remis) annules.push([enfant, 'remise', avant.remis]);
    pointer(...annules);
    proposer(ligne);
    annoncer(() => direLigne(ligne), 'Annulé');
  };
}
const direQuestion = ligne => `Une question attend sur ${lireQui(ligne.rangee).dit}`;
function faire(ligne, ...gestes) {
  const defaire = poserEnsemble(ligne, gestes);
  proposer(ligne);
  const { e } = lireQui(ligne.rangee);
  const enQuestion = ligne.parti.checked && !ligne.present.checked;
  if (enQuestion) annoncer(() => direQuestion(ligne), `Compté${e} encore là`, defaire);
  else annoncer(() => direLigne(ligne), '', defaire);
}
// De qui vient de partir, à qui on le remet ; de lui seul : ce qu’une autre ligne proposait s’en va.
function proposer(ligne) {
  for (const autre of Object.values(lignes)) {
    const ouvert = genreOuvert(autre.rangee);
    if (ouvert && ouvert !== 'arrivee' && autre !== ligne) fermer(autre.rangee);
  }
  const { attendus = [] } = lireQui(ligne.rangee);
  if (ligne.present.checked && ligne.parti.checked && attendus.length) ouvrir('remis', ligne.rangee, motsDe(ligne));
  else demanderArrivee(ligne);
}
function demanderDe(ligne, genre) {
  proposer(ligne);
  const suite = ouvrir(genre, ligne.rangee, motsDe(ligne));
  // Qui se présente se dit dans la question : le bandeau garde le dernier pointage, et de quoi l’annuler.
  if (genre === 'question') annoncer(() => direQuestion(ligne), '');
  return suite;
}
function noter(ligne, demande) {
  const [qui, suite] = ['venu', 'suite'].map(nom => demande.querySelector(`[name=${nom}]:checked`)?.value);
  if (!qui) {
    demande.querySelector('[name=venu]').focus();
    annoncer(() => 'Dites qui se présente', 'Rien n’en est encore noté.');
    return;
  }
  const remis = !suite.startsWith('non_remis');
  const gestes = remis && !ligne.parti.checked ? [['parti', 1]] : [];
  fermer(ligne.rangee);
  const defaire = poserEnsemble(ligne, [...gestes, ['remise', `${qui}:${suite}`]]);
  const { dit, e } = lireQui(ligne.rangee);
  const reste = ligne.present.checked ? `non remis${e}, reste encore là` : `non remis${e}`;
  annoncer(() => `${dit}\u00a0: ${remis ? `remis${e} après appel` : reste}`, 'Noté pour la mairie', defaire);
}

export function ecouter() {
  // D’une fiche, sans réseau aussi : « Une autre personne se présente ».
  const demandee = lignes[new URLSearchParams(location.search).get('personne')];
  if (demandee && !genreOuvert(demandee.rangee)) demanderDe(demandee, 'personne');
  formulaire.addEventListener('change', ({ target: pointage }) => {
    if (!pointage.matches('.pointage')) return;
    const ligne = lignes[pointage.value];
    const { checked } = pointage;
    pointage.checked = !checked; // c’est le geste qui coche
    const parti = ligne.parti.checked;
    if (pointage === ligne.present && parti) {
      if (ligne.present.checked) demanderDe(ligne, 'question');
      else annoncer(() => `Répondez d’abord pour ${lireQui(ligne.rangee).dit}`, 'Arrivée oubliée\u202f?');
    } else faire(ligne, [pointage.name, Number(checked)]);
  });
  formulaire.addEventListener('click', evenement => {
    const cible = evenement.target.closest('.suite-l button, .suite-l [data-personne], .suite-l [data-rien]');
    if (!cible) return;
    evenement.preventDefault();
    const rangee = cible.closest('tr').previousElementSibling;
    const ligne = lignes[rangee.querySelector('.pointage').value];
    const choix = cible.value?.replace(/^\d+:?/, '');
    if (cible.name === 'noter') noter(ligne, cible.closest('fieldset'));
    else if (cible.name === 'remise') faire(ligne, ['remise', cible.ariaPressed === 'true' ? RIEN : choix]);
    else if (REPONSES[choix]) faire(ligne, ...REPONSES[choix]);
    else if (cible.matches('[data-personne]')) demanderDe(ligne, 'personne').querySelector('legend').focus();
    else if (cible.matches('button, [data-rien]')) {
      fermer(rangee);
      annoncer(() => direLigne(ligne), 'Rien n’a changé.');
    }
  });
}
