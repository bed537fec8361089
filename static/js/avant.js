// Ce que la version d’avant tenait dans localStorage, demandé s’il en reste : des listes de gestes, les cases d’un
// compte sous une seule clé. Il n’en est effacé qu’une fois écrit là où tout est gardé (garde.js).
function deplier(cle) {
  const valeur = JSON.parse(localStorage.getItem(cle));
  const [file, compte] = cle.split(':');
  if (file === 'cases') return Object.entries(valeur).map(([tuile, gardee]) => [`${cle}:${tuile}`, gardee]);
  if (file === 'avis' || file === 'etat') return [[cle, valeur]];
  return valeur.map(geste => [`${file}:${compte}:${geste.id}`, geste]);
}

export async function reprendre(anciennes, gardes, garder) {
  const entrees = anciennes.flatMap(deplier).filter(([cle]) => !gardes.has(cle));
  if (await garder(entrees)) anciennes.forEach(cle => localStorage.removeItem(cle));
}
