"""The pictures of the officers' manual: which stretch of which transcript, on whose phone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.store.database import Store
from knowledge.entries import Knowledge
from tests.manual.filming import Filming, Frame, stretch
from tests.manual.phone import BOT, Picture
from tests.new_database import new_database
from tests.transcripts import FOLDER

DOCS = Path(__file__).parents[2] / "docs"
PICTURES, MANUAL = DOCS / "hinh", DOCS / "huong-dan-can-bo.md"


@dataclass(frozen=True, slots=True)
class Plan:
    """One picture: on the phone of *who*, in the group *where* if that is not their own chat.

    It reaches from *first* to *last* (see `stretch`).
    """

    name: str
    transcript: str
    who: str
    first: str
    last: str
    where: str = ""


GROUP = "Nhóm hỗ trợ"
PLANS = (
    # Coming in, and the desk.
    Plan("moi-nguoi", "staff_day", "Hoa", "> /nhansu", "< Lời mời"),
    Plan("vao-bang-loi-moi", "staff_day", "Nga", "> nv-", "< Chào anh/chị"),
    # Requests for a person.
    Plan("yeu-cau-the", "staff_day", "Dũng", "< Yêu cầu số 1 –", "< Đã gửi", where=GROUP),
    Plan("yeu-cau-ket-thuc", "staff_day", "Dũng", "< Yêu cầu số 1, doanh", "< Đã kết", where=GROUP),
    Plan("yeu-cau-doanh-nghiep", "staff_day", "Lan", "> Bản giải trình", "< Cán bộ đã kết thúc"),
    Plan("yeu-cau-rieng", "staff_hand_over_private", "Dũng", "> /traloi 1", "< Yêu cầu số 1"),
    Plan("lich-truc", "staff_hand_over_evening", "Hoa", "> /lichtruc", "< • Mọi ngày: Dũng"),
    Plan("cho-lau", "staff_hand_over_evening", "Mai", "< Chờ lâu", "< Đã gửi"),
    # What people asked in vain.
    Plan("chua-tra-loi", "staff_learning_answer", "Hoa", "> /chuatraloi", "< 3 người"),
    Plan("viet-mot-lan", "staff_learning_answer", "Hoa", "> [Viết", "> [Theo trả lời"),
    Plan("gui-nguoi-hoi", "staff_learning_answer", "Hoa", "< Trước đây", "< Đang gửi"),
    Plan("ban-nhap", "staff_learning_answer", "Dũng", "< Có bản nháp", "< Đang kiểm tra"),
    # Announcements.
    Plan("tin-soan", "staff_day", "Dũng", "> /thongbao", "< Đã lưu"),
    Plan("tin-nguoi-nhan", "staff_day", "Dũng", "> [Đã gửi phiếu", "< Người nhận: Đã gửi"),
    Plan("tin-duyet", "staff_day", "Nga", "< Mời", "> [Duyệt]"),
    Plan("tin-doanh-nghiep", "staff_day", "Lan", "< Mời", "< Mời"),
    Plan("tin-xong", "staff_day", "Dũng", "> /thongbao 1", "< Tin số 1 đã gửi xong"),
    Plan("tin-dinh-chinh", "staff_day", "Dũng", "> [Gửi tin đính", "< Đã lưu"),
    Plan("tin-kem-tep", "staff_news_file", "Dũng", "> [Thư mời.pdf]\nMời", "< Đã lưu"),
    Plan("tin-tam-dung", "staff_news_pause", "Dũng", "> [Tạm dừng]", "< Đã tạm dừng"),
    Plan("tin-sua", "staff_news_withdrawn", "Dũng", "> [Sửa tin đã gửi]", "< Đã lưu"),
    Plan("tin-thu-hoi", "staff_news_withdrawn", "Dũng", "> [Thu hồi tin đã gửi]", "< Đã lưu"),
    # Enterprises.
    Plan("doanh-nghiep", "staff_day", "Dũng", "> /doanhnghiep", "> [#1"),
    Plan("doanh-nghiep-the", "staff_day", "Dũng", "< #1", "> [Đã liên hệ]"),
    Plan("doanh-nghiep-loc", "staff_day", "Dũng", "> [Lọc]", "> [phường"),
    Plan("doanh-nghiep-gop", "staff_lead_merge", "Hoa", "> [Gộp]", "< Hai doanh nghiệp"),
    Plan("doanh-nghiep-nhac-han", "staff_day", "Dũng", "< Hôm nay tới hạn", "< Hôm nay"),
    # Figures, deadlines, the log.
    Plan("so-lieu", "staff_day", "Hoa", "> /thongke", "< Số liệu 22/10/2026–20/11/2026\n"),
    Plan("thoi-han", "staff_day", "Nga", "> 31/03/2027", "< Đã nhận"),
    Plan("nhat-ky", "staff_day", "Hoa", "> /nhatky", "< Nhật ký"),
)


async def draw(knowledge: Knowledge) -> dict[str, str]:
    """Every picture by its file's name, each transcript played once. Raises as `Player.play`."""
    films: dict[str, dict[str, list[Frame]]] = {}
    for transcript in dict.fromkeys(plan.transcript for plan in PLANS):
        films[transcript] = await _film(transcript, knowledge)
    return {f"{plan.name}.svg": _drawn(plan, films[plan.transcript]) for plan in PLANS}


async def _film(transcript: str, knowledge: Knowledge) -> dict[str, list[Frame]]:
    with TemporaryDirectory() as folder:
        store = await Store.open(new_database(Path(folder) / "donghanh.db"))
        try:
            filming = Filming(store, knowledge)
            await filming.play(FOLDER / f"{transcript}.txt")
            return filming.film
        finally:
            await store.close()


def _drawn(plan: Plan, film: dict[str, list[Frame]]) -> str:
    title, subtitle = plan.where or BOT, f"Điện thoại của {plan.who}"
    frames = stretch(film[plan.where or plan.who], plan.first, plan.last)
    return Picture(plan.who, title, subtitle).draw(frames)
