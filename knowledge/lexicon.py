"""What the matcher knows of the language itself, whatever the knowledge base is about.

Data only, Vietnamese and plain English: words that carry little meaning in a question, and groups
of words that ask for the same thing. A group must be true in any office, bank or school; what is
particular to one belongs into the variants of its entries.
"""

from collections.abc import Mapping
from types import MappingProxyType


def _groups(table: str) -> tuple[tuple[str, ...], ...]:
    lines = filter(None, map(str.strip, table.splitlines()))
    return tuple(tuple(part.strip() for part in line.split(",")) for line in lines)


_FUNCTION_WORDS = """
ạ à á ơi ừ ờ vâng dạ thưa nhé nha nhen nghen nhỉ hả hở hử chứ đấy đó vậy thế ấy kia này đi nào
với giùm dùm hộ giúp xin vui lòng làm ơn kính gửi chào quý ad admin shop anh chị em cô chú bác
bạn mình tôi tui tao mày chúng ta họ nó ông bà con cháu bên nhà thì là mà rằng và hay hoặc nhưng
nên vì do bởi cũng vẫn còn đang đã sẽ vừa mới rồi chưa luôn lại ra vào lên xuống được bị có
không phải cho của ở tại trong ngoài trên dưới về đến tới từ theo để các những mọi mỗi một vài
cái việc điều biết hỏi muốn cần như khi lúc nếu lỡ ai gì đâu sao mấy bao nhiêu hiện nay bây giờ
thật rất quá lắm hơi chỉ đều cùng nữa thêm hết xong tiếp sau trước đề nghị trân trọng cơ quan
cảm nhờ mong hông hong hổng zậy nhiu chừ răng mô rứa the a an is are am was were be been does
did can could will would shall should may might must i me my we us our you your he she it its
they them their this that these those of to in on at for from by with about as if or and but so
than then there here what which who whom when where why how please hi hello hey thanks thank sir
madam dear any some have has had get got just also not no yes im i'm ve ll re s t d m want need
know tell help dont cant wont isnt arent didnt doesnt havent hasnt wasnt couldnt ive id ill its
thats whats wheres hows theres youre
"""
FUNCTION_WORDS: Mapping[str, float] = MappingProxyType(dict.fromkeys(_FUNCTION_WORDS.split(), 0.25))

SYNONYMS = _groups("""
    ở đâu, chỗ nào, nơi nào, tại đâu, đi đâu, chỗ mô, ở mô, đâu, nơi đâu, địa điểm
    khi nào, bao giờ, lúc nào, ngày nào, chừng nào, hồi nào, ngày mấy, hôm nào, bao h, thời điểm
    bao nhiêu, mấy, nhiêu, bao nhiu
    như thế nào, thế nào, làm sao, ra sao, cách nào, sao, cách thức, kiểu gì, như nào, cách
    tại sao, vì sao, sao lại, lý do, nguyên nhân
    ai, người nào
    phí, lệ phí, chi phí, kinh phí, tiền, giá, cước, tốn, giá cả, giá tiền, cước phí, phí dịch vụ
    miễn phí, free, không mất tiền, không tốn tiền, khỏi trả tiền
    hồ sơ, giấy tờ, tài liệu, chứng từ, giấy
    mẫu, biểu mẫu, mẫu đơn, form, đơn
    đăng ký, ghi danh, đăng kí, ghi tên
    tham gia, tham dự, dự
    nộp, gửi, đệ trình, nộp lại
    điều kiện, yêu cầu, tiêu chuẩn, tư cách, đối tượng
    hạn, thời hạn, hạn chót, deadline, hạn cuối, hết hạn, hạn cuối cùng, kỳ hạn
    bao lâu, mấy ngày, mất bao lâu, thời gian bao lâu, mấy tháng, thời gian
    hỗ trợ, giúp, giúp đỡ, trợ giúp, tài trợ
    công ty, doanh nghiệp, cơ sở, xí nghiệp, đơn vị, tổ chức, hãng, xưởng
    hotline, số điện thoại, điện thoại, đường dây nóng, tổng đài, liên hệ, liên lạc, gọi, số máy
    địa chỉ, trụ sở, nằm ở, văn phòng
    mở, tạo, lập, thành lập, khởi tạo
    khóa, khoá, chặn, phong tỏa, đóng băng
    mở khóa, kích hoạt, bật, active
    mất, thất lạc, rơi, đánh mất, bị mất
    hỏng, hư, lỗi, sự cố, trục trặc, bị lỗi, không hoạt động
    tải, download, cài, cài đặt, tải về
    ứng dụng, app, phần mềm, chương trình
    đổi, thay đổi, cập nhật, sửa, chỉnh sửa, điều chỉnh, thay, sửa đổi
    hủy, huỷ, bỏ, xóa, xoá, chấm dứt, ngừng, dừng
    kiểm tra, tra cứu, xem, coi, tra, tìm, tìm kiếm, theo dõi
    mật khẩu, password, pass, mã pin
    đăng nhập, login, truy cập, vào được
    lợi ích, quyền lợi, ưu điểm, lợi, được gì, ích lợi, tác dụng
    nhận, lấy, lãnh
    trả, thanh toán, đóng, chi trả, nộp tiền
    vay, vay vốn, mượn tiền, khoản vay, tín dụng
    lãi suất, tiền lãi, lãi
    khác nhau, phân biệt, khác, khác biệt, khác gì, so sánh
    quy trình, trình tự, các bước, thủ tục, bước, quá trình
    quy định, văn bản, luật, pháp luật, nghị định, thông tư, căn cứ
    giờ làm việc, thời gian làm việc, mở cửa, giờ mở cửa, giờ hành chính
    gia hạn, kéo dài, thêm hạn
    khiếu nại, tố cáo, phản ánh, phàn nàn, kiện
    thu hồi, rút lại, tước, tước bỏ
    lớp, khóa học, khoá học, đào tạo, tập huấn, lớp học
    ngành, chuyên ngành, ngành học, ngành nghề
    điểm chuẩn, điểm trúng tuyển, điểm đầu vào, lấy bao nhiêu điểm
    học phí, tiền học, học phần phí
    ký túc xá, ktx, nội trú, chỗ ở, nhà trọ
    học bổng, miễn giảm học phí, tiền thưởng
    triệu chứng, dấu hiệu, biểu hiện
    vắc xin, vaccine, vacxin, vắc-xin, tiêm chủng, tiêm, chích ngừa, tiêm phòng, chích
    covid, corona, ncov, covid 19, sars cov 2, dịch, dịch bệnh
    phòng ngừa, phòng tránh, phòng chống, ngăn ngừa, phòng bệnh
    lây, lây nhiễm, lây lan, truyền nhiễm, truyền
    chữa, điều trị, trị, chữa trị, thuốc
    trẻ em, em bé, con nít, trẻ, bé, trẻ nhỏ
    mang thai, bầu, thai, bà bầu, phụ nữ mang thai
    người già, người cao tuổi, cao tuổi, người lớn tuổi
    căn cước, cccd, chứng minh nhân dân, cmnd, căn cước công dân, chứng minh
    hộ chiếu, passport
    xe máy, mô tô, xe gắn máy
    ô tô, xe hơi, oto
    giấy phép lái xe, bằng lái, bằng lái xe, gplx
    sổ đỏ, giấy chứng nhận quyền sử dụng đất, sổ hồng
    kết hôn, cưới, lấy chồng, lấy vợ
    ly hôn, ly dị, bỏ nhau
    khai sinh, giấy khai sinh
    tạm trú, thường trú, hộ khẩu, cư trú, lưu trú
    chuyển tiền, chuyển khoản, gửi tiền, bank
    rút tiền, rút
    số dư, tài khoản còn bao nhiêu, còn bao nhiêu tiền
    tiết kiệm, gửi tiết kiệm, sổ tiết kiệm
    thẻ tín dụng, credit card, visa
    atm, máy rút tiền, cây atm
    mua, đặt, đặt mua, order, đặt hàng
    giao hàng, ship, vận chuyển, giao, delivery
    người nước ngoài, ngoại quốc, người ngoại quốc, nước ngoài
    trực tuyến, online, qua mạng, trên mạng, internet, điện tử
    trực tiếp, tận nơi, tại quầy, offline
    cần, phải, bắt buộc, cần phải
    gồm, bao gồm, có những, gồm có, gồm những
    nghĩa là gì, là gì, định nghĩa, khái niệm, là sao, hiểu thế nào
    xin chào, chào, hello, hi, alo
    cảm ơn, cám ơn, thanks, thank
    tạm biệt, bye, goodbye
    đơn vị tiền tệ, ngoại tệ, đô la, usd, tỷ giá
    môn học, học phần, tín chỉ, môn
    học lại, học cải thiện, thi lại, rớt môn, trượt môn
    bảo lưu, tạm nghỉ, tạm dừng học, nghỉ học tạm thời
    thôi học, nghỉ học, rút hồ sơ, bỏ học
    phúc khảo, chấm lại, xem lại điểm
    thời khóa biểu, lịch học, tkb
    lịch thi, ngày thi, thi khi nào
    tốt nghiệp, ra trường, xét tốt nghiệp
    bằng tốt nghiệp, bằng đại học, văn bằng
    việc làm, xin việc, nghề nghiệp, cơ hội việc làm
    giảng viên, giáo viên, thầy cô, thầy, thầy giáo
    sinh viên, học viên, tân sinh viên
    đậu, đỗ, trúng tuyển
    rớt, trượt, không đậu, không đỗ
    xét tuyển, tuyển sinh, tuyển
    phương thức, hình thức
    cơ sở vật chất, phòng học, thư viện, trang thiết bị
    giới thiệu, thông tin, tổng quan, tìm hiểu
    sao kê, lịch sử giao dịch, biến động số dư
    sổ tiết kiệm, sổ tk
    chi nhánh, phòng giao dịch, điểm giao dịch
    hạn mức, tối đa, giới hạn, nhiều nhất
    tối thiểu, ít nhất
    phạt, xử phạt, mức phạt, tiền phạt
    chậm, trễ, muộn, quá hạn
    nhanh, gấp, khẩn cấp, sớm, liền, ngay
    mất cắp, trộm, ăn cắp, bị đánh cắp
    lừa đảo, lừa, giả mạo, mạo danh
    sai, nhầm, sai sót, không đúng
    giải quyết, xử lý, thực hiện
    cơ quan, đơn vị nào, nơi tiếp nhận, bộ phận một cửa
    cấp lại, làm lại, xin lại
    cấp mới, làm mới, lần đầu
    ủy quyền, nhờ người khác, làm thay, nộp thay
    bản sao, photo, phô tô, sao y
    công chứng, chứng thực
    nhà ở, nhà, căn hộ, chung cư
    xây dựng, xây nhà, xây
    đất, đất đai, thửa đất
    lao động, người lao động, nhân viên, công nhân
    lương, thu nhập, mức lương
    nghỉ phép, nghỉ lễ, ngày nghỉ
    khám bệnh, khám, khám chữa bệnh, đi khám
    đặt lịch, đặt hẹn, hẹn, lịch hẹn
    bác sĩ, bs, thầy thuốc
    sốt, nóng, sốt cao
    nguy hiểm, có sao không, nghiêm trọng
    xét nghiệm, test, kiểm tra nhanh
    khỏi bệnh, khỏi, hết bệnh, bình phục
    tử vong, chết, qua đời, mất mạng
    khẩu trang, mask
    du lịch, đi chơi, tham quan
    máy bay, vé máy bay, chuyến bay
    khách sạn, phòng nghỉ
    bảo hành, sửa chữa
    khuyến mãi, giảm giá, ưu đãi, khuyến mại
    bán, bán hàng, mua bán
    price, cost, rate, charge, fee, expensive, cheap, how much, pricing, charges
    buy, purchase, order, get, place order
    delivery, deliver, ship, shipping, shipment, dispatch, courier, arrive, reach
    cancel, cancellation, stop, terminate
    refund, money back, return money, reimburse, cashback
    return, exchange, replace, replacement
    password, passcode, pin
    login, sign in, log in, signin, logon
    signup, sign up, register, join, create account, enroll, registration
    broken, defective, damaged, faulty, not working, issue, problem, error, wrong, fail
    track, tracking, status, where is my
    contact, call, phone, number, customer care, customer service, talk to, support, helpline, speak
    location, address, where, store, shop, branch, outlet, near, nearby, showroom
    offer, discount, coupon, promo, deal, promotion, voucher, code, sale
    pay, payment, paid, emi, instalment, installment, cod, cash
    withdraw, withdrawal, cash out
    deposit, add money, top up, add cash, topup
    size, dimension, length, width, measurement, height
    warranty, guarantee
    change, modify, edit, update, alter
    how long, when, time, days, duration
    free, trial, gratis
    bonus, reward, points, cashback
    invite, referral, refer, friend
    verify, verification, kyc, verified, document
    difference, compare, different, vs, versus, better
    recommend, suggest, suggestion, best, which one, choose, advice
    account, profile
    weight, heavy, fat, obese
    original, genuine, authentic, fake, real, legit
    use, consume, take, usage, dosage
    effect, harm, harmful, safe, danger
""")
