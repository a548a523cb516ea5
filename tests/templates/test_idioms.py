"""What templates in the wild are full of is accepted as it is, and comes out as its author meant it."""

# ruff: noqa: E501, ISC004, Q000, Q003 -- a template and its page stand side by side, in whatever quotes they have

from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from martlet.templates import DictLoader, TemplateEngine
from tests.rows import each


def rendered(source: str, templates: dict[str, str] | None = None, **variables: Any) -> str:
    engine = TemplateEngine(DictLoader(templates or {}), globals={"url_for": url_for})
    return str(engine.render(source, variables)).strip()


def url_for(endpoint: str, filename: str = "", **query: Any) -> str:
    pairs = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/{endpoint}/{filename}" + (f"?{pairs}" if pairs else "")


FORMS = """
{%- macro input(name, value='', type='text', size=20) -%}
<input type="{{ type }}" name="{{ name }}" value="{{ value|e }}" size="{{ size }}">
{%- endmacro %}
{%- macro field(field) -%}
<dt>{{ field.label }}<dd>{{ field(**kwargs)|safe }}
{%- if field.errors %}<ul>{% for error in field.errors %}<li>{{ error }}</li>{% endfor %}</ul>{% endif %}</dd>
{%- endmacro %}
"""


class FormField:
    """As form libraries have it."""

    label = Markup("<label>Name</label>")
    errors = ("a < b",)

    def __call__(self, **attributes: Any) -> Markup:
        return Markup("<input %s>") % Markup(" ").join(Markup('%s="%s"') % pair for pair in attributes.items())


def test_macros_for_forms() -> None:
    page = "{% from 'forms' import input, field %}{{ input('user', value='\"<') }}{{ field(form.name, size=3) }}"

    assert rendered(page, {"forms": FORMS}, form=SimpleNamespace(name=FormField())) == (
        '<input type="text" name="user" value="&#34;&lt;" size="20">'
        '<dt><label>Name</label><dd><input size="3"><ul><li>a &lt; b</li></ul></dd>'
    )


def test_macros_of_an_imported_module() -> None:
    page = "{% import 'forms' as forms %}<p>{{ forms.input('word', type='password') }}</p>"

    assert rendered(page, {"forms": FORMS}) == '<p><input type="password" name="word" value="" size="20"></p>'


def test_pagination() -> None:
    page = """
    {%- macro pages(pagination) -%}
    {%- for page in pagination.iter_pages() -%}
    {%- if page -%}{%- if page != pagination.page -%}
    <a href="{{ url_for(endpoint, page=page, q=q) }}">{{ page }}</a>
    {%- else -%}<strong>{{ page }}</strong>{%- endif -%}
    {%- else -%}<span>…</span>{%- endif -%}
    {%- endfor -%}
    {%- endmacro -%}
    {{ pages(pagination) }}"""
    pagination = SimpleNamespace(iter_pages=lambda: [1, None, 8], page=1)

    assert rendered(page, pagination=pagination, endpoint="list", q="a b") == (
        '<strong>1</strong><span>…</span><a href="/list/?page=8&amp;q=a%20b">8</a>'
    )


def test_a_menu_of_any_depth() -> None:
    page = """<ul>
    {%- for item in menu recursive -%}
    <li><a href="{{ item.href|e }}">{{ item.title }}</a>
    {%- if item.children -%}<ul>{{ loop(item.children) }}</ul>{%- endif -%}</li>
    {%- endfor -%}
    </ul>"""
    menu = [{"href": "/a?b=1&c=2", "title": "A & B", "children": [{"href": "/d", "title": "D"}]}]

    assert rendered(page, menu=menu) == (
        '<ul><li><a href="/a?b=1&amp;c=2">A &amp; B</a><ul><li><a href="/d">D</a></li></ul></li></ul>'
    )


def test_a_flag_that_leaves_a_loop() -> None:
    page = "{% set ns = namespace(found=false) %}{% for i in l %}{% if i > 2 %}{% set ns.found = true %}{% endif %}{% endfor %}"

    assert rendered(page + "{{ 'yes' if ns.found else 'no' }}", l=[1, 3]) == "yes"


def test_a_layout_that_is_added_to() -> None:
    base = (
        '<title>{% block title %}Site{% endblock %}</title>{% block head %}<link rel="stylesheet" '
        "href=\"{{ url_for('static', filename='a.css') }}\">{% endblock %}<body class=\"{% block kind %}plain{% endblock %}\">"
    )
    page = (
        "{% extends 'base' %}{% block title %}Home - {{ super() }}{% endblock %}"
        "{% block head %}{{ super() }}<style>a { color: {{ color }}; }</style>{% endblock %}"
        "{% block kind %}{{ super() }} {{ kind }}{% endblock %}"
    )

    assert rendered(page, {"base": base}, color="#fff", kind='a"b') == (
        '<title>Home - Site</title><link rel="stylesheet" href="/static/a.css"><style>a { color: #fff; }</style>'
        '<body class="plain a&#34;b">'
    )


def test_a_block_that_is_called() -> None:
    page = (
        "{% macro dump_users(users) %}<ul>{% for user in users %}<li>{{ user.name|e }}{{ caller(user) }}</li>{% endfor %}</ul>"
        '{% endmacro %}{% call(user) dump_users(all) %}<a href="/u/{{ user.name }}">{{ user.about|e }}</a>{% endcall %}'
    )

    assert rendered(page, all=[{"name": "A/b", "about": "R & B"}]) == ('<ul><li>A/b<a href="/u/A/b">R &amp; B</a></li></ul>')


def test_messages_that_flash() -> None:
    page = (
        "{% with messages = get_flashed_messages(with_categories=true) %}{% if messages %}<ul>"
        '{% for category, message in messages %}<li class="{{ category }}">{{ message }}</li>{% endfor %}</ul>{% endif %}{% endwith %}'
    )

    flashed = rendered(page, get_flashed_messages=lambda with_categories: [("error", "a < b")] if with_categories else [])
    assert flashed == '<ul><li class="error">a &lt; b</li></ul>'


def test_a_script_of_data() -> None:
    page = (
        "<script>var a = {{ d|tojson }}, b = {{ d|tojson|safe }}, c = '{{ s }}', n = {{ n }}, "
        "on = {{ 'true' if n else 'false' }};</script>"
    )

    assert rendered(page, d={"a": "</script>"}, s="O'B", n=7) == (
        '<script>var a = {"a": "\\u003c/script\\u003e"}, b = {"a": "\\u003c/script\\u003e"}, '
        "c = 'O\\u0027B', n =  7 , on = true;</script>"
    )


def test_linked_data() -> None:
    page = '<script type="application/ld+json">{"name": {{ name|tojson }}, "url": "{{ url }}", "n": {{ n }}}</script>'

    assert rendered(page, name='a "b"', url="/a?b=1&c", n=2) == (
        '<script type="application/ld+json">{"name": "a \\"b\\"", "url": "\\/a?b=1\\u0026c", "n":  2 }</script>'
    )


def test_a_drawing_in_the_page() -> None:
    page = (
        '<svg width="{{ w }}" viewBox="0 0 {{ w }} {{ h }}"><path d="M0 {{ h }} L{{ w }} 0" fill="{{ c }}"/>'
        '<text transform="rotate({{ h }})">{{ t }}</text><use xlink:href="#{{ i }}"/></svg>'
    )

    assert rendered(page, w=10, h=2.5, c="#f00", t="a < b", i="icon-x") == (
        '<svg width="10" viewBox="0 0 10 2.5"><path d="M0 2.5 L10 0" fill="#f00"/>'
        '<text transform="rotate(2.5)">a &lt; b</text><use xlink:href="#icon-x"/></svg>'
    )


@each(
    ("page", "expected"),
    [
        ("{% for r in 'ab' %}<li class=\"{{ loop.cycle('odd', 'even') }}\">{% endfor %}", '<li class="odd"><li class="even">'),
        ("{% for c, us in users|groupby('city') %}{{ c }}:{% for u in us %}{{ u.name }}{% endfor %};{% endfor %}", "X:AC;Y:B;"),
        ("{% for g in users|groupby('city') %}{{ g.grouper }}{{ g.list|length }}{% endfor %}", "X2Y1"),
        ("<script src=\"{{ url_for('static', filename='a.js') }}\"></script>", '<script src="/static/a.js"></script>'),
        ("<link rel=icon href={{ url_for('static', filename='a.ico') }}>", "<link rel=icon href=/static/a.ico>"),
        ("<a class=\"nav {{ 'active' if yes }}\"><a class=\"nav {{ 'active' if no }}\">", '<a class="nav active"><a class="nav ">'),
        ("<li{% if yes %} class=\"active\"{% endif %}>", '<li class="active">'),
        ("<option {% if yes %}selected{% endif %}>", "<option selected>"),
        ("<option value=\"{{ q }}\"{{ ' selected' if yes }}>", '<option value="a b&amp;c" selected>'),
        ("<option{{ ' selected' if yes }}{{ ' hidden' if no else ' lang=\"en\"' }}>", '<option selected lang="en">'),
        ("<input {{ 'checked' if yes }} {{ 'disabled' if no }}>", "<input checked >"),
        ("<input {{ 'checked=\"checked\"'|safe if yes }}>", '<input checked="checked">'),
        ('<a {% if href %}href="{{ href }}"{% endif %}>', '<a href="/x?a=1&amp;b=2">'),
        ('{% if yes %}<a href="{{ href }}">{% else %}<b>{% endif %}x{% if yes %}</a>{% else %}</b>{% endif %}', '<a href="/x?a=1&amp;b=2">x</a>'),
        ('<div {% if no %}class="a">{% else %}id="b">{% endif %}{{ q }}</div>', '<div id="b">a b&amp;c</div>'),
        ('{% if yes %}<div class="a" {% else %}<div class="b" {% endif %}id="{{ n }}">', '<div class="a" id="7">'),
        ('<h{{ n }}>{{ q }}</h{{ n }}>', "<h7>a b&amp;c</h7>"),
        ('<i style="width: {{ n }}%">', '<i style="width: 7%">'),
        ("<i style=\"width: {{ (n / 2)|round(1) }}%; color: {{ 'red' if yes else 'green' }}\">", '<i style="width: 3.5%; color: red">'),
        ("<i style=\"background: url('{{ href }}')\">", "<i style=\"background: url('/x?a=1&amp;b=2')\">"),
        ('<tr style="{% if yes %}display:none{% endif %}">', '<tr style="display:none">'),
        ('<b onclick="go({{ n }})">', '<b onclick="go( 7 )">'),
        ("<b onclick=\"return confirm('Delete {{ name }}?')\">", "<b onclick=\"return confirm('Delete O\\u0027B?')\">"),
        ("<b data-x='{{ d|tojson }}'>", "<b data-x='{&#34;a&#34;: [1]}'>"),
        ('<b data-x="{{ d|tojson|forceescape }}">', '<b data-x="{&#34;a&#34;: [1]}">'),
        ('<b data-x="{{ d|tojson|e }}">', '<b data-x="{&#34;a&#34;: [1]}">'),
        ("<b hx-vals='{\"id\": \"{{ n }}\"}' hx-get=\"{{ href }}\">", "<b hx-vals='{\"id\": \"7\"}' hx-get=\"/x?a=1&amp;b=2\">"),
        ("<b x-data=\"{ on: {{ yes|tojson }}, name: '{{ name }}' }\">", "<b x-data=\"{ on: true, name: 'O\\u0027B' }\">"),
        ('<a href="mailto:{{ mail }}">{{ mail }}</a>', '<a href="mailto:a+b@c.org">a+b@c.org</a>'),
        ('<a href="tel:{{ n }}">', '<a href="tel:7">'),
        ('<a href="?page={{ n }}&q={{ q|urlencode }}">', '<a href="?page=7&q=a%20b%26c">'),
        ('<a href="?page={{ n + 1 }}&amp;q={{ q }}">', '<a href="?page=8&amp;q=a%20b%26c">'),
        ('<a href="?{{ {"q": q, "n": n}|urlencode }}">', '<a href="?q=a+b%26c&amp;n=7">'),
        ('<a href="https://c.org/{{ q }}#{{ n }}">', '<a href="https://c.org/a%20b&amp;c#7">'),
        ('<img src="{{ href }}" srcset="{{ href }} 2x" alt="{{ q }}">', '<img src="/x?a=1&amp;b=2" srcset="/x?a=1&amp;b=2 2x" alt="a b&amp;c">'),
        ("<ul{{ {'class': 'a', 'id': none}|xmlattr }}>", '<ul class="a">'),
        ("<b {% for k, v in attrs.items() %}{{ k }}=\"{{ v }}\" {% endfor %}>", '<b title="&#34;" lang="en" >'),
        ("<b {% for k, v in attrs.items() %}data-{{ k }}=\"{{ v }}\" {% endfor %}>", '<b data-title="&#34;" data-lang="en" >'),
        ('<meta property="og:url" content="{{ href }}">', '<meta property="og:url" content="/x?a=1&amp;b=2">'),
        ("<script>var l = [{% for x in [1, 'a'] %}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}];</script>", '<script>var l = [ 1 ,"a"];</script>'),
        ("<script>{% if yes %}log(\"{{ name }}\");{% endif %}</script>", '<script>log("O\\u0027B");</script>'),
        ("{% set nav %}<b>{{ q }}</b>{% endset %}<p>{{ nav }}</p>", "<p><b>a b&amp;c</b></p>"),
        ("{% macro kind(x) %}k-{{ x }}{% endmacro %}<p class=\"{{ kind(q) }}\">{{ kind(q) }}", '<p class="k-a b&amp;c">k-a b&amp;c'),
        ("{{ text|e|replace('\n', '<br>'|safe) }}", "a&lt;<br>b"),
        ("{{ '%.2f'|format(1.5) }} {{ '{:,}'.format(1000) }}", "1.50 1,000"),
        ("{{ user.name or 'anonymous' }}{{ user.mail|default('-', true) }}", "anonymous-"),
        ("{% for row in [] %}{% else %}<p>none</p>{% endfor %}", "<p>none</p>"),
        ("<textarea name=a>{{ text }}</textarea>", "<textarea name=a>a&lt;\nb</textarea>"),
        ("<title>{% if name %}{{ name }} - {% endif %}S</title>", "<title>O&#39;B - S</title>"),
        ("<b {% if yes %}a{% endif %} {% if yes %}b{% endif %} {% if no %}c{% endif %} {% if no %}d{% endif %} {% if no %}e{% endif %} "
         "{% if no %}f{% endif %} {% if no %}g{% endif %} {% if yes %}h{% endif %}>", "<b a b      h>"),
        ("<b{% if yes %} a{% endif %}{% if yes %} b{% endif %}{% if no %} c{% endif %}{% if no %} d{% endif %}{% if no %} e{% endif %}"
         "{% if no %} f{% endif %}{% if no %} g{% endif %}{% if yes %} h{% endif %}>", "<b a b h>"),
    ],
)  # fmt: skip
def test_one_line(page: str, expected: str) -> None:
    variables: dict[str, Any] = {
        "users": [{"name": "A", "city": "X"}, {"name": "B", "city": "Y"}, {"name": "C", "city": "X"}],
        "attrs": {"title": '"', "lang": "en"},
        "d": {"a": [1]},
        "href": "/x?a=1&b=2",
        "mail": "a+b@c.org",
        "n": 7,
        "name": "O'B",
        "no": False,
        "q": "a b&c",
        "text": "a<\nb",
        "user": {},
        "yes": True,
    }

    assert rendered(page, **variables) == expected
