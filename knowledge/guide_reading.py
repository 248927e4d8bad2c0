"""Checklists, the self-assessment and the programme router from YAML, and whom they name."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from knowledge import forms
from knowledge.assessment import MOST, Aspect, Assessment, Statement
from knowledge.checklists import Checklist, Item
from knowledge.contract import MAX_ACTION_BYTES
from knowledge.entries import NO_CONSENT, Citation, Condition, Field, Option, Source
from knowledge.parsing import Node
from knowledge.problems import Problem
from knowledge.reading import Reader, Record
from knowledge.routing import Offer, Router, Support

_CHECKLIST_KEYS = ("id", "programme", "ruleset", "label", "heading", "note", "sources", "items")
_ASSESSMENT_KEYS = ("id", "label", "note", "sources", "scale", "dimensions", "aspects")
_ASPECT_KEYS = ("id", "label", "statements", "advice", "programme", "entry")
_ROUTER_KEYS = ("id", "label", "need", "ceiling", "elsewhere", "fields", "offers")
_OFFER_KEYS = ("id", "label", "needs", "what", "whom", "sources", "entry", "option")
_OFFER_OPTIONS = ("valid_until", "supports", "only_for", "not_for", "prefers")


def checklist(reader: Reader, node: Node) -> Checklist:
    root = reader.record(node, _CHECKLIST_KEYS, ["borrows", "shared"])
    shared_as, consent = "", NO_CONSENT
    if (inner := root.node("shared")) is not None:
        shared = reader.record(inner, ("label", "consent"))
        shared_as, consent = shared.label(), forms.consent(shared)
    items = tuple(
        Item(
            id=record.identifier(),
            label=record.filled("label"),
            explanation=record.filled("explanation"),
            mistakes=record.texts("mistakes"),
            entry=record.filled("entry"),
            line=record.line,
        )
        for record in root.records("items", ("id", "label", "explanation", "mistakes", "entry"))
    )
    _distinct(reader, ((item.line, item.id) for item in items))
    return Checklist(
        id=root.identifier(),
        programme=root.filled("programme"),
        ruleset=root.filled("ruleset"),
        label=root.filled("label"),
        heading=root.filled("heading"),
        note=root.filled("note"),
        items=items,
        citations=_citations(root),
        borrows=root.text("borrows"),
        shared_as=shared_as,
        consent=consent,
        file=reader.file,
        line=root.line,
    )


def assessment(reader: Reader, node: Node) -> Assessment:
    root = reader.record(node, _ASSESSMENT_KEYS, ["consent", "intro"])
    scale, dimensions = _options(root, "scale"), _options(root, "dimensions")
    if [degree.id for degree in scale] != [str(n) for n in range(MOST + 1)]:
        message = f"thang trả lời phải gồm đủ các mức 0 đến {MOST}, theo thứ tự"
        root.report("scale", message, "sửa mục scale")
    aspects = tuple(
        _aspect(record, {dimension.id for dimension in dimensions})
        for record in root.records("aspects", _ASPECT_KEYS)
    )
    _distinct(reader, ((aspect.line, aspect.id) for aspect in aspects))
    _distinct(reader, ((aspect.line, each.id) for aspect in aspects for each in aspect.statements))
    return Assessment(
        id=root.identifier(),
        label=root.filled("label"),
        note=root.filled("note"),
        scale=scale,
        dimensions=dimensions,
        aspects=aspects,
        citations=_citations(root),
        consent=forms.consent(root),
        intro=root.text("intro"),
        file=reader.file,
        line=root.line,
    )


def router(reader: Reader, node: Node) -> Router:
    root = reader.record(node, _ROUTER_KEYS)
    fields = tuple(
        Field(
            id=record.identifier(),
            kind=record.one_of("kind", ["choice"]),
            label=record.filled("label"),
            prompt=record.filled("prompt"),
            options=_options(record, "options"),
        )
        for record in root.records("fields", ("id", "kind", "label", "prompt", "options"))
    )
    known = {field.id: {option.id for option in field.options} for field in fields}
    need = root.filled("need")
    if need not in known:
        message = f"“need” trỏ tới câu hỏi không có: “{need}”"
        root.report("need", message, "dùng mã một câu hỏi trong fields")
    offers = tuple(_offer(record, known, need) for record in _offers(root))
    _distinct(reader, ((offer.line, offer.id) for offer in offers))
    elsewhere, said = Condition("", ()), ""
    if (inner := root.node("elsewhere")) is not None:
        record = reader.record(inner, ("field", "values", "text"))
        elsewhere, said = _condition(record, known), record.filled("text")
    return Router(
        id=root.identifier(),
        label=root.filled("label"),
        fields=fields,
        need=need,
        offers=offers,
        elsewhere=elsewhere,
        elsewhere_text=said,
        ceiling=root.filled("ceiling"),
        file=reader.file,
        line=root.line,
    )


def checklist_links(
    checklists: Mapping[str, Checklist],
    rulesets: Container[str],
    entries: Container[str],
    sources: Mapping[str, Source],
) -> Iterator[Problem]:
    """What the checklists name that is not there."""
    for each in checklists.values():
        if each.ruleset not in rulesets:
            yield _missing(each.file, each.line, "bộ điều kiện", each.ruleset)
        if each.borrows and each.borrows not in checklists:
            yield _missing(each.file, each.line, "danh mục", each.borrows)
        yield from _unknown_sources(each.file, each.line, each.citations, sources)
        for item in each.items:
            if item.entry not in entries:
                yield _missing(each.file, item.line, "câu trả lời", item.entry)
        yield from _buttons(each, checklists.get(each.borrows))


def _buttons(checklist: Checklist, borrowed: Checklist | None) -> Iterator[Problem]:
    """Items that a button cannot carry, and borrowed ones that would be ticked with another."""
    own = {item.id for item in checklist.items}
    for each in (checklist, borrowed) if borrowed else (checklist,):
        for item in each.items:
            if len(f"explain:{checklist.id}:{item.id}") > MAX_ACTION_BYTES:
                message = f"nút của mục “{item.id}” trong danh mục “{checklist.id}” dài quá"
                yield Problem(each.file, item.line, message, "rút ngắn mã của mục hoặc danh mục")
            if each is borrowed and item.id in own:
                message = f"mã “{item.id}” đã dùng trong danh mục “{checklist.id}” mượn mục này"
                yield Problem(each.file, item.line, message, "đổi một trong hai mã")


def assessment_links(
    each: Assessment,
    offers: Container[str],
    entries: Container[str],
    sources: Mapping[str, Source],
) -> Iterator[Problem]:
    """What the self-assessment names that is not there."""
    yield from _unknown_sources(each.file, each.line, each.citations, sources)
    for aspect in each.aspects:
        if aspect.entry not in entries:
            yield _missing(each.file, aspect.line, "câu trả lời", aspect.entry)
        if aspect.programme not in offers:
            yield _missing(each.file, aspect.line, "chương trình", aspect.programme)


def router_links(
    each: Router,
    options: Container[str],
    entries: Container[str],
    sources: Mapping[str, Source],
) -> Iterator[Problem]:
    """What the router names that is not there; *options* are those of the registration form."""
    for offer in each.offers:
        if offer.entry not in entries:
            yield _missing(each.file, offer.line, "câu trả lời", offer.entry)
        if offer.option and offer.option not in options:
            yield _missing(each.file, offer.line, "lựa chọn trong phiếu đăng ký", offer.option)
        cited = [*offer.citations, *(support.citation for support in offer.supports)]
        yield from _unknown_sources(each.file, offer.line, cited, sources)


def _aspect(record: Record, dimensions: set[str]) -> Aspect:
    statements = tuple(
        Statement(item.identifier(), item.one_of("dimension", dimensions), item.filled("text"))
        for item in record.records("statements", ("id", "dimension", "text"))
    )
    if not statements:
        message = "khía cạnh này chưa có câu nào"
        record.reader.report(record.line, message, "thêm 3 hoặc 4 câu vào statements")
    return Aspect(
        id=record.identifier(),
        label=record.filled("label"),
        statements=statements,
        advice=record.filled("advice"),
        programme=record.filled("programme"),
        entry=record.filled("entry"),
        line=record.line,
    )


def _offers(root: Record) -> Iterator[Record]:
    return root.records("offers", _OFFER_KEYS, _OFFER_OPTIONS)


def _offer(record: Record, known: Mapping[str, set[str]], need: str) -> Offer:
    for value in record.texts("needs"):
        _check_option(record, "needs", known, need, value)
    supports = tuple(
        Support(
            item.filled("text"),
            Citation(item.filled("source"), item.text("article")),
            _conditions(item, "only_for", known),
        )
        for item in record.records("supports", ("text", "source", "article"), ["only_for"])
    )
    citations = _citations(record)
    if not citations:
        message = "chương trình này chưa có nguồn nào"
        record.report("sources", message, "ghi nguồn, điều khoản của what và whom")
    return Offer(
        id=record.identifier(),
        label=record.filled("label"),
        what=record.filled("what"),
        whom=record.filled("whom"),
        entry=record.filled("entry"),
        option=record.text("option"),
        needs=record.texts("needs"),
        citations=citations,
        valid_until=record.day("valid_until"),
        supports=supports,
        only_for=_conditions(record, "only_for", known),
        not_for=_conditions(record, "not_for", known),
        prefers=_conditions(record, "prefers", known),
        line=record.line,
    )


def _conditions(record: Record, key: str, known: Mapping[str, set[str]]) -> tuple[Condition, ...]:
    return tuple(_condition(each, known) for each in record.records(key, ("field", "values")))


def _condition(record: Record, known: Mapping[str, set[str]]) -> Condition:
    condition = Condition(record.filled("field"), record.texts("values"))
    for value in condition.values:
        _check_option(record, "values", known, condition.field, value)
    return condition


def _check_option(
    record: Record, key: str, known: Mapping[str, set[str]], field: str, value: str
) -> None:
    if value not in known.get(field, set()):
        message = f"câu hỏi “{field}” không có lựa chọn “{value}”"
        record.report(key, message, "dùng mã lựa chọn trong fields")


def _options(record: Record, key: str) -> tuple[Option, ...]:
    return tuple(
        Option(item.identifier(), item.label()) for item in record.records(key, ("id", "label"))
    )


def _citations(record: Record) -> tuple[Citation, ...]:
    return tuple(
        Citation(item.filled("source"), item.text("article"))
        for item in record.records("sources", ("source", "article"))
    )


def _distinct(reader: Reader, named: Iterable[tuple[int, str]]) -> None:
    seen: set[str] = set()
    for line, name in named:
        if name in seen:
            reader.report(line, f"mã “{name}” bị khai hai lần", "đổi một trong hai mã")
        seen.add(name)


def _unknown_sources(
    file: str, line: int, citations: Iterable[Citation], sources: Mapping[str, Source]
) -> Iterator[Problem]:
    for citation in citations:
        if citation.source not in sources:
            yield _missing(file, line, "nguồn", citation.source)


def _missing(file: str, line: int, what: str, name: str) -> Problem:
    return Problem(file, line, f"không có {what} “{name}”", "sửa lại mã này")
