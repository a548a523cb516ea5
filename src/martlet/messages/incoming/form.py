"""The form in a request's body: part by part, or collected, and closed with the request."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from martlet.http import MULTIPART, URLENCODED, MultipartParser, multipart_boundary, parse_form
from martlet.messages.field_names import CONTENT_TYPE
from martlet.messages.incoming.blocking import Blocking, in_thread, right_here
from martlet.messages.incoming.body import IncomingBody
from martlet.messages.incoming.collecting import close_spool, collect_form, form_type
from martlet.messages.incoming.forms import Form
from martlet.messages.incoming.parts import Part, read_parts


class IncomingForm(IncomingBody):
    """What a request knows of its body as a form."""

    __slots__ = ()

    def parts(self) -> AsyncGenerator[Part]:
        """Give the parts of a multipart form one by one as they arrive; nothing of them is kept.

        Raises UnsupportedMediaTypeError for another body, BadRequestError for a broken form, and as `chunks` does.
        """
        parser = MultipartParser(multipart_boundary(form_type(self.field(CONTENT_TYPE), MULTIPART)), self.limits)
        return read_parts(self.chunks(), parser)

    async def form(self) -> Form:
        """Read the body as a form of either kind; a second call gives the same one. Raises as `parts` does.

        Its files are there until the request has been answered, and a streamed answer has been sent.
        """
        extras = self.extras
        if extras.form is None:
            media_type = form_type(self.field(CONTENT_TYPE), URLENCODED, MULTIPART)
            if media_type.essence == URLENCODED:
                extras.form = Form(parse_form(await self.read(), self.limits).items())
            else:
                parser = MultipartParser(multipart_boundary(media_type), self.limits)
                extras.form = await collect_form(self.chunks(), parser, self.limits, self._blocking)
        return extras.form

    @property
    def can_give_form(self) -> bool:
        """Whether `form()` can be asked for: nobody has taken the body by `chunks()` or `parts()`."""
        return not self._started or self._body is not None or (self.has_extras and self.extras.form is not None)

    @property
    def form_read(self) -> Form:
        """The form once `await form()` has run; raises RuntimeError before that."""
        form = self.extras.form
        if form is None:
            raise RuntimeError("The form has not been read yet: call `await request.form()` first.")
        return form

    async def close(self) -> None:
        """Let go of what reading the body opened; whoever serves the request calls it at the end.

        Where work is left for after the answer, which may need it, it waits for that.
        """
        if self.has_extras and self.extras.form is not None and not self.extras.after:
            await close_spool(self.extras.form, self._blocking)

    def close_now(self) -> None:
        """Do the same in this thread, which may have to wait for a disk."""
        if self.has_extras and self.extras.form is not None and not self.extras.after:
            self.extras.form.close()

    @property
    def _blocking(self) -> Blocking:
        """How work is done that blocks."""
        return in_thread if self.is_on_loop else right_here
