// Ce qu’on tape dans un champ à suggestions part par POST, hors des adresses : il y faut le jeton de la page.
django.jQuery.ajaxSetup({
  beforeSend: requete =>
    requete.setRequestHeader('X-CSRFToken', document.querySelector('[name=csrfmiddlewaretoken]').value),
});

// L’identifiant de l’étiquette du champ ; dans une ligne de tableau, qui n’en a pas, elle est faite et cachée.
function etiqueter(champ) {
  const id = `${champ.id}-etiquette`;
  if (!document.getElementById(id)) {
    let etiquette = champ.labels[0];
    if (!etiquette) {
      etiquette = champ.parentNode.appendChild(document.createElement('span'));
      etiquette.hidden = true;
      etiquette.textContent = champ.ariaLabel;
    }
    etiquette.id = id;
  }
  return id;
}

// select2 ne nomme rien de ce qu’il dessine : le champ et ce qu’il ouvre prennent le nom de leur étiquette.
function nommer(racine) {
  for (const champ of racine.querySelectorAll('.select2-hidden-accessible')) {
    const dessin = champ.nextElementSibling;
    const choix = dessin.querySelector('[role=combobox]');
    choix.setAttribute('aria-labelledby', `${etiqueter(champ)} select2-${champ.id}-container`);
    choix.setAttribute('aria-controls', `select2-${champ.id}-results`);
    dessin.querySelector('[role=textbox]').setAttribute('aria-labelledby', etiqueter(champ));
  }
}

django.jQuery(() => nommer(document));
document.addEventListener('formset:added', evenement => nommer(evenement.target));
django.jQuery(document).on('select2:open', evenement => {
  const ouverts = document.querySelectorAll('.select2-dropdown [role=searchbox], .select2-dropdown [role=listbox]');
  for (const ouvert of ouverts) ouvert.setAttribute('aria-labelledby', etiqueter(evenement.target));
});
