// Ce qu’on tape dans un champ à suggestions part par POST, hors des adresses : il y faut le jeton de la page.
django.jQuery.ajaxSetup({
  beforeSend: r => r.setRequestHeader('X-CSRFToken', document.querySelector('[name=csrfmiddlewaretoken]').value),
});
