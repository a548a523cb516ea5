"""What is a script and what each of its slashes means is known, or the template is refused."""

# ruff: noqa: E501 -- a template and its page stand side by side
import pytest

from martlet.templates.errors import EscapingError
from tests.rows import each
from tests.templates.escaping.pages import page

ATTACK = "');alert(1)//"
SCRIPT = "javascript:alert(1)"
HOST = "//evil.example/x.js"


@each(
    "before",
    [
        "for (const m of /'/g.exec(s)||[]) {", "export default /'/;", "for await (const m of y) /'/.test(m);", "debugger\n/'/.test(y);",
        "yield /'/;", "return\n{}\n/'/.test(y);", "class A extends B {}\n/'/.test(y);", "export default function(){}\n/'/.test(y);",
        "export function f(){}\n/'/.test(y);", "y\nfunction f(){}\n/'/.test(y);", "++/'/.lastIndex;", "y\n++/'/.lastIndex;", "export {y}\n/'/.test(y);",
    ],
)  # fmt: skip
def test_what_begins_a_regular_expression_is_known(before: str) -> None:
    written = page(f"<script>{before} f('{{{{ x }}}}') // it's\n</script>", x=ATTACK)

    assert written == f"<script>{before} f('\\u0027);alert(1)\\/\\/') // it's\n</script>"


@each(
    "before",
    [
        "x = function(){}", "x = class {}", "x = async function(){}", "f(function*(){})", "({class: 1, of: {}}).class", "x = y ? [{a: 1}, {}] : []",
        "[a ? b : {}]", "x = () => ({})", "cafe\u0301", "\u0939\u093f\u0928\u094d\u0926\u0940", "let", "const {a = {}} = y", "x = y ? 1 : y.of", "y++", "x = {get class(){ return 1 }}",
    ],
)  # fmt: skip
def test_what_a_slash_divides_is_known(before: str) -> None:
    assert page(f"<script>{before} / {{{{ x }}}} / 2</script>", x="alert`1`") == f'<script>{before} / "alert`1`" / 2</script>'


@each(
    "before",
    [
        "await", "y\nof", "x = y ? {} : {}", "function f(){ x: {}", "export async function(){} x = y function(){}",
        "{% for v in t %}({% endfor %}a)",
    ],
)  # fmt: skip
def test_a_slash_that_may_be_either_is_refused(before: str) -> None:
    with pytest.raises(EscapingError):
        page(f"<script>{before} / {{{{ x }}}} / 2</script>", x="a", t=[])


def test_a_back_quote_in_a_regular_expression_is_escaped() -> None:
    assert page("<script>x = /{{ x }}/</script>", x="alert`1`") == "<script>x = /alert\\u00601\\u0060/</script>"


def test_a_comment_of_the_web_that_a_module_reads_as_code_is_not_written() -> None:
    assert page("<script type=module>x\n--> `\n{{ x }}</script>", x="${f()}") == '<script type=module>x\n\n"${f()}"</script>'


@pytest.mark.parametrize("end", ["\r", "\u2028"])
def test_a_block_comment_ends_a_line_at_each_end_of_one(end: str) -> None:
    written = page(f"<script>f() /*{end}*/ --> ' it's\nf({{{{ x }}}})</script>", x="a")

    assert written.endswith('\nf("a")</script>')


# Attributes of frameworks


NAMES = """
data-hx-on:click data-hx-on hx-on data-hx-on--load x-intersect.once x-trap x-trap.noscroll x-mask:dynamic x-sort x-sort:item x-resize
x-anchor x-ng-click v-memo v-bind.prop v-focus v-on:click.stop .value .innerHTML *ngIf *ngFor [value] (click) [(x)] ng-mouseover ng-keyup ng-include
ng-options ng-value ng:click ng_click data-ng-click bind-href bindon-x on-click data-on-load data-on:click data-attr:href data-bind slot-scope
click.delegate value.two-way data-x-data data-x-on:click up-on-loaded data-signals svg:onload
"""


@each("name", NAMES.split())
def test_what_a_framework_evaluates_is_a_script(name: str) -> None:
    assert page(f"<p {name}=\"f('{{{{ x }}}}')\">", x=ATTACK) == f"<p {name}=\"f('\\u0027);alert(1)\\/\\/')\">"


@each(
    "name",
    [
        "x-ref", "x-transition:enter", "x-teleport", "x-mask", "v-pre", "ng-app", "ng-message", "data-ng-app", "data-x", "data-online", "data-on-text", "data-id",
        "hx-target", "hx-confirm", "aria-label", "data-security", "data-during", "data-hourly", "x-webkit-speech", "viewbox",
    ],
)  # fmt: skip
def test_what_is_known_to_hold_a_text_is_one(name: str) -> None:
    assert page(f'<p {name}="{{{{ x }}}}">', x="top secret: no") == f'<p {name}="top secret: no">'


@each("name", ["data-image-url", "data-imgsrc", "imageurl", "data-src", "base_uri", "data-urls", "x_src"])
def test_a_word_in_a_name_tells_of_a_url(name: str) -> None:
    assert page(f'<p {name}="{{{{ x }}}}">', x=SCRIPT) == f'<p {name}="#zBlocked">'


def test_what_stands_in_the_brackets_of_a_trigger_is_a_script() -> None:
    assert page("<p hx-trigger='click[{{ x }}]'>", x="alert(1)") == "<p hx-trigger='click[&#34;alert(1)&#34;]'>"
    assert (
        page("<p hx-trigger=\"click[f('{{ x }}') && a[0]], {{ y }}\">", x="'", y="keyup delay:5s")
        == "<p hx-trigger=\"click[f('\\u0027') && a[0]], keyup delay:5s\">"
    )
    for value in ("a[alert(1)]", '"', "'", "`", "/a/"):
        assert page("<p hx-trigger='{{ x }} click[{{ y }}]'>", x=value, y=1) == "<p hx-trigger='zBlocked click[ 1 ]'>"


@each("name", ["hx-get", "hx-post", "data-hx-delete", "sse-connect", "ws-connect", "fx-action"])
def test_what_is_put_into_the_page_comes_from_its_own_host(name: str) -> None:
    assert page(f'<p {name}="{{{{ x }}}}">', x=HOST) == f'<p {name}="#zBlocked">'
    assert page(f'<p {name}="{{{{ x }}}}">', x="/list?a=b") == f'<p {name}="/list?a=b">'
