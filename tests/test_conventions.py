"""The rails: what a reviewer would otherwise have to see in every change."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.template import Context, Template, engines
from django.urls import URLPattern, URLResolver, get_resolver
from jinja2 import UndefinedError

from tests.sources import DOMAIN, MODULES, PACKAGES, ROOT, TEMPLATES, text, tree
from tests.typographie import SYNTAX, VARIABLE, Page, bad_typography, bad_typography_in_python

pytestmark = pytest.mark.une_fois
PAGES = [path for path in TEMPLATES if "emails" not in path.parts]
MAILS = sorted((ROOT / "templates").rglob("emails/*.txt"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
WORKERS = sorted((ROOT / "templates").rglob("*.js"))
SHEETS = sorted(path for folder in ("static", "styles") for path in (ROOT / folder).rglob("*.css"))

# ACC-01: everything else asks for a login.
PUBLIC = {
    "accounts:confirm_email",
    "accounts:first_steps",
    "accounts:forgot",
    "accounts:forgot_done",
    "accounts:identifiant_forgotten",
    "accounts:identifiant_forgotten_done",
    "accounts:login",
    "accounts:logout",
    "enfance:hors_ligne",
    "enfance:service",
    "accounts:new_password",
    "admin:login",
    "enfance:accessibilite",
    "enfance:agenda",
    "enfance:donnees_personnelles",
    "enfance:mentions_legales",
    "enfance:plan_du_site",
    "enfance:rappel_arret",
    "facturation:paiement_notification",
    "facturation:paiement_reponse",
    "facturation:paiement_retour",
    "sante",
    "sante_web",
    "metrics",
}
NOT_NAMES_OF_THINGS = {"utils", "helpers", "services", "core", "common", "mixins", "signals"}
WIDEST = 120  # characters of a line of JavaScript or CSS: `npx prettier --print-width 120` writes them so


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def offenders(paths: Iterable[Path], rule: Callable[[Path], object]) -> dict[str, object]:
    """What `rule` finds in each of these files, under its name; those in which it finds nothing are left out."""
    return {relative(path): found for path in paths if (found := rule(path))}


# --- Python -----------------------------------------------------------------------------------------------------------


def test_imports_go_one_way():
    """In a process of its own: import-linter configures logging, and silences the loggers of who calls it."""
    lint = Path(sys.executable).with_name("lint-imports")
    told = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, told.stdout)


def imports_inside_functions(path: Path) -> list[int]:
    """The numbers of their lines. AppConfig.ready() is where Django asks for such an import."""
    functions = [
        node
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        and getattr(node, "name", "") != "ready"
    ]
    nodes = [node for function in functions for node in ast.walk(function)]
    return [node.lineno for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]


def modules_imported(path: Path) -> set[Path]:
    """Our modules of which this one imports something, or which it imports by their name."""
    nodes = (node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom) and node.module)
    named = {f"{node.module}{suffix}" for node in nodes for suffix in ("", *(f".{alias.name}" for alias in node.names))}
    return {ROOT / f"{name.replace('.', '/')}.py" for name in named} & set(DOMAIN)


def test_pages_import_no_page():
    """A page is what a `urls.py` gives an address. Inside a package too, where the contract of imports sees nothing."""
    addresses = [path for path in DOMAIN if path.stem.startswith("urls")]
    pages = {page for path in addresses for page in modules_imported(path)} - {ROOT / "portail" / "adresses.py"}
    # One address for two pages: an agent's account is the one of `accounts`. What the home page says of every page.
    others = {ROOT / "enfance" / "views" / "compte.py", ROOT / "facturation" / "views" / "mairie" / "rubriques.py"}
    readers = [path for path in DOMAIN if path not in others and path not in addresses and path.stem != "extension"]
    assert offenders(readers, lambda path: sorted(map(relative, modules_imported(path) & pages))) == {}


def test_modules_import_nothing_inside_functions():
    assert offenders(MODULES, imports_inside_functions) == {}


def test_modules_are_named_after_things():
    names = {path: {*path.relative_to(ROOT).with_suffix("").parts} for path in MODULES}
    assert [relative(path) for path, parts in names.items() if parts & NOT_NAMES_OF_THINGS] == []


def test_one_name_is_one_class():
    # Django imposes « Command »; a class inside another is called by the name of both (`Inscription.Etat`).
    places: dict[str, list[str]] = {}
    for path in DOMAIN:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and node.name != "Command":
                places.setdefault(node.name, []).append(relative(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_tests_share_by_a_module_that_is_no_test():
    from_a_test = re.compile(r"^\s*(?:from|import) tests\.(?:\w+\.)*test_.*", re.MULTILINE)
    assert offenders(TESTS, lambda path: from_a_test.findall(text(path))) == {}


def test_tests_read_pages_and_mails_in_one_way():
    own = [ROOT / "tests" / "reading.py", Path(__file__)]
    assert offenders([path for path in TESTS if path not in own], lambda path: 'replace("\\u00a0"' in text(path)) == {}


def test_browsers_lose_their_network_by_the_relay_alone():  # Playwright's offline mode may wait for ever
    asked = re.compile(r"\bset_offline\(")
    assert offenders(TESTS, lambda path: asked.findall(text(path))) == {}


def dense_lines(path: Path) -> list[int]:
    lines = enumerate(re.sub(r"{%.*?%}", "", text(path)).splitlines(), 1)
    return [number for number, line in lines if len(line) > WIDEST]


BOXES = (
    "article aside body caption dd details div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 head header html legend li"
    " main nav ol option p section summary table tbody td tfoot th thead tr ul"
)
BOX = re.compile(rf"<(/?)(?:{'|'.join(BOXES.split())})\b")
TAG_ALONE = re.compile(r"\s*<[^<>]*>")
WIDEST_OF_BOXES = 200  # characters of a line of a template that holds a block element; a sentence is as long as it is
HOW_BOXES_STAND = (
    "One block element a line, first on it: what it holds goes between, two spaces further in, as does what an {% if %}"
    " or a {% for %} holds. Inline elements stay where they are: a new line between them is a space. A long tag is cut"
    " between two attributes."
)


def crowded_lines(path: Path) -> list[int]:
    """The lines where a block element is not first, and the wide ones that are neither an inline run nor one tag."""
    found = []
    for number, line in enumerate(text(path).splitlines(), 1):
        boxes = list(BOX.finditer(line))
        late = any(not box[1] and line[: box.start()].strip() for box in boxes)
        wide = bool(boxes) and len(line) > WIDEST_OF_BOXES and not TAG_ALONE.fullmatch(line)
        if late or wide:
            found.append(number)
    return found


def test_templates_have_one_block_element_a_line():
    assert offenders(TEMPLATES, crowded_lines) == {}, HOW_BOXES_STAND


def test_scripts_and_sheets_have_one_thing_a_line():
    assert offenders([*SCRIPTS, *SHEETS, *WORKERS], dense_lines) == {}


def test_modules_say_what_they_are_in_their_first_line():
    # README: `grep -m1 '"""'` makes the list of the modules
    modules = [path for path in DOMAIN if path.name not in {"__init__.py", "apps.py"}]
    assert offenders(modules, lambda path: not re.match(r'""".+', text(path))) == {}


def unsafe_names(path: Path) -> list[str]:
    """What trusts markup or writes SQL, and the lines of an `except` that names no error."""
    nodes = list(ast.walk(tree(path)))
    names = {getattr(node, "id", None) or getattr(node, "attr", None) for node in nodes}
    called = {node.func.attr for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}
    unsafe = {"mark_safe", "RawSQL", "cursor"}
    # Counters of one statement each, the data beside it; how long a page that holds no data waits; rows copied whole.
    alone = {"accounts/ratelimit.py", "portail/pannes.py"}
    alone |= {f"conservation/{name}.py" for name in ("effaces", "fichier", "restoring/transfert")}
    alone.add("facturation/lignes.py")  # the lines of a month, as the driver writes many
    alone.add("portail/templatetags/cellules.py")  # the cells that Django has drawn and escaped, given a scope
    alone.add("portail/select.py")  # the one door of a SELECT written by hand: its values are parameters
    # What the engines alone know of themselves.
    alone |= {f"surveillance/diagnostic/{name}.py" for name in ("base", "horloge", "postgresql", "sqlite")}
    if relative(path) in alone or relative(path).startswith("conservation/restoring/"):
        unsafe -= {"cursor"}
    if relative(path) in {f"portail/templatetags/{name}.py" for name in ("cellules", "grille")}:
        unsafe -= {"mark_safe"}  # what Django or Jinja2 has just drawn and escaped
    bare = [node.lineno for node in nodes if isinstance(node, ast.ExceptHandler) and node.type is None]
    raw = called & {"raw"}  # of a manager; what is not called is the body of an answer
    return [*sorted(names & unsafe | raw), *(f"except, line {line}" for line in bare)]


def test_modules_trust_no_markup_write_no_sql_and_swallow_no_error():
    # VAL-06
    assert offenders(MODULES, unsafe_names) == {}


def test_empty_form_is_sent_all_the_same():
    """`request.POST or None` would show it as one that is only asked for: nothing said of what is missing."""
    assert offenders(DOMAIN, lambda path: re.findall(r"request\.(?:POST|FILES) or None", text(path))) == {}


def coded_fields() -> dict[str, set[str]]:
    """The names of the fields with choices of our models, and every code, but the empty one, that one of them holds."""
    ours = [model for model in apps.get_models() if model.__module__.partition(".")[0] in PACKAGES]
    codes: dict[str, set[str]] = {}
    for field in (field for model in ours for field in model._meta.fields if field.choices):
        codes.setdefault(field.name, set()).update(
            code for code, _ in field.flatchoices if isinstance(code, str) and code
        )
    return codes


def name_of(node: ast.expr | None) -> str:
    """`etat` of `etat`, `inscription.etat`, `ligne["etat"]` and `ligne.get("etat")`; empty of what has no name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(name)), *_]):
            return name
    return ""


def values_named(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """What this node compares with a name, gives to it, or asks of it; of a lookup, the name is that of its field."""
    match node:
        case ast.Compare(left=left, comparators=others):
            terms = [left, *others]
            yield from ((name_of(term), other) for term in terms for other in terms if other is not term)
        case ast.Assign(targets=targets, value=value):
            yield from ((name_of(target), value) for target in targets)
        case ast.AnnAssign(target=target, value=value):
            yield name_of(target), value
        case ast.keyword(arg=str(lookup), value=value):
            yield re.sub(r"__(?:in|exact)$", "", lookup).rpartition("__")[2], value
        case ast.Dict(keys=keys, values=values):
            yield from ((key.value, value) for key, value in zip(keys, values, strict=True) if is_string(key))
        case ast.Match(subject=subject, cases=cases):
            subjects = subject.elts if isinstance(subject, ast.Tuple) else [subject]
            patterns = [pattern for case in cases for pattern in ast.walk(case.pattern)]
            values = [pattern.value for pattern in patterns if isinstance(pattern, ast.MatchValue)]
            yield from ((name_of(one), value) for one in subjects for value in values)
        case ast.arguments(posonlyargs=first, args=args, defaults=defaults, kwonlyargs=named, kw_defaults=others):
            last = [*first, *args][len(first) + len(args) - len(defaults) :]
            yield from ((arg.arg, value) for arg, value in zip([*last, *named], [*defaults, *others], strict=True))


def is_string(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def strings_in(value: ast.expr | None) -> Iterator[str]:
    """The strings that this value may be, or holds."""
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Tuple(elts=values) | ast.List(elts=values) | ast.Set(elts=values) | ast.BoolOp(values=values):
            yield from (text for value in values for text in strings_in(value))
        case ast.IfExp(body=body, orelse=other):
            yield from (text for value in (body, other) for text in strings_in(value))


def test_codes_of_a_choice_are_said_by_its_members():
    """A bare « "retard" » is found by nobody who looks for what reads the code, and no type checks its spelling."""
    codes = coded_fields()

    def bare(path: Path) -> list[str]:
        named = (pair for node in ast.walk(tree(path)) for pair in values_named(node) if pair[0] in codes)
        return [f"{name} {text}" for name, value in named for text in strings_in(value) if text in codes[name]]

    assert offenders(DOMAIN, bare) == {}


FILLS = {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}


def root_of(node: ast.expr) -> str:
    """`bilan` of `bilan.refus[0].lignes`."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def fillings(path: Path) -> list[str]:
    """Where a function writes into a mapping, a list or a set that it was given."""
    found = []
    for function in (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)):
        args = function.args
        given = {arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)} - {"self", "cls"}
        for node in ast.walk(function):
            match node:
                case ast.Call(func=ast.Attribute(value=what, attr=method)) if method in FILLS:
                    written = [what]
                case ast.Assign(targets=targets) | ast.Delete(targets=targets):
                    written = [target.value for target in targets if isinstance(target, ast.Subscript)]
                case ast.AugAssign(target=ast.Subscript(value=what)):
                    written = [what]
                case _:
                    written = []
            found += [f"{function.name} {ast.unparse(what)}" for what in written if root_of(what) in given]
    return found


def test_rules_return_what_they_find():
    """What they are given is left as it was: who calls puts the answers together."""
    places = (
        "enfance/regles/",
        "enfance/situation.py",
        "facturation/arrete/",
        "facturation/prix/",
        "facturation/quotients/",
    )
    assert offenders([path for path in DOMAIN if relative(path).startswith(places)], fillings) == {}


def test_settings_are_all_explained_in_the_example():
    source = (ROOT / "portail" / "settings.py").read_text("utf-8")
    read = set(
        re.findall(
            r"\b(?:env\.\w+|boolean|boolean_or|day|days|day_of_year|words|site|networks|folder|public_key|database|secret_key|token|instance|minutes|centimes|choice|numcli|siret|sentence|contract|mailer|mailbox)\(\s*\"([A-Z_]+)\"",
            source,
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


def test_templates_keep_french_typography():
    assert offenders(TEMPLATES, lambda path: bad_typography(Page(path).said)) == {}


def bad_typography_of_a_mail(path: Path) -> list[str]:
    words = VARIABLE.sub("X", SYNTAX.sub("", text(path)))
    # These two are the town's own words, kept as they have always been.
    return bad_typography(
        [line for line in words.splitlines() if not line.startswith(("Identifiant / Login :", "Mot de passe :"))]
    )


def test_mails_keep_french_typography():
    assert offenders(MAILS, bad_typography_of_a_mail) == {}


def test_french_sentences_in_python_keep_typography():
    modules = [path for path in DOMAIN if not path.is_relative_to(ROOT / "portail")]
    assert offenders(modules, bad_typography_in_python) == {}


MACHINE = {"Y-m-d", "Y-m", r"Y-m-d\TH:i:sO"}  # what a form or an attribute holds
TOWN = (
    "templates/mairie",
    "templates/admin",
    "templates/facturation/mairie",
    "templates/facturation/nombres",
    "templates/facturation/payeurs",
    "templates/facturation/regie",
    "templates/facturation/signalements",
    "templates/facturation/votes",
)
FAMILIES = (
    "enfance/planning",
    "enfance/famille",
    "enfance/courriels",
    "facturation/factures",
    "facturation/famille",
    "facturation/papiers",
)


def of_families(paths: Iterable[Path]) -> list[Path]:
    """What parents read: not the pages of the town hall, of its agents and of the régie."""
    return [path for path in paths if not relative(path).startswith(TOWN)]


def raw_dates(path: Path) -> list[str]:
    formats = re.findall(r"""\|date:["'](.*?)["']""", text(path))
    return [found for found in formats if found not in MACHINE | {"F"}]  # F: the name of a month


def raw_dates_in_python(path: Path) -> list[str]:
    """But for what a form takes, typed in digits."""
    return [line.strip() for line in text(path).splitlines() if "%d/%m" in line and "input_formats" not in line]


def test_parents_read_dates_in_words():
    """As `portail.dates` says them: « jeudi 3 décembre », « 1er », never digits with slashes."""
    said = [path for path in MODULES if relative(path).startswith(FAMILIES) or path.name == "courriels.py"]

    assert offenders(of_families([*TEMPLATES, *MAILS]), raw_dates) == {}
    assert offenders(said, raw_dates_in_python) == {}
    assert len(said) > 50


def bad_typography_in_javascript(path: Path) -> list[str]:
    strings = re.findall(r"'((?:[^'\\\n]|\\.)*)'|`([^`]*)`", re.sub(r"(?m)(^|\s)//.*", "", text(path)))
    said = [re.sub(r"\$\{[^}]*\}", "X", one or other) for one, other in strings]
    return bad_typography([sentence for sentence in said if re.match(r"\w+ ", sentence)])


def test_french_sentences_in_javascript_keep_typography():
    assert offenders(SCRIPTS, bad_typography_in_javascript) == {}


def inline_style_or_script(path: Path) -> list[tuple[str, str]]:
    return [
        (tag, name)
        for tag, attrs in Page(path).tags
        for name in [*attrs, *(["(inline)"] if tag == "style" or (tag == "script" and "src" not in attrs) else [])]
        if name in {"style", "(inline)"} or name.startswith("on")
    ]


def test_pages_have_no_inline_style_or_script():
    # HDR-01
    assert offenders(PAGES, inline_style_or_script) == {}


def names_lent_to_icons(path: Path) -> list[tuple[str, str]]:
    """« _i.html » reads n, c and t where they are not given: an object that a loop calls so would be written in a
    class."""
    ouvertes, prises = [], []
    for balise in re.findall(r"{% *(.*?) *%}", text(path)):
        if boucle := re.match(r"for (.*?) in ", balise):
            ouvertes.append(set(re.split(r", *", boucle[1])))
        elif balise == "endfor":
            ouvertes.pop()
        elif balise.startswith('include "_i.html"'):
            prises += [(balise, nom) for nom in set().union(*ouvertes) & {"n", "c", "t"} if f" {nom}=" not in balise]
    return prises


def test_loops_lend_no_name_to_the_icons_within():
    assert offenders(TEMPLATES, names_lent_to_icons) == {}


def test_pages_escape_everything():
    # VAL-06
    assert offenders(PAGES, lambda path: re.findall(r"\|\s*safe\b|autoescape (?:off|false)|Markup", text(path))) == {}


# --- The tests themselves ---------------------------------------------------------------------------------------------


CLOCKS = {"monotonic", "perf_counter", "process_time"}


def clocks_read(path: Path) -> list[str]:
    """The tests that measure time and are not marked `lent`: on a busy machine they fail, or see nothing."""
    if not any(clock in text(path) for clock in CLOCKS):
        return []
    functions = [node for node in tree(path).body if isinstance(node, ast.FunctionDef) and node.name.startswith("test")]
    measuring = [
        function
        for function in functions
        if {getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(function)} & CLOCKS
    ]
    return [
        function.name for function in measuring if "pytest.mark.lent" not in map(ast.unparse, function.decorator_list)
    ]


def test_ordinary_tests_measure_no_time():
    assert offenders(TESTS, clocks_read) == {}


def test_undefined_template_variable_fails():
    with pytest.raises(AssertionError, match="absente"):
        Template("{{ absente }}", name="essai.html").render(Context())


def test_jinja2_draws_the_weeks_table_alone():
    drawn = [relative(path) for path in TEMPLATES if "jinja2" in path.parts]
    assert drawn == ["templates/jinja2/enfance/_semaine.html"]


def test_undefined_variable_of_jinja2_fails():
    with pytest.raises(UndefinedError, match="absente"):
        engines["jinja2"].from_string("{{ absente }}").render()


def test_jinja2_escapes_what_a_name_holds():
    drawn = engines["jinja2"].from_string("<b>{{ nom }}</b>").render({"nom": '<i>"Léa"&\'</i>'})

    assert drawn == "<b>&lt;i&gt;&#34;Léa&#34;&amp;&#39;&lt;/i&gt;</b>"


def test_warning_is_an_error():
    with pytest.raises(DeprecationWarning):
        warnings.warn("old", DeprecationWarning, stacklevel=1)
