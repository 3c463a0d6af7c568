from PIL.Image import Image

class RasterImage:
    @staticmethod
    def _get_png_data(pillow_image: Image) -> bytes: ...
