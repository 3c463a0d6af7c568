import pydyf

class Stream(pydyf.Stream):
    def clone(self, *, tags: None) -> Stream: ...
