"""A small sound knowledge folder to break: the shipped registers, and four entries of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from knowledge.loading import DATA

KEPT = (
    "commands.yaml",
    "organisation.yaml",
    "phrases.yaml",
    "places.yaml",
    "synonyms.yaml",
    "rules/holidays.yaml",
    "forms/register.yaml",
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
