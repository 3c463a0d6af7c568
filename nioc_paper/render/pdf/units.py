"""Units of length: CSS pixels in the layout, points in the PDF."""

POINTS_PER_PIXEL = 0.75
