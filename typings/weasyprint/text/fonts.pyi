from weasyprint.text.ffi import Pointer

class FontConfiguration:
    font_map: Pointer
    font_features: dict[bytes, Pointer]
