// Lit des suites de gestes (JSON), rend l’état que le téléphone montre après chacune : le serveur doit dire le même.
import { text } from 'node:stream/consumers';
import { ouvrirFeuille } from './lignes.mjs';

process.env.TZ = 'Europe/Paris'; // l’heure du téléphone
const { ligne, lireEtat, poser, cocher } = await ouvrirFeuille();
function jouer(gestes) {
  ligne.efface = undefined;
  poser(ligne, {});
  const avants = [];
  let avant; // ce que la page montrait avant la réponse que l’on défait, dont chaque geste est annulé
  for (const [quoi, coche, a] of gestes) {
    avants.push(JSON.stringify(lireEtat(ligne)));
    avant = quoi === 'annule' ? (avant ?? avants[coche]) : undefined;
    cocher({ enfant: '7', quoi, coche, a, avant });
  }
  const { present, parti, depart } = lireEtat(ligne);
  return [present, parti, depart];
}
console.log(JSON.stringify(JSON.parse(await text(process.stdin)).map(jouer)));
