"""Forms as data: the fields, their kinds and what an enterprise agrees to before the first one."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.contract import MAX_ACTION_BYTES, MAX_SPOKEN
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
KIND_OF_ROLE = {"tax_code": "tax_code", "phone": "phone", "email": "email"}
STEPS = ("consent", "summary")  # where a form may stand besides at a field
OFFICE = "{office}"
MAX_FIELDS = 40
MAX_DAYS = 3650
MAX_PROMPT = 1000  # a prompt is said together with why the last input was wrong
MAX_TITLE, MAX_CONSENT = 200, 1600  # said in one message, with the office's name
MAX_NUMBER = 9999
_FIELD_KEYS = ("id", "kind", "label", "prompt")
_FIELD_OPTIONS = ("required", "options", "least", "most", "when")
_FORM_KEYS = ("id", "label", "title", "consent", "fields", "done", "resume_days")


def form(reader: Reader, node: Node) -> Form:
    """Read one form file."""
    root = reader.record(node, _FORM_KEYS, ["roles"])
    fields = _fields(root)
    return Form(
        id=root.identifier(),
        label=root.label(),
        title=_said(root, "title", MAX_TITLE),
        consent=_consent(root),
        fields=fields,
        roles=_roles(root, fields),
        done=_said(root, "done", MAX_SPOKEN),
        resume_days=root.whole("resume_days", 1, MAX_DAYS) or 1,
        file=reader.file,
        line=root.line,
    )


def _said(record: Record, key: str, most: int, blanks: Sequence[str] = ()) -> str:
    """A text that is said as it stands, but for *blanks*."""
    text = bare = record.filled(key)
    for blank in blanks:
        bare = bare.replace(blank, "")
    if "{" in bare or "}" in bare:
        remedy = f"chỉ dùng {', '.join(blanks)}" if blanks else "bỏ dấu ngoặc nhọn"
        record.report(key, f"mục “{key}” có dấu ngoặc nhọn mà chương trình không điền", remedy)
    if len(text) > most:
        record.report(key, f"mục “{key}” dài {len(text)} ký tự", f"rút còn tối đa {most} ký tự")
    return text


def _fields(root: Record) -> tuple[Field, ...]:
    seen: dict[str, Field] = {}
    for record in root.records("fields", _FIELD_KEYS, _FIELD_OPTIONS):
        field = _field(record)
        if field.id in seen:
            record.report("id", f"hai câu hỏi cùng mã “{field.id}”", "đổi một trong hai mã")
        if field.id in STEPS:
            record.report("id", f"mã “{field.id}” dành riêng cho chương trình", "đặt mã khác")
        if field.when:
            _check_condition(record, field.when, seen.get(field.when.field))
        seen.setdefault(field.id, field)
    if not 1 <= len(seen) <= MAX_FIELDS:
        message = f"phiếu phải có 1 đến {MAX_FIELDS} câu hỏi"
        root.report("fields", message, "thêm hoặc bớt câu hỏi")
    return tuple(seen.values())


def _field(record: Record) -> Field:
    kind = record.one_of("kind", KINDS)
    options = tuple(
        Option(item.identifier(), item.label())
        for item in record.records("options", ("id", "label"))
    )
    if (kind in ("choice", "choices")) != bool(options):
        message = "mục “options” chỉ dùng, và phải có, với kiểu choice hoặc choices"
        record.report("options", message, "thêm hoặc bỏ “options”")
    when = None
    if (node := record.node("when")) is not None:
        inner = record.reader.record(node, ("field", "values"))
        when = Condition(inner.filled("field"), inner.texts("values"))
    field = Field(
        id=record.identifier(),
        kind=kind,
        label=record.label(),
        prompt=_said(record, "prompt", MAX_PROMPT),
        required=record.flag("required", default=True),
        options=options,
        least=record.whole("least", 0, MAX_NUMBER),
        most=record.whole("most", 1, MAX_NUMBER),
        when=when,
    )
    _check_field(record, field)
    return field


def _check_field(record: Record, field: Field) -> None:
    if field.least is not None and field.most is not None and field.most < field.least:
        record.report("most", "“most” nhỏ hơn “least”", "sửa một trong hai số")
    if len({option.id for option in field.options}) < len(field.options):
        record.report("options", "có hai lựa chọn cùng mã", "đổi một trong hai mã")
    if len({option.label.casefold() for option in field.options}) < len(field.options):
        record.report("options", "có hai lựa chọn cùng nhãn", "đổi một trong hai nhãn")
    longest = max((len(option.id) for option in field.options), default=0)
    _check_action(record, f"toggle:{field.id}:{'x' * longest}")


def _check_action(record: Record, action: str) -> None:
    size = len(action.encode())
    if size > MAX_ACTION_BYTES:
        message = f"mã câu hỏi và mã lựa chọn dài quá: nút bấm cần {size} byte"
        remedy = f"rút ngắn cho vừa {MAX_ACTION_BYTES} byte"
        record.report("options", message, remedy)


def _check_condition(record: Record, when: Condition, asked: Field | None) -> None:
    known = {option.id for option in asked.options} if asked and asked.kind == "choice" else set()
    if not when.values or not set(when.values) <= known:
        message = "điều kiện “when” không khớp lựa chọn của câu hỏi đứng trước"
        remedy = "“field” là mã một câu hỏi kiểu choice đứng trước, “values” là mã lựa chọn của nó"
        record.report("when", message, remedy)


def _consent(root: Record) -> ConsentWording:
    node = root.node("consent")
    if node is None:
        return ConsentWording("", "", "")
    record = root.reader.record(node, ("purpose", "version", "text"))
    return ConsentWording(
        record.identifier("purpose"),
        record.filled("version"),
        _said(record, "text", MAX_CONSENT, [OFFICE]),
    )


def _roles(root: Record, fields: tuple[Field, ...]) -> dict[str, str]:
    node = root.node("roles")
    if node is None:
        return {}
    kinds = {field.id: field.kind for field in fields}
    record = root.reader.record(node, (), ROLES)
    roles = {role: record.text(role) for role in ROLES if role in record}
    for role, field in roles.items():
        if field not in kinds:
            message = f"vai trò “{role}” trỏ tới câu hỏi không có: “{field}”"
            record.report(role, message, "dùng mã của một câu hỏi trong phiếu")
        elif kinds[field] != KIND_OF_ROLE.get(role, kinds[field]):
            message = f"vai trò “{role}” trỏ tới câu hỏi kiểu {kinds[field]}"
            record.report(role, message, f"dùng câu hỏi kiểu {KIND_OF_ROLE[role]}")
    return roles
