"""Forms as data: the fields, their kinds and what an enterprise agrees to before the first one."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.asking import ENOUGH, GROUP, MORE, RESULT, nth
from knowledge.contract import GROUPS, MAX_ACTION_BYTES, MAX_SPOKEN
from knowledge.entries import NO_CONSENT, Condition, ConsentWording, Field, Form, Option
from knowledge.parsing import Node
from knowledge.reading import Reader, Record

KINDS = (
    "choice",
    "choices",
    "commune",
    "email",
    GROUP,
    "months",
    "person",
    "phone",
    "province",
    RESULT,
    "scale",
    "since",
    "tax_code",
    "text",
    "year",
)
ROLES = ("enterprise", "tax_code", "contact", "position", "phone", "email")
KIND_OF_ROLE = {"tax_code": "tax_code", "phone": "phone", "email": "email"}
STEPS = ("consent", "summary")  # where a form may stand besides at a field
ENDINGS = ("submit", "conclude")
PICKED = ("choice", "choices", "scale", GROUP)  # kinds that have options
OFFICE, TIME = "{office}", "{n}"
MAX_FIELDS = 40
MAX_DAYS = 3650
MAX_PROMPT = 1000  # a prompt is said together with why the last input was wrong
MAX_TITLE, MAX_CONSENT = 200, 1600  # said in one message, with the office's name
MAX_NUMBER = 9999
MAX_TIMES = 20  # of a group
_FIELD_KEYS = ("id", "kind", "label")
_FIELD_OPTIONS = ("prompt", "required", "options", "least", "most", "when", "fields")
_DEGREES = [str(degree) for degree in range(10)]
_FORM_KEYS = ("id", "label", "title", "fields", "resume_days")
_FORM_OPTIONS = ("ends", "consent", "roles", "done", "group", "intro")
_TO_SUBMIT = ("consent", "done")


def form(reader: Reader, node: Node) -> Form:
    """Read one form file."""
    root = reader.record(node, _FORM_KEYS, _FORM_OPTIONS)
    concludes = "ends" in root and root.one_of("ends", ENDINGS) == "conclude"
    for key in () if concludes else _TO_SUBMIT:
        if key not in root:
            reader.report(root.line, f"thiếu mục “{key}”", f"thêm “{key}: …”")
    fields = _fields(root)
    return Form(
        id=root.identifier(),
        label=root.label(),
        title=_said(root, "title", MAX_TITLE),
        consent=consent(root),
        fields=fields,
        roles=_roles(root, fields),
        done=_said(root, "done", MAX_SPOKEN),
        resume_days=root.whole("resume_days", 1, MAX_DAYS) or 1,
        concludes=concludes,
        group=root.one_of("group", GROUPS) if "group" in root else "",
        intro=_said(root, "intro", MAX_PROMPT) if "intro" in root else "",
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


def _fields(root: Record, *, inner: bool = False) -> tuple[Field, ...]:
    seen: dict[str, Field] = {}
    for record in root.records("fields", _FIELD_KEYS, _FIELD_OPTIONS):
        field = _field(record, inner=inner)
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


def _field(record: Record, *, inner: bool = False) -> Field:
    kind = record.one_of("kind", KINDS)
    options = tuple(
        Option(
            item.identifier(),
            item.label(),
            item.whole("seats", 1, MAX_NUMBER),
            item.texts("words"),
        )
        for item in record.records("options", ("id", "label"), ["seats", "words"])
    )
    if (kind in PICKED) != bool(options):
        message = f"mục “options” chỉ dùng, và phải có, với kiểu {', '.join(PICKED)}"
        record.report("options", message, "thêm hoặc bỏ “options”")
    if kind != RESULT and "prompt" not in record:
        record.reader.report(record.line, "thiếu mục “prompt”", "thêm “prompt: …”")
    when = None
    if (node := record.node("when")) is not None:
        condition = record.reader.record(node, ("field", "values"))
        when = Condition(condition.filled("field"), condition.texts("values"))
    field = Field(
        id=record.identifier(dots=False),
        kind=kind,
        label=record.label(),
        prompt=_said(record, "prompt", MAX_PROMPT, [TIME] if inner or kind == GROUP else ()),
        required=record.flag("required", default=True),
        options=options,
        least=record.whole("least", 0, MAX_NUMBER),
        most=record.whole("most", 1, MAX_NUMBER),
        when=when,
        fields=_fields(record, inner=True) if "fields" in record else (),
    )
    _check_field(record, field)
    _check_group(record, field, inner=inner)
    return field


def _check_field(record: Record, field: Field) -> None:
    if field.least is not None and field.most is not None and field.most < field.least:
        record.report("most", "“most” nhỏ hơn “least”", "sửa một trong hai số")
    if len({option.id for option in field.options}) < len(field.options):
        record.report("options", "có hai lựa chọn cùng mã", "đổi một trong hai mã")
    if len({option.label.casefold() for option in field.options}) < len(field.options):
        record.report("options", "có hai lựa chọn cùng nhãn", "đổi một trong hai nhãn")
    if field.kind == "scale" and [o.id for o in field.options] != _DEGREES[: len(field.options)]:
        record.report("options", "các mức phải có mã 0, 1, 2 … theo thứ tự", "sửa mã các mức")
    if field.kind != "choice" and any(option.seats for option in field.options):
        record.report("options", "“seats” chỉ dùng với kiểu choice", "bỏ “seats”")
    _check_button(record, field)


def _check_button(record: Record, field: Field) -> None:
    longest = max((len(option.id) for option in field.options), default=0)
    _check_action(record, f"toggle:{field.id}:{'x' * longest}")


def _check_group(record: Record, field: Field, *, inner: bool) -> None:
    """A group has questions, how often they may be asked, and two ways on after each time."""
    if field.kind != GROUP:
        if field.fields:
            record.report("fields", "“fields” chỉ dùng với kiểu group", "bỏ “fields”")
        return
    if inner or any(each.kind in (GROUP, RESULT) for each in field.fields):
        record.report("kind", "nhóm câu hỏi không lồng trong nhóm khác", "tách thành hai nhóm")
    if not field.fields or not 1 <= (field.most or 0) <= MAX_TIMES:
        message = f"nhóm phải có “fields”, và “most” từ 1 đến {MAX_TIMES}"
        record.report("kind", message, "thêm hai mục này")
    if [option.id for option in field.options] != [MORE, ENOUGH]:
        message = f"nhóm phải có đúng hai lựa chọn “{MORE}” và “{ENOUGH}”"
        record.report("options", message, "sửa mục options")
    for each in field.fields:
        if TIME not in each.label:
            message = f"nhãn “{each.label}” giống nhau ở mọi lần hỏi"
            record.report("fields", message, f"thêm {TIME} vào nhãn")
        _check_button(record, nth(field, each, field.most or 1))


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


def consent(root: Record) -> ConsentWording:
    """What is agreed to; nothing where the key “consent” is left out."""
    node = root.node("consent")
    if node is None:
        return NO_CONSENT
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
