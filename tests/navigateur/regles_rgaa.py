"""What RGAA 4.1.2 asks of images, frames, tables, links and components beyond what axe looks for.

Each rule says what it found under the number of its criterion; docs/rgaa.md tells how the rest was judged.
"""

from __future__ import annotations

from playwright.sync_api import Page

# What is heard, what is seen, and whether what is seen is said (6.1.5, 7.1.3): case and punctuation do not count.
NAMES = """
const shown = element => element.checkVisibility({checkVisibilityCSS: true});
const hidden = element => element.closest('[aria-hidden=true]');
const veiled = element => element.closest('.vh, .visually-hidden, .avatar');  // an initial beside the name is a picture
const texts = element => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  return found.filter(node => shown(node.parentElement));
};
const join = nodes => nodes.map(node => node.data).join(' ').replace(/\\s+/g, ' ').trim();
const heard = element => element.getAttribute('aria-label')
  ?? (element.getAttribute('aria-labelledby')?.split(' ').map(id => document.getElementById(id)?.textContent).join(' ')
  ?? join(texts(element).filter(node => !hidden(node.parentElement))));
const seen = element => join(texts(element).filter(node => !veiled(node.parentElement)));
const plain = text => text.toLowerCase().replace(/[^\\p{L}\\p{N}]+/gu, ' ').trim();
const said = element => ` ${plain(heard(element))} `.includes(` ${plain(seen(element))} `) || !plain(seen(element));
const what = element => `${element.outerHTML.slice(0, 160).replace(/\\s+/g, ' ')}`;
"""
IMAGES = """
for (const svg of document.querySelectorAll('svg')) {
  if (hidden(svg)) {
    if (svg.querySelector('title, desc, [title]')) say('1.2', svg);
  } else if (shown(svg) && (svg.getAttribute('role') !== 'img' || !heard(svg))) say('1.1', svg);
}
for (const image of document.querySelectorAll('img')) {
  if (!image.hasAttribute('alt')) say('1.1', image);
  if (['True', 'False', 'None'].includes(image.alt)) say('1.3', image);
}
for (const image of document.querySelectorAll('object, embed, canvas, area, input[type=image]')) say('1.1', image);
for (const frame of document.querySelectorAll('iframe, frame')) say('2.1', frame);
for (const media of document.querySelectorAll('audio, video, bgsound')) say('4.1', media);
"""
# Heads of rows and of columns stand in the first row and the first column; others make a table complex.
TABLES = """
for (const table of document.querySelectorAll('table')) {
  if (table.matches('[role=presentation], [role=none]')) {
    if (table.querySelector('caption, th, thead, tfoot, [scope], [headers]')) say('5.8', table);
    continue;
  }
  const heads = [...table.querySelectorAll('th')].filter(head => head.closest('table') === table);
  const across = heads.some(head => head.cellIndex > 0), down = heads.some(head => head.parentElement.rowIndex > 0);
  if (!heads.length) say('5.6', table);
  for (const head of heads) {
    const scope = head.getAttribute('scope');
    if (across && down && !['row', 'col'].includes(scope)) say('5.7', head);
    if (scope === 'col' && !head.closest('thead')) say('5.7', head);
    if (scope === 'row' && head.closest('thead')) say('5.7', head);
  }
  const levels = new Set(heads.filter(head => head.scope === 'col').map(head => head.parentElement)).size;
  const complex = levels > 1 || heads.some(head => head.scope === 'row' && head.cellIndex > 0);
  if (complex && !table.caption?.querySelector('span')?.textContent.trim()) say('5.1', table);
  const titles = table.getAttribute('aria-labelledby')?.split(' ').map(id => document.getElementById(id)) ?? [];
  if (table.caption && !table.caption.textContent.trim() || titles.includes(null)) say('5.4', table);
}
"""
LINKS = """
for (const link of document.querySelectorAll('a[href]')) {
  if (!link.textContent.trim() && !link.querySelector('[aria-label], img[alt]:not([alt=""])')) say('6.2', link);
  else if (shown(link) && !said(link)) say('6.1', link);
}
"""
SCRIPTS = """
for (const component of document.querySelectorAll('button, summary, [role=button], [role=combobox]')) {
  if (shown(component) && !hidden(component) && !said(component)) say('7.1', component);
}
for (const link of document.querySelectorAll('a[href][role=button]:not([href="#"])')) say('7.1', link);
"""
# A field is seen by its border or by its ground (3.3): 3:1 with what lies around it. What the browser draws is exempt.
CONTRASTS = """
const colour = text => {
  const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
  return {rgb: [r, g, b].map(n => n / (text.startsWith('color(') ? 1 : 255)), a};
};
const lightness = ({rgb}) => {
  const [r, g, b] = rgb.map(n => n <= 0.03928 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (one, other) => {
  const [light, dark] = [lightness(one), lightness(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};
const ground = element => {
  for (let e = element; e; e = e.parentElement) {
    const found = colour(getComputedStyle(e).backgroundColor);
    if (found.a === 1) return found;
  }
  return colour(matchMedia('(prefers-color-scheme: dark)').matches ? 'rgb(18, 18, 18)' : 'rgb(255, 255, 255)');
};
const FIELDS = 'input:not([type=hidden], [type=file], [type=submit]), select, textarea, .select2-selection';
for (const field of document.querySelectorAll(FIELDS)) {
  const style = getComputedStyle(field);
  const drawn = ['checkbox', 'radio'].includes(field.type) && style.appearance !== 'none';
  const small = field.getBoundingClientRect().width < 8; // hidden, another shows its state
  if (!shown(field) || field.disabled || drawn || small || veiled(field)) continue;
  const around = ground(field.parentElement);
  const edge = colour(style.borderBlockEndColor);
  const edged = parseFloat(style.borderBlockEndWidth) >= 1 && edge.a === 1;
  const best = Math.max(edged ? ratio(edge, around) : 1, ratio(ground(field), around));
  if (best < 3) say(`3.3 (${best.toFixed(2)})`, field);
}
"""
# Without style sheets (10.3), what only its box held apart from its neighbour runs into it: « 2 » and « 0 par jour ».
WORDS = """
const BOXES = 'address, article, aside, blockquote, br, button, caption, dd, details, div, dl, dt, fieldset, '
  + 'figcaption, figure, footer, form, h1, h2, h3, h4, h5, h6, header, hr, img, input, legend, li, main, meter, '
  + 'nav, ol, p, pre, progress, section, select, summary, svg, table, tbody, td, textarea, tfoot, th, thead, tr, ul';
const end = (node, last) => {
  const range = document.createRange();
  range.selectNodeContents(node);
  return [...range.getClientRects()].at(last ? -1 : 0);
};
const apart = (one, other) => {
  const [before, after] = [end(one, true), end(other, false)];
  return before && after && (Math.abs(after.left - before.right) > 1 || before.bottom <= after.top);
};
let word = null;
const read = node => {
  if (node.nodeType === Node.TEXT_NODE) {
    if (node.data.trim() && !shown(node.parentElement)) return;
    const joined = word && /[\\p{L}\\p{N}.)»]$/u.test(word.data) && /^[\\p{L}\\p{N}(«]/u.test(node.data);
    if (joined && apart(word, node)) say('10.3', node.parentElement);
    word = node;
  } else if (node.nodeType === Node.ELEMENT_NODE && !node.matches('script, style, template')) {
    const box = node.matches(BOXES);
    if (box) word = null;
    if (!node.matches('svg, select, textarea')) node.childNodes.forEach(read);
    if (box) word = null;
  }
};
read(document.body);
"""
RULES = f"""() => {{
  const found = [];
  {NAMES}
  const say = (criterion, element) => found.push(`${{criterion}}: ${{what(element)}}`);
  {IMAGES} {TABLES} {LINKS} {SCRIPTS} {CONTRASTS} {WORDS}
  return found;
}}"""


def broken_rules(page: Page) -> list[str]:
    """What the page, as it stands, has against it."""
    return page.evaluate(RULES)
