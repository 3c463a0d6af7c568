"""The syntax of other tools is reported where it is, and nothing else is taken for it."""

from __future__ import annotations

from pathlib import Path

from nioc_paper import load
from nioc_paper.check.rules.markup import foreign_syntax
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import Chapter, FrontMatter, Paper

FOREIGN = r"""{{< video a.mp4 >}}
{{% notice %}}
{{ site.title }}
{{RFC9000}}
{% include x.html %}
{: .class}
{:toc}
{::options parse="x" /}
{ref}`sec`
:ref:`sec`
(label)=
% a comment
\@ref(fig:x)
text (\#fig:x)
(ref:cap) A caption
> [!NOTE]
[!TIP] words
!!! note "Title"
??? tip
=== "Tab"
:::{note}
::: warning Title
--8<-- "a.md"
!include a.md
{!a.md!}
*[HTML]: Hyper
[[toc]]
[[_TOC_]]
[TOC]
[[wiki link]]
![[picture.png]]
==marked words==
%%hidden%%
%% hidden words %%
A block ^block-id
++under++
:smile:
@[youtube](id)
.. note:: words
.. _label:
`words`_
:Author: Name
== Section
= Title
|===
[NOTE]
NOTE: words
[source,python]
xref:other[words]
image::a.png[words]
footnote:[words]
<<anchor>>
#+TITLE: words
[[link][words]]
h2. Title
{panel:title=x}
{code}
'''bold'''
{| class="x"
<%= value %>
{Smith, 2010 #12}
{ | Smith, 2010 | | |zu:1}
[#smith]
#figure(image("a"))
\(a^2\)
\(a + b\)
\( x \)
import X from 'x'
{/* hidden */}
{# hidden #}
`r nrow(x)`
`{python} x`"""
BLOCKS = "```{r}\nx\n```|```{python, echo=FALSE}\nx\n```|```{note}\nx\n```|~~~{mermaid}\nx\n~~~|```mermaid\nx\n```"
OURS = r"""Sets {a, b} and {x: 1} are braces; [sic], [1], [[1]](https://example.org), "[t]he" are brackets.

At 10:30:15 the ratio was 1:2:3; a == b, C++ and D++, x^2^, H~2~O, $\frac{{a}}{b}$ and `{{x}}`, `[[y]]`.

See https://example.org/a::b==c==d?x=[[1]] and \[[words]], \{{words}}, the file (no. 4) = 5.

% of the budget, \(see below\), \[sic\] and 50 %% of 20 %% more

NOTES: ours. Note: words. The sign NOTE: words.

**NOTE:** words.

A [span]{.limited}, a note^[with {braces}], a citation [@key, p. 3], @sec-ours, [](#sec-ours), [link](#sec-ours).

| A | | B |
|---|---|---|
| 1 || 2 |

: A caption {#tbl-x}

> A quotation [with brackets] and a mark!

Term
:   What it is

{++put in++} {--taken out--} {==about==}{>>remark<<} [++ words]

````markdown
```{r}
{{< video a.mp4 >}}
```
[[wiki]]
````

    {{ indented }} [[code]]

```{.chart}
a: {{b}}
```

<!-- {{ hidden }} -->
"""


def found_lines(folder: Path, text: str) -> dict[int, str]:
    (folder / "chapters").mkdir()
    (folder / "paper").mkdir()
    (folder / "chapters" / "a.md").write_text(f"---\nid: a\n---\n\n{text}\n", encoding="utf-8")
    paper = load.load(folder, lambda _: None)
    findings = list(foreign_syntax(paper, ChapterText(paper.chapters[0])))
    lines = paper.chapters[0].text.split("\n")
    for finding in findings:
        excerpt = finding.message.split("'")[1].removesuffix("…")
        assert lines[finding.place.line - 1].startswith(excerpt, finding.place.column - 1)
        assert finding.hint
    return {finding.place.line - 4: finding.message for finding in findings}


def test_every_form_of_another_tool_is_reported_in_its_line(tmp_path: Path) -> None:
    forms = FOREIGN.split("\n") + BLOCKS.split("|")
    text, starts = "", []
    for form in forms:
        starts.append(text.count("\n") + 1)
        text += f"{form}\n\n"
    reported = found_lines(tmp_path, text)
    assert [form for form, start in zip(forms, starts, strict=True) if start not in reported] == []
    assert sorted(reported) == starts


def test_every_form_is_reported_in_a_text_without_any_other() -> None:
    for form in FOREIGN.split("\n") + BLOCKS.split("|"):
        chapter = Chapter("chapters/a.md", FrontMatter(), f"\n\n{form}\n")
        assert list(foreign_syntax(Paper(), ChapterText(chapter))), form


def test_our_own_syntax_and_ordinary_signs_are_not_reported(tmp_path: Path) -> None:
    assert found_lines(tmp_path, OURS) == {}
