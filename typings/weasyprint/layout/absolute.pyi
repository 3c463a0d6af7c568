from weasyprint.formatting_structure.boxes import Box

class AbsolutePlaceholder:
    _box: Box
