import os
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.building import compile_parts
from knowledge.features import Words
from knowledge.grouping import SHORTLIST
from knowledge.index import Finding, Index
from knowledge.text import LIMIT, clean
from tests.knowledge.award import AWARD


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.build(AWARD)


def best(index: Index, text: str) -> str:
    return index.rank(text, k=1)[0][0]


# What people type ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("hồ sơ dự giải cần những giấy tờ gì ạ?", "dossier.items"),
        ("ho so du giai can nhung giay to gi", "dossier.items"),
        ("HS GTCLQG gồm j v ad", "dossier.items"),
        ("thành phần hồ xơ đăng kí", "dossier.items"),
        ("nộp hồ sơ chỗ nào vậy", "dossier.where"),
        ("hanj noopj hoof sow laf khi naof", "deadline.current"),
        ("ha5n no65p ho62 so7 la2 khi na2o", "deadline.current"),
        ("hạn nộp hs bh hết", "deadline.current"),
        ("dự giải tốn nhiêu tiền", "cost.fee"),
        ("htx có đc dự giải k", "eligibility.conditions"),
        ("đk tham dự giải thưởng là j", "eligibility.conditions"),
        ("giải vàng cần bn điểm", "levels.gold"),
        ("phí mã vạch", "barcode.fee"),
        ("sđt của sở là gì", "contact.phone"),
        ("When's the deadline?", "deadline.current"),
        ("which document do I need", "dossier.items"),
    ],
)
def test_a_question_finds_its_entry(index: Index, text: str, entry: str) -> None:
    assert best(index, text) == entry


def test_an_exact_variant_is_sure_with_and_without_accents(index: Index) -> None:
    for text in ("Nộp hồ sơ ở đâu?", "nop ho so o dau"):
        look = index.look(text)

        assert look.exact
        assert look.candidates[0].entry == "dossier.where"
        assert look.candidates[0].confidence > 0.99


def test_agreeing_accents_score_above_agreeing_letters(index: Index) -> None:
    with_accents = dict(index.rank("lệ phí dự giải bao nhiêu"))
    other_accents = dict(index.rank("lê phi dứ giai bảo nhiều"))

    assert with_accents["cost.fee"] > other_accents.get("cost.fee", 0)


@pytest.mark.parametrize(
    "text",
    ["thời tiết Đà Nẵng ngày mai", "vé xem bóng đá bán chưa", "asdfghjkl qwe", "best pizza nearby"],
)
def test_what_the_knowledge_base_never_speaks_of_is_not_answered(index: Index, text: str) -> None:
    assert all(confidence < index.threshold for _, confidence in index.rank(text))


def test_candidates_come_best_first_as_many_as_asked_for(index: Index) -> None:
    ranked = index.rank("hồ sơ", k=3)

    assert len(ranked) == 3
    assert [sure for _, sure in ranked] == sorted((sure for _, sure in ranked), reverse=True)
    assert all(0 <= sure <= 1 for _, sure in ranked)


def test_a_context_limits_the_candidates(index: Index) -> None:
    look = index.look("phí bao nhiêu", within={"barcode.fee", "levels.gold"})

    assert {found.entry for found in look.candidates} == {"barcode.fee", "levels.gold"}
    assert look.candidates[0].entry == "barcode.fee"
    assert index.look("phí bao nhiêu", within=()).candidates == ()


# Why -------------------------------------------------------------------------------------------


def test_a_context_makes_no_entry_surer(index: Index) -> None:
    best = index.look("nộp hồ sơ chỗ nào vậy").candidates[0]
    alone = index.look("nộp hồ sơ chỗ nào vậy", within={best.entry}).candidates[0]

    assert alone == best


def test_a_look_says_how_each_word_was_read(index: Index) -> None:
    look = index.look("hoof sow gtclqg gồm nhửng gì")

    read = {repair.typed: (repair.read_as, repair.how) for repair in look.repaired}
    assert read["hoof"] == ("hồ", "Telex")
    assert read["gtclqg"] == ("giải thưởng chất lượng quốc gia", "viết tắt")
    assert read["nhửng"] == ("những", "dấu")
    assert all(0 <= repair.trust <= 1 for repair in look.repaired)


def test_a_look_says_what_matched_and_what_was_left_over(index: Index) -> None:
    look = index.look("lệ phí mã vạch cho bò sữa")

    found = look.candidates[0]
    assert found.entry == "barcode.fee"
    assert found.nearest in AWARD["barcode.fee"]
    assert {"phí", "mã", "vạch"} <= set(found.matched)
    assert look.left_over == ("bò", "sữa")
    assert found.coverage < 1
    assert look.syllables == 7


def test_shorthand_with_two_readings_is_read_by_its_neighbours(index: Index) -> None:
    def read(text: str) -> str:
        return index.look(text).repaired[0].read_as

    assert read("hạn đk dự giải") == "đăng ký"
    assert read("đáp ứng đk nào") == "điều kiện"


def test_a_real_word_is_not_taken_for_a_slip(index: Index) -> None:
    assert index.look("hồ sơ xin việc").repaired == ()


# Building --------------------------------------------------------------------------------------


def test_equal_knowledge_gives_equal_indexes() -> None:
    assert Index.build(AWARD).to_bytes() == Index.build(dict(AWARD)).to_bytes()


_PRINTED = """
from knowledge.index import Index
index = Index.build(
    {"fee": ["lệ phí bao nhiêu", "mất tiền không"], "where": ["nộp hồ sơ ở đâu", "gửi về sở nào"]},
    texts={"fee": "Không thu phí của ai.", "where": "Nộp tại Ủy ban, hoặc gửi qua bưu điện."},
    groups={"fee": "cost", "where": "dossier"},
)
print(index.to_bytes().hex())
"""


def test_every_process_gives_the_same_bytes_whatever_its_hashes() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", _PRINTED],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(printed) == 1


def test_own_shorthand_is_read() -> None:
    index = Index.build(AWARD, shorthand={"gvcl": ["giải vàng chất lượng"]})

    assert best(index, "đạt gvcl") == "levels.gold"


def test_a_word_of_the_answer_alone_leads_to_the_entry() -> None:
    index = Index.build(AWARD, texts={"barcode.fee": "Mức phí do GS1 Việt Nam thu: 1.000.000 đồng"})

    assert best(index, "gs1 thu bao nhiêu") == "barcode.fee"


def test_thresholds_keep_the_policies_in_order(index: Index) -> None:
    strict, middle, wide = (index.thresholds[policy] for policy in ("chặt", "vừa", "rộng"))

    assert strict.answer >= middle.answer >= wide.answer
    assert index.threshold == middle.answer
    assert all(limits.offer <= limits.answer for limits in (strict, middle, wide))
    assert middle.false <= 0.05


@pytest.mark.parametrize(
    "variants", [{}, {"only": ("một câu hỏi",)}, {"empty": (), "dots": ("?",)}]
)
def test_a_tiny_knowledge_base_is_an_index_too(variants: dict[str, tuple[str, ...]]) -> None:
    index = Index.build(variants)

    assert len(index.rank("một câu hỏi")) <= len(variants)
    assert Index.from_bytes(index.to_bytes()).to_bytes() == index.to_bytes()


def test_entries_of_a_single_variant_are_as_likely_as_elsewhere() -> None:
    """No variant left out shows how a right answer scores: the usual curve tells."""
    index = Index.build({entry: lines[:1] for entry, lines in AWARD.items()})

    assert index.threshold < 0.95
    assert index.rank("nộp hồ sơ ở chỗ nào")[0] > ("dossier.where", 0.6)
    assert all(sure < 0.2 for _, sure in index.rank("mai trời có mưa không"))


# Lint ------------------------------------------------------------------------------------------


def test_lint_names_what_an_author_should_look_at() -> None:
    variants = {
        **AWARD,
        "fee.again": ("LE PHI du giai thuong la bao nhieu", "lệ phí dự giải bao nhiêu tiền"),
    }
    findings = Index.build(variants).lint()

    twin = Finding("twin", "fee.again", "cost.fee", "LE PHI du giai thuong la bao nhieu")
    strays = [found.weight for found in findings if found.kind == "stray"]
    assert twin in findings
    assert strays == sorted(strays, reverse=True)
    assert any(found.kind == "stray" and found.other == "fee.again" for found in findings)
    assert {found.kind for found in findings} <= {"twin", "stray", "rivals", "unreachable"}


def test_an_entry_found_by_its_accents_alone_is_reported() -> None:
    variants = {"salt": ("muối",), "mosquito": ("muỗi",), "other": ("gạo", "giá gạo")}

    lost = [found for found in Index.build(variants).lint() if found.kind == "unreachable"]

    assert [found.entry for found in lost] in (["salt"], ["mosquito"])


# Bytes -----------------------------------------------------------------------------------------


def test_an_index_survives_its_bytes(index: Index) -> None:
    revived = Index.from_bytes(index.to_bytes())

    assert revived.to_bytes() == index.to_bytes()
    assert revived.lint() == index.lint()
    assert revived.thresholds == index.thresholds
    for text in ("HS GTCLQG gồm j v ad", "phí", "mai mưa không"):
        assert revived.look(text) == index.look(text)


@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="compiled index"):
        Index.from_bytes(data)


@settings(max_examples=60)
@given(data=st.data())
def test_damaged_bytes_are_refused(index: Index, data: st.DataObject) -> None:
    whole = index.to_bytes()
    end = data.draw(st.integers(0, len(whole) - 1))

    with pytest.raises(ValueError, match="compiled index"):
        Index.from_bytes(whole[:end])


def test_an_older_format_is_refused(index: Index) -> None:
    older = re.sub(rb"donghanh-index-\d+", b"donghanh-index-0", index.to_bytes(), count=1)

    with pytest.raises(ValueError, match="not a compiled index of this version"):
        Index.from_bytes(older)


# Hostile messages ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a" * 4096,
        "e" + "\u0301" * 100_000,
        "hồ " * 3000,
        "đk tt hs dn " * 500,
        "😀👨\u200d👩\u200d👧" * 500,
        "зАда 質量 जल ق " * 200,
        "\u202eoverride\u0000\ud800",
        "?!…",
        "",
    ],
)
def test_no_message_is_read_beyond_its_bound(index: Index, text: str) -> None:
    """Work grows with the words of the cleaned message: half its letters at most."""
    look = index.look(text)

    assert look.syllables <= LIMIT // 2 + 1
    assert len(look.repaired) <= look.syllables


@given(st.text(max_size=300))
@settings(max_examples=50)
def test_any_text_gets_a_look(index: Index, text: str) -> None:
    look = index.look(text)

    assert bool(look.candidates) == bool(Words.of(clean(text)).folded)


@pytest.mark.parametrize("k", [-3, 0, 1, 5, 100])
def test_as_many_entries_come_back_as_were_asked_for(index: Index, k: int) -> None:
    everything = index.look("hồ sơ gồm gì", k=SHORTLIST)
    look = index.look("hồ sơ gồm gì", k=k)

    assert look.candidates == everything.candidates[: max(k, 0)]
    assert look.left_over == everything.left_over
    assert [entry for entry, _ in index.rank("hồ sơ gồm gì", k)] == [
        found.entry for found in look.candidates
    ]


def test_variants_may_come_one_by_one() -> None:
    again = Index.build({entry: iter(lines) for entry, lines in AWARD.items()})  # type: ignore[misc] # as strangers do

    assert again.to_bytes() == Index.build(AWARD).to_bytes()


def test_what_cannot_be_built_is_told_by_its_entry() -> None:
    with pytest.raises(TypeError, match="'a': a list of texts"):
        Index.build({"a": "hồ sơ"})
    with pytest.raises(ValueError, match="no group is named for 'b'"):
        Index.build({"a": ("hồ sơ",), "b": ("phí",)}, groups={"a": "topic"})


def test_parts_hold_no_more_landmarks_than_rows() -> None:
    parts = compile_parts(AWARD, {}, {}, {})

    assert len(parts.landmarks.letters) == sum(map(len, AWARD.values()))


# Other languages -------------------------------------------------------------------------------

SHOP = {
    "deliver": ("when will it be delivered", "delivery time to the north", "how long does it take"),
    "verify": ("how do I verify my account", "why do you need my documents", "is my card verified"),
    "cancel": ("cancel my order", "I don't want it anymore", "please stop the order"),
    "firm": ("is it too soft", "it's a hard one", "which one is firm"),
}


@pytest.fixture(scope="module")
def shop() -> Index:
    return Index.build(SHOP)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("wen wil it be deliverd", "deliver"),
        ("account verification pls", "verify"),
        ("dont want it", "cancel"),
        ("cancellation of ordr", "cancel"),
        ("its too hard", "firm"),
    ],
)
def test_english_is_read_as_english(shop: Index, text: str, entry: str) -> None:
    assert best(shop, text) == entry


def test_english_words_are_no_vietnamese_keystrokes(shop: Index) -> None:
    """``too`` is Telex for ``tô``, ``its`` for ``ít``: not where nothing is Vietnamese."""
    assert not [fix for fix in shop.look("its too hard").repaired if fix.how == "Telex"]
    assert shop.look("wen wil it come").repaired[0].read_as == "when"
