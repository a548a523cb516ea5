"""What a handler may return beside plain data."""

from typing import assert_type

from markupsafe import Markup

from martlet.http import SetCookie
from martlet.rendering import HTML, Created, Page, Reply, escape


def test_what_is_put_into_markup_is_escaped() -> None:
    template = HTML("<b>{}</b>")

    assert template.format("<i>") == "<b>&lt;i&gt;</b>"
    assert type(template.format("x")) is HTML
    assert type(template + "<") is HTML
    assert HTML("<b>%s</b>") % "<" == "<b>&lt;</b>"
    assert HTML("<b>{}</b>").format(HTML("<i>")) == "<b><i></b>"
    assert escape("<") == Markup("&lt;")


def test_a_reply_keeps_status_fields_and_cookies() -> None:
    cookie = SetCookie("a", "b")
    reply = Reply([1], status=202, headers={"X-A": "1"}, cookies=[cookie])

    assert (reply.value, reply.status, reply.headers, reply.cookies) == ([1], 202, (("X-A", "1"),), (cookie,))
    assert Reply(None).headers == ()
    assert Reply(None, headers=[("X-A", "1"), ("X-A", "2")]).headers == (("X-A", "1"), ("X-A", "2"))


def test_a_reply_is_generic_in_its_value() -> None:
    assert_type(Reply(1), Reply[int])
    assert_type(Created("a", location="/"), Created[str])
    assert_type(Page(1.5, title="x").value, float)


def test_what_was_created_has_a_location_and_only_one() -> None:
    created = Created({"id": 7}, location="/books/7", headers={"location": "/old", "X-A": "1"})

    assert created.status == 201
    assert created.headers == (("Location", "/books/7"), ("X-A", "1"))
    assert isinstance(created, Reply)


def test_a_location_is_escaped_where_it_must_be_and_nowhere_else() -> None:
    assert Created(0, location="https://a.example:8/b/c?d=e&f=g%20h#i").headers[0][1] == "https://a.example:8/b/c?d=e&f=g%20h#i"
    assert Created(0, location='/a b"\r\n<é>').headers[0][1] == "/a%20b%22%0D%0A%3C%C3%A9%3E"


def test_replies_and_pages_can_be_taken_apart_and_read() -> None:
    match Reply({"a": 1}, status=202), Page([1], title="t"):
        case Reply(value), Page(items):
            assert value == {"a": 1}
            assert items == [1]
    assert repr(Reply(1)) == "Reply(1, status=200, headers=(), cookies=())"
    assert repr(Page(1, title="t")) == "Page(1, title='t')"


def test_a_page_may_show_any_name() -> None:
    page = Page(1, value=2, self=3)

    assert page.value == 1
    assert page.extra == {"value": 2, "self": 3}
