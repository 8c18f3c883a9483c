"""``python -m demo``: run the stand-in marketplace until SIGTERM or Ctrl-C."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime

import httpx
import uvicorn

from demo import catalogue as catalogues
from demo.config import Config, ConfigurationError, from_environment
from demo.drawings import Drawings
from demo.generator import Stream
from demo.orders import OrderDesk
from demo.posting import Poster
from demo.production import Producer
from demo.state import State
from demo.web import Site

log = logging.getLogger("demo")


def _now() -> datetime:
    return datetime.now(tz=UTC)


async def keep_posting(poster: Poster) -> None:
    """Let ``poster`` work until this task is cancelled."""
    last = time.monotonic()
    while True:
        start = time.monotonic()
        pause = await poster.step(start - last)
        last = start
        await asyncio.sleep(pause)


def _finish(task: asyncio.Task[None], server: uvicorn.Server) -> None:
    """Posting ended by itself, which only an error makes it do: stop the server too."""
    if not task.cancelled():
        server.should_exit = True


async def run(config: Config, listener: socket.socket) -> None:
    """Serve and post until a signal comes. What is unsent then stays in the state file."""
    site = f"http://127.0.0.1:{listener.getsockname()[1]}"
    catalogue = catalogues.load()
    state = State(config.state)
    desk = OrderDesk(state, config.webhook_secret)
    drawings = Drawings(catalogue)
    app = Site(market=catalogue.marketplace, state=state, desk=desk, drawings=drawings, clock=_now)
    producer = Producer(
        stream=Stream(catalogue, config.seed),
        state=state,
        site=site,
        truth=config.truth,
        rate=config.rate,
        limit=config.limit,
    )
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )
    # uvicorn raises a signal once more when it has stopped: that must not end us before we tidy up.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    async with httpx.AsyncClient(
        base_url=config.portal_url,
        headers={"Authorization": f"Api-Key {config.api_key}"},
        timeout=httpx.Timeout(15.0, connect=5.0),
    ) as client:
        poster = Poster(client=client, state=state, producer=producer, clock=_now)
        posting = asyncio.create_task(keep_posting(poster))
        posting.add_done_callback(lambda task: _finish(task, server))
        log.info("%s at %s, posting to %s", catalogue.marketplace, site, config.portal_url)
        await server.serve(sockets=[listener])
        posting.cancel()
        with suppress(asyncio.CancelledError):
            await posting
    state.close()


def main() -> int:
    """Read the environment, run, and return the process's exit code."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for noisy in ("httpx", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        config = from_environment(os.environ)
        listener = socket.create_server(("127.0.0.1", config.port))
    except ConfigurationError as error:
        log.error("%s", error)
        return 2
    except OSError as error:
        log.error("Port %s cannot be opened: %s. Set DEMO_PORT.", config.port, error.strerror)
        return 2
    asyncio.run(run(config, listener))
    return 0


if __name__ == "__main__":
    sys.exit(main())
