"""A session in Martlet: a parameter, kept in a signed cookie. Its age, its user and its id are in the cookie too."""

from benchmarks.session_peers.payload import PAYLOAD, SECRET
from martlet import App, Session


def make(*, with_sessions: bool) -> App:
    # None of the others looks at the Host or sends security fields.
    app = App(checks_host=False, security_headers=None, **({"secret_keys": [SECRET]} if with_sessions else {}))

    @app.get("/bare")
    async def bare() -> str:
        return "8"

    if with_sessions:

        @app.get("/begin")
        async def begin(session: Session) -> str:
            session.update(PAYLOAD)
            return "7"

        @app.get("/count")
        async def count(session: Session) -> str:
            session["count"] += 1
            return str(session["count"])

        @app.get("/read")
        async def read(session: Session) -> str:
            return str(session["count"])

    return app
