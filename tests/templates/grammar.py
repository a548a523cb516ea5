"""Random templates that are well formed, and values for them."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st
from markupsafe import Markup

Draw = st.DrawFn
NAMES = ("a", "b", "c", "d")
FLAGS = ("t", "f")  # these are the same whatever the others are, so that a page can be compared with a harmless one

# Where `@` stands something is printed.
PIECES = (
    "x",
    "\n",
    " <b>",
    "</b>",
    "& &amp; \"'{}",
    "é€😀",
    "@",
    "<p>@</p>",
    "<p class=\"a @ @\" id=@ title='@'>@</p>",
    '<a href="@">@</a>',
    '<a href="/x/@?q=@&amp;r=@#@">x</a>',
    '<img src="@" alt="@" srcset="@ 2x">',
    "<script>var x = @, y = '@', z = \"a@b\"; f(`@ ${ @ }`);</script>",
    '<script type="application/json">{"a": @, "b": "@"}</script>',
    "<p onclick=\"go(@, '@')\" style=\"width: @px; background: url('@')\">x</p>",
    '<style>p { color: @; font-family: "@" }</style>',
    "<textarea>@</textarea><title>@</title>",
    "<!-- @ -->",
    '<svg><text x="@">@</text></svg>',
    '<iframe srcdoc="<p>@</p>"></iframe>',
    '<meta http-equiv="refresh" content="3; url=@">',
    '<p data-x="@" hx-vals=\'{"a": "@"}\' @click="f(@)">x</p>'.replace("@click", "x-on:click"),
)
TEXT_FILTERS = (
    "upper",
    "lower",
    "trim",
    "string",
    "capitalize",
    "title",
    "default('-')",
    "default('-', true)",
    "replace('a', '<')",
    "string|truncate(3, true)",
    "string|reverse",
    "wordcount",
    "string|center(9)",
    "string|indent(2)",
    "string|wordwrap(4)",
)
FILTERS = (
    *TEXT_FILTERS,
    "e",
    "escape",
    "safe",
    "forceescape",
    "length",
    "first",
    "last",
    "list",
    "join",
    "join('<')",
    "join(', ', attribute='b')",
    "sort",
    "unique|list",
    "batch(2)|list",
    "slice(2)|list",
    "sum",
    "min",
    "max",
    "int",
    "int(7)",
    "float",
    "abs",
    "round",
    "round(1, 'floor')",
    "striptags",
    "urlencode",
    "tojson",
    "xmlattr",
    "dictsort",
    "items|list",
    "map('upper')|list",
    "map(attribute='b')|join",
    "select|list",
    "reject('none')|join('-')",
    "selectattr('b')|list|length",
    "groupby('b')|list",
    "attr('b')",
    "format(1)",
    "pprint",
    "filesizeformat",
    "urlize",
)
TESTS = (
    "defined",
    "undefined",
    "none",
    "string",
    "number",
    "mapping",
    "iterable",
    "sequence",
    "boolean",
    "integer",
    "float",
    "odd",
    "even",
    "divisibleby(2)",
    "eq(1)",
    "lt(3)",
    "in([1, 'x'])",
    "sameas(none)",
    "callable",
    "escaped",
    "lower",
    "filter",
)
IMPORTS = (
    "{% import 'lib.html' as lib# %}{{ lib.shows(a) }}{{ lib.value }}",
    "{% from 'lib.html' import shows, value as v# %}{{ shows(b)|upper }}{{ v }}",
    "{% from 'lib.html' import wraps# %}{% call(z) wraps() %}{{ z }}{{ a }}{% endcall %}",
)
LIBRARY = (
    "{% macro shows(x, y=d) %}<i>{{ x }}</i>{{ y }}{{ value }}{% endmacro %}{% set value %}({{ c }}){% endset %}"
    "{% macro wraps() %}{% for z in [1, '<'] %}{{ caller(z) }}{{ loop.index }}{% endfor %}{% endmacro %}"
)
KEYS = ("0", "-1", "'b'", "a")
SLICES = ("1:", "::-1", ":2", "1:a")
GIVEN = ("", "a", "a, b", "a, q=b", "*[a]", "a, b, c, z='<'", "**{'q': a}", "a, **{'q': b}")
LOOP = ("index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0")
LOOP_MORE = ("cycle('<', 'o')", "previtem", "nextitem", "changed(a)", "previtem is defined")


@dataclass(frozen=True)
class Around:
    """What is around the place that is written."""

    names: tuple[str, ...] = NAMES
    loops: int = 0
    breaks: bool = False
    recursive: bool = False
    macros: tuple[str, ...] = ()
    caller: bool = False
    parent: bool = False  # in a block that another has above it
    top: bool = True
    below: bool = False  # in what a template says outside of its blocks, which its parent replaces
    captured: bool = False  # what is written here becomes a value first
    tame: bool = False  # nothing but flags decides what is written
    includes: tuple[str, ...] = ()
    blocks: list[str] = field(default_factory=list[str])

    def inside(self, **changes: Any) -> "Around":
        return replace(self, top=False, **changes)


def pick(draw: Draw, options: Any) -> Any:
    return draw(st.sampled_from(options))


def expression(draw: Draw, around: Around, depth: int = 2) -> str:  # noqa: C901, PLR0912 -- a case for each kind
    if around.tame:
        return tame_expression(draw, around)
    kinds = ["name", "name", "literal"]
    if depth:
        kinds += ["filter", "filter", "attribute", "item", "binary", "compare", "logic", "test", "choice", "display", "range"]
        kinds += ["loop", "loop"] * bool(around.loops) + ["macro"] * bool(around.macros) + ["super"] * around.parent
        kinds += ["caller"] * around.caller

    def sub() -> str:
        return expression(draw, around, depth - 1)

    match pick(draw, kinds):
        case "name":
            return str(pick(draw, (*around.names, *around.names, "missing", "t", "f")))
        case "literal":
            return str(pick(draw, ("1", "0", "-2", "1.5", "'<'", '"a\'&"', "true", "false", "none", "''", "1000000")))
        case "filter":
            return f"{wrapped(sub())}|{pick(draw, FILTERS)}"
        case "attribute":
            return f"{wrapped(sub())}.{pick(draw, ('b', 'items', 'missing', 'x'))}"
        case "item" if draw(st.integers(0, 3)) == 0:
            return f"(({sub()})|string)[{pick(draw, SLICES)}]"
        case "item":
            return f"{wrapped(sub())}[{pick(draw, KEYS)}]"
        case "binary":
            return f"({sub()} {pick(draw, ('+', '-', '*', '/', '~', '~', '~', '~', '~', '~'))} {sub()})"
        case "compare":
            return f"({sub()} {pick(draw, ('==', '!=', '==', '!=', '<', 'in'))} {sub()})"
        case "logic":
            return f"({sub()} {pick(draw, ('and', 'or', 'and not'))} {sub()})"
        case "test":
            return f"({wrapped(sub())} is {pick(draw, ('', 'not '))}{pick(draw, TESTS)})"
        case "choice":
            return f"({sub()} if {sub()}{f' else {sub()}' if draw(st.booleans()) else ''})"
        case "display":
            return str(pick(draw, ("[{}, {}]", "({}, {})", "{{'b': {}, 'x': {}}}"))).format(sub(), sub())
        case "range":
            return f"range({pick(draw, (0, 1, 3))})"
        case "loop":
            return f"loop.{pick(draw, LOOP * 2 + LOOP_MORE)}"
        case "macro":
            return f"{pick(draw, around.macros)}({pick(draw, GIVEN)})"
        case "super":
            return "super()"
        case _:
            return "caller()"


def tame_expression(draw: Draw, around: Around) -> str:
    value = str(pick(draw, (*around.names, *around.names, "'<'", "7")))
    kinds = ["plain", "plain", "filter", "join", "choice"] + ["macro"] * bool(around.macros)
    match pick(draw, kinds):
        case "filter":
            return f"{value}|{pick(draw, TEXT_FILTERS)}"
        case "join":
            return f"({value} ~ {pick(draw, around.names)})"
        case "choice":
            return f"({value} if {pick(draw, FLAGS)} else {pick(draw, around.names)})"
        case "macro":
            return f"{pick(draw, around.macros)}({pick(draw, ('', 'a', 'a, b', 'q=b'))})"
        case _:
            return value


def wrapped(text: str) -> str:
    return text if text.isidentifier() else f"({text})"


def condition(draw: Draw, around: Around) -> str:
    return str(pick(draw, FLAGS)) if around.tame else expression(draw, around, 1)


def iterable(draw: Draw, around: Around) -> str:
    options = ("range(2)", "[a, b]", "[1, '<', c]", "'xyz'", "{'b': 1}", "range(5)", "[[1, 2], 'zz']", "[]")
    if around.tame or draw(st.booleans()):
        return str(pick(draw, options))
    return expression(draw, around, 1)


def printed(draw: Draw, around: Around) -> str:
    return "{{ " + expression(draw, around) + " }}"


def text(draw: Draw, around: Around) -> str:
    head, *rest = str(pick(draw, PIECES)).split("@")
    return head + "".join(in_place(draw, around) + piece for piece in rest)


def in_place(draw: Draw, around: Around) -> str:
    """What may stand within an attribute or a script."""
    match draw(st.integers(0, 8)):
        case 0:
            return f"{{% if {condition(draw, around)} %}}{printed(draw, around)}{{% else %}}{printed(draw, around)}{{% endif %}}"
        case 1:
            return f"{{% set s %}}{printed(draw, around)}{{% endset %}}{{{{ s }}}}"
        case _:
            return printed(draw, around)


def body(draw: Draw, around: Around, depth: int = 2, most: int = 3) -> str:
    found: list[str] = []
    for _ in range(draw(st.integers(0 if depth < 2 else 1, most))):
        written, around = statement(draw, around, depth)
        found.append(written)
    return "".join(found)


def statement(draw: Draw, around: Around, depth: int) -> tuple[str, Around]:  # noqa: C901, PLR0912 -- a case for each tag
    kinds = ["text", "text", "print", "set"]
    if depth:
        kinds += ["if", "if", "for", "for", "recursive", "set block", "with", "macro", "autoescape", "namespace", "do"]
        kinds += ["import"] * bool(around.includes)
        kinds += ["call", "filter"] * (not around.below)
        kinds += ["block"] * (not around.captured) + ["include"] * bool(around.includes)
    kinds += ["break"] * around.breaks
    inner, apart = around.inside(), around.inside(captured=True)
    match pick(draw, kinds):
        case "print" if around.tame and around.parent:
            return "{{ super() }}", around
        case "print":
            return printed(draw, around), around
        case "set":
            return set_tag(draw, around)
        case "if":
            tag = f"{{% if {condition(draw, around)} %}}{body(draw, inner, depth - 1)}"
            tag += f"{{% elif {condition(draw, around)} %}}{body(draw, inner, depth - 1)}" * draw(st.booleans())
            tag += f"{{% else %}}{body(draw, inner, depth - 1)}" * draw(st.booleans())
            return tag + "{% endif %}", around
        case "for":
            return loop(draw, around, depth), around
        case "recursive":
            below = replace(apart, names=(*around.names, "x"), loops=around.loops + 1, breaks=False)
            again = "{% if x is iterable and x is not string %}{{ loop(x) }}{% endif %}"
            return (
                f"{{% for x in [1, [2, 3], a] recursive %}}{body(draw, below, depth - 1)}{again}{{% endfor %}}"
                if not around.tame
                else f"{{% for x in [1, [2, 3]] recursive %}}{body(draw, below, depth - 1)}{again}{{% endfor %}}"
            ), around
        case "set block":
            chosen = pick(draw, ("", " | upper", " | trim"))
            # Jinja forgets a name's value within its own block.
            written = f"{{% set o{chosen} %}}{body(draw, apart, depth - 1)}{{% endset %}}"
            return written, replace(around, names=(*around.names, "o"))
        case "with":
            given = f"a={expression(draw, around, 1)}, y={expression(draw, around, 1)}"
            within = replace(inner, names=(*around.names, "y"))
            return f"{{% with {given} %}}{body(draw, within, depth - 1)}{{% endwith %}}", around
        case "macro":
            return macro(draw, around, depth)
        case "call":
            return call(draw, around, depth), around
        case "filter":
            chosen = pick(draw, ("upper", "trim", "indent(1)", "lower|upper"))
            return f"{{% filter {chosen} %}}{body(draw, apart, depth - 1)}{{% endfilter %}}", around
        case "autoescape":
            switch = "true" if around.tame else pick(draw, ("true", "false", "t"))
            return f"{{% autoescape {switch} %}}{body(draw, inner, depth - 1)}{{% endautoescape %}}", around
        case "import":
            way = pick(draw, ("", " with context", " without context"))
            return pick(draw, IMPORTS).replace("#", way), around
        case "namespace":
            return "{% set ns = namespace(v=a) %}{% for x in [1, 2] %}{% set ns.v = ns.v ~ x %}{% endfor %}{{ ns.v }}", around
        case "do":
            return "{% set k = [] %}{% do k.append(a) %}{{ k|length }}", around
        case "block":
            name = f"block{len(around.blocks)}"
            around.blocks.append(name)
            scoped = pick(draw, ("", " scoped"))
            within = replace(inner, breaks=False, loops=around.loops if scoped else 0, recursive=False)
            return f"{{% block {name}{scoped} %}}{body(draw, within, depth - 1)}{{% endblock %}}", around
        case "include":
            name = pick(draw, around.includes)
            ways = ["'{}'", "['no', '{}']", "'no' ignore missing", *(["'{}' without context"] * (not around.captured))]
            return f"{{% include {pick(draw, ways).format(name)} %}}", around
        case "break":
            return f"{{% if {condition(draw, around)} %}}{{% {pick(draw, ('break', 'continue'))} %}}{{% endif %}}", around
        case _:
            return text(draw, around), around


def set_tag(draw: Draw, around: Around) -> tuple[str, Around]:
    if not around.tame and draw(st.integers(0, 4)) == 0:
        return f"{{% set a, b = {expression(draw, around, 1)}, {expression(draw, around, 1)} %}}", around
    name = pick(draw, ("a", "b", "n"))
    written = f"{{% set {name} = {expression(draw, around)} %}}"
    return written, replace(around, names=(*around.names, "n"))


def loop(draw: Draw, around: Around, depth: int) -> str:
    target = pick(draw, ("x", "x", "x", "a", "k, v"))
    names = (*around.names, *(("k", "v") if target == "k, v" else ("x",)))
    has_otherwise = draw(st.integers(0, 3)) == 0
    below = around.inside(names=names, loops=around.loops + 1, breaks=not has_otherwise)
    head = f"{target} in {iterable(draw, around)}"
    if target == "k, v":
        head = "k, v in [(1, a), ('<', b)]"
    if draw(st.integers(0, 4)) == 0:
        head += f" if {condition(draw, replace(below, loops=0, macros=(), parent=False, caller=False))}"
    after = f"{{% else %}}{body(draw, around.inside(), depth - 1)}" * has_otherwise
    return f"{{% for {head} %}}{body(draw, below, depth - 1)}{after}{{% endfor %}}"


def macro(draw: Draw, around: Around, depth: int) -> tuple[str, Around]:
    name = f"m{len(around.macros)}"
    parameters = pick(draw, ("p='<', q=a", "p='-', q=p") if around.tame else ("", "p", "p, q='<'", "p, q=a", "p='-', q=p"))
    names = (*around.names, *(word for word in ("p", "q") if word in parameters))
    within = around.inside(names=names, breaks=False, loops=0, parent=False, caller=False, captured=True)
    extra = "" if around.tame else pick(draw, ("", "", "{{ varargs }}", "{{ kwargs }}", "{{ caller is defined }}"))
    written = f"{{% macro {name}({parameters}) %}}{body(draw, within, depth - 1)}{extra}{{% endmacro %}}"
    return written, replace(around, macros=(*around.macros, name))


def call(draw: Draw, around: Around, depth: int) -> str:
    inner = around.inside(breaks=False, captured=True, names=(*around.names, "u"))
    macro_body = body(
        draw, around.inside(breaks=False, captured=True, loops=0, parent=False, names=(*around.names, "w")), depth - 1, 2
    )
    return (
        f"{{% macro called(w='-') %}}{macro_body}[{{{{ caller(w) }}}}]{{% endmacro %}}"
        f"{{% call(u) called({pick(draw, ('', expression(draw, around, 1)))}) %}}{body(draw, inner, depth - 1)}{{% endcall %}}"
    )


@st.composite
def templates(draw: Draw, *, tame: bool = False) -> dict[str, str]:
    """Templates by name; "page" is to be rendered, and the others are what it is made of."""
    found = {"lib.html": LIBRARY, "part.html": body(draw, Around(tame=tame, top=False), 1, 2)}
    around = Around(tame=tame, includes=("part.html",))
    if draw(st.integers(0, 2)):
        return {**found, "page": body(draw, around, draw(st.integers(1, 3)), 4)}
    found["base.html"] = body(draw, around, 2)
    blocks = ""
    for name in around.blocks:
        if draw(st.booleans()):
            blocks += f"{{% block {name} %}}{body(draw, Around(tame=tame, parent=True, captured=True), 1)}{{% endblock %}}"
    head = body(draw, Around(tame=tame, below=True, captured=True), 1, 2) if draw(st.booleans()) else ""
    return {**found, "page": f"{{% extends 'base.html' %}}{head}{blocks}"}


HOSTILE = st.one_of(
    st.sampled_from(
        ["", "a", "'\"><img>", "</script>", "javascript:f()", "a b&c=d", "-->", "]]>", "\\", "`${x}", "é😀", "1", "B <b>"]
    ),
    st.text("<>&\"'/\\`=;:(){}[]- \n\u2028ab%$#*\x00", max_size=6),
)


class Thing:
    """An object with attributes."""

    def __init__(self, b: Any) -> None:
        self.b = b
        self.x = [b, 1]

    def __str__(self) -> str:
        return f"<Thing {self.b}>"

    __repr__ = __str__


LEAVES = st.one_of(
    HOSTILE, st.integers(-3, 300), st.sampled_from([0.5, -1.0, 1e20]), st.none(), st.booleans(), HOSTILE.map(Markup)
)
VALUES = st.one_of(
    LEAVES,
    st.lists(LEAVES, max_size=3),
    st.dictionaries(st.sampled_from(["b", "x", "<"]), LEAVES, max_size=2),
    LEAVES.map(Thing),
    st.lists(st.fixed_dictionaries({"b": LEAVES}), max_size=2),
    LEAVES.map(lambda value: SimpleNamespace(b=value)),
)
CONTEXTS = st.fixed_dictionaries({"t": st.booleans(), "f": st.booleans()}, optional=dict.fromkeys(NAMES, VALUES))
