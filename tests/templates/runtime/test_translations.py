"""Messages in another language: what a catalogue gives, and what stands in it."""

import gettext
from typing import Any

import pytest

from martlet.templates import TemplateEngine, translations_from

GERMAN = {"Hello, %(name)s!": "Hallo, <b>%(name)s</b>!", "%(num)s book": "%(num)s Buch", "menu\x04open": "Öffnen"}


class Catalogue:
    def gettext(self, message: str) -> str:
        return GERMAN.get(message, message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        return GERMAN.get(one, one) if number == 1 else many

    def pgettext(self, context: str, message: str) -> str:
        return GERMAN.get(f"{context}\x04{message}", message)


@pytest.mark.parametrize(
    ("source", "page"),
    [
        ("{% trans name=user %}Hello, {{ name }}!{% endtrans %}", "Hallo, <b>&lt;Ann&gt;</b>!"),
        ("{{ gettext('Hello, %(name)s!', name=user) }}", "Hallo, <b>&lt;Ann&gt;</b>!"),
        ("{{ _('Hello, %(name)s!', name=user) }}", "Hallo, <b>&lt;Ann&gt;</b>!"),
        ("{{ ngettext('%(num)s book', '%(num)s books', 1) }}", "1 Buch"),
        ("{{ ngettext('%(num)s book', '%(num)s books', 3) }}", "3 books"),
        ("{% trans num=3 %}{{ num }} book{% pluralize %}{{ num }} books{% endtrans %}", "3 books"),
        ("{{ pgettext('menu', 'open') }}", "Öffnen"),
        ("{{ gettext('100 %% sure') }}", "100 % sure"),
    ],
)
def test_a_page_is_written_in_another_language(source: str, page: str) -> None:
    engine = TemplateEngine(globals=translations_from(Catalogue()))

    assert engine.render(source, user="<Ann>") == page


def test_a_catalogue_gives_what_it_has() -> None:
    class Small:
        def ngettext(self, *message: Any) -> str:
            return str(message[0])

    assert sorted(translations_from(Small())) == ["ngettext"]
    assert sorted(translations_from(gettext.NullTranslations())) == ["_", "gettext", "ngettext", "npgettext", "pgettext"]
    plain = TemplateEngine(escaping="off", globals=translations_from(Catalogue()))
    assert plain.render("{{ gettext('Hello, %(name)s!', name='<Ann>') }}") == "Hallo, <b><Ann></b>!"
