// Un paiement dont la réponse n’est pas encore là : la page la redemande au portail, deux minutes au plus, et ne change
// qu’une fois, quand elle est venue. Sans ce fichier, un bouton la demande.
const attente = document.querySelector('[data-relire]');
const DELAIS = [...Array(10).fill(3000), ...Array(9).fill(10000)]; // en millisecondes, d’une question à l’autre

const attendre = delai => new Promise(suite => setTimeout(suite, delai));

async function estVenue() {
  const reponse = await fetch(location.href, { redirect: 'manual' });
  if (!reponse.ok) return false;
  return !new DOMParser().parseFromString(await reponse.text(), 'text/html').querySelector('[data-relire]');
}

async function guetter() {
  for (const delai of DELAIS) {
    await attendre(delai);
    if (document.hidden) continue;
    // Réseau absent : la prochaine fois.
    if (await estVenue().catch(() => false)) {
      location.replace(location.href);
      return;
    }
  }
  attente.hidden = true;
}

if (attente) {
  attente.hidden = false;
  guetter();
}
