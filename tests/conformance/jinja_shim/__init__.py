"""Jinja2's public names on our engine, so that Jinja2's own tests run unmodified (see plugin.py).

Only what maps to public names of `martlet.templates` is here: the shim renames and reorders, and decides nothing about templates.
What Jinja2 has and we have not is a placeholder (internals.py) that fails when it is used.
"""
