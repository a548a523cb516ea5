"""Chameleon: page templates in attributes, with macros for layout, include and badge."""

from typing import Any

from chameleon import PageTemplate

from benchmarks.template_pages import PAGES

FORTUNES = """<!DOCTYPE html>
<html>
<head><title>Fortunes</title></head>
<body>
<table>
<tr><th>id</th><th>message</th></tr>
<tr tal:repeat="fortune fortunes"><td>${fortune.id}</td><td>${fortune.message}</td></tr>
</table>
</body>
</html>
"""
TABLE = """<table>
<tr tal:repeat="row rows"><td tal:repeat="cell row">${cell}</td></tr>
</table>
"""
PARTS = """<html>
<span metal:define-macro="badge" class="badge ${kind}">${text}</span>
<nav metal:define-macro="navigation">
<p>Hello, ${user}!</p>
<ul><li tal:repeat="link links" class="${'first' if repeat.link.start else None}">
<a href="${link['address']}">${link['title']}</a></li></ul>
</nav>
</html>
"""
LAYOUT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title><metal:title define-slot="title">Shop</metal:title></title>
<link rel="stylesheet" href="/static/shop.css">
</head>
<body>
<nav metal:use-macro="parts.macros['navigation']"></nav>
<main><metal:main define-slot="main"></metal:main></main>
<footer><metal:footer define-slot="footer"><p>All prices with taxes.</p></metal:footer></footer>
</body>
</html>
"""
PAGE = """<html metal:use-macro="layout">
<metal:title fill-slot="title">Products</metal:title>
<metal:main fill-slot="main">
<p tal:condition="notice" class="notice">${notice}</p>
<section tal:repeat="product products">
<h2>${repeat.product.number}. ${product.name}</h2>
<p>${product.price} €
<tal:sold condition="product.stock == 0" define="text 'sold out'; kind 'alert'">
<span metal:use-macro="parts.macros['badge']"/>
</tal:sold>
<tal:last condition="product.stock == 1" define="text 'last one'; kind 'plain'">
<span metal:use-macro="parts.macros['badge']"/>
</tal:last>
</p>
<p><tal:tag repeat="text product.tags" define="kind 'plain'"><span metal:use-macro="parts.macros['badge']"/></tal:tag></p>
</section>
<p tal:condition="not products">Nothing for sale.</p>
</metal:main>
</html>
"""
shared = {"parts": PageTemplate(PARTS), "layout": PageTemplate(LAYOUT)}
SOURCES = {
    "fortunes": FORTUNES,
    "dict_rows": FORTUNES.replace("fortune.id", "fortune['id']").replace("fortune.message", "fortune['message']"),
    "table": TABLE,
    "page": PAGE,
    "hello": "Hello, ${name}!",
}


def render_with(name: str) -> Any:
    template = PageTemplate(SOURCES[name])
    if name == "page":
        return lambda context: template.render(**shared, **context)
    return lambda context: template.render(**context)


pages = {name: render_with(name) for name in PAGES}
