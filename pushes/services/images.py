"""Listing pictures: fetched through the marketplace's host list, re-encoded, stored by content.

The address comes from a stranger, so nothing about it is trusted. Its host must stand on the
marketplace's list; the name is resolved once, every answer must be a public address, and the
connection goes to that very address, so that a second answer of the name server cannot lead
inside. What comes back is decoded in full and encoded anew: a file that only looks like a picture
does not survive it, and neither does its metadata.
"""

import io
import ipaddress
import logging
import socket
import struct
import time
import warnings
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import httpx
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from portal.core import files, outbox
from portal.core.models import Marketplace, OutboxMessage, StoredFile
from pushes.models import ListingImage, ListingVersion

logger = logging.getLogger(__name__)

FETCH: Final = "images.fetch"
LARGEST_SIDE: Final = 1600
MEDIA_TYPE: Final = "image/webp"
MOST_REDIRECTS: Final = 3
# Seconds for the whole download: a host that drips bytes must not hold a worker.
DEADLINE: Final = 30.0
_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF", "MPO")
# What Pillow's decoders raise on damaged files.
_DAMAGED: Final = (
    *(OSError, ValueError, SyntaxError, EOFError, TypeError),
    *(LookupError, ArithmeticError, struct.error),
)
_PORTS: Final = {"http": 80, "https": 443}
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
# RFC 6890: for protocols, never a host with pictures; some of it counts as global.
_PROTOCOL_ASSIGNMENTS: Final = ipaddress.ip_network("192.0.0.0/24")
# Everything IANA has handed out for use on the Internet so far.
_IPV6_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_URL_CHARACTERS: Final = "/%:@!$&'()*+,;=~"
_TRY_AGAIN: Final = frozenset({408, 425, 429})


class Refusal(models.TextChoices):
    """Why a picture was not taken; ``ListingImage.refusal`` holds the value."""

    ADDRESS = "address", _("The address is no web address.")
    HOST = "host", _("The host is not on the marketplace's list of picture hosts.")
    PRIVATE = "private", _("The host's name leads to an address that is not public.")
    REDIRECT = "redirect", _("The host sends the request on to another host, or in a circle.")
    MISSING = "missing", _("The host has no such picture.")
    TOO_LARGE = "too_large", _("The file is larger than 10 MB.")
    TOO_MANY_PIXELS = "too_many_pixels", _("The picture has more than 20 million pixels.")
    NOT_A_PICTURE = "not_a_picture", _("The file is no picture that can be decoded.")
    UNREACHABLE = "unreachable", _("The host could not be reached, although tried many times.")


class Refused(Exception):
    """The picture will not be taken; trying again cannot help."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


def reason_of(image: ListingImage) -> str | Promise:
    """Return the sentence for a refused picture; empty for others."""
    return Refusal(image.refusal).label if image.refusal in Refusal.values else image.refusal


# --------------------------------------------------------------------------- what to fetch


def want(marketplace: Marketplace, heads: Sequence[ListingVersion], *, now: datetime) -> None:
    """Note every new picture of new heads and ask for it, in the caller's transaction.

    A picture whose host is not on the list is refused at once.
    """
    with_pictures = [head for head in heads if head.image_urls]
    if not with_pictures:
        return
    known: dict[int, set[str]] = defaultdict(set)
    existing = ListingImage.objects.filter(listing__in=[head.listing_id for head in with_pictures])
    for listing_id, url in existing.values_list("listing_id", "url"):
        known[listing_id].add(url)
    made = ListingImage.objects.bulk_create(
        _wanted(marketplace, listing_id=head.listing_id, url=url)
        for head in with_pictures
        for url in head.image_urls
        if url not in known[head.listing_id]
    )
    waiting = [row for row in made if row.state == ListingImage.State.WAITING]
    payloads = {f"image:{row.pk}": {"image_id": row.pk} for row in waiting}
    outbox.enqueue_many(FETCH, payloads=payloads, now=now)


def _wanted(marketplace: Marketplace, *, listing_id: int, url: str) -> ListingImage:
    image = ListingImage(listing_id=listing_id, url=url)
    try:
        check_host(url, marketplace)
    except Refused as refused:
        image.state, image.refusal = ListingImage.State.REFUSED, refused.reason
    return image


def check_host(url: str, marketplace: Marketplace) -> SplitResult:
    """Return the parts of an address whose host is on the list; ``Refused`` otherwise.

    An entry ``host`` allows that host on the scheme's own port, ``host:port`` on that port only.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused(Refusal.ADDRESS) from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _PORTS or not host or not host.isascii() or parts.username is not None:
        raise Refused(Refusal.ADDRESS)
    default = _PORTS[parts.scheme]
    shown = f"[{host}]" if ":" in host else host
    forms = {f"{shown}:{port or default}"} | ({shown} if port in (None, default) else set())
    if forms.isdisjoint(entry.strip().lower() for entry in marketplace.image_hosts):
        raise Refused(Refusal.HOST)
    return parts


def public_address(parts: SplitResult, marketplace: Marketplace) -> str:
    """Resolve the host and return one of its addresses; ``Refused`` unless all are public.

    A simulated marketplace, or a development server, may serve from this machine or network.
    Raises ``OSError`` when the name cannot be resolved now.
    """
    port = parts.port or _PORTS[parts.scheme]
    answers = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [str(answer[4][0]) for answer in answers]
    if marketplace.is_simulated or settings.DEBUG:
        return addresses[0]
    if not all(_is_public(address) for address in addresses):
        raise Refused(Refusal.PRIVATE)
    return addresses[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            # An IPv4 address in IPv6 clothes is what it wraps.
            return _is_public(str(inner))
        return ip.is_global and ip in _IPV6_UNICAST
    return ip.is_global and not ip.is_multicast and ip not in _PROTOCOL_ASSIGNMENTS


# --------------------------------------------------------------------------- the effect


def fetch(message: OutboxMessage) -> None:
    """Fetch one picture; the outbox calls this outside any transaction.

    Done twice it does nothing the second time. Raises ``RetryLater`` or an ``httpx``/OS error when
    the host may answer later.
    """
    image = (
        ListingImage.objects.select_related("listing__marketplace")
        .filter(pk=message.payload["image_id"], state=ListingImage.State.WAITING)
        .first()
    )
    if image is None:
        return
    try:
        content = reencoded(download(image.url, image.listing.marketplace))
    except Refused as refused:
        _finish(image, refusal=refused.reason)
    else:
        _finish(image, file=files.store(content, media_type=MEDIA_TYPE, now=timezone.now()))


def abandoned(message: OutboxMessage) -> None:
    """Say so on the picture when its host never answered."""
    image = ListingImage.objects.filter(pk=message.payload["image_id"]).first()
    if image is not None:
        _finish(image, refusal=Refusal.UNREACHABLE)


@transaction.atomic
def _finish(
    image: ListingImage, *, file: StoredFile | None = None, refusal: Refusal | None = None
) -> None:
    state = ListingImage.State.REFUSED if file is None else ListingImage.State.STORED
    ListingImage.objects.filter(pk=image.pk, state=ListingImage.State.WAITING).update(
        state=state, file=file, refusal=refusal or ""
    )


def download(url: str, marketplace: Marketplace) -> bytes:
    """Return the bytes behind an address of the marketplace's hosts; see the module's rules."""
    first = check_host(url, marketplace).hostname
    stop = time.monotonic() + DEADLINE
    with httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as client:
        for _hop in range(MOST_REDIRECTS + 1):
            parts = check_host(url, marketplace)
            if parts.hostname != first:
                raise Refused(Refusal.REDIRECT)
            answer = _get(client, parts, public_address(parts, marketplace), stop)
            if isinstance(answer, bytes):
                return answer
            url = urljoin(url, answer)
            if urlsplit(url).hostname != first:
                raise Refused(Refusal.REDIRECT)
    raise Refused(Refusal.REDIRECT)


def _get(client: httpx.Client, parts: SplitResult, address: str, stop: float) -> bytes | str:
    """Return the body, or the address the host sends on to."""
    port = parts.port or _PORTS[parts.scheme]
    target = httpx.URL(
        scheme=parts.scheme,
        host=address,
        port=port,
        raw_path=_path(parts),
    )
    headers = {
        "Host": parts.netloc,
        "Accept": "image/*",
        # Without compression the bytes counted are the bytes kept.
        "Accept-Encoding": "identity",
    }
    extensions = {"sni_hostname": parts.hostname}
    with client.stream("GET", target, headers=headers, extensions=extensions) as response:
        if response.has_redirect_location:
            return response.headers["Location"]
        _check_status(response.status_code)
        return _body(response, stop)


def _path(parts: SplitResult) -> bytes:
    path = quote(parts.path or "/", safe=_URL_CHARACTERS)
    query = quote(parts.query, safe=_URL_CHARACTERS + "?")
    return f"{path}?{query}".encode() if query else path.encode()


def _check_status(status: int) -> None:
    if status >= 500 or status in _TRY_AGAIN:
        raise outbox.RetryLater(f"HTTP {status}")
    if status != httpx.codes.OK:
        raise Refused(Refusal.MISSING)


def _body(response: httpx.Response, stop: float) -> bytes:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise Refused(Refusal.NOT_A_PICTURE)
    body = bytearray()
    for part in response.iter_raw(65_536):
        body += part
        if len(body) > settings.IMAGE_MAX_BYTES:
            raise Refused(Refusal.TOO_LARGE)
        if time.monotonic() > stop:
            raise outbox.RetryLater("too slow")
    return bytes(body)


# --------------------------------------------------------------------------- decoding


def reencoded(content: bytes) -> bytes:
    """Return the picture as WebP, upright, at most 1600 px a side, without metadata.

    Only the first frame of an animation is kept. Raises ``Refused``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                return _encode(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused(Refusal.TOO_MANY_PIXELS) from None
    except _DAMAGED as error:
        logger.info("not a picture: %s", error)
        raise Refused(Refusal.NOT_A_PICTURE) from None


def _encode(image: Image.Image) -> bytes:
    if image.width * image.height > settings.IMAGE_MAX_PIXELS:
        raise Refused(Refusal.TOO_MANY_PIXELS)
    image.load()
    upright = ImageOps.exif_transpose(image)
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    plain = upright.convert("RGBA" if has_alpha else "RGB")
    plain.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    out = io.BytesIO()
    # exif, xmp and icc_profile would be taken over from the source's info.
    plain.info.clear()
    plain.save(out, "WEBP", quality=85, method=4)
    return out.getvalue()
