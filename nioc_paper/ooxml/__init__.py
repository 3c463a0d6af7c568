"""Word files: zip packages of related parts, and WordprocessingML elements."""
