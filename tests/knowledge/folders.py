"""A small sound knowledge folder to break: the shipped registers, and four entries of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from knowledge.loading import DATA

KEPT = (
    "commands.yaml",
    "staff_commands.yaml",
    "staff_phrases.yaml",
    "organisation.yaml",
    "phrases.yaml",
    "places.yaml",
    "synonyms.yaml",
    "rules/holidays.yaml",
    *(f"forms/{path.name}" for path in sorted((DATA / "forms").glob("*.yaml"))),
)
OWN = {
    "topics.yaml": """\
topics:
  - {id: cost, label: Chi phí, group: award, opens: cost.fee}
  - {id: deadline, label: Thời hạn, group: award, opens: deadline.next}
""",
    "sources.yaml": """\
sources:
  - id: nd37-2026
    kind: decree
    short: Nghị định 37/2026/NĐ-CP
    title: Nghị định quy định chi tiết Luật Chất lượng sản phẩm, hàng hóa
    in_force_from: 2026-01-23
    checked_on: 2026-11-20
    articles: 56–65
    clauses: 59/4, 60/1
  - id: nd74-2018
    kind: decree
    short: Nghị định 74/2018/NĐ-CP
    title: Nghị định sửa đổi Nghị định 132/2008/NĐ-CP
    issued_on: 2018-05-15
    in_force_until: 2026-07-01
    replaced_by: nd37-2026
    checked_on: 2026-11-20
""",
    "rules/deadlines.yaml": """\
programmes:
  - id: gtclqg
    label: Giải thưởng Chất lượng Quốc gia
    milestones:
      - {id: registration, label: nộp đăng ký tham dự}
deadlines:
  - {programme: gtclqg, milestone: registration, year: 2027}
""",
    "rules/award-2026.yaml": """\
id: award-2026
programme: gtclqg
label: Điều kiện tham dự
form: self_check
valid_from: 2026-01-23
sources:
  - {source: nd37-2026, article: Điều 59}
conclusions: {eligible: Đủ., officer: Cần xem., not_yet: Chưa đủ.}
unanswered: Chưa trả lời.
conditions:
  - id: months36
    label: Đủ 36 tháng
    field: operating_since
    at_least_months: 36
    source: nd37-2026
    article: Điều 59 khoản 1
    entry: cost.fee
    passed: Đã đủ.
    failed: Đạt từ {from}.
""",
    "rules/dossier-2026.yaml": """\
id: dossier-2026
programme: gtclqg
ruleset: award-2026
label: Hồ sơ
heading: Chuẩn bị trước
note: Chưa có danh mục chính thức.
sources:
  - {source: nd37-2026, article: Điều 62}
items:
  - {id: proof, label: Giấy tờ, explanation: Giấy đăng ký., mistakes: [], entry: cost.fee}
""",
    "guides/router.yaml": """\
id: router
label: Tìm chương trình
need: need
ceiling: Đó là mức tối đa.
elsewhere: {field: need, values: [skills], text: Hỏi tỉnh mình.}
fields:
  - id: need
    kind: choice
    label: Nhu cầu
    prompt: Cần gì ạ?
    options:
      - {id: skills, label: Tập huấn}
offers:
  - id: training
    label: Tập huấn
    needs: [skills]
    what: Lớp học.
    whom: Sở.
    sources: [{source: nd37-2026, article: Điều 61}]
    entry: cost.fee
    option: training
    supports:
      - {text: Miễn phí., source: nd37-2026, article: Điều 60}
""",
    "guides/self_assessment.yaml": """\
id: self_assessment
label: Tự đánh giá
note: Không phải điểm.
sources:
  - {source: nd37-2026, article: Điều 57}
scale:
  - {id: '0', label: Chưa có}
  - {id: '1', label: Mới nghĩ tới}
  - {id: '2', label: Đang bắt đầu}
  - {id: '3', label: Làm được một phần}
  - {id: '4', label: Làm đều}
  - {id: '5', label: Làm tốt}
dimensions:
  - {id: approach, label: Cách làm}
aspects:
  - id: leadership
    label: Lãnh đạo
    programme: training
    entry: cost.fee
    advice: Viết mục tiêu.
    statements:
      - {id: leadership_1, dimension: approach, text: Có mục tiêu.}
""",
    "faq/cost.yaml": """\
topic: cost
entries:
  - id: cost.fee
    label: Lệ phí
    question: Tham dự giải có mất phí không?
    variants:
      - lệ phí dự giải là bao nhiêu
    answer: |
      **Không.** Tham dự không mất phí.
    sources:
      - {source: nd37-2026, article: Điều 60}
    follow_ups: [deadline.next, 'form:register']
    verified_on: 2026-11-20
    review_by: 2027-05-20
  - id: cost.fee_before
    label: Lệ phí trước đây
    question: Trước năm 2026 tham dự có mất phí không?
    variants: []
    answer: Trước đây tham dự cũng không mất phí.
    sources:
      - {source: nd74-2018, article: ''}
    follow_ups: []
    past: true
    verified_on: 2026-11-20
    review_by: 2027-05-20
""",
    "faq/deadline.yaml": """\
topic: deadline
entries:
  - id: deadline.next
    label: Hạn sắp tới
    question: Hạn đăng ký là ngày nào?
    variants:
      - bao giờ hết hạn đăng ký
    keywords: [hạn chót]
    answer: |
      {deadline.gtclqg.registration}

      {contact}
    sources:
      - {source: nd37-2026, article: Điều 56}
    follow_ups: [cost.fee]
    verified_on: 2026-11-20
    review_by: 2027-05-20
""",
}


def small() -> dict[str, str]:
    """The files by name."""
    return {name: (DATA / name).read_text("utf-8") for name in KEPT} | OWN


def swap(files: dict[str, str], name: str, old: str, new: str) -> None:
    """Replace *old*, which must stand exactly once in the file *name*."""
    assert files[name].count(old) == 1, f"{old!r} in {name}"
    files[name] = files[name].replace(old, new)


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Put *files* below *folder*, byte for byte."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
