"""What was typed wrongly is told in one Vietnamese sentence, whatever the command."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from bot.cli import cli

HELP = "Xem cách dùng: donghanh"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["asj"], f"không có lệnh “asj”; gần giống: 'ask'\n{HELP} --help"),
        (["qq"], f"không có lệnh “qq”\n{HELP} --help"),
        (["leads", "lst"], f"không có lệnh “lst”; gần giống: 'list'\n{HELP} leads --help"),
        (["ask"], f"cần đúng một: một câu hỏi trong dấu nháy, hoặc --batch TỆP\n{HELP} ask --help"),
        (["ask", "x", "--qq"], f"không có tuỳ chọn --qq\n{HELP} ask --help"),
        (["ask", "x", "--jso"], f"không có tuỳ chọn --jso; gần giống: --json\n{HELP} ask --help"),
        (["ask", "x", "--date"], "--date cần một giá trị đứng sau"),
        (["ask", "x", "--json=1"], "--json không nhận giá trị"),
        (
            ["ask", "x", "--date", "%Y"],
            f"--date: “%Y” không viết theo dạng 'năm-tháng-ngày'\n{HELP} ask --help",
        ),
        (
            ["ask", "hồ", "sơ", "gì"],
            f"thừa: sơ gì (nhiều chữ thì để chung trong một cặp dấu nháy)\n{HELP} ask --help",
        ),
        (["evaluate"], f"thiếu file\n{HELP} evaluate --help"),
        (["evaluate", "x", "--seed", "a"], f"--seed: phải là số nguyên\n{HELP} evaluate --help"),
        (["broadcast", "approve", "x"], f"number: phải là số nguyên\n{HELP} broadcast approve"),
        (
            ["staff", "add", "Lan", "--role", "x"],
            "--role: “x” phải là một trong: 'viewer', 'officer', 'approver', 'admin'",
        ),
    ],
    ids=lambda typed: " ".join(typed) if isinstance(typed, list) else "",
)
def test_what_is_typed_wrongly_is_told_in_vietnamese(typed: list[str], told: str) -> None:
    done = CliRunner().invoke(cli, typed, prog_name="donghanh")

    assert done.exit_code == 2
    assert done.stderr.startswith(f"Lỗi: {told}")
    assert not any(word in done.stderr for word in ("Usage", "Error", "Invalid", "Try"))


@pytest.mark.parametrize("typed", [[], ["leads"]], ids=["donghanh", "leads"])
def test_a_group_alone_says_what_it_can_do(typed: list[str]) -> None:
    done = CliRunner().invoke(cli, typed, prog_name="donghanh")

    assert done.exit_code == 2
    assert done.stderr.startswith("Cách dùng: donghanh")
