"""Reading the bodies of API calls."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser


class TooLarge(APIException):
    """The body is larger than one call may be."""

    status_code = 413
    default_code = "too_large"
    default_detail = gettext_lazy("A call may be at most 10 MB. Send fewer listings at a time.")


class CappedJSONParser(BaseParser):
    """JSON of limited size, without NaN and the like."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Read at most the allowed size, whatever length the caller declares."""
        content = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(content) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        try:
            return json.loads(content, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is no JSON: %(error)s") % {"error": error}) from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
