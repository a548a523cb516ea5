"""The noticeboard of a small harbour town: a whole application, to be read in ten minutes.

Read application.py first; model.py, store.py and the templates are what it is made of. `martlet run noticeboard:app` serves it.
"""

from .application import app

__all__ = ["app"]
