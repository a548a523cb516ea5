"""What browsers read otherwise than it looks is refused, or followed as they read it; html5lib told what they do."""

# ruff: noqa: E501 -- a template and its page stand side by side
import pytest

from martlet.templates import TemplateEngine
from martlet.templates.errors import EscapingError
from tests.rows import each
from tests.templates.escaping.pages import page

SCRIPT = "javascript:alert(1)"


@each("comment", ["<!-->", "<!--->", "<!-- a --!>", "<!--a<!-->", "<!-- <!--->", "<![CDATA[ a ]]>"])
def test_what_is_a_whole_comment_is_one(comment: str) -> None:
    assert page(f'{comment} <a href="{{{{ x }}}}"> -->', x=SCRIPT) == f'{comment} <a href="#zBlocked"> -->'


def test_in_xml_a_comment_goes_on_to_its_end() -> None:
    template = TemplateEngine().from_string("<a><!--> {{ x }} --!> {{ x }} --></a><?b > ?>{{ x }}", name="a.xml")

    assert template.render(x="-<") == "<a><!--> &#45;&lt; --!> &#45;&lt; --></a><?b > ?>-&lt;"


REFUSED = [
    "<!--{{ x }}>", "<!--{% if x %}{% endif %}-> <a href='{{ x }}'> -->", "<!-- a -{{ x }}-> -->", "<!-- a --{% if x %}>{% endif %} -->", "<!-- --!{{ x }}> -->", "<![CDATA[ a > {{ x }} ]]>",
    "<a\u00a0href='{{ x }}'>", "<a class='b'\u00a0href='{{ x }}'>", "<a \x0bhref='{{ x }}'>", "<p\u2028title='{{ x }}'>", "<script>a</script{{ x }}>{{ x }}", "<style>a</style{% if x %}>{% endif %}",
    "<noscript><p title='</noscript><a href={{ x }}>'></noscript>", "<noscript><!-- </noscript><a href='{{ x }}'> --></noscript>", "<noscript><style></noscript><a href='{{ x }}'></style></noscript>",
    "<script type=text/template><!-- </script><a href='{{ x }}'> -->", "<script type=text/html><p title='</script><a href={{ x }}>'>", "<script type=text/template><script>{{ x }}</script></script>", "<script type=text/plain><!-- <script> </script> {{ x }}</script>",
    "<svg><script/> <a href='{{ x }}'></svg></script>", "<svg><style/> {{ x }}</style></svg>", "<svg><foreignObject><script/>{{ x }}", "<math><xmp/>{{ x }}</math>",
    "<svg><script>f('&#39; + {{ x }} + &#39;')</script></svg>", "<svg><style>a{b:'&quot;{{ x }}'}</style></svg>", "<svg><style><a title=\"</style><a href='{{ x }}'></svg>", "<svg><script><!-- </script> <a href='{{ x }}'> --></svg>",
    "<svg><xmp><a href='{{ x }}'></xmp></svg>", "<select><xmp></select><img onerror='{{ x }}'></xmp>", '<select><style></select><img title="</style>{{ x }}', "<iframe><!-- {{ x }}</iframe><svg><noembed><b></noembed>",
    "<plaintext><a href='{{ x }}'></plaintext>", "<style>a{b:'c\n{{ x }}'}</style>", '<style>a{b:url(c "d) {{ x }}}</style>', "<svg><style>/*<![CDATA[*/ a{b:{{ x }}} </style></svg>",
]  # fmt: skip


@each("source", REFUSED)
def test_what_browsers_read_otherwise_than_it_looks_is_refused(source: str) -> None:
    with pytest.raises(EscapingError):
        page(source, x=SCRIPT)


@each(
    ("source", "expected"),
    [
        ("<svg><style><![CDATA[ a > b {c: {{ x }}} ]]></style></svg>", "<svg><style><![CDATA[ a > b {c: d&} ]]></style></svg>".replace("d&", "zBlocked")),
        ("<svg><style>a{b:{{ x }}}</style></svg>", "<svg><style>a{b:zBlocked}</style></svg>"),
        ("<svg><title/><a href='{{ x }}'></svg>", "<svg><title/><a href='red&amp;%2359b%23{'></svg>".replace("red&amp;%2359b%23{", "red&amp;#59b")),
        ("<noscript><iframe src='/{{ x }}'></iframe></noscript>", "<noscript><iframe src='/red&amp;#59b'></iframe></noscript>"),
        ("<textarea><!--</textarea><a title='{{ x }}'>", "<textarea>&lt;!--</textarea><a title='red&amp;#59b'>"),
        ("<svg><title><a href='{{ x }}'></title></svg>", "<svg><title>&lt;a href='red&amp;#59b'></title></svg>"),
        ("<select><option value='{{ x }}'>{{ x }}</select>", "<select><option value='red&amp;#59b'>red&amp;#59b</select>"),
        ("{% for v in [1, 2] %}<svg>{% endfor %}<script>f({{ x }})</script>", '<svg><svg><script>f("red\\u0026#59b")</script>'),
        ("<template><script>f({{ x }})</script></template>", '<template><script>f("red\\u0026#59b")</script></template>'),
        ("<p aria-{{ 'label' }}='{{ x }}' {{ 'aria-hidden' }}='{{ x }}'>", "<p aria-label='red&amp;#59b' aria-hidden='red&amp;#59b'>"),
    ],
)  # fmt: skip
def test_what_can_be_told_is_escaped(source: str, expected: str) -> None:
    assert page(source, x="red&#59b") == expected
