"""The Content-Type of a file, by the end of its name: from one table, never from the machine's registry.

So all machines agree, whatever Python's version and whatever is installed there. Source: the IANA registry of media types, and
RFC 9239 for JavaScript. Text is announced as UTF-8.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from martlet.http.media_types import MediaType

__all__ = ["CONTENT_TYPES", "content_type_for", "read_content_types"]

UNKNOWN: Final = "application/octet-stream"

_BY_TYPE: Final = {
    # text
    "text/calendar": "ics",
    "text/css": "css",
    "text/csv": "csv",
    "text/html": "html htm",
    "text/javascript": "js mjs cjs",
    "text/markdown": "md markdown",
    "text/plain": "txt text log asc",
    "text/tab-separated-values": "tsv",
    "text/vcard": "vcf",
    "text/vtt": "vtt",
    "text/x-python": "py",
    # structured
    "application/atom+xml": "atom",
    "application/epub+zip": "epub",
    "application/geo+json": "geojson",
    "application/gpx+xml": "gpx",
    "application/json": "json map",
    "application/ld+json": "jsonld",
    "application/manifest+json": "webmanifest",
    "application/pdf": "pdf",
    "application/postscript": "ps eps ai",
    "application/rss+xml": "rss",
    "application/rtf": "rtf",
    "application/toml": "toml",
    "application/vnd.google-earth.kml+xml": "kml",
    "application/wasm": "wasm",
    "application/xhtml+xml": "xhtml xht",
    "application/xml": "xml xsl xsd",
    "application/xslt+xml": "xslt",
    "application/yaml": "yaml yml",
    # archives
    "application/gzip": "gz tgz",
    "application/java-archive": "jar",
    "application/vnd.rar": "rar",
    "application/x-7z-compressed": "7z",
    "application/x-bzip2": "bz2",
    "application/x-tar": "tar",
    "application/x-xz": "xz",
    "application/zip": "zip",
    "application/zstd": "zst",
    # documents
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.sqlite3": "sqlite",
    # images
    "image/apng": "apng",
    "image/avif": "avif",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/heif": "heif",
    "image/jpeg": "jpg jpeg jpe jfif",
    "image/jxl": "jxl",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/tiff": "tif tiff",
    "image/vnd.microsoft.icon": "ico cur",
    "image/webp": "webp",
    # sound and film
    "application/vnd.apple.mpegurl": "m3u8",
    "application/dash+xml": "mpd",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/midi": "mid midi",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "oga ogg opus",
    "audio/vnd.wave": "wav",
    "audio/webm": "weba",
    "video/mp2t": "ts",
    "video/mp4": "mp4 m4v",
    "video/mpeg": "mpeg mpg",
    "video/ogg": "ogv",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "video/x-msvideo": "avi",
    # fonts and models
    "application/vnd.ms-fontobject": "eot",
    "font/collection": "ttc",
    "font/otf": "otf",
    "font/ttf": "ttf",
    "font/woff": "woff",
    "font/woff2": "woff2",
    "model/gltf+json": "gltf",
    "model/gltf-binary": "glb",
}

CONTENT_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        f".{ending}": f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
        for media_type, endings in _BY_TYPE.items()
        for ending in endings.split()
    }
)
"""By ending, with its dot and in lower case."""


def content_type_for(name: str, own: Mapping[str, str] = CONTENT_TYPES) -> str:
    """The Content-Type of a file of this name; `application/octet-stream` where its ending is not known.

    own: a table like CONTENT_TYPES.

    >>> content_type_for("css/app.CSS"), content_type_for("LICENSE")
    ('text/css; charset=utf-8', 'application/octet-stream')
    """
    stem, dot, ending = name.rpartition("/")[2].rpartition(".")
    return own.get(f".{ending.lower()}", UNKNOWN) if dot and stem else own.get("", UNKNOWN)


def read_content_types(own: Mapping[str, str]) -> Mapping[str, str]:
    """The table with an application's own endings in it; the ending `""` is for names without one.

    Raises ValueError for an ending without its dot, and BadMediaTypeError for what is no media type.

    >>> read_content_types({".book": "application/vnd.example.book"})[".book"]
    'application/vnd.example.book'
    """
    for ending in own:
        if ending and (ending[0] != "." or "." in ending[1:] or "/" in ending):
            raise ValueError(f"{ending!r} is no ending of a name: write a dot and what follows the last one, as in '.css'.")
    return MappingProxyType({**CONTENT_TYPES, **{ending.lower(): str(MediaType.parse(text)) for ending, text in own.items()}})
