"""The ASGI entry point which uvicorn serves."""

import os
from typing import cast

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

_django = get_asgi_application()

from portal.core.web.bodies import Application, CappedBodies  # noqa: E402  # needs Django to be set up

application = CappedBodies(cast("Application", _django))
