"""Forms as data: the fields, their kinds and what an enterprise agrees to before the first one."""

from __future__ import annotations

from knowledge.entries import Condition, ConsentWording, Field, Form, Option
from knowledge.parsing import Node
from knowledge.reading import Reader, Record

KINDS = (
    "choice",
    "choices",
    "commune",
    "email",
    "months",
    "person",
    "phone",
    "province",
    "tax_code",
    "text",
    "year",
)
ROLES = ("enterprise", "tax_code", "contact", "position", "phone", "email")
MAX_FIELDS = 40
_FIELD_KEYS = ("id", "kind", "label", "prompt")
_FIELD_OPTIONS = ("required", "options", "least", "most", "when")
_FORM_KEYS = ("id", "label", "title", "consent", "fields", "done", "resume_days")


def form(reader: Reader, node: Node) -> Form:
    """Read one form file."""
    root = reader.record(node, _FORM_KEYS, ["roles"])
    fields = tuple(_field(record) for record in root.records("fields", _FIELD_KEYS, _FIELD_OPTIONS))
    _check_fields(reader, root, fields)
    return Form(
        id=root.identifier(),
        label=root.filled("label"),
        title=root.filled("title"),
        consent=_consent(reader, root),
        fields=fields,
        roles=_roles(reader, root, {field.id for field in fields}),
        done=root.filled("done"),
        resume_days=root.whole("resume_days") or 30,
        file=reader.file,
        line=root.line,
    )


def _field(record: Record) -> Field:
    kind = record.one_of("kind", KINDS)
    options = tuple(
        Option(item.identifier(), item.filled("label"))
        for item in record.records("options", ("id", "label"))
    )
    if (kind in ("choice", "choices")) != bool(options):
        message = "mục “options” chỉ dùng, và phải có, với kiểu choice hoặc choices"
        record.reader.report(record.line, message, "thêm hoặc bỏ “options”")
    when = None
    if (node := record.node("when")) is not None:
        inner = record.reader.record(node, ("field", "values"))
        when = Condition(inner.filled("field"), inner.texts("values"))
    return Field(
        id=record.identifier(),
        kind=kind,
        label=record.filled("label"),
        prompt=record.filled("prompt"),
        required=record.flag("required", default=True),
        options=options,
        least=record.whole("least"),
        most=record.whole("most"),
        when=when,
    )


def _check_fields(reader: Reader, root: Record, fields: tuple[Field, ...]) -> None:
    if not 1 <= len(fields) <= MAX_FIELDS:
        reader.report(root.line, f"phiếu phải có 1 đến {MAX_FIELDS} câu hỏi", "sửa “fields”")
    seen: dict[str, Field] = {}
    for field in fields:
        if field.id in seen:
            message = f"hai câu hỏi cùng mã “{field.id}”"
            reader.report(root.line_of("fields"), message, "đổi một trong hai mã")
        if field.when:
            asked = seen.get(field.when.field)
            known = {option.id for option in asked.options} if asked else set()
            if not set(field.when.values) <= known or not field.when.values:
                message = f"điều kiện của “{field.id}” không khớp lựa chọn của câu hỏi trước đó"
                remedy = "“field” là mã một câu hỏi đứng trước, “values” là mã lựa chọn của nó"
                reader.report(root.line_of("fields"), message, remedy)
        seen[field.id] = field


def _consent(reader: Reader, root: Record) -> ConsentWording:
    node = root.node("consent")
    if node is None:
        return ConsentWording("", "", "")
    record = reader.record(node, ("purpose", "version", "text"))
    return ConsentWording(
        record.identifier("purpose"), record.filled("version"), record.filled("text")
    )


def _roles(reader: Reader, root: Record, fields: set[str]) -> dict[str, str]:
    node = root.node("roles")
    if node is None:
        return {}
    record = reader.record(node, (), ROLES)
    roles = {role: record.text(role) for role in ROLES if role in record}
    for role, field in roles.items():
        if field not in fields:
            message = f"vai trò “{role}” trỏ tới câu hỏi không có: “{field}”"
            reader.report(record.line_of(role), message, "dùng mã của một câu hỏi trong phiếu")
    return roles
