"""Rule sets from YAML, and what only shows beside the forms, sources and entries they name."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import timedelta

from knowledge.answers import placeholders
from knowledge.entries import Citation, Condition, Field, Form, Source
from knowledge.parsing import Node
from knowledge.problems import Problem
from knowledge.reading import Reader, Record
from knowledge.rulesets import (
    AtLeastMonths,
    Comparison,
    Conclusion,
    NoneOf,
    OneOf,
    Requirement,
    RuleSet,
    Unclear,
    YearsAfter,
)

MAX_MONTHS, MAX_YEARS = 1200, 50
FIRST_YEAR, LAST_YEAR = 1990, 2100  # in which a text may draw a line between years
MOMENTS = frozenset({"from", "unclear_from"})
_COMPARISONS = ("at_least_months", "years_after", "one_of", "none_of")
_CONCLUSIONS = {
    "eligible": Conclusion.ELIGIBLE,
    "officer": Conclusion.OFFICER,
    "not_yet": Conclusion.NOT_YET,
}
_KINDS: Mapping[type, tuple[str, ...]] = {
    AtLeastMonths: ("months", "since"),
    YearsAfter: ("year",),
    OneOf: ("choice",),
    NoneOf: ("choice",),
}
_KEYS = ("id", "label", "field", "source", "article", "entry", "passed")
_OPTIONS = (*_COMPARISONS, "unclear_years", "failed", "unknown", "unclear", "when")
_SET_KEYS = (
    "id",
    "programme",
    "label",
    "form",
    "valid_from",
    "sources",
    "conclusions",
    "unanswered",
    "conditions",
)


def ruleset(reader: Reader, node: Node) -> RuleSet:
    """Read one rule-set file."""
    root = reader.record(node, _SET_KEYS, ["valid_until"])
    start, end = root.needed_day("valid_from"), root.day("valid_until")
    if end and end <= start:
        message = "bộ điều kiện hết áp dụng trước khi bắt đầu"
        root.report("valid_until", message, "sửa lại hai ngày này")
    return RuleSet(
        id=root.identifier(),
        programme=root.filled("programme"),
        label=root.filled("label"),
        form=root.filled("form"),
        citations=tuple(
            Citation(item.filled("source"), item.text("article"))
            for item in root.records("sources", ("source", "article"))
        ),
        requirements=_requirements(reader, root),
        conclusions=_conclusions(reader, root),
        unanswered=root.filled("unanswered"),
        valid_from=start,
        valid_until=end,
        file=reader.file,
        line=root.line,
    )


def links(
    rulesets: Iterable[RuleSet],
    forms: Mapping[str, Form],
    sources: Mapping[str, Source],
    entries: Container[str],
    programmes: Container[str],
) -> Iterator[Problem]:
    """Everything a rule set names that is not there or does not fit."""
    for each in rulesets:
        if each.programme not in programmes:
            message = f"không có chương trình “{each.programme}”"
            yield Problem(each.file, each.line, message, "dùng mã ở rules/deadlines.yaml")
        for citation in each.citations:
            yield from _source(each, each.line, citation, sources)
        form = forms.get(each.form)
        if form is None:
            message = f"bộ điều kiện “{each.id}” hỏi theo phiếu không có: “{each.form}”"
            yield Problem(each.file, each.line, message, "dùng mã của một phiếu trong forms/")
        for requirement in each.requirements:
            yield from _source(each, requirement.line, requirement.citation, sources)
            for entry in (requirement.entry, *(unclear.entry for unclear in requirement.unclear)):
                if entry not in entries:
                    message = f"“{requirement.id}” dẫn tới câu trả lời không có: “{entry}”"
                    yield Problem(each.file, requirement.line, message, "sửa mã ở mục entry")
            if form:
                yield from _fits(each, requirement, form)


def _conclusions(reader: Reader, root: Record) -> dict[Conclusion, str]:
    node = root.node("conclusions")
    if node is None:
        return {}
    record = reader.record(node, tuple(_CONCLUSIONS))
    return {conclusion: record.filled(key) for key, conclusion in _CONCLUSIONS.items()}


def _requirements(reader: Reader, root: Record) -> tuple[Requirement, ...]:
    found: dict[str, Requirement] = {}
    for record in root.records("conditions", _KEYS, _OPTIONS):
        requirement = _requirement(record)
        if found.setdefault(requirement.id, requirement) is not requirement:
            message = f"hai điều kiện cùng mã “{requirement.id}”"
            reader.report(record.line, message, "đổi một trong hai mã")
    if "conditions" in root and not found:
        root.report("conditions", "chưa có điều kiện nào", "thêm ít nhất một")
    return tuple(found.values())


def _requirement(record: Record) -> Requirement:
    when = None
    if (node := record.node("when")) is not None:
        inner = record.reader.record(node, ("field", "values"))
        when = Condition(inner.filled("field"), inner.texts("values"))
    requirement = Requirement(
        id=record.identifier(),
        label=record.filled("label"),
        field=record.filled("field"),
        comparison=_comparison(record),
        citation=Citation(record.filled("source"), record.text("article")),
        entry=record.filled("entry"),
        passed=record.filled("passed"),
        failed=record.text("failed"),
        unknown=record.text("unknown"),
        unclear=tuple(
            _unclear(item)
            for item in record.records("unclear", ("text", "entry"), ("values", "before"))
        ),
        when=when,
        line=record.line,
    )
    _check_wording(record, requirement)
    return requirement


def _unclear(record: Record) -> Unclear:
    if ("values" in record) == ("before" in record):
        message = "điểm chưa rõ phải có đúng một trong hai mục “values” và “before”"
        record.reader.report(record.line, message, "ghi các lựa chọn, hoặc năm")
    return Unclear(
        record.texts("values"),
        record.filled("text"),
        record.filled("entry"),
        record.whole("before", FIRST_YEAR, LAST_YEAR),
    )


def _comparison(record: Record) -> Comparison:
    used = [key for key in _COMPARISONS if key in record]
    if len(used) != 1:
        message = "điều kiện phải có đúng một cách so sánh"
        record.reader.report(record.line, message, f"dùng một trong: {', '.join(_COMPARISONS)}")
    if "at_least_months" in used:
        return AtLeastMonths(record.whole("at_least_months", 1, MAX_MONTHS) or 1)
    if "years_after" in used:
        years = record.whole("years_after", 1, MAX_YEARS) or 1
        return YearsAfter(years, record.whole("unclear_years", 0, years) or 0)
    return OneOf(record.texts("one_of")) if "one_of" in used else NoneOf(record.texts("none_of"))


def _check_wording(record: Record, requirement: Requirement) -> None:
    comparison = requirement.comparison
    dated = isinstance(comparison, AtLeastMonths | YearsAfter)
    disputed = isinstance(comparison, YearsAfter) and comparison.unclear > 0
    if (disputed or (dated and not requirement.failed)) and not requirement.unknown:
        message = f"“{requirement.id}” có lúc chưa rõ mà thiếu lời nói “unknown”"
        record.reader.report(record.line, message, "thêm “unknown: …”")
    if disputed and not requirement.failed:
        message = f"“{requirement.id}” có lúc chưa đạt mà thiếu lời nói “failed”"
        record.reader.report(record.line, message, "thêm “failed: …”")
    for key in ("passed", "failed", "unknown"):
        allowed = MOMENTS if dated and key != "passed" else frozenset()
        for name in placeholders(record.text(key)):
            if name not in allowed:
                message = f"“{key}” có chỗ trống không ai điền: {{{name}}}"
                record.report(key, message, "bỏ, hoặc dùng {from}")


def _source(
    rule_set: RuleSet, line: int, citation: Citation, sources: Mapping[str, Source]
) -> Iterator[Problem]:
    source = sources.get(citation.source)
    if source is None:
        message = f"dẫn nguồn không có: “{citation.source}”"
        yield Problem(rule_set.file, line, message, "thêm nguồn vào sources.yaml hoặc sửa mã")
        return
    if source.kind != "office" and not citation.article and line != rule_set.line:
        message = f"điều kiện dẫn “{source.short}” mà không nêu điều khoản"
        yield Problem(rule_set.file, line, message, "ghi article: Điều … khoản …")
    end = rule_set.valid_until
    last = end - timedelta(days=1) if end else source.in_force_until or rule_set.valid_from
    if not (source.holds_on(rule_set.valid_from) and source.holds_on(last)):
        message = f"bộ điều kiện áp dụng cả khi {source.short} không có hiệu lực"
        yield Problem(rule_set.file, line, message, "sửa valid_from, valid_until")


def _fits(rule_set: RuleSet, requirement: Requirement, form: Form) -> Iterator[Problem]:
    def problem(message: str, remedy: str) -> Problem:
        return Problem(rule_set.file, requirement.line, message, remedy)

    fields = {field.id: field for field in form.fields}
    asked = [requirement.field, *([requirement.when.field] if requirement.when else [])]
    for field_id in asked:
        if field_id not in fields:
            message = f"“{requirement.id}” xét câu hỏi mà phiếu “{form.id}” không hỏi: “{field_id}”"
            yield problem(message, "sửa mã câu hỏi, hoặc thêm câu hỏi vào phiếu")
    field = fields.get(requirement.field)
    if field is not None:
        kinds = _KINDS[type(requirement.comparison)]
        if field.kind not in kinds:
            message = f"cách so sánh của “{requirement.id}” không hợp với câu hỏi kiểu {field.kind}"
            yield problem(message, f"câu hỏi phải có kiểu {' hoặc '.join(kinds)}")
        if field.kind != "year" and any(each.before for each in requirement.unclear):
            message = f"“{requirement.id}” có “before” mà câu hỏi không hỏi năm"
            yield problem(message, "bỏ “before”, hoặc xét câu hỏi kiểu year")
        for value in _strange(requirement, fields):
            message = f"“{requirement.id}” nhắc tới lựa chọn không có: “{value}”"
            yield problem(message, "dùng mã lựa chọn của câu hỏi trong phiếu")
        for value in _undecided(requirement, field):
            message = f"“{requirement.id}” chưa nói gì về lựa chọn “{value}”"
            yield problem(message, "thêm vào one_of hoặc unclear, hoặc viết lời nói “failed”")


def _strange(requirement: Requirement, fields: Mapping[str, Field]) -> Iterator[str]:
    named = [(requirement.field, unclear.values) for unclear in requirement.unclear]
    if isinstance(requirement.comparison, OneOf | NoneOf):
        named.append((requirement.field, requirement.comparison.values))
    if requirement.when:
        named.append((requirement.when.field, requirement.when.values))
    for field_id, values in named:
        field = fields.get(field_id)
        options = {option.id for option in field.options} if field else set(values)
        yield from (value for value in values if value not in options)


def _undecided(requirement: Requirement, field: Field) -> Iterator[str]:
    """Options that would fail without a word to say so."""
    comparison = requirement.comparison
    if requirement.failed or isinstance(comparison, AtLeastMonths | YearsAfter):
        return
    unclear = {value for each in requirement.unclear for value in each.values}
    for option in field.options:
        passes = (option.id in comparison.values) == isinstance(comparison, OneOf)
        if not passes and option.id not in unclear:
            yield option.id
