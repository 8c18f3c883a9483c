"""Listing pictures: fetched from a real server, only from listed hosts, decoded and re-encoded."""

import io
import struct
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from portal.core import files, outbox
from portal.core.models import Organisation, OutboxMessage, Role
from pushes.models import ListingImage
from pushes.services import images, intake
from pushes.services.images import Refusal, Refused
from pushes.services.observations import Observation
from tests.factories import (
    ListingVersionFactory,
    MarketplaceFactory,
    MemberFactory,
    OrganisationFactory,
    SuspectedLinkFactory,
)
from tests.factories.core import StoredFileFactory

pytestmark = pytest.mark.django_db


def picture(size=(40, 30), kind="PNG", **options):
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **options)
    return out.getvalue()


class Host(BaseHTTPRequestHandler):
    """A picture host; what it answers is in ``answers``, what it was asked in ``asked``."""

    answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
    asked: list[tuple[str, str]] = []

    def do_GET(self):
        self.asked.append((self.path, self.headers["Host"]))
        status, headers, body = self.answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Stay quiet."""


@pytest.fixture
def host():
    Host.answers, Host.asked = {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def market(host):
    return MarketplaceFactory(image_hosts=[host], is_simulated=True)


def want(market, now, *urls):
    seen = Observation(external_id="a", title="Shoe", image_urls=urls)
    intake.receive(marketplace=market, observations=[seen], now=now)
    return ListingImage.objects.get(url=urls[0])


def deliver(now):
    return [outbox.deliver(pk, now) for pk in outbox.due(now)]


def test_a_picture_is_fetched_reencoded_and_stored_by_content(market, host, now):
    Host.answers["/1.png"] = (200, {}, picture())
    image = want(market, now, f"http://{host}/1.png")
    assert deliver(now) == [True]
    image.refresh_from_db()
    assert (image.state, image.file.media_type) == ("stored", "image/webp")
    with Image.open(io.BytesIO(files.read(image.file))) as stored:
        assert (stored.format, stored.size) == ("WEBP", (40, 30))
    assert Host.asked == [("/1.png", host)]


def test_delivering_again_fetches_nothing(market, host, now):
    Host.answers["/1.png"] = (200, {}, picture())
    image = want(market, now, f"http://{host}/1.png")
    message = OutboxMessage.objects.get(handler=images.FETCH)
    images.fetch(message)
    images.fetch(message)
    assert len(Host.asked) == 1
    assert ListingImage.objects.get(pk=image.pk).state == "stored"


def test_odd_paths_and_queries_arrive_as_they_were_meant(market, host, now):
    Host.answers["/%E5%9B%BE%20/a.png?w=1&x=%2F"] = (200, {}, picture())
    want(market, now, f"http://{host}/图 /a.png?w=1&x=%2F")
    assert deliver(now) == [True]


def test_metadata_is_stripped_big_pictures_shrink_and_stand_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter
    exif[0x010F] = "Camera maker"
    big = picture((3200, 800), "JPEG", exif=exif)
    with Image.open(io.BytesIO(images.reencoded(big))) as stored:
        assert stored.size == (400, 1600)
        assert not stored.getexif()
        assert {"exif", "xmp", "icc_profile"}.isdisjoint(stored.info)


def test_transparency_survives():
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(images.reencoded(out.getvalue()))) as stored:
        assert stored.mode == "RGBA"


def bomb():
    """A PNG that says it is 30,000 by 30,000."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Refusal.NOT_A_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Refusal.NOT_A_PICTURE),
        (b"GIF89a/*" + b"a" * 100 + b"*/=alert(1)", Refusal.NOT_A_PICTURE),
        (picture()[:60], Refusal.NOT_A_PICTURE),
        (bomb(), Refusal.TOO_MANY_PIXELS),
        (picture((5000, 4001)), Refusal.TOO_MANY_PIXELS),
    ],
    ids=["empty", "svg", "polyglot", "truncated", "bomb", "pixels"],
)
def test_what_is_no_harmless_picture_is_refused(market, host, now, content, reason):
    Host.answers["/x"] = (200, {}, content)
    image = want(market, now, f"http://{host}/x")
    assert deliver(now) == [True]
    image.refresh_from_db()
    assert (image.state, image.refusal, image.file) == ("refused", reason, None)
    assert str(images.reason_of(image)).endswith(".")


def test_a_polyglot_loses_its_tail():
    assert b"<script>" not in images.reencoded(picture() + b"<script>alert(1)</script>")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((404, {}, b""), Refusal.MISSING),
        ((302, {"Location": "http://127.0.0.2/x"}, b""), Refusal.REDIRECT),
        ((302, {"Location": "file:///etc/passwd"}, b""), Refusal.REDIRECT),
        ((302, {"Location": "/x"}, b""), Refusal.REDIRECT),
        ((200, {"Content-Encoding": "gzip"}, b"x"), Refusal.NOT_A_PICTURE),
    ],
    ids=["missing", "other host", "file", "circle", "compressed"],
)
def test_answers_that_lead_astray_are_refused(market, host, now, answer, reason):
    Host.answers["/x"] = answer
    image = want(market, now, f"http://{host}/x")
    deliver(now)
    image.refresh_from_db()
    assert (image.state, image.refusal) == ("refused", reason)


def test_a_redirect_on_the_same_host_is_followed(market, host, now):
    Host.answers |= {"/a": (301, {"Location": "/b"}, b""), "/b": (200, {}, picture())}
    image = want(market, now, f"http://{host}/a")
    deliver(now)
    image.refresh_from_db()
    assert image.state == "stored"


def test_a_file_over_ten_megabytes_is_cut_off(market, host, now, settings):
    settings.IMAGE_MAX_BYTES = 100_000
    Host.answers["/x"] = (200, {}, b"\x89PNG" + bytes(1_000_000))
    image = want(market, now, f"http://{host}/x")
    deliver(now)
    image.refresh_from_db()
    assert image.refusal == Refusal.TOO_LARGE


def test_a_host_in_trouble_is_tried_again_and_finally_given_up(market, host, now):
    Host.answers["/x"] = (503, {}, b"")
    image = want(market, now, f"http://{host}/x")
    assert deliver(now) == [False]
    message = OutboxMessage.objects.get(handler=images.FETCH)
    assert (message.state, message.attempts) == ("waiting", 1)
    image.refresh_from_db()
    assert image.state == "waiting"
    OutboxMessage.objects.update(attempts=outbox.MAX_ATTEMPTS - 1, due_at=now)
    assert deliver(now) == [False]
    image.refresh_from_db()
    assert (image.state, image.refusal) == ("refused", Refusal.UNREACHABLE)


@pytest.mark.parametrize(
    "url",
    [
        "http://other.example/1.png",
        "http://img.example.evil/1.png",
        "http://img.example:8080/1.png",
        "http://img.example@evil.example/1.png",
        "http://user@img.example/1.png",
        "ftp://img.example/1.png",
        "http://ｉmg.example/1.png",
        "http://img.example:99999/1.png",
    ],
)
def test_only_listed_hosts_are_asked(url):
    market = MarketplaceFactory(image_hosts=["img.example"])
    with pytest.raises(Refused) as refused:
        images.check_host(url, market)
    assert refused.value.reason in {Refusal.HOST, Refusal.ADDRESS}


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("img.example", "https://IMG.example/1.png"),
        ("img.example", "http://img.example.:80/1.png"),
        ("Img.Example:8080", "http://img.example:8080/1.png"),
        ("[2001:db8::1]:81", "http://[2001:db8::1]:81/1.png"),
    ],
)
def test_listed_hosts_are_recognised(entry, url):
    assert images.check_host(url, MarketplaceFactory(image_hosts=[entry]))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "169.254.169.254", "224.0.0.1", "100.64.0.1"),
        *("[::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[64:ff9b:1::1]", "[2002:7f00:1::1]"),
        *("[64:ff9b::10.0.0.1]", "[ff02::1]", "[fe80::1]"),
    ],
)
def test_addresses_that_are_not_public_are_refused(address):
    market = MarketplaceFactory(image_hosts=[address])
    parts = images.check_host(f"http://{address}/1.png", market)
    with pytest.raises(Refused) as refused:
        images.public_address(parts, market)
    assert refused.value.reason == Refusal.PRIVATE


def test_a_name_that_leads_inside_is_refused_unless_the_marketplace_is_simulated():
    real = MarketplaceFactory(image_hosts=["localhost"])
    parts = images.check_host("http://localhost/1.png", real)
    with pytest.raises(Refused):
        images.public_address(parts, real)
    simulated = MarketplaceFactory(image_hosts=["localhost"], is_simulated=True)
    assert images.public_address(parts, simulated) in {"127.0.0.1", "::1"}


def test_a_public_address_is_taken():
    market = MarketplaceFactory(image_hosts=["8.8.8.8"])
    assert images.public_address(images.check_host("https://8.8.8.8/", market), market) == "8.8.8.8"


# --------------------------------------------------------------------------- serving


@pytest.fixture
def shown(now):
    """A stored picture of a listing, the link that shows it, and its address here."""
    stored = files.store(images.reencoded(picture()), media_type="image/webp", now=now)
    link = SuspectedLinkFactory(version=ListingVersionFactory())
    ListingImage.objects.create(listing=link.listing, url="http://x/1", file=stored, state="stored")
    return link, reverse("pushes:image", args=[stored.sha256])


def test_a_member_of_the_brand_gets_the_picture(shown, signed_in):
    link, address = shown
    client = signed_in(MemberFactory(organisation=link.organisation, role=Role.VIEWER))
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/webp"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert Image.open(io.BytesIO(response.content)).size == (40, 30)


def test_a_platform_admin_gets_the_picture(shown, signed_in):
    assert signed_in(MemberFactory(platform_admin=True)).get(shown[1]).status_code == 200


def test_a_stranger_must_sign_in(shown):
    assert Client().get(shown[1]).status_code == 302


def test_another_rights_holder_and_an_association_do_not_get_it(shown, signed_in):
    assert signed_in(MemberFactory()).get(shown[1]).status_code == 404
    association = OrganisationFactory(kind=Organisation.Kind.ASSOCIATION)
    member = MemberFactory(organisation=association, role=Role.ADMIN)
    assert signed_in(member).get(shown[1]).status_code == 403


def test_a_file_that_is_no_listing_picture_is_not_found(signed_in):
    certificate = StoredFileFactory(media_type="application/pdf")
    address = reverse("pushes:image", args=[certificate.sha256])
    assert signed_in(MemberFactory(platform_admin=True)).get(address).status_code == 404
