"""What passes through the house: requests, responses, the shapes of a body, and the seam between server and application."""

from martlet.messages.after import AfterResponse, AfterTask
from martlet.messages.body import Body, Chunk, File, Held, Stream, encode_chunk
from martlet.messages.contract import Application, Lifespan, Middleware, Refuse, Respond, StreamsBeingSent
from martlet.messages.default_fields import DefaultFields
from martlet.messages.dialect import Dialect, Direct, RequestUse, Sending
from martlet.messages.draining import LAST_WORD_SECONDS, Draining
from martlet.messages.extras import Origin, RequestExtras
from martlet.messages.field_names import (
    ACCEPT,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    COOKIE,
    HOST,
    FieldName,
    FieldNames,
)
from martlet.messages.file_chunks import CHUNK_BYTES, file_chunks
from martlet.messages.incoming.blocking import Blocking, in_thread, right_here
from martlet.messages.incoming.body import SMALL_LENGTHS, IncompleteBodyError, too_large
from martlet.messages.incoming.forms import CSRF_FIELD, Form, FormValue
from martlet.messages.incoming.parts import Part
from martlet.messages.incoming.uploads import BadFilenameError, Upload
from martlet.messages.interruption import Interruption
from martlet.messages.request import NO_PARAMS, Request
from martlet.messages.response import (
    BYTES_HEADERS,
    HTML_HEADERS,
    NO_HEADERS,
    TEXT_HEADERS,
    PreparedHeaders,
    Response,
    prepared_response,
)
from martlet.messages.resting import AT_ONCE, Resting, Suspended, begun, resumed
from martlet.messages.selecting import (
    CONDITIONS_AND_RANGE,
    IF_MATCH,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    IF_RANGE,
    IF_UNMODIFIED_SINCE,
    RANGE,
    add_validator_headers,
    answer_precondition,
    condition_status,
    not_modified_fields,
    precondition_status,
    select_response,
)
from martlet.messages.sent_paths import sent_path
from martlet.messages.sockets.connection import FAILED, Message, SocketClosedError, SocketConnection, SocketTransport
from martlet.messages.sockets.sending import MessageWriter
from martlet.messages.sockets.upgrade import Upgrade, open_socket
from martlet.messages.sockets.websocket import WebSocket
from martlet.messages.streams.asides import EVENT_ASIDES, LINE_ASIDES, Asides, IdleChunk
from martlet.messages.streams.events import EVENT_FIELDS, Event, event_bytes
from martlet.messages.streams.items import BARE, Framing, Items, ItemsHere, Listener, News, as_chunks

__all__ = [
    "ACCEPT",
    "AT_ONCE",
    "BARE",
    "BYTES_HEADERS",
    "CHUNK_BYTES",
    "CONDITIONS_AND_RANGE",
    "CONTENT_ENCODING",
    "CONTENT_LENGTH",
    "CONTENT_TYPE",
    "COOKIE",
    "CSRF_FIELD",
    "EVENT_ASIDES",
    "EVENT_FIELDS",
    "FAILED",
    "HOST",
    "HTML_HEADERS",
    "IF_MATCH",
    "IF_MODIFIED_SINCE",
    "IF_NONE_MATCH",
    "IF_RANGE",
    "IF_UNMODIFIED_SINCE",
    "LAST_WORD_SECONDS",
    "LINE_ASIDES",
    "NO_HEADERS",
    "NO_PARAMS",
    "RANGE",
    "SMALL_LENGTHS",
    "TEXT_HEADERS",
    "AfterResponse",
    "AfterTask",
    "Application",
    "Asides",
    "BadFilenameError",
    "Blocking",
    "Body",
    "Chunk",
    "DefaultFields",
    "Dialect",
    "Direct",
    "Draining",
    "Event",
    "FieldName",
    "FieldNames",
    "File",
    "Form",
    "FormValue",
    "Framing",
    "Held",
    "IdleChunk",
    "IncompleteBodyError",
    "Interruption",
    "Items",
    "ItemsHere",
    "Lifespan",
    "Listener",
    "Message",
    "MessageWriter",
    "Middleware",
    "News",
    "Origin",
    "Part",
    "PreparedHeaders",
    "Refuse",
    "Request",
    "RequestExtras",
    "RequestUse",
    "Respond",
    "Response",
    "Resting",
    "Sending",
    "SocketClosedError",
    "SocketConnection",
    "SocketTransport",
    "Stream",
    "StreamsBeingSent",
    "Suspended",
    "Upgrade",
    "Upload",
    "WebSocket",
    "add_validator_headers",
    "answer_precondition",
    "as_chunks",
    "begun",
    "condition_status",
    "encode_chunk",
    "event_bytes",
    "file_chunks",
    "in_thread",
    "not_modified_fields",
    "open_socket",
    "precondition_status",
    "prepared_response",
    "resumed",
    "right_here",
    "select_response",
    "sent_path",
    "too_large",
]
