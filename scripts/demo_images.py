"""Draw the images of the sample articles: `python -m scripts.demo_images`. Plain diagrams of our own, a few kB each."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FOLDER = Path(__file__).resolve().parent.parent / "cms/demo/content/images"
SIZE = (1200, 675)
INK, PAPER, LINE = "#12344d", "#ffffff", "#7a8b99"
SHADES = ("#cfe3f2", "#d8ecd9", "#fbe7c6", "#f3d6de")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, draw in (
        ("where-jerks-begin", where_jerks_begin),
        ("restless-legs-over-the-day", restless_legs_over_the_day),
        ("phases-of-a-migraine", phases_of_a_migraine),
    ):
        picture = Image.new("RGB", SIZE, PAPER)
        draw(ImageDraw.Draw(picture))
        picture.quantize(32).save(FOLDER / f"{name}.png", optimize=True)


def where_jerks_begin(canvas: ImageDraw.ImageDraw) -> None:
    places = [
        ("Outer layer of the brain", "cortical"),
        ("Deep in the brain, brainstem", "subcortical"),
        ("Spinal cord", "spinal"),
        ("Nerve", "peripheral"),
    ]
    for number, (place, name) in enumerate(places):
        top = 35 + number * 155
        box(canvas, (90, top, 700, top + 110), place, SHADES[number])
        write(canvas, (790, top + 55), name, 40, "lm")
        canvas.line((710, top + 55, 770, top + 55), fill=LINE, width=5)
        if number < len(places) - 1:
            arrow(canvas, (395, top + 115), (395, top + 150))


def restless_legs_over_the_day(canvas: ImageDraw.ImageDraw) -> None:
    strength = [0.12, 0.1, 0.1, 0.14, 0.2, 0.35, 0.6, 0.85, 0.95, 0.8]
    hours = ["8", "10", "12", "14", "16", "18", "20", "22", "24", "2"]
    for number, (height, hour) in enumerate(zip(strength, hours, strict=True)):
        left = 150 + number * 100
        shade = SHADES[3] if height > 0.5 else SHADES[0]
        canvas.rectangle((left, 540 - 420 * height, left + 70, 540), fill=shade, outline=LINE, width=3)
        write(canvas, (left + 35, 575), hour, 32, "mm")
    canvas.line((120, 540, 1150, 540), fill=INK, width=4)
    arrow(canvas, (120, 540), (120, 90))
    write(canvas, (150, 70), "Urge to move the legs", 38, "lm")
    write(canvas, (1150, 630), "Hour of the day", 34, "rm")


def phases_of_a_migraine(canvas: ImageDraw.ImageDraw) -> None:
    phases = [
        ("Before", "hours to days"),
        ("Aura", "not in everybody,\nup to an hour"),
        ("Headache", "hours to\nthree days"),
        ("After", "up to a day\nor two"),
    ]
    for number, (phase, lasts) in enumerate(phases):
        left = 40 + number * 290
        box(canvas, (left, 190, left + 240, 330), phase, SHADES[number])
        write(canvas, (left + 120, 430), lasts, 30, "mm")
        if number < len(phases) - 1:
            arrow(canvas, (left + 245, 260), (left + 285, 260))


def box(canvas: ImageDraw.ImageDraw, around: tuple[int, int, int, int], text: str, shade: str) -> None:
    left, top, right, bottom = around
    canvas.rounded_rectangle(around, radius=18, fill=shade, outline=INK, width=4)
    write(canvas, ((left + right) // 2, (top + bottom) // 2), text, 36, "mm")


def arrow(canvas: ImageDraw.ImageDraw, start: tuple[int, int], end: tuple[int, int]) -> None:
    (x, y), (across, down) = end, (end[0] != start[0], end[1] > start[1])
    canvas.line((*start, *end), fill=INK, width=5)
    back = 14 if across or down else -14
    head = (
        [(x, y), (x - back, y - 10), (x - back, y + 10)]
        if across
        else [(x, y), (x - 10, y - back), (x + 10, y - back)]
    )
    canvas.polygon(head, fill=INK)


def write(canvas: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, anchor: str) -> None:
    canvas.text(at, text, fill=INK, font=ImageFont.load_default(size=size), anchor=anchor, align="center")


if __name__ == "__main__":
    main()
