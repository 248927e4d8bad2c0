"""Shorthand of Vietnamese chat with its readings, the likelier first; neighbours decide.

Data only, and true anywhere: what is particular to one knowledge base comes from its own table.
"""

from collections.abc import Mapping
from types import MappingProxyType


def _pairs(table: str) -> Mapping[str, tuple[str, ...]]:
    """Read ``typed: reading | reading``, by line or semicolon; several may stand before it."""
    readings: dict[str, tuple[str, ...]] = {}
    for line in filter(None, map(str.strip, table.replace(";", "\n").splitlines())):
        typed, _, meant = line.partition(":")
        for spelling in typed.split():
            more = tuple(part.strip() for part in meant.split("|"))
            readings[spelling] = tuple(dict.fromkeys(readings.get(spelling, ()) + more))
    return MappingProxyType(readings)


DEFAULT_SHORTHAND = _pairs("""
    ko k kh kg hok hong hông hk hem hăm hổng hỏng khum khg khong kông kô hơm khôg khôn: không
    kp kph: không phải
    kb: không biết | kết bạn
    dc đc đuoc đươc dươc đựoc duoc đx: được
    đcc: địa chỉ
    bn bnh bnhiu bnhiêu bnhiu bnhieu: bao nhiêu | bạn
    nhiu nhiêu nhìu: nhiều | bao nhiêu
    bh bjo bgio bgiờ: bao giờ | bây giờ | bảo hiểm
    bg: bây giờ | báo giá
    h: giờ
    ntn nhưtn nhtn ntnào: như thế nào
    tn: thế nào | tốt nghiệp | tin nhắn
    ls lsao: làm sao | lãi suất
    lsu: lịch sử
    j ji gj dì zì: gì
    z v dz vâyj zậy zay zạy vz dzậy zị dậy zây: vậy
    r rùi rồy rùj rồii òi gòi: rồi
    mk mik mìn mìh mjh: mình | mật khẩu
    t: tôi | tao
    tui tôii: tôi
    b bạnn: bạn
    a: anh
    c: chị
    e iem eim: em
    ac: anh chị
    ad adm admin mod: ad
    ace: anh chị em
    cty cti cto ctyy congty côngty: công ty
    ctcp: công ty cổ phần
    tnhh: trách nhiệm hữu hạn
    sđt sdt đt dt fone phone sodt sốđt: số điện thoại | điện thoại
    dtdd đtdđ: điện thoại di động
    đk đkí đký dk dki dky đkk: đăng ký | điều kiện
    đkkd dkkd: đăng ký kinh doanh
    đkdn: đăng ký doanh nghiệp
    đki: đăng ký
    hs hsơ hso: hồ sơ | học sinh
    hsx: hộ sản xuất
    hkd: hộ kinh doanh
    gtclqg gtcl: giải thưởng chất lượng quốc gia
    gtqg: giải thưởng quốc gia
    clqg: chất lượng quốc gia
    clsp: chất lượng sản phẩm
    cl: chất lượng
    gt: giải thưởng | giấy tờ
    gthuong gthưởng: giải thưởng
    gvàng gv: giải vàng | giáo viên
    gbạc gb: giải bạc
    dn dnghiep dnghiệp doanhnghiep: doanh nghiệp
    dnnvv dnvvn smes sme: doanh nghiệp nhỏ và vừa
    dntn: doanh nghiệp tư nhân
    htx: hợp tác xã
    thtx: tổ hợp tác
    skhcn: sở khoa học và công nghệ
    khcn khoahoccn: khoa học và công nghệ | khoa học công nghệ
    bkhcn: bộ khoa học và công nghệ
    đmst dmst: đổi mới sáng tạo
    cđs cds: chuyển đổi số
    tđc tdc: tiêu chuẩn đo lường chất lượng
    tcđlcl tcdlcl: tiêu chuẩn đo lường chất lượng
    nscl: năng suất chất lượng
    ns: năng suất | ngân sách
    txng txnguongoc: truy xuất nguồn gốc
    msmv: mã số mã vạch
    mv: mã vạch
    qr: mã qr
    shtt: sở hữu trí tuệ
    shcn: sở hữu công nghiệp
    nh: ngân hàng | nhãn hiệu
    nhdn: nhãn hiệu
    nđ: nghị định
    ndcp nđcp: nghị định
    tt: thông tư | thủ tục | thông tin | thanh toán
    ttin: thông tin | tin
    qđ qd: quyết định | quy định
    qđịnh qdinh: quy định
    vb vbản: văn bản
    vbpl: văn bản pháp luật
    tthc: thủ tục hành chính
    dvc: dịch vụ công
    dv dvụ: dịch vụ
    ubnd: ủy ban nhân dân
    ub: ủy ban
    tc tchi tchí tch: tiêu chí | tiêu chuẩn
    tchuan tchuẩn: tiêu chuẩn
    đg dg: đánh giá
    đgia đgiá: đánh giá
    bc bcao bcáo: báo cáo
    tl: tài liệu | trả lời | thành lập
    tgia tg: tham gia | thời gian
    thgian tgian tgn: thời gian
    hđ hd: hoạt động | hướng dẫn | hợp đồng | hóa đơn | hội đồng
    hdan hdẫn: hướng dẫn
    hđồng: hội đồng | hợp đồng
    sx sxuat sxuất: sản xuất
    sp spham sphẩm: sản phẩm
    kd kdoanh: kinh doanh
    tm: thương mại
    xk: xuất khẩu
    nk: nhập khẩu
    xnk: xuất nhập khẩu
    gp gphep: giấy phép
    gpkd: giấy phép kinh doanh
    gcn: giấy chứng nhận
    gxn: giấy xác nhận
    cn: chứng nhận | chi nhánh | công nghệ | chủ nhật
    cnghe cnghệ: công nghệ
    cntt: công nghệ thông tin
    nn: nhà nước | nông nghiệp | như nào
    vn: việt nam
    hn: hà nội
    hcm tphcm sg hcmc: hồ chí minh
    đn: đà nẵng
    tp: thành phố
    tx: thị xã
    tw: trung ương
    pb: phòng ban
    gđ gd: giám đốc | gia đình | giao dịch | giáo dục
    gdich gdịch: giao dịch
    lđ ld: lãnh đạo | lao động
    nv nviên nvien: nhân viên
    ktv: kỹ thuật viên
    kt: kỹ thuật | kiểm tra | kinh tế
    ktra: kiểm tra
    kq kqua kquả: kết quả
    cp: chi phí | chính phủ | cổ phần
    cphi cphí: chi phí
    lp lphi lphí: lệ phí
    tkhoan tk: tài khoản | thiết kế
    stk: số tài khoản
    ck: chuyển khoản
    ct: chương trình | chuyển tiền | công ty
    ctrinh ctrình cttr: chương trình
    ctht: chương trình hỗ trợ
    ht htro htrợ hỗtrợ: hỗ trợ | hiện tại
    htai: hiện tại
    vd: ví dụ
    vs: với
    ms: mới | mã số
    mst: mã số thuế
    trc trk: trước
    lun: luôn
    lm: làm
    lgi lgì: làm gì
    ngta ngừi ngườii: người
    nta: người ta
    nc: nước | nói chuyện
    ncc: nhà cung cấp
    nì ni: này
    đoá đóa: đó
    thui thoy: thôi
    thik thít: thích
    bít bik bjt pít: biết
    chx ch chưaa: chưa
    cx cg cũg cug: cũng
    vãn: vẫn
    mún mun mốn: muốn
    đag dag: đang
    nhữg nhg nhưg: nhưng | những
    nhug: nhưng
    vc: việc
    ntin: nhắn tin
    nt: như trên | nhắn tin
    rep: trả lời
    ib inb inbox: nhắn tin
    dchi đchỉ dchỉ: địa chỉ
    lh lhe lhệ: liên hệ
    lhq: liên hợp quốc
    lv: làm việc
    onl: trực tuyến
    ol: trực tuyến
    web: web | trang web
    fb face: facebook
    zl: zalo
    mail gmail: email
    ks: khách sạn | kỹ sư | kháng sinh
    kh: khách hàng | khoa học | kế hoạch | không
    khang: khách hàng
    cccd: căn cước công dân
    cmnd cmt cmtnd: chứng minh nhân dân
    khh: kế hoạch
    kdtm: kinh doanh thương mại
    xh: xã hội
    bhxh: bảo hiểm xã hội
    bhyt: bảo hiểm y tế
    bhtn: bảo hiểm thất nghiệp
    tncn: thu nhập cá nhân
    tndn: thu nhập doanh nghiệp
    gtgt vat: giá trị gia tăng
    đh dh: đại học
    cđ cd: cao đẳng
    thpt: trung học phổ thông
    thpth: trung học phổ thông
    thcs: trung học cơ sở
    hb hbong: học bổng | học bạ
    hp hphi hphí: học phí | học phần
    sv svien: sinh viên
    tsinh ts: tuyển sinh | thí sinh | tiến sĩ
    nvong nvọng: nguyện vọng
    đvht: đơn vị học trình
    ktx: ký túc xá
    đc: được
    xt: xét tuyển
    xtt: xét tuyển thẳng
    đtb dtb: điểm trung bình
    hk: học kỳ | hộ khẩu | không
    bv: bệnh viện
    bs: bác sĩ
    bnhan: bệnh nhân
    tr triệuu củ: triệu
    xl: xin lỗi
    tks thanks thank thks thx: cảm ơn
    cảmơn camon cmon: cảm ơn
    ok oke okie oki okela: ok
    uk uhm: ừ
    plz pls: please
    u: you
    ur: your
    wanna: want to
    gonna: going to
    thru: through
    acc: tài khoản | account
    acct: account
    amt: amount
    pwd pw: password
    asap: as soon as possible
    qty: quantity
    tel: telephone
    msg: message
    txn: transaction
    info: thông tin | information
    app: app | ứng dụng
    sale: bán hàng
    ship: giao hàng | ship
    p: phải
    t: tôi
    y: yêu cầu | y
    yc ycầu: yêu cầu
    đkiện đkien dkien: điều kiện
    qg qgia: quốc gia
    xd: xây dựng
    ctr: chương trình
    th: trường hợp | tháng
    trg: trường | trong
    trog: trong
    zô zào vô: vào
    zề: về
    zới zs: với
    zui: vui
    wên: quên
    wá qá: quá
    wa: qua
    đ: điểm | đồng
    cóa: có
    fải: phải
    đii: đi
    ưi: ơi
    khum: không
    đới: đấy
    mng mn: mọi người
    hnay: hôm nay
    hqua: hôm qua
    nma nhma: nhưng mà
    trl: trả lời
    ckhai: công khai
    slượng sl: số lượng
    dtich: diện tích
    gtờ: giấy tờ
    cmtnd: chứng minh nhân dân
    gplx blx: giấy phép lái xe | bằng lái xe
    sđỏ: sổ đỏ
    qsdđ qsdd: quyền sử dụng đất
    kcb: khám chữa bệnh
    xn: xét nghiệm | xác nhận
    ncovi: covid
    đkxt: đăng ký xét tuyển
    hbkk: học bổng khuyến khích
    cvht: cố vấn học tập
    đrl: điểm rèn luyện
    tkb: thời khóa biểu
    ctsv: công tác sinh viên
    tdtt: thể dục thể thao
    nckh: nghiên cứu khoa học
    csvc: cơ sở vật chất
    nhnn: ngân hàng nhà nước
    gtk: gửi tiết kiệm
    ttd: thẻ tín dụng
    ibank ib: internet banking
    mst: mã số thuế
    hdđt hđđt: hóa đơn điện tử
    cnxh: chủ nghĩa xã hội
    tmđt tmdt: thương mại điện tử
    đttt: đào tạo từ xa
    csdl: cơ sở dữ liệu
    atvstp vsattp attp: an toàn thực phẩm
    bvmt: bảo vệ môi trường
    pccc: phòng cháy chữa cháy
    mtqg: mục tiêu quốc gia
    ntm: nông thôn mới
    tcvn: tiêu chuẩn việt nam
    qcvn: quy chuẩn việt nam
    tđkt: thi đua khen thưởng
    cgcn: chuyển giao công nghệ
    đmcn: đổi mới công nghệ
""")

# Read only where most words are no Vietnamese syllables: "nt" is "not" there, "m" is "am".
ENGLISH_SHORTHAND = _pairs("""
    u: you; ur: your; r: are; m: am; n nd: and; y: why; k: ok; pls plz plss: please; hw: how
    wat wht wt: what; wen whn: when; wher whr: where; wid wth: with; frm: from; nt: not; bt: but
    hv hav: have; tht: that; thr: there; dis ths: this; cn: can; shud: should; cud: could
    wud: would; bcoz coz cuz: because; mch: much; tym: time; tmrw tmr: tomorrow; frnd: friend
    ppl: people; amt amnt: amount; acc acct ac: account; bal: balance; no: number | no
    ph: phone; avl avail: available; ordr ord: order; dlvry delvry: delivery; cncl: cancel
    pymt: payment; recvd rcvd: received; pts: points; info: information; addr: address
    docs: documents; mfg: manufacturing; min: minimum; max: maximum; yr yrs: years; gud: good
    thx tnx thnx: thanks; wanna: want to; gonna: going to
""")
