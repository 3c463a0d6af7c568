from weasyprint import HTML
from weasyprint.css import StyleFor

def set_page_type_computed_styles(page_type: object, html: HTML, style_for: StyleFor) -> None: ...
