"""Pages written by hand: f-strings with `markupsafe.escape` on every value, as a careful person writes them."""

from typing import Any

from markupsafe import escape

FIRST = ' class="first"'


def fortunes(context: dict[str, Any]) -> str:
    rows = "".join(f"<tr><td>{escape(row.id)}</td><td>{escape(row.message)}</td></tr>" for row in context["fortunes"])
    return _fortunes(rows)


def dict_rows(context: dict[str, Any]) -> str:
    rows = "".join(f"<tr><td>{escape(row['id'])}</td><td>{escape(row['message'])}</td></tr>" for row in context["fortunes"])
    return _fortunes(rows)


def _fortunes(rows: str) -> str:
    return f"""<!DOCTYPE html>
<html>
<head><title>Fortunes</title></head>
<body>
<table>
<tr><th>id</th><th>message</th></tr>
{rows}
</table>
</body>
</html>
"""


def table(context: dict[str, Any]) -> str:
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in context["rows"])
    return f"<table>{rows}</table>"


def badge(text: str, kind: str = "plain") -> str:
    return f'<span class="badge {escape(kind)}">{escape(text)}</span>'


def section(number: int, product: Any) -> str:
    stock = ""
    if product.stock == 0:
        stock = badge("sold out", "alert")
    elif product.stock < 2:
        stock = badge("last one")
    return f"""<section>
<h2>{number}. {escape(product.name)}</h2>
<p>{escape(product.price)} € {stock}</p>
<p>{"".join([badge(tag) for tag in product.tags])}</p>
</section>"""


def layout(user: str, links: list[dict[str, str]], title: str, main: str) -> str:
    items = "".join(
        f"""<li{marked}><a href="{escape(link["address"])}">{escape(link["title"])}</a></li>"""
        for marked, link in zip([FIRST] + [""] * len(links), links, strict=False)
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="stylesheet" href="/static/shop.css">
</head>
<body>
<nav>
<p>Hello, {escape(user)}!</p>
<ul>{items}</ul>
</nav>
<main>{main}</main>
<footer><p>All prices with taxes.</p></footer>
</body>
</html>
"""


def page(context: dict[str, Any]) -> str:
    notice = f'<p class="notice">{escape(context["notice"])}</p>' if context["notice"] else ""
    sections = "".join([section(number, product) for number, product in enumerate(context["products"], 1)])
    main = notice + (sections or "<p>Nothing for sale.</p>")
    return layout(context["user"], context["links"], "Products", main)


def hello(context: dict[str, Any]) -> str:
    return f"Hello, {escape(context['name'])}!"


pages = {"fortunes": fortunes, "dict_rows": dict_rows, "table": table, "page": page, "hello": hello}
