// Un téléphone partagé : ce qu’un collègue y a pointé et qui n’est pas parti attend son retour. L’appareil ne garde que
// le numéro du compte ; le prénom vient du serveur, à qui le demande connecté.
import { agent, demander, direHeure, direNombre } from './attente.js';
import { gardes, lister } from './garde.js';

function lireCollegues() {
  const collegues = new Map();
  for (const cle of lister('pointages:')) {
    const [, compte] = cle.split(':');
    if (compte !== agent) collegues.set(compte, [...(collegues.get(compte) ?? []), gardes.get(cle).a]);
  }
  return collegues;
}
async function demanderPrenoms(etat, comptes) {
  try {
    return (await demander(`${etat}&agents=${comptes.join('+')}`)).agents;
  } catch {
    return {}; // sans réseau : un collègue
  }
}

export async function direCollegues(formulaire) {
  const modele = formulaire.querySelector('[data-collegue]');
  const collegues = lireCollegues();
  if (!collegues.size) return;
  const prenoms = await demanderPrenoms(formulaire.dataset.etat, [...collegues.keys()]);
  for (const [compte, instants] of collegues) {
    const { prenom, de } = prenoms[compte] ?? { prenom: 'ce collègue', de: 'd’un collègue' };
    const [ils, sont, partiront, attendent, les] =
      instants.length > 1
        ? ['Ils', 'sont gardés', 'partiront', 'attendent', 'ni les lire ni les envoyer']
        : ['Il', 'est gardé', 'partira', 'attend', 'ni le lire ni l’envoyer'];
    const avis = modele.cloneNode(true);
    avis.querySelector('h2').textContent = `${direNombre(instants.length)} ${de} ${attendent} son retour`;
    avis.querySelector('p').textContent =
      `${ils} ${sont} sur ce téléphone depuis ${direHeure(instants.sort()[0])} et ${partiront} quand ${prenom} s’y ` +
      `reconnectera. Vous ne pouvez ${les}\u00a0: pointez ce que vous voyez, l’heure ${de} ne sera pas écrasée.`;
    modele.before(avis);
    avis.hidden = false;
  }
}
