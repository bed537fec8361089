// Ce qu’un moment coûte, écrit une fois par rangée et dit par chaque case ; ce que le mois est devenu.
const chercherTout = selecteur => document.querySelectorAll(selecteur);

function element(nom, texte, attributs = {}) {
  const cree = document.createElement(nom);
  cree.textContent = texte;
  for (const [cle, valeur] of Object.entries(attributs)) cree.setAttribute(cle, valeur);
  return cree;
}

// Le prix prend la place des heures, qui restent lues.
function ecrire([cle, montant, court, long], rang) {
  const rangee = document.querySelector(`.grille [value="${cle}"]`)?.closest('tr');
  const heures = rangee?.querySelector('th small');
  if (!heures) return;
  const prix = element('small', '', { class: 'prix-l', id: `prix-${rang}` });
  prix.append(element('b', montant, { class: 'nob' }));
  if (court) {
    prix.append(' ', element('span', court, { 'aria-hidden': 'true' }), element('span', long, { class: 'vh' }));
  }
  heures.classList.add('vh');
  heures.after(prix);
  for (const tuile of rangee.querySelectorAll('.tuile')) {
    tuile.setAttribute('aria-describedby', `${tuile.getAttribute('aria-describedby') || ''} ${prix.id}`.trim());
  }
}

// Sans réseau, ni prix ni montant : le lien reste.
for (const zone of chercherTout('form[data-prix]')) {
  fetch(zone.dataset.prix)
    .then(reponse => reponse.json())
    .then(({ rangees, note }) => {
      rangees.forEach(ecrire);
      if (note) zone.querySelector('[data-note]').prepend(`${note} `);
    })
    .catch(() => {});
}
for (const zone of chercherTout('[data-devient]')) {
  fetch(zone.dataset.devient)
    .then(reponse => (reponse.ok ? reponse.text() : Promise.reject(reponse.status)))
    .then(texte => zone.replaceChildren(...new DOMParser().parseFromString(texte, 'text/html').body.childNodes))
    .catch(() => {});
}
