"""Outlines of products, drawn into a 480 x 360 picture."""

from __future__ import annotations

from collections.abc import Callable

from PIL.ImageDraw import ImageDraw

Colour = tuple[int, int, int]
Shape = Callable[[ImageDraw, Colour, Colour], None]


def _shoe(pen: ImageDraw, body: Colour, detail: Colour) -> None:
    pen.polygon(
        [(100, 280), (104, 170), (180, 160), (225, 205), (330, 225), (385, 260), (385, 285)],
        fill=body,
    )
    pen.rounded_rectangle((92, 280, 392, 306), radius=13, fill=detail)
    for x in range(190, 290, 24):
        pen.line((x, 196 + (x - 190) // 4, x + 22, 182 + (x - 190) // 4), fill=detail, width=6)


def _jacket(pen: ImageDraw, body: Colour, detail: Colour) -> None:
    pen.polygon(
        [(200, 60), (280, 60), (350, 100), (392, 240), (350, 255), (322, 180), (322, 305),
         (158, 305), (158, 180), (130, 255), (88, 240), (130, 100)],
        fill=body,
    )  # fmt: skip
    pen.line((240, 64, 240, 305), fill=detail, width=6)
    pen.arc((200, 35, 280, 90), 0, 180, fill=detail, width=8)


def _bottle(pen: ImageDraw, body: Colour, detail: Colour) -> None:
    pen.rounded_rectangle((175, 120, 305, 315), radius=24, fill=body)
    pen.rectangle((212, 80, 268, 122), fill=body)
    pen.rounded_rectangle((204, 44, 276, 86), radius=8, fill=detail)
    pen.rectangle((175, 170, 305, 180), fill=detail)


def _headphones(pen: ImageDraw, body: Colour, detail: Colour) -> None:
    pen.arc((120, 60, 360, 320), 180, 360, fill=body, width=26)
    pen.rounded_rectangle((104, 180, 168, 300), radius=26, fill=detail)
    pen.rounded_rectangle((312, 180, 376, 300), radius=26, fill=detail)


def _board(pen: ImageDraw, body: Colour, detail: Colour) -> None:
    pen.rounded_rectangle((150, 70, 330, 318), radius=22, fill=body)
    pen.rounded_rectangle((168, 90, 312, 230), radius=12, fill=detail)


def _bag(pen: ImageDraw, body: Colour, detail: Colour) -> None:
    pen.arc((180, 50, 300, 210), 180, 360, fill=detail, width=14)
    pen.polygon([(125, 130), (355, 130), (385, 318), (95, 318)], fill=body)
    pen.rectangle((121, 130, 359, 156), fill=detail)


def _watch(pen: ImageDraw, body: Colour, detail: Colour) -> None:
    pen.rounded_rectangle((205, 26, 275, 334), radius=18, fill=body)
    pen.ellipse((160, 90, 320, 250), fill=detail)
    pen.ellipse((176, 106, 304, 234), fill=(250, 250, 246))
    pen.line((240, 170, 240, 122), fill=body, width=7)
    pen.line((240, 170, 282, 186), fill=body, width=5)


def _blocks(pen: ImageDraw, body: Colour, detail: Colour) -> None:
    for left, top, colour in ((120, 215, body), (245, 215, detail), (182, 125, body)):
        pen.rectangle((left, top, left + 115, top + 88), fill=colour)
        for stud in (left + 18, left + 70):
            pen.rectangle((stud, top - 14, stud + 28, top), fill=colour)


def _mug(pen: ImageDraw, body: Colour, detail: Colour) -> None:
    pen.arc((270, 140, 380, 260), 270, 90, fill=detail, width=20)
    pen.rounded_rectangle((150, 100, 315, 316), radius=20, fill=body)
    pen.ellipse((150, 84, 315, 122), fill=detail)


def _lamp(pen: ImageDraw, body: Colour, detail: Colour) -> None:
    pen.polygon([(190, 60), (290, 60), (350, 170), (130, 170)], fill=detail)
    pen.rectangle((232, 170, 248, 300), fill=body)
    pen.ellipse((170, 288, 310, 322), fill=body)


def _cable(pen: ImageDraw, body: Colour, detail: Colour) -> None:
    for ring in range(4):
        pen.ellipse((130 + ring * 14, 80 + ring * 12, 350 - ring * 14, 300 - ring * 12),
                    outline=body, width=9)  # fmt: skip
    pen.rectangle((330, 170, 400, 204), fill=detail)


SHAPES: dict[str, Shape] = {
    "shoe": _shoe,
    "jacket": _jacket,
    "bottle": _bottle,
    "headphones": _headphones,
    "board": _board,
    "bag": _bag,
    "watch": _watch,
    "blocks": _blocks,
    "mug": _mug,
    "lamp": _lamp,
    "cable": _cable,
}
