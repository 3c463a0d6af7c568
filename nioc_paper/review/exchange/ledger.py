"""Files of reviews/: written by the tool, read by people."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, TypeVar

import yaml

from nioc_paper.model import Answer, Chapter, Comment, Paper, Reply, ReviewPoint, Reviews, Sending, Unmerged, to_dict
from nioc_paper.model.characters import without_invisible
from nioc_paper.model.record import Day
from nioc_paper.model.reviews import PointAnswer, PointUpdate, Return
from nioc_paper.review.docx.docx_comments import SensitivityLookup, answer_as_reply
from nioc_paper.review.exchange.sent_docx import Origin, hash_text
from nioc_paper.review.exchange.today_merge import LocatedConflict
from nioc_paper.wording import Wording

_Entry = TypeVar("_Entry", Sending, ReviewPoint)
LEDGER_PATH = "reviews/{}.yaml"
LEDGER_FOLDER = "reviews/{}"
SENT_TEXT_PATH = "reviews/{}/sent-{:.12}.md"
"""Text of a chapter as it was sent, by chapter and hash."""
_ID_LENGTH = 6
"""Signs of an id: among 1,000 comments one of 1,700 papers has two with one id."""
_HEADER = "# Kept by send, receive and comments. What you change is kept; what you write behind a # is not.\n"


def mark_lines(text: str) -> str:
    """Return a text with a mark before each line: git would take a plain copy for the chapter under another name."""
    return "\n".join(f"> {line}" for line in text.split("\n"))


def unmark_lines(text: str) -> str:
    """Return a text without the marks before its lines; copies of earlier releases have none."""
    return "\n".join(line[2:] for line in text.split("\n")) if text.startswith("> ") else text


def dump_reviews(reviews: Reviews) -> str:
    """Return a record as YAML; empty fields are left out."""
    return _HEADER + yaml.dump(to_dict(reviews), Dumper=_LedgerDumper, sort_keys=False, allow_unicode=True, width=100)


def new_records(before: Reviews, after: Reviews, on: Day) -> Iterator[tuple[str, Reviews]]:
    """Yield what a command added to a ledger on a day: a ledger of its own for each file, with a name for it."""
    known = {sending.id: sending for sending in before.sendings}
    points = {point.id: point for point in before.points}
    new = [sending for sending in after.sendings if sending.id not in known]
    back = [s for s in after.sendings if s.id in known and s != known[s.id]]
    comments = tuple(comment for comment in after.comments if comment.id not in points)
    unmerged = tuple(change for change in after.unmerged if change.id not in points)
    empty = Reviews(chapter=after.chapter)
    if new:
        yield f"sent-{new[0].to}", empty.replace(sendings=tuple(new))
    if back or comments or unmerged:
        returns = tuple(
            Return(sending=s.id, on=on, files=s.files, changes=s.changes, changed_by=s.changed_by) for s in back
        )
        name = f"returned-{back[0].to}" if back else "comments"
        yield name, empty.replace(returns=returns, comments=comments, unmerged=unmerged)
    for point in after.points:
        if point.answer and point.id in points and point.answer != points[point.id].answer:
            answer = PointAnswer(point=point.id, **_decision(point.answer))
            yield f"answer-{point.id}", empty.replace(answers=(answer,))
    for update in (update for comment in after.comments for update in _updates(points.get(comment.id), comment, on)):
        yield f"update-{update.point}", empty.replace(updates=(update,))


def _updates(before: ReviewPoint | None, after: Comment, on: Day) -> Iterator[PointUpdate]:
    if isinstance(before, Comment) and before.replace(answer=after.answer) != after:
        replies = tuple(reply for reply in after.replies if reply not in before.replies)
        kind = after.kind if after.kind != before.kind else None
        reopens = Answer(**_decision(before.answer)) if before.answer and not after.answer else None
        yield PointUpdate(point=after.id, on=on, kind=kind, replies=replies, resolved=after.resolved, reopens=reopens)


def _decision(answer: Answer) -> dict[str, Any]:
    """Return the keys of an answer, whichever file it is in."""
    return {name: getattr(answer, name) for name in Answer.names}


def find_reviews(all_reviews: Iterable[Reviews], chapter: str) -> Reviews:
    """Return the record of a chapter; an empty one if nothing was ever sent."""
    return next((r for r in all_reviews if r.chapter == chapter), Reviews(chapter=chapter))


def iter_points(all_reviews: Iterable[Reviews]) -> Iterator[tuple[Reviews, ReviewPoint]]:
    """Yield every comment and every unmerged change with its record."""
    return ((reviews, point) for reviews in all_reviews for point in (*reviews.comments, *reviews.unmerged))


def make_id(content: Sequence[object], used_ids: set[str]) -> str:
    """Return an id made from content that is not used yet, and add it: a letter, then letters and digits from 2 to 7.

    Two copies of a paper that receive one file make the same ids, and other ids for other files.
    """
    for number in count():
        digest = hashlib.sha256("\0".join(map(str, (*content, number))).encode()).digest()
        new = b32encode(digest).decode().lower().lstrip("234567")[:_ID_LENGTH]
        if new not in used_ids:
            break
    used_ids.add(new)
    return new


def match_id(entries: Sequence[_Entry], reference: str) -> list[_Entry]:
    """Return the entries with an id, or those whose id begins so; the numbers of earlier releases only as a whole."""
    exact = [entry for entry in entries if entry.id == reference]
    return exact or [entry for entry in entries if reference[:1].isalpha() and entry.id.startswith(reference)]


def point_ids(all_reviews: Iterable[Reviews]) -> set[str]:
    """Return the ids of all points of the paper."""
    return {point.id for _, point in iter_points(all_reviews)}


def replace_point(reviews: Reviews, point: ReviewPoint) -> Reviews:
    """Return the record with a point in place of the one with its id."""
    points = reviews.comments, reviews.unmerged
    comments, unmerged = (tuple(point if old.id == point.id else old for old in each) for each in points)
    return reviews.replace(comments=comments, unmerged=unmerged)


def find_sending(paper: Paper, origin: Origin) -> tuple[Sending, Chapter]:
    """Return the sending that a file claims to be, checked against the ledger. Raises LookupError."""
    chapter = next((c for c in paper.chapters if c.id == origin.chapter), None)
    of_paper = f"the paper '{origin.paper}'" if origin.paper else "another paper"
    if origin.paper not in ("", paper.settings.id) or chapter is None:
        raise LookupError(f"this file was made for the chapter '{origin.chapter}' of {of_paper}")
    matches = [each for each in find_reviews(paper.reviews, chapter.id).sendings if origin.is_of(chapter.id, each)]
    if len(matches) == 1:
        return matches[0], chapter
    known = "no sending" if not matches else "several sendings"
    raise LookupError(f"{LEDGER_PATH.format(chapter.id)} knows {known} {origin.sending} of {origin.commit[:10]}")


def merge_comments(
    reviews: Reviews,
    received: Sequence[Comment],
    ids_by_name: Mapping[str, str],
    sending: str | None,
    used_ids: set[str],
    words: Wording,
) -> tuple[Comment, ...]:
    """Add the comments of a file to those of a ledger, new ones with new ids; add replies to old ones.

    `ids_by_name` maps names in the file to ids of people. Each recorded comment matches at most one of the file.
    """

    def with_id(reply: Reply) -> Reply:
        return reply.replace(by=ids_by_name.get(reply.by, reply.by))

    recorded = reviews.comments
    out, unmatched = list(recorded), list(range(len(recorded)))
    for each in received:
        by, replies = ids_by_name.get(each.by, each.by), tuple(map(with_id, each.replies))
        if (index := _find_recorded(each, by, recorded, unmatched)) is None:
            new_id = make_id((reviews.chapter, each.by, each.on, each.quote, each.text), used_ids)
            out.append(each.replace(id=new_id, by=by, replies=replies, sending=sending))
        else:
            unmatched.remove(index)
            answer = out[index].answer
            answered = with_id(answer_as_reply(answer, words)) if answer else None
            out[index] = _with_replies(out[index], replies, answered, resolved=each.resolved)
    return tuple(out)


def _find_recorded(new: Comment, by: str, recorded: Sequence[Comment], unmatched: Sequence[int]) -> int | None:
    """Return the index of the same comment in the ledger, preferably with the same quotation; None if it is new."""
    same = [n for n in unmatched if (recorded[n].by, recorded[n].text) == (by, new.text)]
    same = [n for n in same if recorded[n].on in (new.on, None)]
    return next((n for n in same if recorded[n].quote == new.quote), same[0] if same else None)


def _with_replies(comment: Comment, replies: Sequence[Reply], answer: Reply | None, *, resolved: bool) -> Comment:
    """Add the new replies of a file; one by somebody else to the `answer` opens the comment again, below that."""
    known = {(r.by, r.text) for r in (*comment.replies, *filter(None, [answer]))}
    new_replies = [r for r in replies if (r.by, r.text) not in known]
    if answer and any(reply.by != answer.by for reply in new_replies):
        return comment.replace(replies=(*comment.replies, answer, *new_replies), answer=None, resolved=False)
    resolved = comment.resolved if answer else resolved  # an answered comment goes out as resolved
    return comment.replace(replies=(*comment.replies, *new_replies), resolved=resolved)


def add_unmerged(
    reviews: Reviews,
    conflicts: Sequence[LocatedConflict],
    ids_by_name: Mapping[str, str],
    sending: str,
    used_ids: set[str],
    sensitivity_of: SensitivityLookup,
    text: str,
) -> tuple[Unmerged, ...]:
    """Add conflicts to the unmerged changes of a ledger, with new ids; each that it has is one of the equal ones.

    `ids_by_name` maps their authors to ids of people; `text` is the chapter whose lines are noted, empty for none.
    """
    out, lines = list(reviews.unmerged), text.splitlines()
    known = Counter((change.by, change.sent, change.got) for change in out)
    for located in conflicts:
        sent, got, why = located.conflict.base, located.conflict.edited, located.conflict.reason
        author, level = located.conflict.author, sensitivity_of(())
        new_id, by = make_id((reviews.chapter, author, sent, got), used_ids), ids_by_name[author]
        new = Unmerged(id=new_id, by=by, sending=sending, sensitivity=level, sent=sent, got=got, why=why)
        if lines:
            line_hash = hash_text("".join(lines[located.line - 1 : located.line]).strip())
            new = new.replace(line=located.line, line_hash=line_hash)
        if known[new.by, new.sent, new.got] > 0:
            known[new.by, new.sent, new.got] -= 1
        else:
            out.append(new)
    return tuple(out)


class _LedgerDumper(yaml.SafeDumper):
    """Writes text of several lines as a block, so that diffs show the changed line, and no aliases."""

    def ignore_aliases(self, _: object) -> bool:
        """Write values that are one object, such as the day of several sendings, out each time."""
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    text = without_invisible(text)  # as the reader does
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_LedgerDumper.add_representer(str, _represent_text)
# `on` needs no quotation marks: the paper's reader does not follow YAML 1.1.
_LedgerDumper.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if first not in "oOyYnN" or not tag.endswith(":bool")]
    for first, known in yaml.SafeDumper.yaml_implicit_resolvers.items()
}
