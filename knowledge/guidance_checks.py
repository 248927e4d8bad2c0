"""What rule sets, checklists and guides name: entries, forms, sources and the articles in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from knowledge.entries import Citation, Knowledge
from knowledge.guide_reading import assessment_links, checklist_links, router_links
from knowledge.problems import Problem
from knowledge.ruleset_reading import links

REGISTER, PROGRAMMES = "register", "programmes"  # whose options the offers of the router stand for
DEADLINES = "rules/deadlines.yaml"
_ARTICLE = re.compile(r"Điều (\d+)(?:[–-](\d+))?")
_CLAUSES = re.compile(r"Điều (\d+) khoản ((?:\d+|[ ,–-]|và|khoản)+)")


def guidance(knowledge: Knowledge) -> Iterator[Problem]:
    """Everything that the guidance names and that is not there."""
    entries, sources, router = knowledge.entries, knowledge.sources, knowledge.router
    rulesets = knowledge.rulesets.values()
    yield from links(rulesets, knowledge.forms, sources, entries, knowledge.programmes)
    yield from checklist_links(knowledge.checklists, knowledge.rulesets, entries, sources)
    offers = {offer.id for offer in router.offers}
    yield from assessment_links(knowledge.assessment, offers, entries, sources)
    yield from router_links(router, _options(knowledge), entries, sources)
    for programme in knowledge.programmes.values():
        if programme.interest and programme.interest not in _options(knowledge):
            message = f"phiếu đăng ký không có lựa chọn “{programme.interest}”"
            remedy = "dùng mã một lựa chọn ở câu programmes của forms/register.yaml"
            yield Problem(DEADLINES, programme.line, message, remedy)
    for rules in rulesets:
        yield from articles(knowledge, rules.file, rules.line, rules.citations)
        for each in rules.requirements:
            yield from articles(knowledge, rules.file, each.line, [each.citation])
    for checklist in knowledge.checklists.values():
        yield from articles(knowledge, checklist.file, checklist.line, checklist.citations)
    for offer in router.offers:
        cited = [*offer.citations, *(support.citation for support in offer.supports)]
        yield from unplaced(knowledge, router.file, offer.line, offer.citations)
        yield from articles(knowledge, router.file, offer.line, cited)
    survey = knowledge.assessment
    yield from articles(knowledge, survey.file, survey.line, survey.citations)


def articles(
    knowledge: Knowledge, file: str, line: int, citations: Iterable[Citation]
) -> Iterator[Problem]:
    """Places that were not read when their source was checked: a slip, or news to be checked."""
    for citation in citations:
        source = knowledge.sources.get(citation.source)
        if source is None or not source.articles:
            continue
        for first, last in _ARTICLE.findall(citation.article):
            for number in range(int(first), int(last or first) + 1):
                if number not in source.articles:
                    message = f"dẫn Điều {number} mà {source.short} chưa được đối chiếu ở điều này"
                    remedy = "sửa số điều; nếu đúng thì đối chiếu rồi thêm vào articles của nguồn"
                    yield Problem(file, line, message, remedy)
        last_of = dict(source.clauses)
        for number, said in _CLAUSES.findall(citation.article):
            for clause in re.findall(r"\d+", said):
                if int(clause) > last_of.get(int(number), int(clause)) or int(clause) == 0:
                    place = f"Điều {number} khoản {clause}"
                    message = f"dẫn {place} mà {source.short} chưa được đối chiếu ở khoản này"
                    remedy = "sửa số khoản; nếu đúng thì đối chiếu rồi sửa clauses của nguồn"
                    yield Problem(file, line, message, remedy)


def unplaced(
    knowledge: Knowledge, file: str, line: int, citations: Iterable[Citation]
) -> Iterator[Problem]:
    """Citations of a whole document whose articles were read: the article is to be named."""
    for citation in citations:
        source = knowledge.sources.get(citation.source)
        if source is not None and source.articles and not citation.article:
            message = f"dẫn {source.short} mà không nêu điều nào"
            yield Problem(file, line, message, "ghi điều, khoản vào article")


def _options(knowledge: Knowledge) -> frozenset[str]:
    form = knowledge.forms.get(REGISTER)
    fields = form.fields if form else ()
    return frozenset(
        option.id for field in fields if field.id == PROGRAMMES for option in field.options
    )
