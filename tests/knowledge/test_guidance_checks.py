"""What is wrong with rule sets, guides and forms is found with its file and its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge import KnowledgeError, load
from tests.knowledge.folders import small, swap, write

TODAY = date(2026, 11, 20)
# slip: file, what stood there, what stands there now, the complaint, the line it names
SLIPS = {
    "a rule that names a field no form asks": (
        "rules/award-2026.yaml",
        "field: operating_since",
        "field: revenue",
        "“months36” xét câu hỏi mà phiếu “self_check” không hỏi: “revenue”",
        "  - id: months36",
    ),
    "an article that nobody has read": (
        "rules/award-2026.yaml",
        "article: Điều 59 khoản 1",
        "article: Điều 95 khoản 1",
        "dẫn Điều 95 mà Nghị định 37/2026/NĐ-CP chưa được đối chiếu ở điều này",
        "  - id: months36",
    ),
    "a clause that nobody has read": (
        "rules/award-2026.yaml",
        "article: Điều 59 khoản 1",
        "article: Điều 60 khoản 1, Điều 59 khoản 2 và 99",
        "dẫn Điều 59 khoản 99 mà Nghị định 37/2026/NĐ-CP chưa được đối chiếu ở khoản này",
        "  - id: months36",
    ),
    "a clause that is none": (
        "sources.yaml",
        "clauses: 59/4, 60/1",
        "clauses: 59 đến 4",
        "“đến” không phải số điều/số khoản",
        "clauses: 59 đến 4",
    ),
    "an offer without a source": (
        "guides/router.yaml",
        "sources: [{source: nd37-2026, article: Điều 61}]",
        "sources: []",
        "chương trình này chưa có nguồn nào",
        "sources: []",
    ),
    "an offer that names no article": (
        "guides/router.yaml",
        "sources: [{source: nd37-2026, article: Điều 61}]",
        "sources: [{source: nd37-2026, article: ''}]",
        "dẫn Nghị định 37/2026/NĐ-CP mà không nêu điều nào",
        "  - id: training",
    ),
    "an entry that cites an article that nobody has read": (
        "faq/deadline.yaml",
        "article: Điều 56}",
        "article: Điều 5–6}",
        "dẫn Điều 5 mà Nghị định 37/2026/NĐ-CP chưa được đối chiếu ở điều này",
        "  - id: deadline.next",
    ),
    "a comparison that does not fit its question": (
        "rules/award-2026.yaml",
        "field: operating_since",
        "field: legal_form",
        "cách so sánh của “months36” không hợp với câu hỏi kiểu choice",
        "  - id: months36",
    ),
    "a rule set of a programme that is none": (
        "rules/award-2026.yaml",
        "programme: gtclqg",
        "programme: nobel",
        "không có chương trình “nobel”",
        "id: award-2026",
    ),
    "a checklist of a rule set that is none": (
        "rules/dossier-2026.yaml",
        "ruleset: award-2026",
        "ruleset: award-1826",
        "không có bộ điều kiện “award-1826”",
        "id: dossier-2026",
    ),
    "an offer that no registration has": (
        "guides/router.yaml",
        "option: training",
        "option: dancing",
        "không có lựa chọn trong phiếu đăng ký “dancing”",
        "  - id: training",
    ),
    "an aspect whose programme is none": (
        "guides/self_assessment.yaml",
        "programme: training",
        "programme: dancing",
        "không có chương trình “dancing”",
        "  - id: leadership",
    ),
    "a deadline that ends before it opens": (
        "rules/deadlines.yaml",
        "milestone: registration, year: 2027}",
        "milestone: registration, year: 2027, opens_on: 2027-05-01, closes_on: 2027-04-01}",
        "hạn kết thúc trước ngày mở",
        "opens_on: 2027-05-01",
    ),
    "a conclusion that the code does not know": (
        "forms/visit.yaml",
        "group: contact",
        "group: contact\nends: conclude",
        "phiếu “visit” kết thúc sai cách (mục “ends”)",
        "id: visit",
    ),
    "a command that opens no form": (
        "commands.yaml",
        "form: survey}",
        "form: surwey}",
        "lệnh “survey” mở phiếu không có: “surwey”",
        "id: survey,",
    ),
    "a group without an end": (
        "forms/nomination.yaml",
        "    most: 10\n",
        "",
        "nhóm phải có “fields”, và “most” từ 1 đến 20",
        "kind: group",
    ),
    "a group that says the same each time": (
        "forms/nomination.yaml",
        "label: Sản phẩm {n}",
        "label: Sản phẩm",
        "nhãn “Sản phẩm” giống nhau ở mọi lần hỏi",
        "      - id: name",
    ),
    "seats where several are chosen": (
        "forms/survey.yaml",
        "{id: money, label: Thiếu kinh phí}",
        "{id: money, label: Thiếu kinh phí, seats: 3}",
        "“seats” chỉ dùng với kiểu choice",
        "{id: information",
    ),
    "a range that is none": (
        "sources.yaml",
        "articles: 56–65",
        "articles: từ 56",
        "“từ” không phải số điều",
        "articles: từ 56",
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_told_with_its_file_and_its_line(slip: str, tmp_path: Path) -> None:
    name, old, new, message, where = SLIPS[slip]
    files = small()
    swap(files, name, old, new)

    with pytest.raises(KnowledgeError) as error:
        load(write(tmp_path, files), today=TODAY)

    found = next(each for each in error.value.problems if each.message == message)
    lines = files[name].splitlines()
    assert found.file == name
    assert where in lines[found.line - 1]
