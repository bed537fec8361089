// Un téléphone partagé : ce qu’un collègue y a pointé et qui n’est pas parti attend son retour. L’appareil ne garde que
// le numéro du compte ; le prénom vient du serveur, à qui le demande connecté.
import { agent, demander, direHeure, direNombre, equipe } from './attente.js';
import { gardes, lister } from './garde.js';

function lireGestes() {
  const collegues = new Map();
  for (const cle of lister('pointages:')) {
    const [, compte] = cle.split(':');
    if (compte !== agent) collegues.set(compte, [...(collegues.get(compte) ?? []), gardes.get(cle)]);
  }
  return collegues;
}
async function demanderPrenoms(comptes, { feuille }) {
  const [jour, creneau] = feuille.split(':');
  try {
    return (await demander(`${equipe}${jour}/etat.json?creneau=${creneau}&agents=${comptes.join('+')}`)).agents;
  } catch {
    return {}; // sans réseau : un collègue
  }
}

export async function direCollegues(formulaire) {
  const gestes = lireGestes();
  if (!gestes.size) return;
  const modele = formulaire.querySelector('[data-collegue]');
  const [[premier]] = gestes.values(); // sa feuille, que l’agent voit peut-être aussi
  const prenoms = await demanderPrenoms([...gestes.keys()], premier);
  for (const [compte, siens] of gestes) {
    const { prenom, de } = prenoms[compte] ?? { prenom: 'ce collègue', de: 'd’un collègue' };
    const [attendent, ils, sont, partiront, les] =
      siens.length > 1
        ? ['attendent', 'Ils', 'sont gardés', 'partiront', 'ni les lire ni les envoyer']
        : ['attend', 'Il', 'est gardé', 'partira', 'ni le lire ni l’envoyer'];
    const [depuis] = siens.map(geste => geste.a).sort();
    const avis = modele.cloneNode(true);
    avis.querySelector('h2').textContent = `${direNombre(siens.length)} ${de} ${attendent} son retour`;
    avis.querySelector('p').textContent =
      `${ils} ${sont} sur ce téléphone depuis ${direHeure(depuis)} et ${partiront} quand ${prenom} s’y ` +
      `reconnectera. Vous ne pouvez ${les}\u00a0: pointez ce que vous voyez, l’heure ${de} ne sera pas écrasée.`;
    modele.before(avis);
    avis.hidden = false;
  }
}
