"""What is read from a certificate's text beside what was typed."""

import time
from datetime import date

import pytest

from brands.reading.comparing import Outcome, dates_in, find_classes, find_name


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("International Class: 9, 25 and 42", {9, 25, 42}),
        ("Nice classes 9 25", {9, 25}),
        ("第9、25类", {9, 25}),
        ("Klasse 18", {18}),
    ],
)
def test_classes_are_read(text, classes):
    assert find_classes(classes, text).outcome == Outcome.SAME
    assert find_classes({1}, text).outcome == Outcome.DIFFERS


@pytest.mark.parametrize("text", ["1" * 20_000, "12 34 " * 3_000, "class " + "1 2 " * 3_000])
def test_a_run_of_numbers_does_not_hold_the_reader_up(text):
    began = time.process_time()
    find_classes({9}, text)
    assert time.process_time() - began < 5


def test_what_is_no_day_is_no_date():
    assert list(dates_in("2020年十十月一日")) == []
    assert [days for days, *_ in dates_in("二〇二〇年十二月三十一日")] == [{date(2020, 12, 31)}]


def test_an_owner_is_found_where_its_whole_name_is_printed() -> None:
    text = "Mark: VELMORA\nOwner: Velmora Ltd.\n"
    found = find_name("Velmora Ltd", text)
    assert (found.outcome, found.says) == (Outcome.SAME, "Velmora Ltd")
    assert find_name("Velmora Limited", text).says == "VELMORA"
