"""Django Channels: a consumer in a group of the layer in memory, as in its tutorial."""

import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"],
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
    ROOT_URLCONF=__name__,
    SECRET_KEY="no secret",  # noqa: S106  nothing is signed
)


class Watcher(AsyncWebsocketConsumer):
    """One WebSocket."""

    async def connect(self) -> None:
        """Join the group."""
        await self.channel_layer.group_add("news", self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave it."""
        await self.channel_layer.group_discard("news", self.channel_name)

    async def news_message(self, event: dict[str, Any]) -> None:
        """Send what came."""
        await self.send(text_data=json.dumps({"text": event["text"]}))


async def publish(request: HttpRequest) -> HttpResponse:
    await get_channel_layer().group_send("news", {"type": "news.message", "text": json.loads(request.body)["text"]})
    return HttpResponse(status=204)


urlpatterns = [path("publish", publish)]
app = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": URLRouter([path("news", Watcher.as_asgi())])})
