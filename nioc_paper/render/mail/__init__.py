"""Documents that go by mail: HTML, Markdown and plain text."""
