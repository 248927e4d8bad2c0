"""A small knowledge base for the matcher's tests, three to five variants an entry."""

AWARD: dict[str, tuple[str, ...]] = {
    "dossier.items": (
        "Hồ sơ tham dự giải thưởng chất lượng quốc gia gồm những gì?",
        "cần chuẩn bị giấy tờ gì để dự giải",
        "thành phần hồ sơ đăng ký",
        "What documents are needed?",
    ),
    "dossier.where": (
        "Nộp hồ sơ ở đâu?",
        "gửi hồ sơ dự giải về địa chỉ nào",
        "nơi tiếp nhận hồ sơ đăng ký",
    ),
    "deadline.current": (
        "Hạn nộp hồ sơ là khi nào?",
        "bao giờ hết hạn đăng ký dự giải",
        "ngày nào là hạn cuối nộp hồ sơ",
        "When is the deadline to apply?",
    ),
    "cost.fee": (
        "Tham gia giải có mất phí không?",
        "lệ phí dự giải thưởng là bao nhiêu",
        "đăng ký có tốn tiền không",
    ),
    "eligibility.conditions": (
        "Điều kiện tham dự giải thưởng chất lượng quốc gia là gì?",
        "doanh nghiệp cần đáp ứng điều kiện nào để dự giải",
        "ai được tham gia giải thưởng",
        "hợp tác xã có được dự giải không",
    ),
    "criteria.groups": (
        "Giải thưởng có mấy nhóm tiêu chí?",
        "tiêu chí đánh giá giải thưởng là gì",
        "chấm điểm theo những tiêu chí nào",
    ),
    "levels.gold": (
        "Bao nhiêu điểm thì đạt Giải Vàng?",
        "điều kiện đạt giải vàng chất lượng quốc gia",
        "giải vàng cần mấy điểm",
    ),
    "barcode.fee": (
        "Phí đăng ký mã số mã vạch bao nhiêu?",
        "chi phí làm mã vạch cho sản phẩm",
        "lệ phí duy trì mã vạch hằng năm",
    ),
    "contact.phone": (
        "Số điện thoại liên hệ của Sở Khoa học và Công nghệ?",
        "gọi số nào để hỏi về giải thưởng",
        "liên hệ phòng nào của sở",
    ),
}
