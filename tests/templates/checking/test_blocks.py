"""Blocks that nothing prints, and those that must be filled."""

import pytest

from tests.rows import each
from tests.templates.checking.findings import found

BASE = {"base.html": "{% block title %}{% endblock %}{% block body %}{% block inner %}{% endblock %}{% endblock %}"}


def test_a_block_that_no_parent_has_is_never_rendered() -> None:
    told = found({**BASE, "page.html": "{% extends 'base.html' %}{% block titel %}x{% endblock %}"})

    assert told == [
        "page.html:1 no parent has a block named 'titel', so that this is never rendered; did you mean 'title'?",
    ]


@each(
    "source",
    [
        pytest.param("{% extends 'base.html' %}{% block inner %}{% endblock %}", id="a block inside of another"),
        pytest.param("{% extends 'base.html' %}{% block body %}{% block own %}{% endblock %}{% endblock %}", id="one of its own"),
        pytest.param("{% extends name %}{% block own %}{% endblock %}", id="a parent that is not known"),
        pytest.param("{% if x %}{% extends 'base.html' %}{% endif %}{% block own %}{% endblock %}", id="a parent by choice"),
        pytest.param(
            "{% extends 'base.html' %}{% block own %}{% endblock %}{% block body %}{{ self.own() }}{% endblock %}",
            id="a block that is printed by name",
        ),
        pytest.param("{% block own %}{% endblock %}", id="no parent"),
    ],
)
def test_a_block_may_be_reached_in_other_ways(source: str) -> None:
    assert found({**BASE, "page.html": source}) == []


def test_two_blocks_of_one_name_are_found() -> None:
    (told,) = found({"page.html": "{% block a %}{% endblock %}\n{% block a %}{% endblock %}"})

    assert told.startswith("page.html:2 the block 'a' is there twice")


def test_a_required_block_that_the_last_child_leaves_out_is_found() -> None:
    templates = {
        "base.html": "{% block title required %}{% endblock %}",
        "layout.html": "{% extends 'base.html' %}",
        "good.html": "{% extends 'layout.html' %}{% block title %}x{% endblock %}",
        "bad.html": "{% extends 'layout.html' %}",
    }

    assert found(templates) == ["bad.html:1 the block 'title' of 'base.html' is required, and nothing fills it"]


def test_a_required_block_that_a_layout_between_fills_is_filled() -> None:
    templates = {
        "base.html": "{% block title required %}{% endblock %}",
        "layout.html": "{% extends 'base.html' %}{% block title %}x{% endblock %}",
        "page.html": "{% extends 'layout.html' %}",
    }

    assert found(templates) == []


def test_super_without_anything_above_is_found() -> None:
    assert found({"page.html": "{% block a %}{{ super() }}{% endblock %}"}) == [
        "page.html:1 no parent has a block named 'a', so that there is nothing for 'super()' to print"
    ]
    assert found({**BASE, "page.html": "{% extends 'base.html' %}{% block title %}{{ super() }}{% endblock %}"}) == []


def test_a_block_that_self_does_not_have_is_found() -> None:
    told = found({"page.html": "{% block title %}{% endblock %}{{ self.titel() }}"})

    assert told == ["page.html:1 there is no block named 'titel'; did you mean 'title'?"]


def test_a_block_of_self_may_be_a_childs() -> None:
    templates = {
        "base.html": "{% block a %}{% endblock %}{% if b %}{{ self.b() }}{% endif %}",
        "page.html": "{% extends 'base.html' %}{% block b %}{% endblock %}",
    }

    assert found(templates) == []
