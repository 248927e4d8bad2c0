"""What is looked for of an enterprise is what its rows say, whatever was done to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import delete, select

from bot.store import erasure, instance, lead_index, listing, merging, schema, submissions
from bot.store.database import Store
from bot.store.lead_names import core, near
from bot.store.listing import Listed
from handlers.effects import SaveSubmission
from tests.store.conftest import LAN, MINH, NOW, rows

# As two rows for one enterprise are written, and as two neighbours are called.
SAME = (
    ("Công ty CP Nam Ô", "Cty Nam Ô"),
    ("Công ty TNHH MTV Bình Minh", "Cong ty TNHH một thành viên Bình Minh"),
    ("Công ty Cổ phần Chất lượng Việt", "CTCP Chất lượng Việt"),
    ("Công ty TNHH Thương mại và Dịch vụ Hoàng Long", "Cty TNHH TM & DV Hoàng Long"),
    ("Công ty TNHH TM-DV Hoàng Long", "CÔNG TY TNHH THƯƠNG MẠI DỊCH VỤ HOÀNG LONG"),
    ("HTX Nông nghiệp Hòa Phong", "Hợp tác xã Nông nghiệp Hoà Phong"),
    ("Hợp tác xã Nước mắm Nam Ô", "HTX nước mắm Nam Ô"),
    ("DNTN Thanh Bình", "Doanh nghiệp tư nhân Thanh Bình"),
    ("Công ty CP Đầu tư Xây dựng Đại Phát", "Công ty cổ phần ĐT XD Đại Phát"),
    ("Công ty TNHH An Hòa", "Công ty TNHH An Hoà"),
    ("Công ty TNHH An Hòa", "Công ty TNHH An Hóa"),
    ("Công ty TNHH Thực phẩm Quế Sơn", "Công ty TNHH Thực phẩm Quế Sơm"),
    ("Công ty CP Dược Danapha", "Công ty Cổ phần Dược Danapa"),
    ("Công ty CP Thủy sản Thọ Quang", "Công ty CP Thuỷ sản Thọ Quang"),
    ("Công ty CP Thủy sản Thọ Quang", "Công ty Thuy san Tho Quang Đà Nẵng"),
    ("Công ty TNHH Gốm sứ Thanh Hà", "Cơ sở gốm Thanh Hà"),
    ("Hộ kinh doanh Nguyễn Thị Mai", "HKD Nguyễn Thị Mai"),
    ("Hộ kinh doanh Nguyễn Thị Mai", "Nguyễn Thị Mai"),
    ("Công ty TNHH Công nghệ Tâm Việt", "Công ty TNHH CN Tâm Việt"),
    ("Công ty TNHH Sản xuất và Thương mại Kim Ngân", "Công ty TNHH SX TM Kim Ngân"),
    ("Công ty TNHH SX và TM Kim Ngân", "Công ty TNHH Sản xuất Thương mại Kim Ngan"),
    ("Công ty Cổ phần Cao su Đà Nẵng", "DRC - Công ty CP Cao su Đà Nẵng"),
    ("Công ty CP Cao su Đà Nẵng (DRC)", "Công ty CP Cao su Đà Nẵng"),
    ("Công ty TNHH Vinamit", "Cty TNHH Vinamít"),
    ("Công ty CP Vinatex Đà Nẵng", "Công ty Cổ phần Vinatex Da Nang"),
    ("Công ty CP Vinatex Đà Nẵng", "Cty CP Vinatext Đà Nẵng"),
    ("Trung tâm Nông nghiệp công nghệ cao Hòa Vang", "TT Nông nghiệp công nghệ cao Hoà Vang"),
    ("Công ty TNHH Mỹ nghệ Non Nước", "Công ty TNHH Đá mỹ nghệ Non Nước"),
    ("Công ty TNHH Du lịch Cù Lao Chàm", "Cty TNHH DL Cù Lao Chàm"),
    ("Công ty TNHH Xuất nhập khẩu Phước Ninh", "Công ty TNHH XNK Phước Ninh"),
    ("Công ty CP Sâm Ngọc Linh Quảng Nam", "Công ty CP Sâm Ngọc Linh"),
    ("Công ty TNHH Bánh khô mè Quang Châu", "Cơ sở bánh khô mè Quang Châu"),
    ("Công ty TNHH Bánh khô mè Bà Liễu Mẹ", "Bánh khô mè Bà Liễu mẹ"),
    ("Công ty CP Phần mềm Rikkei", "Công ty Cổ phần phần mềm Rikei"),
    ("Công ty TNHH Tư vấn Thiết kế Á Châu", "Công ty TNHH tư vấn - thiết kế A Chau"),
    ("Công ty TNHH một thành viên Cơ khí Ô tô Hải An", "Cty MTV cơ khí ôtô Hải An"),
    ("Công ty TNHH Nhựa Duy Tân Miền Trung", "Cty TNHH nhựa Duy Tân miền Trung"),
    ("Công ty TNHH Điện tử Việt Hoa", "Công ty TNHH điện tử Viêt Hoa"),
    ("Công ty CP Bao bì Tân Long", "Tân Long bao bì CP"),
    ("Minh Long Co., Ltd", "Công ty TNHH Minh Long"),
    ("Danang Rubber JSC", "Danang Rubber Joint Stock Company"),
    ("Công ty CP Giống cây trồng Trung ương", "Cty Cổ phần giống cây trồng TW"),
    ("Công ty TNHH Thép Hòa Phát Dung Quất", "Công ty TNHH Thép Hòa Phát Dung Quât"),
    ("HTX Dịch vụ Sản xuất Nông nghiệp Điện Quang", "HTX DVSXNN Điện Quang"),
    ("Công ty TNHH Hương Quế", "Công ty TNHH Hưong Quế"),
    ("Công ty TNHH Hải Sản Bà Năm", "Công ty hải sản Ba Năm"),
)
TWO = (
    ("Công ty TNHH Hoàng Long", "Công ty TNHH Hoàng Lâm"),
    ("Công ty TNHH Hoàng Long", "Công ty TNHH Hoàng Phát"),
    ("Công ty TNHH Minh Phát", "Công ty TNHH Minh Phú"),
    ("Công ty CP Xây dựng Minh Phát", "Công ty TNHH Thực phẩm Minh Phát"),
    ("Công ty CP Xây dựng số 1", "Công ty CP Xây dựng số 5"),
    ("Công ty CP May 28", "Công ty CP May 29"),
    ("Công ty TNHH Bình Minh", "Công ty TNHH Minh Bình"),
    ("HTX Nông nghiệp Hòa Phong", "HTX Nông nghiệp Hòa Phước"),
    ("HTX Nông nghiệp Hòa Phong", "HTX Nông nghiệp Hòa Nhơn"),
    ("HTX Nông nghiệp Điện Quang", "HTX Nông nghiệp Điện Phong"),
    ("HTX Dịch vụ Nông nghiệp Duy Sơn 1", "HTX Dịch vụ Nông nghiệp Duy Sơn 2"),
    ("Hộ kinh doanh Nguyễn Thị Mai", "Hộ kinh doanh Nguyễn Thị Hoa"),
    ("Hộ kinh doanh Nguyễn Thị Mai", "Hộ kinh doanh Nguyễn Thị Lai"),
    ("Hộ kinh doanh Nguyễn Văn Nam", "Hộ kinh doanh Nguyễn Văn Năm"),
    ("Công ty TNHH Nước mắm Nam Ô", "Công ty TNHH Nước mắm Hồng Hương"),
    ("Công ty TNHH Nước mắm Nam Ô", "Công ty TNHH Nước mắm Cửa Khe"),
    ("Công ty CP Dược Danapha", "Công ty CP Dược Dapharco"),
    ("Công ty CP Cao su Đà Nẵng", "Công ty CP Nhựa Đà Nẵng"),
    ("Công ty CP Cao su Đà Nẵng", "Công ty CP Cấp nước Đà Nẵng"),
    ("Công ty CP Cao su Đà Nẵng", "Công ty CP Cảng Đà Nẵng"),
    ("Công ty TNHH Thương mại Dịch vụ Hải Vân", "Công ty TNHH Thương mại Dịch vụ Hải Châu"),
    ("Công ty TNHH TM DV An Phú", "Công ty TNHH TM DV Tân Phú"),
    ("Công ty TNHH Thương mại và Dịch vụ Kim Long", "Công ty TNHH TM và Dịch vụ Kim Ngân"),
    ("Công ty CP Đầu tư Xây dựng Đại Phát", "Công ty CP Đầu tư Xây dựng Đại Lộc"),
    ("Công ty TNHH Công nghệ Tâm Việt", "Công ty TNHH Công nghệ Nam Việt"),
    ("Công ty TNHH Thanh Bình", "Công ty TNHH Thăng Bình"),
    ("Công ty TNHH Đại Lộc", "Công ty TNHH Đại Lợi"),
    ("Công ty CP Thủy sản Thọ Quang", "Công ty CP Thủy sản Miền Trung"),
    ("Công ty TNHH Phước An", "Công ty TNHH Phước Anh"),
    ("Công ty TNHH Du lịch Hội An", "Công ty TNHH Du lịch Hội An Xanh"),
    ("Công ty CP Sâm Ngọc Linh", "Công ty CP Sâm Sâm"),
    ("Công ty TNHH Việt Nhật", "Công ty TNHH Việt Nam"),
    ("Công ty TNHH Gỗ Phú Mỹ", "Công ty TNHH Gạch Phú Mỹ"),
    ("Công ty CP Phần mềm FPT", "Công ty CP Viễn thông FPT"),
    ("Công ty TNHH Tân Tiến", "Công ty TNHH Tân Thịnh"),
    ("Công ty TNHH Đông Á", "Công ty TNHH Đông Hải"),
    ("Công ty TNHH Mai Linh", "Công ty TNHH Mai Hoa"),
    ("Công ty TNHH SX TM Quốc Thái", "Công ty TNHH SX TM Quốc Hải"),
    ("Công ty CP Bao bì Tân Long", "Công ty CP Bao bì Tân Hiệp"),
    ("Công ty TNHH Điện tử Việt Hoa", "Công ty TNHH Điện máy Việt Hoa"),
    ("Công ty TNHH Một thành viên Hải An", "Công ty TNHH Một thành viên Hải Ân Phát"),
    ("Công ty TNHH Bánh khô mè Quang Châu", "Công ty TNHH Bánh tráng Túy Loan"),
    ("Công ty TNHH Dệt may 29/3", "Công ty TNHH Dệt may Hòa Thọ"),
    ("Công ty TNHH Cơ khí Trường Thịnh", "Công ty TNHH Cơ khí Trường Hải"),
    ("Công ty CP Thép Dana Ý", "Công ty CP Thép Dana Úc"),
)


def may_be_one(pairs: Sequence[tuple[str, str]]) -> int:
    cores = [(core(one), core(other)) for one, other in pairs]
    return sum(one == other or near(one, other) for one, other in cores)


def test_names_of_one_enterprise_are_told_from_those_of_neighbours() -> None:
    assert may_be_one(SAME) >= 43
    assert may_be_one(TWO) <= 3


@pytest.mark.parametrize("one", [one for pair in SAME for one in pair])
def test_a_name_is_never_only_its_kind_and_is_its_own_neighbour(one: str) -> None:
    assert core(one)
    assert core(core(one)) == core(one)


def form(tax_code: str, name: str, **more: Any) -> SaveSubmission:
    values = {"commune": "xã Thăng Bình", "programmes": ["award"]}
    facts = {"contact": "Lê Thị Lan", "phone": "+84912345678", "email": "Lan@AnHoa.vn"}
    return SaveSubmission(
        "register", values, "p", tax_code=tax_code, enterprise=name, **(facts | more)
    )


async def looked_for(store: Store) -> list[dict[str, Any]]:
    return sorted(await rows(store, schema.lead_index), key=lambda row: int(row["enterprise"]))


async def made_anew(store: Store) -> list[dict[str, Any]]:
    """The rows as they would be made from nothing."""
    everybody = select(schema.enterprise.c.id)
    await store.write(lambda db: db.execute(delete(schema.lead_index)))
    ids = await store.read(lambda db: db.scalars(everybody))
    numbers = list(ids)
    await store.write(lambda db: lead_index.renew(db, numbers))
    return await looked_for(store)


async def test_every_write_keeps_it(store: Store) -> None:
    listed = Listed("0312345671", "HTX Hòa Phong", contact="Trần Văn Minh", commune="Hòa Vang")

    async def take_up(db: Any) -> None:
        await listing.take_up(db, [listed], NOW)

    changed = form("0400101394", "Nam Ô Mới", replaces=2)
    acts = (
        lambda db: submissions.save(db, LAN, form("0101243150", "Công ty An Hòa"), NOW),
        lambda db: submissions.save(db, MINH, form("0400101394", "Cty Nam Ô"), NOW),
        lambda db: submissions.save(db, MINH, form("0400101394", "Nam Ô", replaces=2), NOW),
        lambda db: submissions.save(db, MINH, form("0101243150", "", replaces=2), NOW),
        lambda db: submissions.save(db, MINH, changed, NOW),
        take_up,
        lambda db: merging.merge(db, 1, 2, None, NOW),
        lambda db: merging.merge(db, 3, 1, None, NOW),
        lambda db: submissions.withdraw(db, LAN, 1, NOW),
        lambda db: submissions.save(db, LAN, form("0400101394", "Nam Ô"), NOW),
        _undo(2),
        _undo(1),
        lambda db: submissions.withdraw_all(db, MINH, NOW),
        lambda db: erasure.erase(db, MINH, NOW),
        lambda db: erasure.erase(db, LAN, NOW),
    )
    for at, act in enumerate(acts):
        await store.write(act)
        kept = await looked_for(store)
        assert kept == await made_anew(store), at
    assert [(row["enterprise"], row["core"]) for row in kept] == [(3, "hoa phong")]


def _undo(number: int) -> Any:
    async def work(db: Any) -> None:
        found = await merging.get(db, number)
        assert found is not None
        await merging.undo(db, found, NOW)

    return work


async def test_what_is_kept_is_what_can_be_looked_for(store: Store) -> None:
    await store.write(lambda db: submissions.save(db, LAN, form("0101243150", "An Hòa"), NOW))
    other = form("0400101394-001", "Nam Ô", contact="Võ Ân", phone="", email="")
    await store.write(lambda db: submissions.save(db, MINH, other, NOW))
    await store.write(lambda db: merging.merge(db, 1, 2, None, NOW))

    (row,) = await looked_for(store)

    assert row == {
        "enterprise": 1,
        "words": " an hoa 0101243150 nam o 0400101394 001 xa thang binh le thi lan vo an ",
        "codes": " 0101243150 0400101394001 ",
        "reached": " +84912345678 lan@anhoa.vn ",
        "communes": "|xa thang binh|",
        "programmes": "|award|",
        "core": "an hoa",
    }


async def test_rows_of_an_older_release_are_made_anew_when_the_store_opens(store: Store) -> None:
    await store.write(lambda db: submissions.save(db, LAN, form("0101243150", "An Hòa"), NOW))
    made = await looked_for(store)
    await store.write(lambda db: db.execute(delete(schema.lead_index)))
    await store.write(lambda db: instance.tell(db, "lead_index", "0"))

    await store.close()
    again = await Store.open(store.path)
    try:
        assert await looked_for(again) == made
    finally:
        await again.close()


async def test_a_thousand_are_made_in_a_few_statements(store: Store) -> None:
    names = [
        {"tax_code": f"{each:010}", "name": f"Hòa {each}", "first_at": NOW, "last_at": NOW}
        for each in range(1100)
    ]
    await store.write(lambda db: db.execute(schema.enterprise.insert(), names))

    assert len(await made_anew(store)) == 1100
