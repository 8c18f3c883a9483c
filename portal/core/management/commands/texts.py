"""``manage.py texts update|compile|check``: the catalogue of translations.

Works with Babel and Django's own template reader, so that nothing but Python is needed: no
gettext on the machine.
"""

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

FOLDERS = ("portal", "brands", "pushes", "complaints")
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
LOCALES = ("zh_Hans",)
CALL = re.compile(
    r"""\b(?:_|n?p?gettext)\((?:[^()'"]|u?'(?:\\.|[^'\\])*'|u?"(?:\\.|[^"\\])*")*\)"""
)


def sources(root: Path) -> Iterator[Path]:
    """Yield every file that may hold a text."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
                yield path


def collected(root: Path) -> Catalog:
    """Return a template catalogue of every text in the sources."""
    catalog = Catalog(project="Brand portal", charset="utf-8")
    for path in sources(root):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            # Django rewrites a template so that its texts are left as function calls, with filler
            # between them which is no Python.
            calls = CALL.finditer(templatize(text, origin=str(path)))
            text = "\n".join(call.group() for call in calls)
        place = path.relative_to(root).as_posix()
        for _line, message, _comments, context in extract(
            "python", BytesIO(text.encode()), keywords=KEYWORDS
        ):
            catalog.add(message, locations=[(place, 0)], context=context)
    return catalog


def po_path(locale: str) -> Path:
    """Return where the catalogue of a locale lies."""
    return Path(settings.LOCALE_PATHS[0]) / locale / "LC_MESSAGES" / "django.po"


def read(locale: str) -> Catalog:
    """Return the stored catalogue; a new one when there is none."""
    path = po_path(locale)
    if not path.exists():
        return Catalog(locale=locale, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def is_translated(message: Message) -> bool:
    """Whether every form of a message has a text."""
    forms = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return bool(forms) and all(forms)


def complaints_about(locale: str, template: Catalog) -> list[str]:
    """Return what is wrong with a locale's catalogue: missing, fuzzy, broken, not compiled."""
    stored = read(locale)
    found = []
    for message in template:
        if not message.id:
            continue
        known = stored.get(message.id, message.context)
        if known is None or not is_translated(known):
            found.append(f"{locale}: not translated: {message.id!r} ({message.locations[0][0]})")
        elif known.fuzzy:
            found.append(f"{locale}: only guessed: {message.id!r}")
        else:
            found += [f"{locale}: {message.id!r}: {error}" for error in known.check()]
    compiled = po_path(locale).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != mo_bytes(stored):
        found.append(f"{locale}: the compiled file is old; run 'make compilemessages'")
    return found


def mo_bytes(catalog: Catalog) -> bytes:
    """Return the compiled catalogue."""
    buffer = BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


class Command(BaseCommand):
    """Collects, compiles and checks translations."""

    help = "Collect texts into the catalogues, compile them, or check that none is missing."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the action."""
        parser.add_argument("action", choices=["update", "compile", "check"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the action for every locale."""
        template = collected(Path(settings.BASE_DIR))
        found: list[str] = []
        for locale in LOCALES:
            if options["action"] == "update":
                self._update(locale, template)
            elif options["action"] == "compile":
                po_path(locale).with_suffix(".mo").write_bytes(mo_bytes(read(locale)))
            else:
                found += complaints_about(locale, template)
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write(f"{options['action']}: {len(template)} texts, {', '.join(LOCALES)}")

    def _update(self, locale: str, template: Catalog) -> None:
        catalog = read(locale)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path = po_path(locale)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=100, omit_header=False, include_lineno=False)
