"""The rails: what a reviewer would otherwise have to see in every change."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.urls import URLPattern, URLResolver, get_resolver
from importlinter.cli import lint_imports

ROOT = Path(settings.BASE_DIR)
PACKAGES = ["accounts", "enfance", "portail"]
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
DOMAIN = [path for path in MODULES if "migrations" not in path.parts]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MAILS = sorted((ROOT / "templates").rglob("emails/*.txt"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))

# ACC-01: everything else asks for a login.
PUBLIC = {
    "accounts:confirm_email",
    "accounts:forgot",
    "accounts:forgot_done",
    "accounts:identifiant_forgotten",
    "accounts:identifiant_forgotten_done",
    "accounts:login",
    "accounts:logout",
    "accounts:new_password",
    "admin:login",
    "enfance:accessibilite",
    "enfance:agenda",
    "enfance:donnees_personnelles",
    "enfance:mentions_legales",
    "enfance:plan_du_site",
    "enfance:rappel_arret",
    "sante",
}
NOT_NAMES_OF_THINGS = {"utils", "helpers", "services", "core", "common", "mixins", "signals"}
LONGEST = 400  # lines; past it, split by concept
LONGEST_TEST = 600  # its tables of cases are read by the row


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", [pytest.param(path, id=relative(path)) for path in paths])


# --- Python -----------------------------------------------------------------------------------------------------------


def test_imports_go_one_way():
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml")) == 0


def imports_inside_functions(tree: ast.AST) -> Iterator[int]:
    for function in ast.walk(tree):
        # AppConfig.ready() is where Django asks for such an import.
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and (
            getattr(function, "name", "") != "ready"
        ):
            yield from (node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))


@each(MODULES)
def test_module_imports_nothing_inside_functions(path):
    assert list(imports_inside_functions(ast.parse(path.read_text("utf-8")))) == []


def test_modules_are_named_after_things():
    names = {path: {*path.relative_to(ROOT).with_suffix("").parts} for path in MODULES}
    assert [relative(path) for path, parts in names.items() if parts & NOT_NAMES_OF_THINGS] == []


@each([*DOMAIN, *TESTS, *TEMPLATES, *SCRIPTS])
def test_file_is_short_enough_to_be_read(path):
    longest = LONGEST_TEST if path in TESTS else LONGEST
    assert len(path.read_text("utf-8").splitlines()) <= longest


@each([path for path in DOMAIN if path.name not in {"__init__.py", "apps.py"}])
def test_module_says_what_it_is_in_its_first_line(path):
    # README: `grep -m1 '"""'` makes the list of the modules
    assert re.match(r'""".+', path.read_text("utf-8"))


@each(MODULES)
def test_module_trusts_no_markup_writes_no_sql_and_swallows_no_error(path):
    # VAL-06
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = {getattr(node, "id", None) or getattr(node, "attr", None) for node in nodes}
    unsafe = {"mark_safe", "RawSQL", "raw", "cursor"}
    # Counters of one statement each, the data beside it; how long a page that holds no data waits.
    if relative(path) in {"accounts/ratelimit.py", "portail/pannes.py"}:
        unsafe -= {"cursor"}
    bare = [node.lineno for node in nodes if isinstance(node, ast.ExceptHandler) and node.type is None]
    assert (names & unsafe, bare) == (set(), [])


def test_settings_are_all_explained_in_the_example():
    source = (ROOT / "portail" / "settings.py").read_text("utf-8")
    read = set(
        re.findall(
            r"\b(?:env\.\w+|boolean|positive|day|words|site|networks|database|secret_key)\(\s*\"([A-Z_]+)\"", source
        )
    )
    explained = re.findall(r"(?m)^#?([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"))
    assert sorted(explained) == sorted(read)


# --- Addresses --------------------------------------------------------------------------------------------------------


def views(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, object]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from views(entry, f"{entry.namespace or namespace}")
        elif isinstance(entry, URLPattern):
            yield f"{namespace}:{entry.name}".removeprefix(":"), entry.callback


def test_views_open_to_all_are_these_and_no_other():
    # ACC-01
    found = {name for name, view in views(get_resolver()) if not getattr(view, "login_required", True)}
    assert found == PUBLIC


# --- Templates and mails ----------------------------------------------------------------------------------------------

SYNTAX = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|\{%.*?%\}|<!--.*?-->", re.DOTALL)
VARIABLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
READ_ALOUD = {"alt", "aria-label", "content", "placeholder", "title"}
BAD_TYPOGRAPHY = re.compile(
    r"(?<=\w)'(?=\w)"  # an apostrophe is ’
    r"|[ \t\n][;!?](?=\W|$)"  # U+202F before ; ! ?
    r"|[ \t\n]:(?=\s|$)"  # U+00A0 before :
    r"|«(?!\u00a0)|(?<!\u00a0)»"  # and inside « »
)


class Page(HTMLParser):
    """What a template says, and the tags it says it in."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(VARIABLE.sub("X", SYNTAX.sub("", path.read_text("utf-8"))))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.said += [value for name, value in attrs if name in READ_ALOUD and value]

    def handle_data(self, data):
        if not self.tags or self.tags[-1][0] not in {"style", "script"}:
            self.said.append(data)


def bad_typography(texts: list[str]) -> list[str]:
    return [text[max(0, bad.start() - 15) : bad.end() + 15] for text in texts for bad in BAD_TYPOGRAPHY.finditer(text)]


@each(TEMPLATES)
def test_template_keeps_french_typography(path):
    assert bad_typography(Page(path).said) == []


@each(MAILS)
def test_mail_keeps_french_typography(path):
    text = VARIABLE.sub("X", SYNTAX.sub("", path.read_text("utf-8")))
    # These two are the town's own words, kept as they have always been.
    lines = [line for line in text.splitlines() if not line.startswith(("Login :", "Mot de passe :"))]
    assert bad_typography(lines) == []


@each([path for path in DOMAIN if path.is_relative_to(ROOT / "enfance") or path.is_relative_to(ROOT / "accounts")])
def test_french_sentence_in_python_keeps_typography(path):
    tree = ast.parse(path.read_text("utf-8"))
    strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    docstrings = {
        node.body[0].value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
    }
    french = [text for text in strings if text not in docstrings and re.search(r"[àâçéèêîôùû«»]", text)]
    assert bad_typography(french) == []


@each(SCRIPTS)
def test_french_sentence_in_javascript_keeps_typography(path):
    strings = re.findall(r"'((?:[^'\\\n]|\\.)*)'|`([^`]*)`", re.sub(r"(?m)(^|\s)//.*", "", path.read_text("utf-8")))
    texts = [re.sub(r"\$\{[^}]*\}", "X", one or other) for one, other in strings]
    assert bad_typography([text for text in texts if re.match(r"\w+ ", text)]) == []


@each([path for path in TEMPLATES if "emails" not in path.parts])
def test_page_has_no_inline_style_or_script(path):
    # HDR-01
    inline = [
        (tag, name)
        for tag, attrs in Page(path).tags
        for name in [*attrs, *(["(inline)"] if tag == "style" or (tag == "script" and "src" not in attrs) else [])]
        if name in {"style", "(inline)"} or name.startswith("on")
    ]
    assert inline == []


@each(TEMPLATES)
def test_loop_lends_no_name_to_the_icons_within(path):
    # « _i.html » reads n, c and t where they are not given: an object that a loop calls so would be written in a class.
    ouvertes, prises = [], []
    for balise in re.findall(r"{% *(.*?) *%}", path.read_text("utf-8")):
        if boucle := re.match(r"for (.*?) in ", balise):
            ouvertes.append(set(re.split(r", *", boucle[1])))
        elif balise == "endfor":
            ouvertes.pop()
        elif balise.startswith('include "_i.html"'):
            prises += [(balise, nom) for nom in set().union(*ouvertes) & {"n", "c", "t"} if f" {nom}=" not in balise]
    assert prises == []


@each([path for path in TEMPLATES if "emails" not in path.parts])
def test_page_escapes_everything(path):
    # VAL-06
    assert re.findall(r"\|\s*safe\b|autoescape off", path.read_text("utf-8")) == []


# --- The tests themselves ---------------------------------------------------------------------------------------------


def test_undefined_template_variable_fails():
    with pytest.raises(AssertionError, match="absente"):
        Template("{{ absente }}", name="essai.html").render(Context())


def test_warning_is_an_error():
    with pytest.raises(DeprecationWarning):
        warnings.warn("old", DeprecationWarning, stacklevel=1)
