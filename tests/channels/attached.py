"""Replies that carry a file, of every kind."""

from __future__ import annotations

from handlers import attachments
from handlers.conversation import BACK, Choice

PICTURE = attachments.radar(
    "tự-đánh-giá",
    {
        "title": "Tự đánh giá mức sẵn sàng",
        "axes": [
            {"name": "Lãnh đạo", "value": 3.5},
            {"name": "Chiến lược", "value": 2.0},
            {"name": "Sản phẩm", "value": 4.5},
        ],
        "most": 5.0,
    },
    caption="Bức tranh tự đánh giá <của anh/chị>",
    instead="Tôi chưa vẽ được hình.",
)
DOCUMENT = attachments.checklist(
    "danh-muc",
    {
        "title": "Chuẩn bị hồ sơ",
        "organisation": "Sở Khoa học và Công nghệ",
        "intro": "Danh mục chính thức chưa có.",
        "parts": [
            {
                "heading": "Chuẩn bị trước",
                "boxes": [
                    {
                        "label": "Giấy tờ hoạt động đủ 36 tháng",
                        "ticked": True,
                        "explanation": "Giấy đăng ký doanh nghiệp.",
                        "notes": ["Thiếu các lần thay đổi."],
                    }
                ],
            }
        ],
        "source": "Nguồn: Nghị định 37/2026/NĐ-CP.",
        "day": "In ngày 20/11/2026",
    },
    caption="Danh mục để in",
    instead="Tôi chưa in được danh mục.",
)
OF_ANOTHER_VERSION = attachments.Attachment(
    "radar", "cũ.png", "Hình cũ", "Không vẽ được.", {"points": [1]}
)
WAYS = (Choice("Các chủ đề", "cmd:menu"), Choice("Quay lại", BACK))
