"""Files in BlackSheep: all endings allowed, since its list has few; a cache time of none, as the others."""

from blacksheep import Application


def make(directory: str) -> Application:
    app = Application()
    app.serve_files(directory, root_path="assets", extensions={".css"}, cache_time=0)
    return app
