"""What RGAA 4.1.2 asks of whole pages and of forms beyond what axe looks for: themes 8 to 13.

Each rule says what it found under the number of its criterion; docs/rgaa.md tells how the rest was judged.
"""

from __future__ import annotations

from playwright.sync_api import Page

FRAME = """
const root = document.documentElement, title = document.title.trim();
if (root.lang !== 'fr') say('8.4', root);
if (!title || title.startsWith('–')) say('8.5', document.head);  // the site's name alone is nobody's title
for (const element of document.querySelectorAll('[lang=ar]')) if (element.dir !== 'rtl') say('8.10', element);
for (const element of document.querySelectorAll('[lang=ar] [lang]:not([lang=ar])')) {
  if (element.dir !== 'ltr') say('8.10', element);
}
const seen = [...document.querySelectorAll('h1')].filter(shown);
if (seen.length !== 1) say('9.1', root);
for (const heading of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
  if (!heading.textContent.trim()) say('9.1', heading);
}
const landmark = (tag, role) => [...document.querySelectorAll(`${tag}, [role=${role}]`)].filter(
  element => !element.parentElement.closest('main, section, article'));
for (const [tag, role] of [['header', 'banner'], ['main', 'main'], ['footer', 'contentinfo']]) {
  if (landmark(tag, role).length !== 1) say('9.2', root);
}
const shape = 'basefont, big, blink, center, font, marquee, s, strike, tt, [align], [bgcolor], [border], [cellpadding],'
  + ' [cellspacing], [frameborder], [hspace], [valign], [vspace], [style], input[size]';
for (const element of document.querySelectorAll(shape)) say('10.1', element);
for (const element of document.querySelectorAll(':is(div, p, span, table, td, th):is([width], [height])')) {
  say('10.1', element);
}
const first = document.querySelector('body a[href]');
if (!first?.hash || !document.getElementById(first.hash.slice(1))) say('12.7', first ?? root);
for (const element of document.querySelectorAll('[tabindex]')) if (element.tabIndex > 0) say('12.8', element);
for (const element of document.querySelectorAll('[accesskey]')) say('12.10', element);
for (const element of document.querySelectorAll('meta[http-equiv=refresh i]')) say('13.1', element);
"""
# Where several fields are typed in: either all are required, and what says so describes each, or those that may stay
# empty say so. A list that always holds a choice asks nothing; a search or a filter neither. What describes a date of
# the administration is added by Django's script.
FORMS = """
const text = element => (element?.textContent ?? '').replace(/\\s+/g, ' ').trim();
const described = field => (field.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean)
  .map(id => document.getElementById(id));
for (const field of document.querySelectorAll('input:not([type=hidden], [type=submit]), select, textarea')) {
  const named = [...field.labels].some(text) || field.getAttribute('aria-label') || field.title
    || document.getElementById(field.getAttribute('aria-labelledby'));
  if (!named && !field.closest('[aria-hidden=true]')) say('11.1', field);
  if (described(field).includes(null)) say('11.10', field);
}
for (const group of document.querySelectorAll('fieldset:not([role=presentation])')) {
  const legend = group.querySelector(':scope > legend, :scope > div > legend, :scope > details > summary');
  if (!text(legend) && !group.getAttribute('aria-label') && !group.getAttribute('aria-labelledby')) say('11.6', group);
}
const chosen = ['hidden', 'search', 'submit', 'button', 'checkbox', 'radio', 'reset', 'image'];
const asks = field => ['INPUT', 'SELECT', 'TEXTAREA'].includes(field.tagName) && !chosen.includes(field.type)
  && !field.readOnly && !field.disabled && !field.closest('[aria-hidden=true], .empty-form, .inline-group')
  && (field.tagName !== 'SELECT' || [...field.options].some(option => !option.value));
for (const form of document.forms) {
  const fields = [...form.elements].filter(asks), required = fields.filter(field => field.required);
  if (fields.length < 2 || !required.length) continue;
  const words = field => [...field.labels, field.closest('fieldset')?.querySelector('legend'), ...described(field)]
    .map(text).join(' ').toLowerCase();
  const whole = required.length === fields.length;
  for (const field of whole ? fields : fields.filter(field => !field.required)) {
    if (!(whole ? /obligatoire/ : /facultatif|obligatoire/).test(words(field))) say('11.10', field);
  }
}
"""
RULES = f"""() => {{
  const found = [];
  const shown = element => element.checkVisibility({{checkVisibilityCSS: true}});
  const what = element => `${{element.outerHTML.slice(0, 160).replace(/\\s+/g, ' ')}}`;
  const say = (criterion, element) => found.push(`${{criterion}}: ${{what(element)}}`);
  {FRAME} {FORMS}
  return found;
}}"""


def broken_page_rules(page: Page) -> list[str]:
    """What the page, as the server sent it, has against it."""
    return page.evaluate(RULES)
