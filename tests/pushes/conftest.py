"""What the room's tests share."""

import pytest

from brands.models import Brand
from tests.factories import BrandFactory


@pytest.fixture
def brand() -> Brand:
    made: Brand = BrandFactory(name="Velmora")
    return made
