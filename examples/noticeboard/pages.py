"""The pages: functions from values to HTML. `HTML(…).format(…)` escapes everything that is not HTML itself."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from msgspec import to_builtins

from martlet import HTML, HTTPError, HTTPStatus, QueryString, ValidationError

from .model import Category, Listing, Notice

STYLESHEET = Path(__file__).with_name("noticeboard.css").read_bytes()
FINGERPRINT = sha256(STYLESHEET).hexdigest()[:12]

BIRD = HTML(
    '<path fill="currentColor" d="M2 17c8-2 13-1 18 3 1-6 5-13 13-17-3 7-4 12-3 17 3 2 7 3 12 3-4 2-8 3-12 3-3 5-9 9-17 11'
    'l5-8c-3-6-8-10-16-12z"/>'
)
FAVICON = f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 60 60" color="#f1f6f4">
<circle cx="22" cy="22" r="30" fill="#0d3b47"/>{BIRD}
</svg>
"""

# Each category flies a flag of the International Code of Signals: what it says at sea, and how it is drawn.
RED, YELLOW, BLUE, WHITE = "#cb3a30", "#f3b72f", "#21508f", "#fff"
FLAGS = {
    Category.LOST_AND_FOUND: ("O, person overboard", [(YELLOW, "M0 0v18h20z"), (RED, "M0 0h20v18z")]),
    Category.EVENTS: ("P, everybody report on board", [(BLUE, "M0 0h20v18H0z"), (WHITE, "M6.5 6h7v6h-7z")]),
    Category.FOR_SALE: (
        "G, hauling nets",
        [(YELLOW, "M0 0h20v18H0z"), (BLUE, "M3.3 0h3.4v18H3.3zM10 0h3.3v18H10zm6.7 0H20v18h-3.3z")],
    ),
    Category.HELP_WANTED: (
        "V, I need assistance",
        [(WHITE, "M0 0h20v18H0z"), (RED, "M0 0h3.4L10 5.9 16.6 0H20v3L13.4 9 20 15v3h-3.4L10 12.1 3.4 18H0v-3L6.6 9 0 3z")],
    ),
}

# The frame of every page ------------------------------------------------------------------------------

LAYOUT = HTML("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Ternhaven Noticeboard</title>
<link rel="stylesheet" href="/noticeboard.css?{fingerprint}">
<link rel="icon" type="image/svg+xml" href="/favicon.svg">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="water">
<div class="width">
<a class="brand" href="/notices">
<svg viewBox="0 0 44 36" aria-hidden="true">{bird}</svg>
<span>Ternhaven <em>Noticeboard</em></span>
</a>
<a class="button" href="/notices/new">Pin up a notice</a>
</div>
</header>
<main id="main">
<div class="water swell"><div class="width">
{above}</div></div>
<div class="width">
{content}</div>
</main>
<footer>
<div class="width">
<p>Every page here is data too: ask its address for <code>application/json</code>.</p>
<p>The flags are from the International Code of Signals:</p>
<ul class="signals">{signals}</ul>
</div>
</footer>
</body>
</html>
""")


def layout(title: str, above: HTML, content: HTML) -> HTML:
    """Put a page together: what stands on the water, and what hangs on the board below it."""
    signals = HTML().join(
        HTML("<li>{}{}: {}</li>").format(flag(category), meaning, category.label.lower())
        for category, (meaning, _) in FLAGS.items()
    )
    return LAYOUT.format(title=title, above=above, content=content, fingerprint=FINGERPRINT, bird=BIRD, signals=signals)


def back(href: str, text: str) -> HTML:
    return HTML('<p class="back"><a href="{}">← {}</a></p>\n').format(href, text)


def flag(category: Category) -> HTML:
    _, areas = FLAGS[category]
    drawn = HTML().join(HTML('<path fill="{}" d="{}"/>').format(*area) for area in areas)
    return HTML('<svg class="flag" viewBox="0 0 20 18" aria-hidden="true">{}</svg>').format(drawn)


def day_text(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def posted(moment: datetime) -> HTML:
    days = (datetime.now(UTC).date() - moment.date()).days
    text = {0: "today", 1: "yesterday"}.get(days) or (f"{days} days ago" if 1 < days < 14 else f"on {moment.day} {moment:%B %Y}")
    return HTML('<time datetime="{}">{}</time>').format(moment.isoformat(timespec="seconds"), text)


# The board --------------------------------------------------------------------------------------------

FINDING = HTML("""\
<div class="heading">
<h1>{heading}</h1>
<p>{count}</p>
</div>
<div class="finding">
<nav aria-label="Categories"><ul class="categories">{categories}</ul></nav>
<form class="search" role="search" action="/notices">
{kept}<label for="q" class="unseen">Search the notices</label>
<input id="q" type="search" name="q" value="{words}" maxlength="100" placeholder="Search the notices">
<button>Search</button>
</form>
</div>
""")
CATEGORY_LINK = HTML('<li><a href="{href}"{current}>{flag}{label} <span class="number">{count}</span></a></li>')
CARD = HTML("""\
<li><article class="card">
<p class="category">{flag}{category}</p>
{when}<h2><a href="/notices/{id}">{title}</a></h2>
<p class="excerpt">{text}</p>
<p class="byline">{name}, {posted}</p>
</article></li>
""")
WHEN = HTML('<p class="when"><time datetime="{day}">{text}</time></p>\n')
EMPTY = HTML("""\
<div class="sheet empty">
<p>Nothing on the board fits that. <a href="/notices">See all notices</a>, or <a href="/notices/new">pin up the first one</a>.</p>
</div>
""")
PAGING = HTML('<nav class="paging" aria-label="Pages">{newer}<span>Page {page} of {pages}</span>{older}</nav>\n')
PAGE_LINK = HTML('<a rel="{rel}" href="{href}">{text}</a>')


def board(listing: Listing, counts: Mapping[Category, int], category: Category | None, words: str) -> HTML:
    asked = QueryString.from_pairs([*([("category", category.value)] if category else []), *([("q", words)] if words else [])])
    everything = category_link(None, "All", sum(counts.values()), asked, category)
    chosen = [category_link(each, each.label, count, asked, category) for each, count in counts.items()]
    place = category.label if category else "On the board"
    heading = f"“{words}” in {place.lower()}" if words and category else f"“{words}”" if words else place
    finding = FINDING.format(
        heading=heading,
        count={0: "No notices", 1: "One notice"}.get(listing.total, f"{listing.total} notices, newest first"),
        categories=HTML().join([everything, *chosen]),
        kept=HTML('<input type="hidden" name="category" value="{}">\n').format(category.value) if category else "",
        words=words,
    )
    cards = HTML('<ol class="cards">\n{}</ol>\n').format(HTML().join(card(notice) for notice in listing.notices))
    return layout(heading, finding, (cards if listing.notices else EMPTY) + paging(listing, asked))


def category_link(category: Category | None, label: str, count: int, asked: QueryString, current: Category | None) -> HTML:
    query = asked.replacing(category=category.value) if category else asked.without("category")
    return CATEGORY_LINK.format(
        href=f"/notices?{query}".rstrip("?"),
        current=HTML(' aria-current="true"') if category == current else "",
        flag=flag(category) if category else "",
        label=label,
        count=count,
    )


def card(notice: Notice) -> HTML:
    return CARD.format(
        id=notice.id,
        flag=flag(notice.category),
        category=notice.category.label,
        when=when(notice.takes_place),
        title=notice.title,
        text=notice.text,
        name=notice.name,
        posted=posted(notice.posted_at),
    )


def when(day: date | None) -> HTML:
    return WHEN.format(day=day.isoformat(), text=day_text(day)) if day else HTML()


def paging(listing: Listing, asked: QueryString) -> HTML:
    def link(page: int, rel: str, text: str) -> HTML:
        if not 1 <= page <= listing.pages:
            return HTML("<span></span>")
        return PAGE_LINK.format(rel=rel, href=f"/notices?{asked.replacing(page=page)}", text=text)

    if listing.pages == 1 and listing.page == 1:
        return HTML()
    newer, older = link(listing.page - 1, "prev", "← Newer"), link(listing.page + 1, "next", "Older →")
    return PAGING.format(newer=newer, page=listing.page, pages=listing.pages, older=older)


# One notice -------------------------------------------------------------------------------------------

NOTICE = HTML("""\
<article class="sheet">
<p class="category">{flag}<a href="/notices?category={slug}">{category}</a></p>
<h1>{title}</h1>
{when}<p class="text">{text}</p>
<dl class="contact"><dt>Pinned up by</dt><dd>{name}, {posted}{edited}</dd><dt>Get in touch</dt><dd>{contact}</dd></dl>
<div class="actions">
<a class="quiet button" href="/notices/{id}/edit">Edit</a>
<details><summary class="quiet button">Take down</summary>
<form method="post" action="/notices/{id}/delete">
<p>It will be gone for good.</p>
<button class="grave">Yes, take it down</button>
</form>
</details>
</div>
</article>
""")


def notice(notice: Notice) -> HTML:
    content = NOTICE.format(
        id=notice.id,
        flag=flag(notice.category),
        slug=notice.category.value,
        category=notice.category.label,
        title=notice.title,
        when=when(notice.takes_place),
        text=notice.text,
        name=notice.name,
        posted=posted(notice.posted_at),
        edited=HTML(", edited {}").format(posted(notice.edited_at)) if notice.edited_at else "",
        contact=notice.contact,
    )
    return layout(notice.title, back("/notices", "All notices"), content)


# Writing and editing ----------------------------------------------------------------------------------

FORM = HTML("""\
<form class="sheet" method="post" action="{action}">
<h1>{heading}</h1>
{summary}{title}
<fieldset{category_state}><legend>What is it about?</legend>{category_error}<div class="choices">{categories}</div></fieldset>
{text}
{takes_place}
<div class="pair">{name}{contact}</div>
<div class="actions"><button>{submit}</button></div>
</form>
""")
SUMMARY = HTML('<div class="summary" role="alert"><p>This cannot be pinned up yet:</p><ul>{}</ul></div>\n')
SUMMARY_LINE = HTML('<li><a href="#{name}">{label}</a>: {rule}</li>')
INPUT = HTML('<input id="{name}" name="{name}" value="{value}"{more}{state}>')
TEXTAREA = HTML('<textarea id="{name}" name="{name}"{more}{state}>\n{value}</textarea>')
FIELD = HTML(
    '<div class="field"><label for="{name}">{label}</label>\n<p class="hint" id="{name}-hint">{hint}</p>\n{control}</div>'
)
CHOICE = HTML("""\
<label class="choice"><input type="radio" name="category" value="{value}" required{id}{checked}>{flag}{label}</label>
""")

# By name: the label, the rule as people read it, and what the browser checks before it sends. model.py has the last word.
FIELDS = {
    "title": ("Title", "3 to 80 characters.", HTML(' required minlength="3" maxlength="80"')),
    "category": ("What is it about?", "Choose one.", HTML()),
    "text": ("Notice", "10 to 2,000 characters.", HTML(' required minlength="10" maxlength="1900" rows="8"')),
    "takes_place": ("Date", "Only if it takes place on a certain day.", HTML(' type="date"')),
    "name": ("Your name", "2 to 60 characters.", HTML(' required minlength="2" maxlength="60" autocomplete="name"')),
    "contact": (
        "How to reach you",
        "A number, an address or a place.",
        HTML(' required minlength="3" maxlength="120"'),
    ),
}


def new_notice() -> HTML:
    return form({}, "Pin up a notice", action="/notices")


def edit_notice(notice: Notice) -> HTML:
    values = {name: value for name, value in to_builtins(notice).items() if value is not None}
    return form(values, "Edit the notice", action=f"/notices/{notice.id}/edit")


def form_again(values: Mapping[str, str], refused: Collection[str], *, action: str) -> HTML:
    return form(values, "Edit the notice" if action.endswith("/edit") else "Pin up a notice", refused, action=action)


def form(values: Mapping[str, str], heading: str, refused: Collection[str] = (), *, action: str) -> HTML:
    lines = [SUMMARY_LINE.format(name=name, label=FIELDS[name][0], rule=FIELDS[name][1]) for name in FIELDS if name in refused]
    is_refused = "category" in refused
    content = FORM.format(
        heading=heading,
        action=action,
        summary=SUMMARY.format(HTML().join(lines)) if refused else "",
        categories=HTML().join(choice(category, values.get("category")) for category in Category),
        category_state=HTML(' aria-describedby="category-hint"') if is_refused else "",
        category_error=HTML('<p class="hint wrong" id="category-hint">Choose one.</p>') if is_refused else "",
        submit="Save" if action.endswith("/edit") else "Pin it up",
        **{name: field(name, values.get(name, ""), is_refused=name in refused) for name in FIELDS if name != "category"},
    )
    return layout(heading, back(action.removesuffix("/edit"), "Back"), content)


def field(name: str, value: str, *, is_refused: bool) -> HTML:
    label, rule, more = FIELDS[name]
    state = HTML(' aria-describedby="{}-hint"{}').format(name, HTML(' aria-invalid="true"') if is_refused else "")
    control = (TEXTAREA if name == "text" else INPUT).format(name=name, value=value, more=more, state=state)
    return FIELD.format(name=name, label=label, hint=rule, control=control)


def choice(category: Category, chosen: str | None) -> HTML:
    return CHOICE.format(
        value=category.value,
        id=HTML(' id="category"') if category is Category.LOST_AND_FOUND else "",
        checked=HTML(" checked") if category.value == chosen else "",
        flag=flag(category),
        label=category.label,
    )


# What goes wrong --------------------------------------------------------------------------------------

PROBLEM = HTML("""\
<div class="sheet problem">
<p class="status">{status}</p>
<h1>{title}</h1>
<p>{message}</p>
{errors}</div>
""")


def problem(error: HTTPError) -> HTML:
    title = HTTPStatus.reason(error.status_code)
    message = error.message if error.message != title else ""
    fields = error.errors if isinstance(error, ValidationError) else ()
    lines = [HTML("<li>{}: {}</li>").format(field.name or field.pointer, field.detail) for field in fields]
    errors = HTML("<ul>{}</ul>\n").format(HTML().join(lines)) if lines else ""
    content = PROBLEM.format(status=error.status_code, title=title, message=message, errors=errors)
    return layout(title, back("/notices", "All notices"), content)
